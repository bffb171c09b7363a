"""The column of a table that tells the time: which it is, and the sampling rate that it states."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.decimals import decimals
from backend.ecg.readers.units import seconds

_TIMES = frozenset((
    "time", "t", "times", "zeit", "temps", "tiempo", "tempo", "timestamp", "elapsed time", "time stamp", "elapsed",
    "datetime", "date time", "date", "datum", "uhrzeit", "zeitstempel", "zeitpunkt", "epoch", "unix time",
))  # fmt: skip
_COUNTERS = frozenset(
    ("", "index", "idx", "sample", "samples", "sample number", "nr", "no", "n", "#", "row", "unnamed: 0")
)
# A time of day or since the start: hours may be left out, a date may stand before or behind it.
_CLOCK = re.compile(r"(?<![\d:])(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,:](\d{1,9}))?(?![\d:])")
_WHOLE = re.compile(r"[\[(]?[\dTZ:.,/+\- \]\)]*(?:[AP]M)?", re.IGNORECASE)
_DAY_S = 86_400.0
_FEWEST, _MOST_A_STEP = 50, 20  # samples of a column, and of one of its steps, whose times are too coarse for them
_PLAUSIBLE = (50.0, 5000.0)  # Hz, of an ECG whose times have no unit; no two of the units below both give one
_UNITS = (1.0, 1e-3, 1e-6, 1e-9)
# Times since 1970, by their size: seconds, ms, µs, ns; the first is 1970 + 30 years.
_EPOCH = ((1e9, 1.0), (1e12, 1e-3), (1e15, 1e-6), (1e18, 1e-9))


def is_time(cell: str) -> bool:
    """Whether a cell is a time as "0:00.004", "12:30:00,004" or "2020-01-02T12:30:00.004Z", or a date."""
    plain = cell.strip()
    return (
        bool(plain) and bool(_WHOLE.fullmatch(plain)) and (":" in plain or bool(re.search(r"\d[-/.]\d+[-/.]\d", plain)))
    )


def seconds_of(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Return times of day or since the start in s, going on over midnight; None where a cell is none."""
    times = np.empty(len(cells))
    for place, cell in enumerate(cells):
        found = _CLOCK.search(cell) if is_time(cell) else None
        if found is None:
            return None
        hours, minutes, whole, part = found.groups()
        times[place] = 3600 * int(hours or 0) + 60 * int(minutes) + int(whole) + (float(f"0.{part}") if part else 0.0)
    steps = np.diff(times)
    times[1:] += _DAY_S * np.cumsum(steps < -_DAY_S / 2)
    return times


def clocks_of(channels: NDArray[np.float64], names: list[str] | None, k: int) -> list[int]:
    """Return the channels that hold times or count samples, those of times first, by their names.

    In a table without names it is the one too many. Raises UnreadableFileError for a counter of samples that leaves
    some out, repeats some or begins anew: the rows are then not one recording from beginning to end.
    """
    if names is not None:
        times = [i for i, name in enumerate(names) if name.lower() in _TIMES]
        times += [
            i for i, name in enumerate(names)
            if i not in times and seconds(name) is not None and canonical_lead(name) is None
        ]  # fmt: skip
        counters = [i for i, name in enumerate(names) if name.lower() in _COUNTERS and i not in times]
        for i in counters:
            if _is_broken(channels[i]):
                raise UnreadableFileError(
                    f"the column '{shown([names[i]])}' counts samples and leaves some out, repeats some or begins "
                    "anew. Export the whole recording, each in a table of its own, or remove the column."
                )
        return times + [i for i in counters if steady(channels[i])]
    if len(channels) == k + 1:
        for i in (0, k):
            if steady(channels[i]):
                return [i]
        raise UnreadableFileError(
            f"the table has {k + 1} channels without names and none of them counts the time. "
            "Add a first line with the lead names."
        )
    return []


def _is_broken(values: NDArray[np.float64]) -> bool:
    """Whether values count nearly everywhere by the same whole step, and somewhere not."""
    if values.size < _FEWEST or not np.isfinite(values).all() or not np.array_equal(values, np.rint(values)):
        return False
    steps = np.diff(values)
    step = np.median(steps)
    odd = np.count_nonzero(steps != step)
    return bool(step > 0 and 0 < odd <= 0.1 * steps.size)


