"""Populations with known true values, from which `coverage.py` draws tables of records."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from backend.ml.evaluation.classification import MEASURES, evaluate
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.prevalence import predictive_values
from backend.ml.evaluation.recalibration import fit_calibration
from backend.ml.evaluation.regression import evaluate_regression
from backend.ml.inference.predictor import to_outputs

PREVALENCES = (0.05, 0.1, 0.2, 0.5)
SEPARATIONS = (1.0, 1.8, 2.6)  # of the labels: the AUROC is 0.76, 0.90, 0.97
CORRELATION = 0.5  # of the records of a patient
UNEVEN = 0  # records a patient: one of most, up to MOST_RECORDS of a few
MOST_RECORDS = 60
CUT = 0.6  # of the separation: from there on a label is predicted
STEEP, HIGH = 0.85, 0.7  # slope and shift of the logits of a network that is not calibrated
ELSEWHERE = 0.03  # prevalence at which PPV and NPV are asked for
LABELS = ("a", "b", "c")
NAMES = {
    "recall": "sensitivity",
    "average_precision": "AUPRC",
    "auroc": "AUROC",
    "precision": "PPV",
    "npv": "NPV",
    "f1": "F1",
}

Floats = NDArray[np.float64]
Found = tuple[str, Estimate, float]


def _normal(random: np.random.Generator, n: int, per: int, width: int) -> tuple[Floats, NDArray[np.intp]]:
    """Return (n, width) standard normal numbers, those of a patient alike, and the patient of each row."""
    patient = np.arange(n) // per if per != UNEVEN else _uneven(random, n)
    own = random.normal(size=(n, width))
    if per == 1:
        return own, patient
    of_patient = random.normal(size=(int(patient[-1]) + 1, width))
    return np.sqrt(CORRELATION) * of_patient[patient] + np.sqrt(1 - CORRELATION) * own, patient


def _uneven(random: np.random.Generator, n: int) -> NDArray[np.intp]:
    """Return whose each of n records is, of patients of whom most have one and few have most of all."""
    records = np.minimum(1 + np.floor(random.pareto(1.1, n)), MOST_RECORDS).astype(np.intp)
    return np.asarray(np.repeat(np.arange(n), records)[:n])


@dataclass(frozen=True)
class Population:
    """Three labels of one prevalence, told apart by scores that are normal with and without the label."""

    prevalence: float
    per: int  # records a patient; UNEVEN

    def tables(self, n: int, tables: int, seed: int = 1) -> Iterator[Found]:
        """Yield the name, the estimate and the truth of every interval of so many tables of n records."""
        random = np.random.default_rng(seed)
        for _ in range(tables):
            y, p, patient = self.draw(random, n)
            patients = None if self.per == 1 else [str(number) for number in patient]
            yield from self.compared(evaluate(y, p, LABELS, "multi_label", self.thresholds, patients))
            yield from self.calibrated(y, p, patients)

    def calibrated(self, y: NDArray[np.bool_], p: Floats, patients: list[str] | None) -> Iterator[Found]:
        """Yield the probabilities at which labels are predicted, of a network that is too sure and too high."""
        logits = (logit(p) / STEEP + HIGH).astype(np.float32)
        found = fit_calibration(logits, y.astype(np.float32), "multi_label", patients)
        at = (logit(np.array(self.thresholds)) / STEEP + HIGH).astype(np.float32)[None]
        given = to_outputs(at, "multi_label", found)[0]
        for i, truth in enumerate(self.thresholds):
            low, high = found.interval(i, float(given[i])) or (None, None)
            yield "calibrated probability", Estimate(float(given[i]), low, high), truth

    def draw(self, random: np.random.Generator, n: int) -> tuple[NDArray[np.bool_], Floats, NDArray[np.intp]]:
        """Return labels (n, 3), probabilities (n, 3) and patients (n,)."""
        latent, patient = _normal(random, n, self.per, 6)
        y = latent[:, :3] > norm.isf(self.prevalence)
        return y, self.probability(latent[:, 3:] + y * SEPARATIONS), patient

    def probability(self, score: Floats) -> Floats:
        """Return the true probability of the labels at a score (…, 3)."""
        d = np.array(SEPARATIONS)
        return np.asarray(expit(logit(self.prevalence) + d * score - d**2 / 2))

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        return tuple(self.probability(CUT * np.array(SEPARATIONS)).tolist())

    def compared(self, evaluation) -> Iterator[Found]:  # type: ignore[no-untyped-def]
        for i, item in enumerate(evaluation.classes):
            for name in MEASURES:
                yield NAMES.get(name, name), getattr(item, name), self.truths[name][i]
            at = predictive_values(item.recall, item.specificity, ELSEWHERE)
            for name, estimate in zip(("PPV elsewhere", "NPV elsewhere"), at, strict=True):
                yield name, estimate, self.truths[name][i]
            if item.calibration is None:  # all have the label, or none
                continue
            yield "Brier", item.calibration.brier, self.truths["brier"][i]
            yield "slope", item.calibration.slope, 1.0
            yield "intercept", item.calibration.intercept, 0.0
            for part in item.calibration.bins:
                single = round(10 * (part.high - part.low)) == 1
                # The outputs p are true here, also of bins that were joined because of where the outputs lie.
                truth = self.of_bins[i][round(part.low * 10)] if single else part.predicted
                yield "reliability bin" if single else "joined bins", part.observed, truth
        for name, title in (
            ("macro_auroc", "mean AUROC"),
            ("macro_f1", "mean F1"),
            ("macro_average_precision", "mean AUPRC"),
        ):
            measure = name.removeprefix("macro_")
            given = [
                self.truths[measure][i]
                for i, item in enumerate(evaluation.classes)
                if getattr(item, measure).value is not None
            ]
            yield title, getattr(evaluation, name), float(np.mean(given)) if given else 0.0
        yield "accuracy", evaluation.accuracy, self.accuracy

    @cached_property
    def truths(self) -> dict[str, Floats]:
        """The true values of the three labels."""
        d, q = np.array(SEPARATIONS), self.prevalence
        sensitivity, specificity = norm.sf(CUT * d - d), norm.cdf(CUT * d)
        true, false = q * sensitivity, (1 - q) * (1 - specificity)
        missed, spared = q * (1 - sensitivity), (1 - q) * specificity
        recall = np.linspace(1e-6, 1, 40001)
        area, brier = [], []
        grid = np.linspace(-12, 15, 40001)
        for i, one in enumerate(d):
            wrong = norm.sf(one + norm.isf(recall))
            area.append(np.trapezoid(q * recall / (q * recall + (1 - q) * wrong), recall))
            p = self.probability(np.repeat(grid[:, None], 3, axis=1))[:, i]
            density = q * norm.pdf(grid - one) + (1 - q) * norm.pdf(grid)
            brier.append(np.trapezoid(p * (1 - p) * density, grid))
        r = ELSEWHERE
        return {
            "recall": sensitivity, "specificity": specificity, "precision": true / (true + false),
            "npv": spared / (spared + missed), "f1": 2 * true / (2 * true + false + missed),
            "auroc": norm.cdf(d / np.sqrt(2)), "average_precision": np.array(area), "brier": np.array(brier),
            "PPV elsewhere": r * sensitivity / (r * sensitivity + (1 - r) * (1 - specificity)),
            "NPV elsewhere": (1 - r) * specificity / ((1 - r) * specificity + r * (1 - sensitivity)),
        }  # fmt: skip

    @cached_property
    def of_bins(self) -> Floats:
        """The true share with the label in each of ten bins of probability, (3, 10)."""
        grid = np.linspace(-12, 15, 200001)
        found = np.full((3, 10), np.nan)
        p = self.probability(np.repeat(grid[:, None], 3, axis=1))
        for i, one in enumerate(SEPARATIONS):
            density = self.prevalence * norm.pdf(grid - one) + (1 - self.prevalence) * norm.pdf(grid)
            place = np.minimum((p[:, i] * 10).astype(int), 9)
            mass = np.bincount(place, density, 10)
            found[i] = np.bincount(place, density * p[:, i], 10) / np.where(mass == 0, 1, mass)
        return found

    @cached_property
    def accuracy(self) -> float:
        """The share of records whose labels are all right, of 400,000."""
        y, p, _ = self.draw(np.random.default_rng(0), 400_000)
        return float(((p >= self.thresholds) == y).all(axis=1).mean())


@dataclass(frozen=True)
class Values:
    """A value, predicted with an error that grows with nothing: bias 2, standard deviation 5, truth 60 ± 10."""

    per: int

    def tables(self, n: int, tables: int, seed: int = 1) -> Iterator[Found]:
        """Yield the name, the estimate and the truth of every interval of so many tables of n records."""
        random = np.random.default_rng(seed)
        bias, sd, spread = 2.0, 5.0, 10.0
        square = bias**2 + sd**2
        truths = {
            "mae": 2 * sd * norm.pdf(bias / sd) + bias * (1 - 2 * norm.cdf(-bias / sd)),
            "rmse": square**0.5, "bias": bias, "r2": 1 - square / spread**2,
            "pearson": spread / np.hypot(spread, sd), "lower_limit": bias - 1.96 * sd, "upper_limit": bias + 1.96 * sd,
        }  # fmt: skip
        names = {
            "mae": "MAE",
            "rmse": "RMSE",
            "r2": "R²",
            "pearson": "correlation",
            "lower_limit": "lower limit of agreement",
            "upper_limit": "upper limit of agreement",
        }
        for _ in range(tables):
            latent, patient = _normal(random, n, self.per, 2)
            y = 60 + spread * latent[:, :1]
            patients = None if self.per == 1 else [str(number) for number in patient]
            (target,) = evaluate_regression(y, y + bias + sd * latent[:, 1:], ["v"], patients).targets
            for name, truth in truths.items():
                yield names.get(name, name), getattr(target, name), truth
