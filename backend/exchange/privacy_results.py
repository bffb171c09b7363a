"""The results that a package states, without counts of under five patients and what gives them away."""

import re
from typing import Any, Final

from backend.exchange.privacy_cells import WITHHELD, Cuts, Json, coarse_pr, coarse_roc, is_small, small_labels
from backend.ml.evaluation.estimate import FEW

_AT_THRESHOLD: Final = ("precision", "recall", "specificity", "f1", "npv")
_OF_ROW: Final = (*_AT_THRESHOLD, "auroc", "average_precision")
_FEW_IN_WORDS: Final = re.compile(
    r"(?<![\w.,<-])[1-4](?= (?:patients?|records?|recordings?|ECGs?|of)\b)|(?<=say: )[1-4]$"
)
_REASON: Final = f"withheld: under {FEW} patients"

Found = list[tuple[str, str]]


def safe_results(evaluation: Json) -> tuple[Json | None, Found]:
    """Return results that may be told, None where none may, and (place, reason) of what was withheld.

    What is safe is returned as it is, with nothing found.
    """
    if any(is_small(evaluation.get(name)) for name in ("n", "n_patients")):
        return None, [("results", f"the test part holds under {FEW} patients")]
    found: Found = []
    safe = dict(evaluation)
    if evaluation["task"] == "regression":
        safe["targets"] = [_target(target, found) for target in evaluation["targets"]]
        if any(is_small(target.get("n_patients")) or is_small(target["support"]) for target in safe["targets"]):
            return None, [("results", f"a value was tested on under {FEW} patients")]
    else:
        _classes(safe, found)
    safe["notes"] = [_worded(note, "a note on the results", found) for note in evaluation.get("notes", ())]
    return safe, found


def _target(target: Json, found: Found) -> Json:
    if target["points"]:
        found.append((f"results of “{target['label']}”", "values of single patients (points of a plot)"))
    return target | {"points": []}


def _classes(safe: Json, found: Found) -> None:
    rows: list[Json] = [dict(row) for row in safe["classes"]]
    exclusive = safe["task"] == "single_label"
    whole, cells = _hidden(rows, safe["n"], exclusive)
    for row in rows:
        label = row["label"]
        if label in whole and row["support"] is not None:
            found.append((f"results of “{label}”", f"it is of under {FEW} patients, or would give such a count away"))
        elif label in cells and row["confusion"] is not None:
            found.append((f"results of “{label}”", f"one of TP, FP, FN, TN is {WITHHELD}, or would give one away"))
        _withhold(row, label in whole, label in cells, safe["n"], found)
    safe["classes"] = rows
    matrix = safe.get("confusion")
    if matrix is not None and (whole | cells or any(is_small(cell) for line in matrix for cell in line)):
        found.append(("confusion matrix", f"a cell is {WITHHELD}, or would give one away"))
        safe["confusion"] = None
    means = ["accuracy", *(["weighted_recall"] if exclusive else [])]
    value = safe["accuracy"].get("value")
    few_wrong = value is not None and (is_small(round(safe["n"] * (1 - value))) or is_small(round(safe["n"] * value)))
    if len(rows) == 1 and whole | cells:
        means += [name for name in safe if name.startswith(("macro_", "weighted_"))]
        few_wrong = True
    if few_wrong:
        for name in dict.fromkeys(means):
            if safe[name].get("value") is not None:
                found.append((name.replace("_", " "), f"with the number of ECGs it gives a count of {WITHHELD} away"))
                safe[name] = _none()


def _hidden(rows: list[Json], n: int, exclusive: bool) -> tuple[set[str], set[str]]:
    """Return the labels of which all is withheld, and those of which only what depends on the threshold is.

    A single label that is withheld would follow from the means over all, so that another goes with it.
    """
    whole = {row["label"] for row in rows if row["support"] is None}
    known = {row["label"]: row["support"] for row in rows if row["support"] is not None}
    rare = [row["label"] for row in rows if row["support"] is not None and _is_rare(row, n)]
    if rare or (whole and len(whole) < 2):
        counts = {label: (1 if label in rare else count) for label, count in known.items()}
        whole |= {*rare, *small_labels(counts, n, exclusive)}
    cells = {row["label"] for row in rows if row["label"] not in whole and _has_small_cell(row, n)}
    if len(whole | cells) == 1 and len(rows) > 1:
        others = [row for row in rows if row["label"] not in whole | cells]
        cells.add(min(others, key=lambda row: min(min(line) for line in row["confusion"]))["label"])
    return whole, cells


