"""What is to be said beside the figures of an evaluation, on the page, in the shell and in the report alike."""

from typing import Any

from backend.db.tables import Evaluation
from backend.services import cautions, drift_checks
from backend.services.cautions import Caution


def of_evaluation(row: Evaluation) -> list[Caution]:
    """Return the cautions that an evaluation calls for; none while it has no result."""
    result: dict[str, Any] = row.result or {}
    if not result:
        return []
    scores, own = result["evaluation"], row.model.evaluation or {}
    at_home, here = ((one.get("macro_f1") or {}).get("value") for one in (own, scores))
    n, n_without = result["n"], result["n_without_patient"]
    known = {one["label"]: one["n_present"] for one in result["outputs"]}
    few = cautions.few_events(known, n) if scores["task"] != "regression" else cautions.of_results(scores)
    return [
        *cautions.of_seen(seen_counts(row), row.facts.get("not_known_told", "")),
        *few,
        *cautions.of_patient_counts(n, n_without, result["n_patients"] - n_without),
        *(one for one in cautions.of_model(row.model) if one.kind == "amplitude"),
        *cautions.of_elsewhere(at_home, here),
        *drift_checks.caution(row),
        *cautions.of_contradictions(result.get("contradictions") or {}),
    ]


def seen_counts(row: Evaluation) -> dict[str, int]:
    """Count the evaluated recordings by whether the model has seen them, as `seen.counts` does."""
    result: dict[str, Any] = row.result or {}
    others = result["n"] - result["n_seen"]
    status = "not known" if is_not_known(row) else "no"
    return {name: n for name, n in (("training", result["n_seen"]), (status, others)) if n}


def is_not_known(row: Evaluation) -> bool:
    """Say whether nobody knows of the recordings that are not known to be seen whether the model has seen them."""
    return bool(row.facts["n_not_known"])
