"""Units of voltage and time as files write them."""

import re

from backend.ecg.leads import canonical_lead

_MILLIVOLTS = {
    "v": 1000.0, "volt": 1000.0, "volts": 1000.0, "mv": 1.0, "millivolt": 1.0, "millivolts": 1.0,
    "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "microvolt": 1e-3, "microvolts": 1e-3, "mkv": 1e-3,
    "nv": 1e-6, "nanovolt": 1e-6, "nanovolts": 1e-6,
}  # fmt: skip
_SECONDS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3,
    "milliseconds": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "microsecond": 1e-6, "microseconds": 1e-6,
}  # fmt: skip
_SUFFIX = re.compile(r"^(.*?)[\s_]*(?:\(([^()]*)\)|\[([^\[\]]*)\]|[\s_/]([^\W\d_]+))\s*$")


def millivolts(unit: str) -> float | None:
    """Return how many mV one `unit` is ("uV", "µV", "mV", "V", "nV", in any case), None for an unknown unit."""
    return _MILLIVOLTS.get(unit.strip().lower())


def seconds(unit: str) -> float | None:
    """Return how many seconds one `unit` of time is, None for an unknown unit."""
    return _SECONDS.get(unit.strip().lower())


def split_unit(name: str) -> tuple[str, str | None]:
    """Split a column name from its unit: "I (mV)", "aVR [µV]", "V1_uV", "time/ms" -> ("I", "mV"), ...

    A suffix that is no known unit stays part of the name, but for one in brackets behind a lead ("I [adu]").
    """
    match = _SUFFIX.match(name) if len(name) <= 100 else None
    if match:
        unit = next(group for group in match.groups()[1:] if group is not None).strip()
        bracketed = match.group(2) is not None or match.group(3) is not None
        known = millivolts(unit) is not None or seconds(unit) is not None
        if known or (bracketed and unit and canonical_lead(match.group(1)) is not None):
            return match.group(1).strip(), unit
    return name.strip(), None
