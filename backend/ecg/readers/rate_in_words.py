"""The sampling rate that lines of text above a table state, and no other rate or frequency that may stand there."""

import re

from backend.ecg.readers.units import seconds

# A rate or frequency alone may be that of a heart, a filter or a line: one without "sampling" counts only in Hz, and
# only where it stands at the start of what is said.
_SAMPLING = re.compile(
    r"\b(?:fs|(?:re|down|up)?sampl\w*[ _-]*(?:rate|freq\w*?)|(?:re|down|up)?sampled|digiti[sz]ation[ _-]*rate|"
    r"abtast(?:rate|frequenz))(?![a-z])(?:[\W_]{0,4}(?:in )?(k?hz)\b)?[\W_]{0,4}(?:(?:of|is|at|von)\b[\W_]{0,4})?"
    r"(\d+(?:[.,]\d+)?)(?![.,]?\d)\s*(k?hz\b|)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:^|[;,\t\n])\s*(?:rate|freq(?:uency)?)\b\W{0,4}(\d+(?:[.,]\d+)?)\s*(k?hz|samples?|sps)\b", re.IGNORECASE
)
_INTERVAL = re.compile(
    r"\b(?:sampl\w*[ _-]*(?:interval\w*|period\w*|time)|abtast[ _-]*(?:intervall|zeit))\b\W{0,4}"
    r"(\d+(?:[.,]\d+)?)\s*(m?s|[µμu]s)\b",
    re.IGNORECASE,
)
_NO_FILTER = 100.0  # Hz; a bare frequency below may be that of a filter or of the mains
_RATES = (20.0, 100_000.0)  # Hz, of an ECG


def stated_rate(preamble: tuple[str, ...]) -> float | None:
    """Return the sampling rate in Hz that the lines above a table state, None where they state none or several."""
    found: set[float] = set()
    for line in preamble:
        for one in _SAMPLING.finditer(line[:1000]):
            found.add(_hz(one[2], 1000.0 if "khz" in (one[1] or one[3]).lower() else 1.0))
        for one in _BARE.finditer(line[:1000]):
            rate = _hz(one[1], 1000.0 if one[2].lower() == "khz" else 1.0)
            if rate >= _NO_FILTER:
                found.add(rate)
        for one in _INTERVAL.finditer(line[:1000]):
            found.add(round(1 / max(_decimal(one[1]) * (seconds(one[2]) or 1.0), 1e-9), 6))
    plausible = {rate for rate in found if _RATES[0] <= rate <= _RATES[1]}
    return plausible.pop() if len(plausible) == 1 else None


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _hz(text: str, factor: float) -> float:
    """A rate in Hz: "128,5" has a decimal comma, and the comma of "1,000" parts thousands, as no ECG has 1 Hz."""
    rate = _decimal(text) * factor
    return rate if rate >= _RATES[0] or not re.fullmatch(r"\d{1,3}[.,]\d{3}", text) else rate * 1000
