"""The drift check: are ECGs like those that a model learned from? One verdict, its evidence, and who sticks out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from backend.counted import counted
from backend.ecg.signal_statistics import FLAGS
from backend.language.sentence import Sentence
from backend.ml.evaluation.drift import mmd, statistics, words
from backend.ml.evaluation.drift.distance import distances
from backend.ml.evaluation.drift.profile import Measured, Profile

Verdict = Literal["alike", "different", "very different", "too few"]
Kind = Literal["whole", "distance", "statistic", "rate", "flag", "labels", "router"]

ALPHA: Final = {"whole": 0.01, "distance": 0.005, "statistic": 0.01, "flag": 0.005, "labels": 0.005}
"""How often each kind of evidence may be found where nothing differs, all its tests together; the sum is 3.5 %."""
STRONG: Final = 0.3
"""FlagShare of the ECGs beyond what one in twenty of the training exceeds, from which they are very different."""
_SWAPPED: Final = 0.2  # points by which a flag is more frequent, from which it is a fault of the export
_FACTOR: Final = 1.15  # by which heart rate and bandwidth rise or fall together where the rate is declared wrongly
_ODDS: Final = 1.5  # by which a label is more, or less, frequent, to be worth a word
_BEYOND: Final = 0.95

Labels = Sequence[tuple[str, int, int]]
"""Of each label: its name, ECGs with it, ECGs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFinding:
    """One piece of evidence that ECGs differ; `strong` where it alone makes them very different."""

    kind: Kind
    text: Sentence
    p: float | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A recording that sticks out: its place among those measured, its distance over that of one in twenty, why."""

    place: int
    distance: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found. `discrepancy` is the squared MMD, `beyond` the share of ECGs farther than one in twenty of
    the training (`expected`); both None where there are too few. `how` says by what p was found: "permutation" or
    "covariance".
    """

    verdict: Verdict
    text: str
    findings: tuple[DriftFinding, ...]
    n: int
    n_patients: int
    n_training: int
    discrepancy: float | None
    p: float | None
    how: str
    beyond: float | None
    expected: float
    shifts: tuple[statistics.StatisticShift, ...]
    shares: tuple[statistics.FlagShare, ...]
    odd: tuple[Odd, ...]


def check(
    profile: Profile,
    new: Measured,
    training: Measured | None = None,
    labels: tuple[Labels, Labels] | None = None,
    routes: str = "",
) -> Checked:
    """Hold new ECGs against the profile of a training, and against its ECGs themselves where they are at hand.

    `labels` are those of the training and of the new ECGs, `routes` says what is wrong with the experts that see them,
    empty for nothing.
    """
    sound = np.asarray(np.isfinite(new.embeddings).all(axis=1))
    people = new.some(np.flatnonzero(sound)).one_each()
    odd = _odd(profile, new, sound)
    expected = float(1 - profile.levels[-1])
    findings: list[DriftFinding] = []
    value = p = beyond = None
    shifts: list[statistics.StatisticShift] = []
    shares: list[statistics.FlagShare] = []
    how, m = "covariance", len(people.patients)
    if m >= statistics.FEWEST:
        value, p, how = _whole(profile, people, training)
        if p < ALPHA["whole"]:
            findings.append(DriftFinding(kind="whole", p=p, text=_told_whole(p)))
        beyond = float((distances(profile.cloud, people.embeddings) > profile.far[-1]).mean())
        findings += _far(beyond, expected, profile.n, m)
        shifts, shares = statistics.shifts(profile, people), statistics.shares(profile, people)
        findings += _statistics(shifts) + _flags(shares)
        findings += _labels(*labels) if labels else []
    if routes:
        findings.append(DriftFinding(kind="router", text=routes))
    verdict = _verdict(findings, m)
    return Checked(
        verdict=verdict, text=_text(verdict, m, len(odd), len(new.patients)), findings=tuple(findings),
        n=len(new.patients), n_patients=m, n_training=profile.n, discrepancy=value, p=p, how=how, beyond=beyond,
        expected=expected, shifts=tuple(shifts), shares=tuple(shares), odd=tuple(odd),
    )  # fmt: skip


def _whole(profile: Profile, people: Measured, training: Measured | None) -> tuple[float, float, str]:
    """Return the discrepancy, its p, and how it was found."""
    new = mmd.features(profile.standardised(people.embeddings), profile.width)
    value = mmd.discrepancy(profile.features, new.mean(axis=0))
    if training is None:
        return value, mmd.kept_p(value, profile.spectrum, profile.n, len(new)), "covariance"
    known = training.some(np.flatnonzero(np.isfinite(training.embeddings).all(axis=1))).one_each().embeddings
    both = np.concatenate([known, people.embeddings])
    pooled = (both - both.mean(axis=0)) / np.maximum(1e-6, both.std(axis=0))  # by all: what is exchanged must be alike
    felt = mmd.features(pooled, mmd.median_distance(pooled))
    return value, mmd.permutation_p(felt[: len(known)], felt[len(known) :]), "permutation"


