"""The results of a cross-validation: each number is a mean over repeats, none of which brings a patient more.

Whatever is chosen is chosen without the record it is used on. The threshold by which a record is called comes from
the outputs of the other folds, and so does the calibration by which probabilities are judged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ml.calibration import Calibration
from backend.ml.evaluation import classification, scores
from backend.ml.evaluation.calibration import CalibrationResult, calibration
from backend.ml.evaluation.fold_spread import CrossValidation, mean_over_repeats, spread_of
from backend.ml.evaluation.out_of_fold import OutOfFold, persons, stacked
from backend.ml.evaluation.patients import Patients, patients_of
from backend.ml.evaluation.recalibration import fit_calibration
from backend.ml.evaluation.regression import RegressionEvaluation, evaluate_regression
from backend.ml.evaluation.results import ClassResult, Evaluation, OperatingPoint
from backend.ml.evaluation.scores import Floats
from backend.ml.evaluation.thresholds import best_thresholds, predict_labels
from backend.ml.spec import LabelTask, ModelSpec

_CALLED = ("macro_f1", "weighted_f1", "macro_precision", "weighted_precision", "macro_recall", "weighted_recall",
           "macro_specificity", "accuracy", "confusion")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is made ready to answer: whether it is calibrated, by which rule it calls, at which cost of a miss.

    `points` are the thresholds of the model that is kept (L,), by the rules that are shown. `answer` gives the
    probabilities of logits (b, L) by a calibration: `inference.predictor.to_outputs` of the task.
    """

    answer: Callable[[NDArray[np.float32], Calibration | None], NDArray[np.float32]]
    calibrate: bool
    rule: str
    cost: float
    points: Mapping[str, Sequence[float]]


def evaluate_cross_validated(
    spec: ModelSpec,
    found: OutOfFold,
    y_true: NDArray[np.floating],
    patients: Sequence[str | None] | None,
    about: CrossValidation,
    recipe: Recipe,
) -> Evaluation | RegressionEvaluation:
    """Evaluate out-of-fold outputs against the truth (M, L) of the records that were tested.

    Numbers are means over repeats; their intervals are those of one repeat, widened by `fold_spread.WIDENING`. Areas
    under curves compare records of all folds, whose logits have one prior and one calibration, that of the model.
    """
    truth = np.asarray(y_true, np.float64)
    if spec.task == "regression":
        each = [evaluate_regression(truth, one, spec.labels, patients) for one in found.logits]
        values = mean_over_repeats(each, about.folds)
        return replace(values, cross_validation=replace(about, spread=spread_of(spec, truth, found, None)))
    repeats = [_Repeat(spec, spec.task, truth, found, place, patients, recipe) for place in range(found.repeats)]
    results = mean_over_repeats([one.evaluation() for one in repeats], about.folds)
    p, whose = np.concatenate([one.p for one in repeats]), persons(patients, len(truth), found.repeats)
    all_true, all_p = stacked(truth, found.repeats) > 0.5, np.concatenate([one.probabilities for one in repeats])
    people = patients_of(len(all_true), whose)
    classes = tuple(
        _curves(one, all_true[:, i], p[:, i], all_p[:, i], people, found.repeats)
        for i, one in enumerate(results.classes)
    )
    called = np.array([one.called for one in repeats])
    ranked = np.array([one.p for one in repeats])
    withheld = [one.label for one in classes if one.auroc.value is None]
    spread = spread_of(spec, truth, replace(found, logits=ranked), called, withheld)
    return replace(results, classes=classes, cross_validation=replace(about, spread=spread))


