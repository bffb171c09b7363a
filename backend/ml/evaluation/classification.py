"""How good predictions of labels are: each label, and means over labels, with intervals.

A value that the records do not define (a label that never occurs) is None, never 0; one that rests on fewer than five
patients, with the label or without it, is withheld. Means over labels leave both out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.counted import counted
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation import intervals, scores
from backend.ml.evaluation.calibration import calibration, ece
from backend.ml.evaluation.estimate import FEW, NONE, Estimate
from backend.ml.evaluation.intervals import NOTHING, Measured, shown
from backend.ml.evaluation.patients import Patients, patients_of
from backend.ml.evaluation.results import ClassResult, Evaluation, OperatingPoint
from backend.ml.evaluation.scores import Floats
from backend.ml.evaluation.thresholds import predict_labels
from backend.ml.spec import LabelTask

MEASURES = ("precision", "recall", "specificity", "npv", "f1", "auroc", "average_precision")
Bools = NDArray[np.bool_]


def evaluate(
    y_true: ArrayLike,
    probabilities: ArrayLike,
    labels: Sequence[str],
    task: LabelTask,
    thresholds: Sequence[float] | None = None,
    patients: Sequence[str | None] | None = None,
    *,
    uncalibrated: ArrayLike | None = None,
    operating_points: Mapping[str, Sequence[float]] | None = None,
) -> Evaluation:
    """Evaluate (N, L) probabilities against (N, L) labels of 0 and 1, one-hot for a single-label task; NaN: not known.

    Intervals take patients as independent (a record without one is its own), or records where nobody's patient is
    known. They say how much the result depends on the records tested, not on the training. `uncalibrated` are the
    probabilities before the model's calibration, `operating_points` further thresholds (L,) by the rule they follow.
    Raises ModelInvalidError for probabilities that are no numbers.
    """
    truth, p = np.asarray(y_true, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if truth.shape != p.shape or truth.ndim != 2 or truth.shape[1] != len(labels) or not len(truth):
        raise ValueError(f"y_true and probabilities should both be (N, {len(labels)}), not {truth.shape}, {p.shape}.")
    before = None if uncalibrated is None else np.asarray(uncalibrated, dtype=np.float64)
    check_numbers(p)
    people = patients_of(len(truth), patients)
    predicted = predict_labels(p, task, thresholds)
    other = {rule: predict_labels(p, task, at) for rule, at in (operating_points or {}).items()}
    known = ~np.isnan(truth)
    classes, measured, enough = [], [], []
    for i, label in enumerate(labels):
        rows = known[:, i]
        whose = people if rows.all() else _some(people, rows)
        true, score, called = truth[rows, i] > 0.5, p[rows, i], predicted[rows, i]
        fewest = min(whose.having(true), whose.having(~true))
        enough.append(fewest >= FEW)
        found = _measure(true, called, score, whose)
        classes.append(
            ClassResult(
                label=label,
                support=int(true.sum()),
                predicted=int(called.sum()),
                known=len(true),
                patients_with=whose.having(true),
                patients_without=whose.having(~true),
                confusion=_two_by_two(true, called),
                roc=tuple(scores.roc_curve(true, score)) if fewest >= FEW else (),
                pr=tuple(scores.pr_curve(true, score)) if fewest >= FEW else (),
                calibration=calibration(true, score, whose) if fewest else None,
                uncalibrated=None if before is None or not fewest else calibration(true, before[rows, i], whose),
                operating_points=tuple(
                    _at(rule, float((operating_points or {})[rule][i]), true, chosen[rows, i], whose)
                    for rule, chosen in other.items()
                ),
                **{name: one.estimate for name, one in found.items()},
            )
        )
        measured.append({name: _widened(one, rows) for name, one in found.items()})
    some = np.asarray(known.any(axis=1))
    right = ((truth == predicted) | ~known).all(axis=1)
    matrix = (truth == 1).astype(int).T @ predicted.astype(int) if task == "single_label" else None
    counted = known & np.array(enough)
    expected, chance = ece(truth[counted] > 0.5, p[counted])
    return Evaluation(
        task=task,
        n=len(truth),
        drawn_by="patient" if people.n_known else "record",
        n_patients=people.n if people.n_known else None,
        thresholds=tuple(thresholds) if thresholds is not None else (0.5,) * len(labels),
        classes=tuple(classes),
        accuracy=shown(intervals.proportion(right, some, people, drawn=True), people.n).estimate,
        confusion=None if matrix is None else tuple(tuple(row) for row in matrix.tolist()),
        fmax=scores.number(scores.fmax(truth == 1, p)) if task == "multi_label" and known.all() else None,
        brier=_mean_of(one.calibration.brier.value for one in classes if one.calibration),
        ece=expected,
        ece_by_chance=chance,
        ece_uncalibrated=None if before is None else ece(truth[counted] > 0.5, before[counted])[0],
        notes=_notes(classes, people),
        **_means(measured, [item.support or 0 for item in classes], people),
    )


def check_numbers(outputs: Floats) -> None:
    """Raise ModelInvalidError for outputs (N, L) among which are values that are no numbers."""
    bad = int((~np.isfinite(outputs)).any(axis=1).sum())
    if bad:
        raise ModelInvalidError(
            f"The model answers {bad} of {len(outputs)} records with values that are no numbers (NaN or infinite), so "
            "nothing can be said of how good it is. Look whether the amplitudes of these records are sound, or use "
            "another model."
        )


def macro_auroc(y_true: ArrayLike, probabilities: ArrayLike) -> float | None:
    """Return the mean AUROC over the labels where it is defined; None where there is none. (N, L) each."""
    truth, p = np.asarray(y_true, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    return _mean_of(scores.number(scores.auroc(truth[:, i], p[:, i])) for i in range(truth.shape[1]))


def macro_f1(
    y_true: ArrayLike, probabilities: ArrayLike, task: LabelTask, thresholds: Sequence[float] | None = None
) -> float | None:
    """Return the mean F1 over the labels that occur; None where none does. (N, L) each."""
    truth = np.asarray(y_true, dtype=bool)
    called = predict_labels(probabilities, task, thresholds)
    counts = ((truth & called).sum(axis=0), (~truth & called).sum(axis=0), (truth & ~called).sum(axis=0))
    return _mean_of(map(scores.number, scores.f1(*(count.astype(np.float64) for count in counts))))


def _measure(true: Bools, called: Bools, score: Floats, whose: Patients) -> dict[str, Measured]:
    """Return every measure of one label, in the order of MEASURES."""
    n_with, n_without = whose.having(true), whose.having(~true)
    if not true.any() and not called.any():
        precision = NOTHING
    elif not called.any():
        precision = Measured(Estimate(0.0))  # it occurs and is never told, as scikit-learn has it
    else:
        precision = intervals.proportion(true, called, whose, drawn=True)
    both = {
        "precision": precision if true.any() else NOTHING,
        "npv": intervals.proportion(~true, ~called, whose, drawn=True) if not true.all() else NOTHING,
        "f1": intervals.f1(true, called, whose) if true.any() else NOTHING,
        "auroc": intervals.auroc(true, score, whose),
        "average_precision": intervals.average_precision(true, score, whose),
    }
    found = {name: shown(one, n_with, n_without) for name, one in both.items()} | {
        "recall": shown(intervals.proportion(called, true, whose), n_with),
        "specificity": shown(intervals.proportion(~called, ~true, whose), n_without),
    }
    return {name: found[name] for name in MEASURES}


def _at(rule: str, threshold: float, true: Bools, called: Bools, whose: Patients) -> OperatingPoint:
    n_with, n_without = whose.having(true), whose.having(~true)
    return OperatingPoint(
        rule=rule,
        threshold=threshold,
        sensitivity=shown(intervals.proportion(called, true, whose), n_with).estimate,
        specificity=shown(intervals.proportion(~called, ~true, whose), n_without).estimate,
        precision=shown(intervals.proportion(true, called, whose, drawn=True), n_with, n_without).estimate,
        npv=shown(intervals.proportion(~true, ~called, whose, drawn=True), n_with, n_without).estimate,
    )


def _means(measured: Sequence[Mapping[str, Measured]], support: Sequence[int], people: Patients) -> dict[str, Any]:
    """Return the means over labels, macro and weighted by their records."""
    even = [1.0] * len(measured)
    found = {
        f"macro_{name}": intervals.mean([one[name] for one in measured], even, people)
        for name in MEASURES
        if name != "npv"
    }
    if found["macro_auroc"] == NONE:
        found["macro_auroc"] = Estimate(None, withheld="no label is on some recordings and absent from others")
    return found | {
        f"weighted_{name}": intervals.mean([one[name] for one in measured], support, people)
        for name in ("f1", "precision", "recall", "auroc")
    }


def _widened(measured: Measured, rows: Bools) -> Measured:
    """Give the records of which nothing is known no influence."""
    if measured.influence is None or rows.all():
        return measured
    influence = np.zeros(len(rows))
    influence[rows] = measured.influence
    return Measured(measured.estimate, influence)


def _some(people: Patients, rows: Bools) -> Patients:
    found, group = np.unique(people.group[rows], return_inverse=True)
    return Patients(group, len(found), people.n_known)


def _mean_of(values: Any) -> float | None:
    kept = [value for value in values if value is not None]
    return float(np.mean(kept)) if kept else None


def _two_by_two(truth: Bools, predicted: Bools) -> tuple[tuple[int, int], tuple[int, int]]:
    tp, fp, fn = int((truth & predicted).sum()), int((~truth & predicted).sum()), int((truth & ~predicted).sum())
    return (len(truth) - tp - fp - fn, fp), (fn, tp)


def _notes(classes: Sequence[ClassResult], people: Patients) -> tuple[str, ...]:
    notes = []
    n = len(people.group)
    if 0 < people.n_known < n:
        notes.append(f"Of {n - people.n_known} of {n} recordings the patient is not known; each counts as its own.")
    noun = "patient" if people.n_known else "recording"
    for item in classes:
        fewest = min(item.patients_with or 0, item.patients_without or 0)
        if not item.known:
            notes.append(f"Of no recording it is known whether it has “{item.label}”, so that label is not evaluated.")
        elif item.support in (0, item.known):
            which = (
                f"None of the {item.known} evaluated recordings has"
                if not item.support
                else "Every evaluated recording has"
            )
            cannot = "finding it" if not item.support else "telling it from others"
            notes.append(f"{which} “{item.label}”: nothing can be said of {cannot}.")
        elif fewest < FEW:
            one, many = ("has", "have") if fewest == item.patients_with else ("is without", "are without")
            notes.append(
                f"Only {counted(fewest, f'{noun} {one}', f'{noun}s {many}')} “{item.label}”: numbers that rest on "
                f"{'it' if fewest == 1 else 'them'} are withheld, and means over labels leave them out. "
                f"At least {FEW} are needed."
            )
    return tuple(notes)
