"""How the numbers of an evaluation are written: no more exactly than so many recordings can tell."""

from collections.abc import Mapping
from typing import Any, Final

MANY: Final = 1000  # recordings from which on a third decimal says something


def decimals(n: int) -> int:
    """Return the decimals of a share between 0 and 1 that was measured on n recordings."""
    return 2 if n < MANY else 3


def per_cent(share: float, digits: int = 2) -> str:
    """Return a share as per cent without trailing zeros: 0.1 is "10 %", 0.0025 "0.25 %"."""
    return f"{round(100 * share, digits):.10g} %"


def apart(probability: float, threshold: float, most: int = 3) -> int:
    """Return with how many decimals of a per cent one sees on which side of the threshold the probability lies."""
    digits = 0
    while (
        probability != threshold
        and digits < most
        and f"{100 * probability:.{digits}f}" == (f"{100 * threshold:.{digits}f}")
    ):
        digits += 1
    return digits


def number(value: float | None, digits: int = 3) -> str:
    """Return a number, "–" for None."""
    return "–" if value is None else f"{value:.{digits}f}"


def estimate(one: Mapping[str, Any], digits: int = 3) -> str:
    """Return an `Estimate` as JSON with its interval, or that it has none, or why it is withheld."""
    if one["value"] is None:
        return one.get("withheld") or "–"
    interval = "no interval" if one["low"] is None else f"{one['low']:.{digits}f} to {one['high']:.{digits}f}"
    return f"{one['value']:.{digits}f} ({interval})"
