"""How a model stands recordings that are made worse in steps: its scores on the same ECGs, step by step.

Intervals are those of an evaluation, which take patients as independent. Each step is the same ECGs as the first, so
that a fall is known better than its two ends; the lowest step is named whose interval no longer holds the first score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from backend.ecg.disturb import STEPS, Kind, step_words
from backend.language.sentence import Sentence
from backend.ml.evaluation.estimate import Estimate
from backend.ml.strict_json import ALL_SERVED

FALL: Final = 0.02
"""By which a score falls at least, to be worth a word."""


@dataclass(frozen=True, kw_only=True)
class StressPoint:
    """Scores at one step: `score` is the AUROC, mean over labels, for values the mean R²; `f1` only of labels."""

    step: float
    told: Sentence
    score: Estimate
    f1: Estimate | None

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class StressCurve:
    """A model on the same ECGs, disturbed more and more; `text` says from which step on it is worse."""

    kind: Kind
    title: Sentence
    unit: Sentence
    points: tuple[StressPoint, ...]
    text: Sentence

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class StressResult:
    """All curves of a stress test; `unchanged` is the model on the n ECGs as they are."""

    measure: str  # macro_auroc or macro_r2
    n: int
    n_patients: int
    unchanged: StressPoint
    curves: tuple[StressCurve, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


def curve(kind: Kind, unchanged: StressPoint, points: Sequence[StressPoint]) -> StressCurve:
    """Return the curve of one kind, with what it says in words; points stand in the order of its steps."""
    about = STEPS[kind]
    return StressCurve(
        kind=kind, title=about.title, unit=about.unit, points=tuple(points), text=_text(kind, unchanged, points)
    )


def _text(kind: Kind, unchanged: StressPoint, points: Sequence[StressPoint]) -> str:
    title = STEPS[kind].title
    first = unchanged.score.value
    if first is None:
        return f"{title}: too few ECGs to say."
    worse = [one for one in points if _is_worse(first, one)]
    if not worse:
        return f"{title}: no fall beyond chance up to {step_words(kind, points[-1].step)}."
    if kind == "gain":  # steps to both sides
        return " ".join(f"{title}: worse at {step_words(kind, one.step)}." for one in worse)
    begin = worse[0]
    last = points[-1].score.value
    end = "" if last is None else f"; at {step_words(kind, points[-1].step)} {last:.3f}"
    return (
        f"{title}: worse from {step_words(kind, begin.step)} on, {begin.score.value:.3f} instead of {first:.3f}{end}."
    )


def _is_worse(first: float, one: StressPoint) -> bool:
    value, high = one.score.value, one.score.high
    return value is not None and high is not None and high < first and first - value >= FALL


def told(kind: Kind, step: float) -> str:
    """Return a step for people."""
    return step_words(kind, step)
