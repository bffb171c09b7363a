"""How good predicted values are: errors in the target's unit, limits of agreement and correlation, with intervals.

A value that the records do not define (no spread in the truth, a single record) is None, never 0; with fewer than five
patients everything is withheld.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from backend.counted import counted
from backend.language.sentence import Sentence
from backend.ml.evaluation.classification import check_numbers
from backend.ml.evaluation.estimate import FEW, NONE, Estimate, Z, too_few
from backend.ml.evaluation.fold_spread import CrossValidation
from backend.ml.evaluation.intervals import quantile
from backend.ml.evaluation.patients import Patients, patients_of, variance
from backend.ml.evaluation.scores import Floats, number
from backend.ml.strict_json import ALL_SERVED

LISTED = 500  # points of truth against prediction that are kept to be drawn
AGREE = 1.96  # standard deviations of the limits of agreement (Bland & Altman 1986)


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
    lower_limit: Estimate = NONE  # of agreement: bias - 1.96 SD of the differences
    upper_limit: Estimate = NONE  # bias + 1.96 SD
    n_patients: int | None = None  # records, where patients are not known

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class RegressionEvaluation:
    """The result on N records; macro means over the targets, of which only scale-free ones make sense."""

    task: Literal["regression"]
    n: int
    drawn_by: Literal["patient", "record"]  # what the intervals take as independent of each other
    resamples: int = 0  # of the bootstrap, by which version 0.1.0 made intervals; 0: by the formulas of today
    seed: int = 0
    targets: tuple[TargetResult, ...]
    macro_r2: Estimate
    macro_pearson: Estimate
    notes: tuple[Sentence, ...] = ()
    cross_validation: CrossValidation | None = None  # None: of one test part

    __pydantic_config__: ClassVar = ALL_SERVED

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Scale:
    """A scale on which an estimate is nearly normal: there, back, and the derivative there."""

    there: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]


_PLAIN = _Scale(lambda v: v, lambda v: v, lambda _: 1.0)
_LOG = _Scale(lambda v: float(np.log(v)), lambda v: float(np.exp(v)), lambda v: 1 / v)
_FISHER = _Scale(lambda v: float(np.arctanh(v)), lambda v: float(np.tanh(v)), lambda v: 1 / (1 - v * v))
_UNEXPLAINED = _Scale(lambda v: -float(np.log(1 - v)), lambda v: 1 - float(np.exp(-v)), lambda v: 1 / (1 - v))  # of R²


def evaluate_regression(
    y_true: ArrayLike, y_pred: ArrayLike, labels: Sequence[str], patients: Sequence[str | None] | None = None
) -> RegressionEvaluation:
    """Evaluate predicted (N, L) values against true ones, where NaN is not known and counts for nothing.

    Intervals are by Student's t over patients, on a scale on which each value is nearly normal: the logarithm of MAE
    and 1 - R², Fisher's of the correlation; those of RMSE and of the SD in the limits of agreement by χ².
    R² is 1 - Σ(y-ŷ)² / Σ(y-ȳ)².
    Raises ModelInvalidError for predicted values that are no numbers.
    """
    truth, predicted = np.asarray(y_true, np.float64), np.asarray(y_pred, np.float64)
    if truth.shape != predicted.shape or truth.ndim != 2 or truth.shape[1] != len(labels) or not len(truth):
        raise ValueError(f"y_true and y_pred should both be (N, {len(labels)}), not {truth.shape}, {predicted.shape}.")
    check_numbers(predicted)
    known = ~np.isnan(truth)
    targets = []
    for i, label in enumerate(labels):
        rows = known[:, i]
        mine = None if patients is None else [patients[row] for row in np.flatnonzero(rows).tolist()]
        targets.append(_target(label, truth[rows, i], predicted[rows, i], patients_of(int(rows.sum()), mine)))
    return RegressionEvaluation(
        task="regression",
        n=len(truth),
        drawn_by="patient" if any(patients or ()) else "record",
        targets=tuple(targets),
        macro_r2=_mean([target.r2 for target in targets]),
        macro_pearson=_mean([target.pearson for target in targets]),
        notes=tuple(note for target in targets for note in _notes(target)),
    )


def macro_r2(y_true: ArrayLike, y_pred: ArrayLike) -> float | None:
    """Return the mean R² over the targets where it is defined, of (N, L) values; None where there is none."""
    truth, predicted = np.asarray(y_true, np.float64), np.asarray(y_pred, np.float64)
    found = []
    for i in range(truth.shape[1]):
        known = ~np.isnan(truth[:, i])
        if known.any():
            found.append(_values(truth[known, i], predicted[known, i])["r2"][0])
    kept = [value for value in found if not np.isnan(value)]
    return float(np.mean(kept)) if kept else None


def _target(label: str, y: Floats, p: Floats, patients: Patients) -> TargetResult:
    values = _values(y, p) if len(y) else {}

    def given(name: str, of: Callable[[float, Floats], Estimate]) -> Estimate:
        if name not in values or np.isnan(values[name][0]):
            return NONE
        return Estimate(None, withheld=too_few(patients.n)) if patients.n < FEW else of(*values[name])

    def on(scale: _Scale, fitted: int = 1) -> Callable[[float, Floats], Estimate]:
        return lambda value, influence: _interval(value, influence, scale, patients, fitted)

    def root(value: float, influence: Floats) -> Estimate:
        return _root(value, influence, patients)

    bias, sd = given("bias", on(_PLAIN)), given("sd", root)
    return TargetResult(
        label=label,
        support=len(y),
        n_patients=patients.n,
        mean=float(y.mean()) if len(y) else None,
        sd=float(y.std()) if len(y) else None,
        mae=given("mae", on(_LOG)),
        rmse=given("rmse", root),
        bias=bias,
        r2=given("r2", on(_UNEXPLAINED, 3)),
        pearson=given("pearson", on(_FISHER, 3)),
        lower_limit=_limit(bias, sd, -1),
        upper_limit=_limit(bias, sd, 1),
        points=_points(y, p),
    )


def _values(y: Floats, p: Floats) -> dict[str, tuple[float, Floats]]:
    """Return each value of one target with the influence (N,) of the records on it."""
    n = len(y)
    error = p - y
    size, square, bias = np.abs(error), error**2, float(error.mean())
    rmse = float(np.sqrt(square.mean()))
    dy, dp, de = y - y.mean(), p - p.mean(), error - bias
    spread, spread_p, covariance = float(dy @ dy) / n, float(dp @ dp) / n, float(dy @ dp) / n
    nothing = (float("nan"), np.zeros(n))
    r2 = pearson = nothing
    if spread > 1e-12 * (1 + abs(float(y.mean()))) ** 2:  # what rounding leaves is none
        ratio = float(square.mean()) / spread
        r2 = (1 - ratio, -(square - ratio * dy**2) / spread / n)
        if spread_p > 0:
            r = float(np.clip(covariance / np.sqrt(spread * spread_p), -1, 1))
            u, v = dy / np.sqrt(spread), dp / np.sqrt(spread_p)
            pearson = (r, (u * v - r * (u**2 + v**2) / 2) / n)
    sd = float(np.sqrt(de @ de / (n - 1))) if n > 1 else float("nan")
    of_sd = (de**2 - float(de @ de) / n) / (2 * sd) / n if n > 1 and sd > 0 else np.zeros(n)
    return {
        "mae": (float(size.mean()), (size - size.mean()) / n),
        "rmse": (rmse, (square - square.mean()) / (2 * rmse) / n if rmse else np.zeros(n)),
        "bias": (bias, de / n),
        "r2": r2,
        "pearson": pearson,
        "sd": (sd, of_sd),
    }


def _interval(value: float, influence: Floats, scale: _Scale, patients: Patients, fitted: int = 1) -> Estimate:
    """Return the interval by Student's t on a scale; `fitted` is how many numbers the patients have fixed."""
    freedom = patients.n - fitted
    error = float(np.sqrt(variance(influence, patients) * (patients.n - 1) / freedom))
    if not error:
        return Estimate(value)
    with np.errstate(all="ignore"):
        half = quantile(freedom) * error * scale.slope(value)
        low, high = scale.back(scale.there(value) - half), scale.back(scale.there(value) + half)
    return Estimate(value, number(low), number(high)) if np.isfinite([low, high]).all() else Estimate(value)


