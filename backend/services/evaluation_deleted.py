"""How many recordings a list of an evaluation has lost: they were measured and counted, and deleted since."""

from collections.abc import Mapping
from typing import Any

from backend.db.tables import Evaluation
from backend.ml.evaluation.at_thresholds import STEPS
from backend.services.evaluation_rows import Cell

_PLACE: Mapping[Cell, tuple[int, int]] = {
    "true_negative": (0, 0), "false_positive": (0, 1), "false_negative": (1, 0), "true_positive": (1, 1),
}  # fmt: skip
_OF_A_STEP = 1e-9


def measured(
    row: Evaluation, label: str, threshold: float, cell: Cell | None = None, predicted_label: str | None = None
) -> int | None:
    """Return how many recordings a cell, or the list of a value, held when it was measured.

    None where nothing was kept of it: the counts are kept at each k / STEPS and at the label's own threshold.
    """
    result: dict[str, Any] = row.result or {}
    scores = result["evaluation"]
    if scores["task"] == "regression":
        return next((one["support"] for one in scores["targets"] if one["label"] == label), None)
    labels = [one["label"] for one in scores["classes"]]
    if predicted_label is not None:
        if not scores["confusion"] or not {label, predicted_label} <= set(labels):
            return None
        return int(scores["confusion"][labels.index(label)][labels.index(predicted_label)])
    if cell is None:
        return None
    true, told = _PLACE[cell]
    if scores["task"] == "multi_label" and threshold == dict(zip(labels, scores["thresholds"], strict=True))[label]:
        return int(scores["classes"][labels.index(label)]["confusion"][true][told])
    step = round(threshold * STEPS)
    if abs(threshold * STEPS - step) > _OF_A_STEP:
        return None
    one = next(one for one in result["outputs"] if one["label"] == label)
    reach, n = (one["present"], one["n_present"]) if true else (one["absent"], one["n_absent"])
    return int(reach[step] if told else n - reach[step])
