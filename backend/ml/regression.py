"""How good predicted values are: errors in the target's unit and agreement, with bootstrap intervals. numpy only.

A value that the records do not define (no spread in the truth, a single record) is None, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml.metrics import RESAMPLES, Estimate, estimate, resample_weights
from backend.ml.scores import Floats, divide, mean, number

LISTED = 500  # points of truth against prediction that are kept to be drawn


@dataclass(frozen=True, kw_only=True)
class TargetResult:
    """How well one target is told, in its own unit; `points` are (true, predicted) of up to LISTED records."""

    label: str
    support: int  # records whose value is known
    mean: float | None  # of the true values
    sd: float | None
    mae: Estimate  # mean absolute error
    rmse: Estimate  # root of the mean squared error
    bias: Estimate  # mean of predicted minus true
    r2: Estimate  # share of the variance that is explained; below 0: worse than always saying the mean
    pearson: Estimate  # linear correlation
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class RegressionEvaluation:
    """The result on N records; macro means over the targets, of which only scale-free ones make sense."""

    task: str
    n: int
    drawn_by: str  # "patient" or "record": what the bootstrap draws
    resamples: int
    seed: int
    targets: tuple[TargetResult, ...]
    macro_r2: Estimate
    macro_pearson: Estimate
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


def evaluate_regression(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    labels: Sequence[str],
    patients: Sequence[str | None] | None = None,
    *,
    seed: int = 1,
    resamples: int = RESAMPLES,
) -> RegressionEvaluation:
    """Evaluate predicted (N, L) values against true ones, where NaN is not known and counts for nothing.

    Intervals are those of `backend.ml.metrics.evaluate`. R² is 1 - Σ(y-ŷ)² / Σ(y-ȳ)², with the mean of the records
    drawn.
    """
    truth, predicted = np.asarray(y_true, np.float64), np.asarray(y_pred, np.float64)
    if truth.shape != predicted.shape or truth.ndim != 2 or truth.shape[1] != len(labels) or not len(truth):
        raise ValueError(f"y_true and y_pred should both be (N, {len(labels)}), not {truth.shape}, {predicted.shape}.")
    pieces = [_values(truth, predicted, w) for w in resample_weights(len(truth), patients, resamples, seed)]
    values = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}  # (1 + resamples, L)
    known = ~np.isnan(truth)
    return RegressionEvaluation(
        task="regression",
        n=len(truth),
        drawn_by="record" if patients is None else "patient",
        resamples=resamples,
        seed=seed,
        targets=tuple(
            TargetResult(
                label=label,
                support=int(known[:, i].sum()),
                mean=_number(truth[known[:, i], i], np.mean),
                sd=_number(truth[known[:, i], i], np.std),
                points=_points(truth[known[:, i], i], predicted[known[:, i], i]),
                **{name: estimate(value[:, i]) for name, value in values.items()},
            )
            for i, label in enumerate(labels)
        ),
        macro_r2=estimate(mean(values["r2"])),
        macro_pearson=estimate(mean(values["pearson"])),
        notes=tuple(
            f"“{label}” is known of {'no' if not count else 'a single'} test record, so that nothing can be said of it."
            for label, count in zip(labels, known.sum(axis=0), strict=True)
            if count < 2
        ),
    )


def macro_r2(y_true: ArrayLike, y_pred: ArrayLike) -> float | None:
    """Return the mean R² over the targets where it is defined, of (N, L) values; None where there is none."""
    truth, predicted = np.asarray(y_true, np.float64), np.asarray(y_pred, np.float64)
    return number(mean(_values(truth, predicted, np.ones((1, len(truth))))["r2"])[0])


def _values(truth: NDArray[np.float64], predicted: NDArray[np.float64], weights: Floats) -> Mapping[str, Floats]:
    """Return each score (R, L) of values (N, L) under weights (R, N)."""
    known = ~np.isnan(truth)
    # Centred first: the sums of squares below would lose their digits to a large mean.
    centre = np.nanmean(np.where(known.any(axis=0), truth, 0.0), axis=0)
    y, p = np.where(known, truth - centre, 0.0), np.where(known, predicted - centre, 0.0)
    error = p - y
    n = weights @ known

    def average(values: NDArray[np.float64]) -> Floats:
        return divide(weights @ values, n)

    mean_y, mean_p, squared = average(y), average(p), average(error**2)
    variance_y, variance_p = average(y**2) - mean_y**2, average(p**2) - mean_p**2
    covariance = average(y * p) - mean_y * mean_p
    spread = np.where(variance_y > 1e-12 * (1 + np.abs(centre)) ** 2, variance_y, 0.0)  # what rounding leaves is none
    return {
        "mae": average(np.abs(error)),
        "rmse": np.sqrt(squared),
        "bias": average(error),
        "r2": 1 - divide(squared, spread),
        "pearson": divide(covariance, np.sqrt(spread * np.maximum(variance_p, 0))),
    }


def _number(values: NDArray[np.float64], of: Any) -> float | None:
    return float(of(values)) if len(values) else None


def _points(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    rows = np.unique(np.linspace(0, max(0, len(truth) - 1), min(len(truth), LISTED)).astype(int))
    return tuple((float(truth[row]), float(predicted[row])) for row in rows)