def _root(value: float, influence: Floats, patients: Patients) -> Estimate:
    """Return the interval of the root of a mean square, which is about χ² with Satterthwaite's degrees of freedom."""
    wider = (quantile(patients.n - 1) / Z) ** 2  # the variance is that of so many patients only
    spread = variance(2 * value * influence, patients) * wider
    if not spread:
        return Estimate(value)
    freedom = min(2 * value**4 / spread, len(influence) - 1)
    low, high = (value * float(np.sqrt(freedom / chdtri(freedom, tail))) for tail in (0.025, 0.975))
    return Estimate(value, low, high)


def _limit(bias: Estimate, sd: Estimate, sign: int) -> Estimate:
    """Return bias ± 1.96 SD, its interval joined from theirs (MOVER: Zou 2013, doi:10.1177/0962280211402548)."""
    numbers = (bias.value, bias.low, bias.high, sd.value, sd.low, sd.high)
    if bias.value is None or sd.value is None:
        return bias
    value = bias.value + sign * AGREE * sd.value
    if None in numbers:
        return Estimate(value)
    b, b_low, b_high, s, s_low, s_high = (float(one) for one in numbers if one is not None)
    down, up = (s - s_low, s_high - s) if sign > 0 else (s_high - s, s - s_low)
    return Estimate(
        value, value - float(np.hypot(b - b_low, AGREE * down)), value + float(np.hypot(b_high - b, AGREE * up))
    )


def _mean(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean of what is given; its interval is that of parts that go together, never too narrow."""
    kept = [part for part in parts if part.value is not None]
    if not kept:
        return Estimate(None, withheld=next((part.withheld for part in parts if part.withheld), None))

    def of(values: Sequence[float | None]) -> float | None:
        numbers = [value for value in values if value is not None]
        return float(np.mean(numbers)) if len(numbers) == len(kept) else None

    return Estimate(of([one.value for one in kept]), of([one.low for one in kept]), of([one.high for one in kept]))


def _points(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    rows = np.unique(np.linspace(0, max(0, len(truth) - 1), min(len(truth), LISTED)).astype(int))
    return tuple((float(truth[row]), float(predicted[row])) for row in rows[: len(truth)])


def _notes(target: TargetResult) -> list[str]:
    if target.support < 2:
        known = "no" if not target.support else "a single"
        return [f"“{target.label}” is known of {known} test recording, so that nothing can be said of it."]
    n = target.n_patients or 0
    if n < FEW:
        return [f"“{target.label}” is known of {counted(n, 'patient')} only; at least {FEW} are needed."]
    return []