def _is_rare(row: Json, n: int) -> bool:
    without = _known(row, n) - row["support"]
    return any(map(is_small, (row["support"], without, row.get("patients_with"), row.get("patients_without"))))


def _has_small_cell(row: Json, n: int) -> bool:
    if row["confusion"] is None:
        return True
    predicted = row["predicted"]
    return any(map(is_small, (*row["confusion"][0], *row["confusion"][1], predicted, _known(row, n) - predicted)))


def _known(row: Json, n: int) -> int:
    known = row.get("known")
    return n if known is None else int(known)


def _withhold(row: Json, whole: bool, cells: bool, n: int, found: Found) -> None:
    place = f"results of “{row['label']}”"
    if whole:
        row |= {name: _none() for name in _OF_ROW if name in row}
        row |= {"support": None, "predicted": None, "confusion": None, "roc": [], "calibration": None}
        row |= {name: None for name in ("patients_with", "patients_without", "uncalibrated") if name in row}
        row |= {name: [] for name in ("pr", "operating_points") if name in row}
        return
    positives = row["support"]
    negatives = _known(row, n) - positives
    cuts = Cuts(positives, negatives)
    if cells:
        row |= {name: _none() for name in _AT_THRESHOLD if name in row} | {"confusion": None, "predicted": None}
    else:
        (_, fp), (_, tp) = row["confusion"]
        cuts.take(tp, fp)
    for name in _OF_ROW:
        if name in row and row[name].get("withheld"):
            row[name] = row[name] | {"withheld": _worded(row[name]["withheld"], place, found)}
    told = [point for point in row.get("operating_points", ()) if _may_tell(point, positives, negatives, cuts)]
    curves = {
        "operating_points": told,
        "roc": coarse_roc(row["roc"], positives, negatives, cuts),
        "pr": coarse_pr(row.get("pr", ()), positives, cuts),
    }
    for name, kept in curves.items():
        if len(kept) != len(row.get(name, ())):
            found.append((place, f"points of a curve lie under {FEW} patients apart ({name.replace('_', ' ')})"))
            row[name] = kept
    for name in ("calibration", "uncalibrated"):
        if row.get(name) is not None:
            row[name] = _calibration(row[name], place, found)


def _may_tell(point: Json, positives: int, negatives: int, cuts: Cuts) -> bool:
    recall, specificity = point["sensitivity"].get("value"), point["specificity"].get("value")
    if recall is None or specificity is None:
        return False
    return cuts.take(round(recall * positives), round((1 - specificity) * negatives))


def _calibration(told: Json, place: str, found: Found) -> Json:
    def is_few(one: Json) -> bool:
        share = one["observed"].get("value")
        have = 0 if share is None else round(share * one["n"])
        return is_small(one["n"]) or is_small(have) or is_small(one["n"] - have)

    safe = dict(told)
    for name in ("brier", "slope", "intercept"):
        if safe[name].get("withheld"):
            safe[name] = safe[name] | {"withheld": _worded(safe[name]["withheld"], place, found)}
    if any(map(is_few, told["bins"])):
        found.append((place, f"a bin of the reliability diagram has under {FEW} patients on a side"))
        safe["bins"] = []
    return safe


def _worded(text: str, place: str, found: Found) -> str:
    """Return a text with its numbers of a few patients withheld."""
    safe = _FEW_IN_WORDS.sub(WITHHELD, text).replace("that rest on it are", "that rest on them are")
    if safe != text:
        found.append((place, f"names a number of under {FEW} patients"))
    return safe


def _none() -> dict[str, Any]:
    return {"value": None, "low": None, "high": None, "withheld": _REASON}
