"""From which output on a model of an evaluation tells a label: rules, and what is said of them.

All but 0.5 were chosen at the end of the training, on validation recordings or on the out-of-fold outputs of a
cross-validation, and are kept with the results of the model.
The recordings that are evaluated choose nothing.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from backend.db.tables import Evaluation, Model
from backend.errors import InvalidInputError

ThresholdRule = Literal["own", "half", "f1", "fmax", "youden", "sensitivity_90", "specificity_90", "costs"]
WORDS: Final[Mapping[str, str]] = {
    "f1": "best F1",
    "fmax": "best F over all labels, one threshold for all (Fmax)",
    "youden": "best sensitivity + specificity (Youden)",
    "sensitivity_90": "90 % sensitivity",
    "specificity_90": "90 % specificity",
    "costs": "lowest cost, as it was said for the training",
}
_NONE_KEPT: Final = (
    "it came from elsewhere or from an earlier version, and nothing is known of what it answered on validation "
    "recordings"
)


def kept(model: Model) -> dict[str, tuple[float, ...]]:
    """Return for each rule that the model keeps thresholds by, those of its labels."""
    found: dict[str, dict[str, float]] = {}
    for one in model.evaluation.get("classes") or ():
        for point in one.get("operating_points") or ():
            found.setdefault(point["rule"], {})[one["label"]] = point["threshold"]
    labels = model.spec["labels"]
    return {
        rule: tuple(found[rule][label] for label in labels)
        for rule in WORDS
        if rule in found and all(label in found[rule] for label in labels)
    }


def of_model(model: Model, rule: ThresholdRule) -> tuple[float, ...]:
    """Return the threshold of each label. Raises InvalidInputError for a rule by which the model keeps none."""
    own: list[float] = model.spec["thresholds"]
    if rule == "half":
        return (0.5,) * len(own)
    if rule == "own":
        return tuple(own)
    if model.spec["task"] != "multi_label":
        raise InvalidInputError("Thresholds by a rule are for models of several labels at once. Leave the rule out.")
    found = kept(model)
    if rule in found:
        return found[rule]
    others = f"it keeps {', '.join(found)}" if found else _NONE_KEPT
    raise InvalidInputError(f"The model keeps no thresholds for {rule!r}: {others}. Choose another, own or half.")


def of_evaluation(row: Evaluation) -> tuple[float, ...]:
    """Return the threshold of each label of the model; earlier versions wrote none down, and knew own and half."""
    held = row.facts.get("thresholds")
    return tuple(held) if held is not None else of_model(row.model, row.settings["threshold_rule"])


def chosen_on(model: Model) -> str:
    """Return in words by which outputs the model's thresholds were chosen."""
    return "its out-of-fold outputs" if model.evaluation.get("cross_validation") else "its validation recordings"


def told(model: Model, rule: ThresholdRule) -> str:
    """Return in words by what thresholds were chosen."""
    if model.spec["task"] == "regression":
        return "none: values are estimated"
    if model.spec["task"] == "single_label":
        return "none: the most probable label is told"
    if rule == "half":
        return "0.5 for each label"
    if rule == "own":
        if model.spec.get("training") or kept(model):
            return f"the model’s own, chosen on {chosen_on(model)}"
        return f"those that came with the model, or 0.5; how they were chosen is not known: {_NONE_KEPT}"
    return f"for {WORDS[rule]}, chosen on {chosen_on(model)}"


def of_settings(row: Evaluation) -> Any:
    """Return what `told` says of an evaluation."""
    return row.facts.get("threshold_told") or told(row.model, row.settings["threshold_rule"])
