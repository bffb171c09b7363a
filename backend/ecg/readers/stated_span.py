"""How many samples a file claims by the times at which the recording began and ended."""

import re

from backend.ecg.readers.facts import moment

_CLOCK = re.compile(r"(?:\d{14}|.*:\d\d:\d\d)([.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)


def stated_by_times(low: str | None, high: str | None, rate: float | None, held: int) -> int | None:
    """Return the samples between two times at `rate` Hz, None where they do not contradict the `held` ones.

    Times without a fraction of a second are a second off at each end at most, others by a sample. Times that are the
    same, the wrong way round, without seconds or of two time zones, claim nothing.
    """
    begin, end = moment(low), moment(high)
    clocks = [clock for text in (low, high) if (clock := _CLOCK.fullmatch((text or "").strip()))]
    if begin is None or end is None or rate is None or len(clocks) < 2 or clocks[0][2] != clocks[1][2]:
        return None
    seconds = (end - begin).total_seconds()
    exact = any(clock[1] and float("0" + clock[1].replace(",", ".")) != 0 for clock in clocks)
    off = max(2 / rate, 0.02) if exact else 1.0 + 1 / rate
    if seconds <= 0 or abs(seconds - held / rate) <= off:
        return None
    return round(seconds * rate)
