"""Does a site's contribution fit those of the others, and does it do any good? Judged in words.

Two signs are strong enough to leave a contribution out: it is many times as long as those of the others (weights that
were scaled), or the base with that contribution alone tells labels clearly worse than the base does, on recordings of
the coordinator (labels that were turned around). A direction against the others is only remarked: where sites have
other mixes of labels, honest contributions point against each other as often as poisoned ones do (docs/exchange.md has
the figures). Both take sites that are honest in their majority; an attack that keeps to what honest sites do passes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST_SITES: Final = 3  # with two nobody can say which is the odd one
LONGER: Final = 5.0  # times the median length of the others
WORSE: Final = 0.05  # of macro-AUROC, on the coordinator's recordings
AGAINST: Final = 0.0  # a cosine below points against the others
_BEYOND: Final = 1e9  # where the others change nothing


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How one contribution stands to the others; None where that cannot be said.

    `cosine` is the one that it reaches with at least half of the others, `alone` the macro-AUROC of the base with it
    alone. `odd` says in words why it should not count, `remark` what is only worth a look.
    """

    norm: float
    longer: float | None = None  # times the median length of the others
    cosine: float | None = None
    alone: float | None = None
    odd: str = ""
    remark: str = ""


def agreements(
    vectors: Sequence[NDArray[np.float64]], alone: Sequence[float | None] = (), of_base: float | None = None
) -> list[Agreement]:
    """Return the agreement of each of K contributions, vectors (d,) as `delta.measured` gives them.

    `alone` has the macro-AUROC of the base with each of them, `of_base` that of the base, where they are known.
    """
    norms = [float(np.linalg.norm(vector)) for vector in vectors]
    found = []
    for place, (vector, norm) in enumerate(zip(vectors, norms, strict=True)):
        score = alone[place] if alone else None
        times, cosine = None, None
        if len(vectors) >= FEWEST_SITES:
            others = [other for number, other in enumerate(norms) if number != place]
            times = norm / middle if (middle := median(others)) > 0 else (_BEYOND if norm > 0 else 1.0)
            cosines = sorted(
                (_cosine(vector, norm, other, norms[n]) for n, other in enumerate(vectors) if n != place), reverse=True
            )
            cosine = cosines[(len(others) + 1) // 2 - 1]
        said = []
        if times is not None and times > LONGER:
            said.append(f"it changes the model {times:,.0f} times as much as the other sites do")
        if score is not None and of_base is not None and score < of_base - WORSE:
            said.append(
                f"with it alone the model tells labels worse (macro-AUROC {score:.2f}) than without it ({of_base:.2f}) "
                "on the coordinator's recordings"
            )
        remark = ""
        if cosine is not None and cosine < AGAINST:
            remark = (
                f"it points against the other sites (cosine {cosine:.2f}), as other mixes of labels do, and wrong "
                "labels too"
            )
        found.append(
            Agreement(norm=norm, longer=times, cosine=cosine, alone=score, odd=" and ".join(said), remark=remark)
        )
    return found


def _cosine(one: NDArray[np.float64], norm: float, other: NDArray[np.float64], other_norm: float) -> float:
    return float(one @ other / (norm * other_norm)) if norm > 0 and other_norm > 0 else 0.0