class _Repeat:
    """One repeat: `p` is what ranks, `called` what is said, `probabilities` what is judged as such; (M, L) each."""

    def __init__(
        self, spec: ModelSpec, task: LabelTask, truth: Floats, found: OutOfFold, place: int,
        patients: Sequence[str | None] | None, recipe: Recipe,
    ) -> None:  # fmt: skip
        self.spec, self.task, self.truth, self.recipe, self.patients = spec, task, truth, recipe, patients
        self.fold, self.logits = found.fold[place], found.logits[place]
        self.p = recipe.answer(self.logits, spec.calibration)
        self.called = self._call(recipe.rule)
        self.probabilities = self._judged()

    def evaluation(self) -> Evaluation:
        """Return the results of this repeat; curves and bins are those of all repeats together."""
        before = self.recipe.answer(self.logits, None) if self.recipe.calibrate else None
        ranks = self._evaluate(self.p)
        calls = self._evaluate(self.called.astype(np.float64))
        told = self._evaluate(self.probabilities, before)
        rules = {rule: self._evaluate(self._call(rule).astype(np.float64)) for rule in self.recipe.points}
        classes = []
        for i, (rank, call, judged) in enumerate(zip(ranks.classes, calls.classes, told.classes, strict=True)):
            points = tuple(_point(rule, self.recipe.points[rule][i], one.classes[i]) for rule, one in rules.items())
            classes.append(
                replace(
                    call,
                    auroc=rank.auroc,
                    average_precision=rank.average_precision,
                    calibration=judged.calibration,
                    uncalibrated=judged.uncalibrated,
                    operating_points=points,
                )
            )
        return replace(
            ranks,
            classes=tuple(classes),
            thresholds=tuple(self.spec.thresholds),
            brier=told.brier,
            ece=told.ece,
            ece_by_chance=told.ece_by_chance,
            ece_uncalibrated=told.ece_uncalibrated,
            **{name: getattr(calls, name) for name in _CALLED},
        )

    def _evaluate(self, outputs: NDArray[np.floating], before: NDArray[np.floating] | None = None) -> Evaluation:
        half = (0.5,) * len(self.spec.labels)
        return classification.evaluate(
            self.truth, outputs, self.spec.labels, self.task, half, self.patients, uncalibrated=before
        )

    def _call(self, rule: str) -> NDArray[np.bool_]:
        """Return the labels (M, L) that are called, each by thresholds from the other folds."""
        if self.task == "single_label":
            return predict_labels(self.p, self.task)
        called = np.zeros(self.p.shape, bool)
        for number in np.unique(self.fold):
            inside = self.fold == number
            limits = best_thresholds(self.truth[~inside], self.p[~inside], rule, cost=self.recipe.cost)
            called[inside] = self.p[inside] >= np.asarray(limits)
        return called

    def _judged(self) -> NDArray[np.float32]:
        """Return probabilities (M, L), each calibrated on the other folds."""
        if not self.recipe.calibrate:
            return self.p
        judged = np.empty_like(self.p)
        for number in np.unique(self.fold):
            inside = self.fold == number
            whose = None if self.patients is None else [self.patients[row] for row in np.flatnonzero(~inside).tolist()]
            fitted = fit_calibration(self.logits[~inside], self.truth[~inside], self.task, whose)
            judged[inside] = self.recipe.answer(self.logits[inside], fitted)
        return judged


def _point(rule: str, threshold: float, told: ClassResult) -> OperatingPoint:
    return OperatingPoint(
        rule=rule, threshold=float(threshold), sensitivity=told.recall, specificity=told.specificity,
        precision=told.precision, npv=told.npv,
    )  # fmt: skip


def _curves(
    one: ClassResult, true: NDArray[np.bool_], ranked: Floats, judged: Floats, people: Patients, repeats: int
) -> ClassResult:
    """Draw curves and bins of all repeats together; the counts of a bin are means over repeats."""
    if one.auroc.value is None:
        return one
    drawn: CalibrationResult | None = one.calibration
    if drawn is not None:
        bins = calibration(true, judged, people).bins
        drawn = replace(drawn, bins=tuple(replace(bin_, n=max(1, round(bin_.n / repeats))) for bin_ in bins))
    shown: dict[str, Any] = {"roc": tuple(scores.roc_curve(true, ranked)), "pr": tuple(scores.pr_curve(true, ranked))}
    return replace(one, calibration=drawn, **shown)