def _far(beyond: float, expected: float, n: int, m: int) -> list[DriftFinding]:
    error = np.sqrt(expected * (1 - expected) * (1 / n + 1 / m))
    found = statistics.upper_tail((beyond - expected) / error)
    if found >= ALPHA["distance"]:
        return []
    text = f"{beyond:.0%} of them lie farther from the training than {expected:.0%} of its own ECGs do."
    return [DriftFinding(kind="distance", text=text, p=found, strong=beyond >= STRONG)]


def _statistics(shifts: Sequence[statistics.StatisticShift]) -> list[DriftFinding]:
    odd = [one for one in shifts if one.p < ALPHA["statistic"] / len(shifts) and one.psi >= statistics.SMALL]
    found = [
        DriftFinding(kind="statistic", text=words.of_shift(one), p=one.p)
        for one in sorted(odd, key=lambda one: -one.psi)
    ]
    by_name = {one.name: one for one in odd}
    if {"heart_rate", "bandwidth"} <= set(by_name):
        beats, band = (by_name[name].here / by_name[name].usual for name in ("heart_rate", "bandwidth"))
        if min(beats, band) > _FACTOR or max(beats, band) < 1 / _FACTOR:
            text = (
                f"Heart rate and bandwidth are {beats:.2f} and {band:.2f} times those of the training: the sampling "
                "rate seems to be declared wrongly."
            )
            found.insert(0, DriftFinding(kind="rate", text=text, p=by_name["bandwidth"].p, strong=True))
    return found


def _flags(shares: Sequence[statistics.FlagShare]) -> list[DriftFinding]:
    return [
        DriftFinding(kind="flag", text=words.of_share(one), p=one.p, strong=one.here - one.usual >= _SWAPPED)
        for one in shares
        if one.p < ALPHA["flag"] / len(shares) and statistics.worth_a_word(one)
    ]


def _labels(there: Labels, here: Labels) -> list[DriftFinding]:
    found = []
    for label, usual, share, p in statistics.label_shares(there, here):
        odds = (share / max(1e-9, 1 - share)) / max(1e-9, usual / max(1e-9, 1 - usual))
        if p < ALPHA["labels"] / len(there) and not 1 / _ODDS < odds < _ODDS:
            text = f"{label}: {share:.0%} of these ECGs, {usual:.0%} in training. Predictive values change with it."
            found.append(DriftFinding(kind="labels", text=text, p=p))
    return found


def _odd(profile: Profile, new: Measured, sound: NDArray[np.bool_]) -> list[Odd]:
    """Return who sticks out, the oddest first."""
    low, high, limit = (profile.quantile("far", level) for level in (0.25, 0.75, _BEYOND))
    far = np.full(len(sound), np.nan)
    far[sound] = distances(profile.cloud, new.embeddings[sound]) if sound.any() else np.nan
    found = []
    for place in range(len(sound)):
        reasons = []
        if far[place] > max(limit, high + 3 * (high - low)):
            reasons.append(f"As a whole {far[place] / limit:.1f} times as far as one in twenty of the training is.")
        reasons += [
            f"It has {words.FLAGS[name]}." for name, yes in zip(FLAGS, new.flags[place].tolist(), strict=True) if yes
        ]
        reasons += [
            f"{words.title(name)}: {words.value(name, number)}, usually {words.value(name, usual)}."
            for name, number, usual in statistics.far_out(profile, new.numbers[place])
        ]
        if reasons:
            own = float(far[place] / limit) if sound[place] else None
            found.append(Odd(place=place, distance=own, reasons=tuple(reasons)))
    return sorted(found, key=lambda one: (-(one.distance or np.inf), one.place))


def _verdict(findings: Sequence[DriftFinding], m: int) -> Verdict:
    if any(one.strong for one in findings):
        return "very different"
    if findings:
        return "different"
    return "too few" if m < statistics.FEWEST else "alike"


def _told_whole(p: float) -> str:
    said = "< 0.001" if p < 0.001 else f"{p:.3f}"
    return f"As a whole they differ from the ECGs of the training by more than chance (p {said})."


def _text(verdict: Verdict, m: int, odd: int, n: int) -> str:
    alone = "" if not odd else f" {counted(odd, 'ECG sticks', 'ECGs stick')} out."
    if verdict == "too few":
        return f"These are too few patients ({m}) to be compared as a whole; {statistics.FEWEST} are needed.{alone}"
    if verdict == "alike":
        return f"No difference was found between these {n} ECGs and those that the model learned from.{alone}"
    much = "are very different from" if verdict == "very different" else "differ from"
    return (
        f"These ECGs {much} those that the model learned from. What was measured of the model may not hold for them: "
        f"evaluate it on some of them with known labels first.{alone}"
    )
