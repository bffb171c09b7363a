"""Signal statistics of new ECGs against those of the training: bins between its quantiles, shares of what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from scipy.stats import chi2, fisher_exact, norm

from backend.ecg.signal_statistics import FLAGS, NUMBERS
from backend.ml.evaluation.drift.profile import LEVELS, Measured, Profile

FEWEST: Final = 20
"""Patients; of fewer, new ECGs are judged one by one only."""
MANY: Final = 100  # patients; from here on tenths are counted, below fifths
LARGE: Final = 0.25
"""Population stability index from which a shift is usually called large; below 0.1 it is called none."""
SMALL: Final = 0.1
_TENTHS: Final = tuple(LEVELS.index(level) for level in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9))
_FIFTHS: Final = tuple(LEVELS.index(level) for level in (0.2, 0.4, 0.6, 0.8))
_POINTS: Final = 0.02  # a share differs by two points at least, to be worth a word
_FENCE: Final = 3.0
"""Interquartile ranges beyond the quartiles from which a value is far out (Tukey's outer fences)."""

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticShift:
    """How one of NUMBERS differs: medians there and here, the population stability index, the chance of as much."""

    name: str
    usual: float
    here: float
    psi: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagShare:
    """Of how many ECGs one of FLAGS holds, there and here, and the chance of as many or more."""

    name: str
    usual: float
    here: float
    p: float


def shifts(profile: Profile, people: Measured) -> list[StatisticShift]:
    """Return the shift of each number that is known on both sides; `people` holds one ECG a patient."""
    found = []
    for place, name in enumerate(NUMBERS):
        values = people.numbers[:, place]
        values = values[np.isfinite(values)]
        if name not in profile.quantiles or len(values) < FEWEST or 2 * len(values) < len(people.numbers):
            continue
        found.append(_shift(name, profile.quantiles[name], profile.levels, values, profile.n))
    return found


def _shift(name: str, quantiles: Float, levels: Float, values: Float, n: int) -> StatisticShift:
    """Compare counts between quantiles: both the quantiles of n ECGs and the counts of m scatter, hence 1/n + 1/m."""
    edges = np.unique(quantiles[list(_TENTHS if min(n, len(values)) >= MANY else _FIFTHS)])
    below = levels[np.searchsorted(quantiles, edges, side="right") - 1]  # of equal quantiles the highest level
    expected = np.maximum(1e-6, np.diff([0.0, *below, 1.0]))
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(expected))
    here = counts / len(values)
    square = float(((here - expected) ** 2 / expected).sum()) / (1 / n + 1 / len(values))
    floor = 0.5 / len(values)
    psi = float(((here - expected) * np.log(np.maximum(here, floor) / expected)).sum())
    return StatisticShift(
        name=name, usual=float(quantiles[LEVELS.index(0.5)]), here=float(np.median(values)), psi=psi,
        p=float(chi2.sf(square, max(1, len(edges)))),
    )  # fmt: skip


def shares(profile: Profile, people: Measured) -> list[FlagShare]:
    """Return of how many ECGs each flag holds, by Fisher's exact test one-sided: fewer are no alarm."""
    found = []
    for place, name in enumerate(FLAGS):
        if name in profile.shares:
            here, m = int(people.flags[:, place].sum()), len(people.flags)
            there = round(profile.shares[name] * profile.n)
            p = _fisher((here, m), (there, profile.n), "greater")
            found.append(FlagShare(name=name, usual=profile.shares[name], here=here / m, p=p))
    return found


def worth_a_word(one: FlagShare) -> bool:
    """Say whether a share differs by enough to matter, whatever its p."""
    return one.here - one.usual >= _POINTS


def far_out(profile: Profile, numbers: Float) -> list[tuple[str, float, float]]:
    """Return which numbers (29,) of a recording are far out of the training's: name, value, usual value."""
    found = []
    for name, value in zip(NUMBERS, numbers.tolist(), strict=True):
        if name in profile.quantiles and np.isfinite(value):
            low, high = (_evened(name, profile.quantile(name, level)) for level in (0.25, 0.75))
            reach = _FENCE * (high - low)
            if not low - reach <= _evened(name, value) <= high + reach:
                found.append((name, value, profile.quantile(name, 0.5)))
    return found


def _evened(name: str, value: float) -> float:
    """Return a value on the scale on which its distribution is about even to both sides."""
    if name.startswith("correlation"):
        return float(np.arctanh(np.clip(value, -0.999, 0.999)))
    if name == "slow":
        return float(logit(np.clip(value, 0.001, 0.999)))
    return float(np.log(max(value, 1e-3)))


def label_shares(
    there: Sequence[tuple[str, int, int]], here: Sequence[tuple[str, int, int]]
) -> list[tuple[str, float, float, float]]:
    """Compare how often labels occur: (label, ECGs with it, ECGs) of both sides → (label, both shares, p two-sided)."""
    known = {label: (k, n) for label, k, n in here}
    found = []
    for label, k, n in there:
        if label in known and n and known[label][1]:
            a, m = known[label]
            found.append((label, k / n, a / m, _fisher((a, m), (k, n), "two-sided")))
    return found


def _fisher(here: tuple[int, int], there: tuple[int, int], alternative: Literal["greater", "two-sided"]) -> float:
    table = np.array([[k, n - k] for k, n in (here, there)])
    return float(fisher_exact(table, alternative=alternative).pvalue)


def upper_tail(z: float) -> float:
    """Return how often a standard normal value is as large."""
    return float(norm.sf(z))
