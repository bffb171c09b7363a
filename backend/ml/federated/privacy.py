"""The privacy budget of Gaussian noise on what a site sends, exact for any number of rounds.

A site that shortens its delta to the length C and adds Gaussian noise of standard deviation σ = z·2C to every number
gives away little of its data as a whole: two data sets, whatever they are, move what it sends by at most 2C. With
μ = 1/z, one round is μ-GDP, and T rounds, each of which may depend on what came before, are √(Σμ²)-GDP: the composition
is exact (Dong, Roth and Su 2022, arXiv:1905.02383, theorem 3.7 and corollary 3.3). From μ to (ε, δ) the way is exact
too (Balle and Wang 2018, arXiv:1805.06530, theorem 8).
"""

import math
from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

SENSITIVITY = 2.0  # in lengths C: one vector of length C may become any other
_MOST = 1e6  # an ε above is no protection at all and is said to be infinite


def composed(multipliers: Sequence[float]) -> float:
    """Return the μ of rounds whose noise has a standard deviation of so many sensitivities each; inf without noise."""
    if any(one <= 0 for one in multipliers):
        return math.inf
    return math.sqrt(sum(one**-2 for one in multipliers))


def delta_at(epsilon: float, mu: float) -> float:
    """Return the δ that goes with ε ≥ 0 for a μ-GDP mechanism: Φ(μ/2 - ε/μ) - e^ε Φ(-μ/2 - ε/μ)."""
    if mu == 0:
        return 0.0
    if math.isinf(mu):
        return 1.0
    second = math.exp(min(epsilon + float(log_ndtr(-mu / 2 - epsilon / mu)), 0.0))
    return max(0.0, float(ndtr(mu / 2 - epsilon / mu)) - second)


def epsilon_at(delta: float, mu: float) -> float:
    """Return the smallest ε that goes with 0 < δ < 1 for a μ-GDP mechanism; inf where there is no noise."""
    if not 0 < delta < 1:
        raise ValueError("δ lies between 0 and 1.")
    if math.isinf(mu):
        return math.inf
    if delta_at(0.0, mu) <= delta:
        return 0.0
    high = 1.0
    while delta_at(high, mu) > delta:
        high *= 2
        if high > _MOST:
            return math.inf
    return float(brentq(lambda epsilon: delta_at(epsilon, mu) - delta, 0.0, high, xtol=1e-10))


def multiplier_for(epsilon: float, delta: float, rounds: int) -> float:
    """Return the noise, in sensitivities, with which so many rounds together stay within ε > 0 at δ."""
    if epsilon <= 0 or rounds < 1:
        raise ValueError("A budget needs an ε above 0 and at least one round.")
    low, high = 1e-3, 1.0
    while epsilon_at(delta, composed([high] * rounds)) > epsilon:
        high *= 2
    for _ in range(100):  # by signs alone: with little noise ε is infinite
        middle = (low + high) / 2
        if epsilon_at(delta, composed([middle] * rounds)) > epsilon:
            low = middle
        else:
            high = middle
    return high
