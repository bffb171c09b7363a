"""Which of several candidates is to be used: the best, or of those that cannot be told apart from it the quickest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.ml.evaluation.paired import Paired

Verdict = Literal["best", "not_distinguishable", "withheld"]


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """`alike` are the candidates that cannot be told apart from the one with the highest score, itself the first.

    `chosen` is the quickest of them to train; where `alike` is one alone, it is better than all others.
    """

    verdict: Verdict
    alike: tuple[int, ...]
    chosen: int | None


def recommend(found: Paired, seconds: Sequence[float]) -> Recommendation:
    """Return which candidate is to be used; `seconds` says how long each takes to train.

    As the rule of one standard error (Breiman et al. 1984): what is not better for certain is not worth its price.
    """
    known = [place for place, score in enumerate(found.scores) if score is not None]
    if not known:
        return Recommendation(verdict="withheld", alike=(), chosen=None)
    order = sorted(known, key=lambda place: (-(found.scores[place] or 0.0), seconds[place]))
    top = order[0]
    worse = {
        one.second if one.first == top else one.first
        for one in found.differences
        if top in (one.first, one.second) and one.distinguishable
    }
    alike = tuple(place for place in order if place not in worse)
    if len(alike) == 1:
        return Recommendation(verdict="best", alike=alike, chosen=top)
    return Recommendation(
        verdict="not_distinguishable", alike=alike, chosen=min(alike, key=lambda place: (seconds[place], place))
    )