def rate_of(times: NDArray[np.float64], name: str | None, unit: str | None) -> tuple[float | None, str]:
    """Return the rate in Hz that a time channel states, None for a counter or times without a unit, and a note.

    Times without a unit have the one unit in which an ECG can be: steps of 4 are ms, of 0.004 s, as 1,577,959,872,004
    counts ms since 1970. Raises UnreadableFileError for times that do not rise evenly.
    """
    label = f"'{shown([name])}'" if name else "without a name"
    times = _spread(times)
    counter = name is not None and name.lower() in _COUNTERS
    if not counter and not (steady(times) and _complete(times)):
        raise UnreadableFileError(
            f"the time column {label} does not rise evenly, so samples are missing or doubled. "
            "Resample to an even rate, or remove the column and declare the rate."
        )
    since = times - times[0]
    step = since[-1] / (times.size - 1)
    second = seconds(unit) if unit else (seconds(name) if name else None)
    second = second or (None if counter else _unit_of(float(times[0]), float(step)))
    if counter or second is None:
        return None, f"The column {label} counts samples or has no unit of time; it states no rate and was left out."
    rate = 1 / (step * second)
    # Times are rounded: take the whole number of Hz that lies within their precision.
    places = decimals(since[:, None], 9)
    off = np.abs(since - np.linspace(0, since[-1], since.size)).max()  # as the clocks of devices tremble
    precision = max(10.0 ** -(places if places is not None else 9), 2 * off) / since[-1]  # of either end
    if abs(rate - round(rate)) <= rate * max(precision, 1e-6):
        rate = float(round(rate))
    return rate, f"The time column {label} states {rate:g} Hz."


def _spread(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times evenly within each step where several samples have one time, as in a column of whole seconds.

    Where the steps hold differing numbers of samples the times come back as they are.
    """
    starts = np.concatenate(([0], np.flatnonzero(np.diff(times)) + 1))
    counts = np.diff([*starts, times.size])
    if times.size < _FEWEST or len(starts) < 3 or counts[1:-1].min() < _MOST_A_STEP or np.ptp(counts[1:-1]) > 0:
        return times
    steps = np.diff(times[starts])
    if steps.min() <= 0 or np.ptp(steps) > 1e-6 * steps[0]:
        return times
    first = counts[1] - counts[0]  # the first step may begin before the first sample
    return np.asarray(times[0] + (first + np.arange(times.size)) * steps[0] / counts[1])


def _unit_of(first: float, step: float) -> float | None:
    """Return the seconds of one unit of times that state none, None where they may be of several or none."""
    epoch = next((second for size, second in _EPOCH if size <= first < 100 * size), None)
    if epoch is not None and step * epoch < 1:
        return epoch
    if 2e4 < first < 2e5 and step < 1e-5:
        return _DAY_S  # a spreadsheet's days
    if step < 0.1:
        return 1.0
    if step == 1:
        return None  # a counter as well as ms
    return unit_of_step(step)


def unit_of_step(step: float) -> float | None:
    """Return the seconds of the one unit in which a step between samples gives the rate of an ECG, None for none."""
    return next((unit for unit in _UNITS if _PLAUSIBLE[0] <= 1 / (step * unit) <= _PLAUSIBLE[1]), None)


def _complete(times: NDArray[np.float64]) -> bool:
    """Whether no sample is left out or doubled, as far as the decimals of the times can tell.

    Rounding moves each step by less than the last decimal, so that where this is finer than a step none vanishes and
    none becomes two, unless a sample is doubled or left out.
    """
    places = decimals((times - times[0])[:, None], 9)
    step = (times[-1] - times[0]) / (times.size - 1)
    if places is None or 10.0**-places < 0.7 * step:
        steps = np.diff(times)
        return bool(steps.min() > 0.25 * step and steps.max() < 1.75 * step)
    # As coarse as the steps, times of another rate jump ever again; one or two jumps are samples doubled or left out.
    steps = np.rint(np.diff(times) * 10.0**places)
    odd = np.count_nonzero(steps != np.median(steps))
    return not 0 < odd <= 0.01 * steps.size


def steady(values: NDArray[np.float64]) -> bool:
    """Whether values rise by a constant step, as far as their decimals can tell."""
    if values.size < 2 or not np.isfinite(values).all() or values[-1] <= values[0]:
        return False
    line = np.linspace(values[0], values[-1], values.size)
    return bool(np.abs(values - line).max() <= 0.6 * (values[-1] - values[0]) / (values.size - 1))
