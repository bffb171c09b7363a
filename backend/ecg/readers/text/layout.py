"""What the columns or rows of a text table mean: leads, times, counters, units."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.text.numbers import decimals
from backend.ecg.readers.text.table import Table
from backend.ecg.readers.units import millivolts, seconds, split_unit

_TIMES = frozenset(
    ("time", "t", "times", "zeit", "temps", "tiempo", "tempo", "timestamp", "elapsed time", "time stamp")
)
_COUNTERS = frozenset(
    ("", "index", "idx", "sample", "samples", "sample number", "nr", "no", "n", "#", "row", "unnamed: 0")
)
_RATE = re.compile(
    r"\b(?:fs|(?:sampl\w*[ _-]?)?(?:rate|freq\w*)|abtastrate)\b\W{0,4}(\d+(?:\.\d+)?)\s*(k?hz|)", re.IGNORECASE
)
_UNIT = re.compile(r"\b(?:units?|einheit)\b\W{0,4}([µμ]?[A-Za-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Channels (k, n) in file units with their names, the mV of one unit where stated, and the rate in Hz if stated.

    `named` is whether the names of the leads are the table's own.
    """

    channels: NDArray[np.float64]
    names: tuple[str, ...]
    mv: tuple[float | None, ...]
    rate: float | None
    notes: tuple[str, ...]
    named: bool = True


def lay_out(table: Table, options: ReadOptions) -> Layout:
    """Turn a table into channels: orientation, time or counter channel, lead names, units and rate.

    Leads are found by name; by position, in the declared or canonical order, only where the table has no names.
    Raises UnreadableFileError where orientation or times cannot be told.
    """
    channels, labels = _orient(table, len(options.order))
    notes = list(table.notes)
    units: list[str | None] = list(table.units) if table.units and len(table.units) == len(channels) else []
    units = units or [None] * len(channels)
    names = [""] * len(channels)
    for i, label in enumerate(labels or ()):
        names[i], unit = split_unit(label)
        units[i] = unit or units[i]
    signals = list(range(len(channels)))
    rate = _stated_rate(table.preamble)
    clock = _clock(channels, names if labels else None, len(options.order))
    if clock is not None:
        signals.remove(clock)
        stated, note = _rate_of(channels[clock], names[clock] if labels else None, units[clock])
        # Times are rounded, so a line with nearly the same rate says it more exactly.
        if rate is None or (stated is not None and abs(stated - rate) > 1e-3 * rate):
            rate = stated
        notes.append(note)
    named = labels is not None
    if labels is None:
        leads = list(options.order)
        notes.append(f"The table has no lead names: {', '.join(leads)} were assumed, in order.")
    else:
        leads = [names[i] for i in signals]
        if options.leads and len(options.leads) == len(leads) and not any(map(canonical_lead, leads)):
            notes.append(f"The names {shown(leads)} were read as {', '.join(options.leads)}, as declared.")
            leads, named = list(options.order), False
    if table.preamble:
        notes.append(f"Left out: lines before the table ({len(table.preamble)}).")  # they may name the patient
    default = _stated_unit(table.preamble)
    mv = tuple(default if (unit := units[i]) is None else millivolts(unit.strip("()[] ")) for i in signals)
    first, last = (signals[0], signals[-1] + 1) if signals else (0, 0)
    chosen = channels[first:last] if last - first == len(signals) else channels[signals]
    return Layout(chosen, tuple(leads), mv, rate, tuple(notes), named)


def _orient(table: Table, k: int) -> tuple[NDArray[np.float64], tuple[str, ...] | None]:
    """Return channels (channel, sample) and their labels, None where there are none."""
    values = table.values
    if table.rows is not None:
        if _leads(table.rows) > 1 or table.columns is None:
            return values, table.rows
        return values.T, table.columns  # the first column holds text, such as times of day
    if table.columns is not None and not all(re.fullmatch(r"\d*", name) for name in table.columns):
        return values.T, table.columns
    rows, columns = values.shape
    upright, lying = columns in (k, k + 1), rows in (k, k + 1)
    if upright == lying:
        raise UnreadableFileError(
            f"the table has {rows} rows and {columns} columns without lead names, "
            + ("so leads and samples cannot be told apart. " if upright else f"and neither is the {k} leads. ")
            + "Add a first line with the lead names, or declare the order of the columns."
        )
    return (values.T if upright else values), None


def _leads(names: tuple[str, ...]) -> int:
    return sum(canonical_lead(split_unit(name)[0]) is not None for name in names)


def _clock(channels: NDArray[np.float64], names: list[str] | None, k: int) -> int | None:
    """Return the channel that holds times or counts samples: by its name, or the one too many in a table without."""
    if names is not None:
        for i, name in enumerate(names):
            if name.lower() in _TIMES or (name.lower() in _COUNTERS and _steady(channels[i])):
                return i
            if seconds(name) is not None and canonical_lead(name) is None:
                return i
        return None
    if len(channels) == k + 1:
        for i in (0, k):
            if _steady(channels[i]):
                return i
        raise UnreadableFileError(
            f"the table has {k + 1} channels without names and none of them counts the time. "
            "Add a first line with the lead names."
        )
    return None


def _steady(values: NDArray[np.float64]) -> bool:
    """Whether values rise by a constant step, as far as their decimals can tell."""
    if values.size < 2 or not np.isfinite(values).all() or values[-1] <= values[0]:
        return False
    line = np.linspace(values[0], values[-1], values.size)
    return bool(np.abs(values - line).max() <= 0.6 * (values[-1] - values[0]) / (values.size - 1))


def _rate_of(times: NDArray[np.float64], name: str | None, unit: str | None) -> tuple[float | None, str]:
    """Return the rate in Hz that a time channel states, None for a counter or times without a unit, and a note."""
    label = f"'{shown([name])}'" if name else "without a name"
    counter = name is not None and name.lower() in _COUNTERS
    if not counter and not _steady(times):
        raise UnreadableFileError(
            f"the time column {label} does not rise evenly, so samples are missing or doubled. "
            "Resample to an even rate, or remove the column and declare the rate."
        )
    step = (times[-1] - times[0]) / (times.size - 1)
    second = seconds(unit) if unit else (seconds(name) if name else None)
    if counter or (second is None and step >= 0.1):
        return None, f"The column {label} counts samples or has no unit of time; it states no rate and was left out."
    rate = 1 / (step * (second or 1.0))
    # Times are rounded: take the whole number of Hz that lies within their precision.
    places = decimals(times[:, None], 9)
    precision = 10.0 ** -(places if places is not None else 9) / (times[-1] - times[0])
    if abs(rate - round(rate)) <= rate * max(precision, 1e-6):
        rate = float(round(rate))
    return rate, f"The time column {label} states {rate:g} Hz."


def _stated_rate(preamble: tuple[str, ...]) -> float | None:
    for line in preamble:
        if found := _RATE.search(line[:1000]):
            return float(found[1]) * (1000 if found[2].lower() == "khz" else 1) or None
    return None


def _stated_unit(preamble: tuple[str, ...]) -> float | None:
    found = next(
        (unit for line in preamble for unit in _UNIT.findall(line[:1000]) if millivolts(unit) is not None), None
    )
    return None if found is None else millivolts(found)
