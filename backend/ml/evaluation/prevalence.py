"""What a test is worth where the label is rarer or more frequent than among the records tested."""

from math import sqrt

from backend.ml.evaluation.estimate import NONE, Estimate


def predictive_values(sensitivity: Estimate, specificity: Estimate, prevalence: float) -> tuple[Estimate, Estimate]:
    """Return PPV and NPV of a label that so many have (0 to 1), from its sensitivity and specificity.

    By Bayes; intervals are those of the likelihood ratios, joined from those of sensitivity and specificity (MOVER-R,
    Donner & Zou 2012, doi:10.1177/0962280210379853). They hold for patients who differ in nothing but prevalence. There
    is no PPV where nobody would be told so, and no NPV where everybody would.
    Raises ValueError for a prevalence outside 0 to 1.
    """
    if not 0 < prevalence < 1:
        raise ValueError("A prevalence lies between 0 and 1, such as 0.05 for one in twenty.")
    odds = prevalence / (1 - prevalence)
    found = (_values(sensitivity), _values(specificity))
    if None in found[0] or None in found[1]:
        why = Estimate(None, withheld=sensitivity.withheld or specificity.withheld)
        return why, why
    missed, false = (tuple(1 - value for value in (one[0], one[2], one[1])) for one in found)  # type: ignore[operator]
    pairs = ((found[0], false, odds), (found[1], missed, 1 / odds))
    ppv, npv = (
        _share(_ratio(above, below), by) if above[0] or below[0] else NONE  # type: ignore[arg-type]
        for above, below, by in pairs
    )
    return ppv, npv


def _values(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return (estimate.value, estimate.low, estimate.high)


def _ratio(above: tuple[float, float, float], below: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return above / below with its interval; infinite where `below` may be 0."""
    (a, a_low, a_high), (b, b_low, b_high) = above, below
    # The smaller root of the quadratic, written so that nothing cancels out where b_high is near 2 b.
    root = sqrt(max(0.0, (a * b) ** 2 - a_low * b_high * (2 * a - a_low) * (2 * b - b_high)))
    low = a_low * (2 * a - a_low) / (a * b + root) if a * b + root > 0 else 0.0
    high_by = b_low * (2 * b - b_low)
    high = (
        (a * b + sqrt(max(0.0, (a * b) ** 2 - a_high * b_low * (2 * a - a_high) * (2 * b - b_low)))) / high_by
        if high_by > 0
        else float("inf")
    )
    return (a / b if b else float("inf"), low, high)


def _share(ratio: tuple[float, float, float], odds: float) -> Estimate:
    value, low, high = (one * odds / (1 + one * odds) if one < float("inf") else 1.0 for one in ratio)
    return Estimate(value, low, high)
