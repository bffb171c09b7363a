"""What the columns or rows of a table mean: leads, times, counters, units."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.column_names import AGES, LABELS, PATIENT_IDS, RATES, RECORD_IDS, SEXES, UNITS, plain_name
from backend.ecg.readers.decimals import decimals
from backend.ecg.readers.facts import moment
from backend.ecg.readers.no_signal import refuse_rising, rises_evenly
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.rate_in_words import stated_rate
from backend.ecg.readers.time_column import clocks_of, rate_of, seconds_of
from backend.ecg.readers.units import millivolts, split_unit

# "Scale factor 2.44", "Resolution: 4.88 µV/bit", and not "Gain: 10 mm/mV" of a printout or "Resolution: 16 bit".
_STEP = re.compile(
    r"(?:scal(?:e|ing)|factor|resolution|sensitivity|gain|multiplier|lsb|auflösung|faktor|skalierung)[^\d\n]{0,30}?"
    r"(\d+(?:[.,]\d+)?)(?![.,]?\d)(?!\s*(?:mm|bits?\b|k?hz\b|%))",
    re.IGNORECASE,
)
_ROUNDED = 0.01  # part of a rate by which rounded times may be off
_UNIT = re.compile(r"\b(?:units?|einheit)\b\W{0,4}([µμ]?[A-Za-z]+)", re.IGNORECASE)


# Columns beside the name of a lead in a table of one row a lead, which are none of its samples.
_FACTS = RATES | RECORD_IDS | PATIENT_IDS | LABELS | AGES | SEXES | UNITS | frozenset(("rate", "gain", "n", "length"))


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers (rows, columns) with the names of columns or rows, units of columns, and other lines before them.

    `texts` are columns of texts beside the numbers, by name: times as they are written, identifiers, labels. `parted`
    is whether an empty line stands between long blocks of rows.
    """

    values: NDArray[np.float64]
    columns: tuple[str, ...] | None
    rows: tuple[str, ...] | None
    units: tuple[str, ...] | None
    preamble: tuple[str, ...]
    notes: tuple[str, ...]
    texts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    parted: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Channels (k, n) in file units with their names, the mV of one unit where stated, and the rate in Hz if stated.

    `named` is whether the names of the leads are the table's own; `start` is the first time, where it has a date.
    """

    channels: NDArray[np.float64]
    names: tuple[str, ...]
    mv: tuple[float | None, ...]
    rate: float | None
    notes: tuple[str, ...]
    named: bool = True
    start: datetime | None = None


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
    rate = stated_rate(table.preamble)
    start = None
    clocks = clocks_of(channels, names if labels else None, len(options.order))
    signals = [i for i in signals if i not in clocks]
    if labels is None:
        refuse_rising(channels[signals], "the table")
    clock = clocks[0] if clocks else None
    written = next(((name, times) for name, cells in table.texts if (times := seconds_of(cells)) is not None), None)
    if written is not None:
        stated, note = rate_of(written[1], written[0] or "time", "s")
        start = _start([cells[0] for _, cells in table.texts])
    elif clock is not None:
        stated, note = rate_of(channels[clock], names[clock] if labels else None, units[clock])
    else:
        stated, note = None, ""
    if table.parted and not clocks and written is None:
        raise UnreadableFileError(
            "an empty line parts the table into two, which may be two recordings. Save each in a table of its own, or "
            "remove the line."
        )
    if written is None:
        _refuse_other_times(channels, names if labels else None, units, clocks, stated)
    if rate is not None and stated is not None and abs(stated - rate) > _ROUNDED * rate:
        raise UnreadableFileError(
            f"the lines above the table state {rate:g} Hz, and its times {stated:g} Hz. Correct the one that is wrong."
        )
    # Times are rounded, so a line with nearly the same rate says it more exactly.
    if rate is None or (stated is not None and abs(stated - rate) > 1e-3 * rate):
        rate = stated
    notes += [note] if note else []
    named = labels is not None
    leads = [names[i] for i in signals]
    if labels is None:
        leads = list(options.order)
        notes.append(f"The table has no lead names: {', '.join(leads)} were assumed, in order.")
    else:
        renamed, note_of_names = options.named(leads)
        if note_of_names:
            leads, named = list(renamed), False
            notes += note_of_names
    if table.preamble:
        notes.append(f"Left out: lines before the table ({len(table.preamble)}).")  # they may name the patient
    default = _stated_unit(table.preamble, decimals(channels[signals]) == 0)
    mv = tuple(default if (unit := units[i]) is None else millivolts(unit.strip("()[] ")) for i in signals)
    first, last = (signals[0], signals[-1] + 1) if signals else (0, 0)
    chosen = channels[first:last] if last - first == len(signals) else channels[signals]
    return Layout(chosen, tuple(leads), mv, rate, tuple(notes), named, start)


def _refuse_other_times(
    channels: NDArray[np.float64],
    names: list[str] | None,
    units: list[str | None],
    clocks: list[int],
    stated: float | None,
) -> None:
    """Raise UnreadableFileError where a further column of times states another rate than `stated`, in Hz."""
    for i in clocks[1:] if names is not None and stated is not None else ():
        other = rate_of(channels[i], names[i], units[i])[0] if names and rises_evenly(channels[i]) else None
        if other is not None and stated is not None and abs(other - stated) > _ROUNDED * stated:
            raise UnreadableFileError(
                f"two columns of times state {stated:g} and {other:g} Hz. Remove the one that is wrong."
            )


def _start(cells: list[str]) -> datetime | None:
    """Return the moment of the first sample, which may stand in two columns: the date, and the time of day."""
    date = next((found for cell in cells if (found := moment(cell))), None)
    if date is None or date.time() != time() or any(":" in cell and moment(cell) == date for cell in cells):
        return date
    of_day = next((times for cell in cells if ":" in cell and (times := seconds_of([cell])) is not None), None)
    return date if of_day is None else date + timedelta(seconds=float(of_day[0]))


def _orient(table: Table, k: int) -> tuple[NDArray[np.float64], tuple[str, ...] | None]:
    """Return channels (channel, sample) and their labels, None where there are none."""
    values = table.values
    if table.rows is not None:
        facts = [i for i, name in enumerate(table.columns or ()) if plain_name(name) in _FACTS]
        return np.delete(values, facts, axis=1) if facts else values, table.rows
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


def _stated_unit(preamble: tuple[str, ...], whole: bool) -> float | None:
    """Return the mV of the unit that the lines above the table state, None without one.

    None also for `whole` numbers where those lines state how much of it one of their steps is.
    """
    steps = (float(step.replace(",", ".")) for line in preamble for step in _STEP.findall(line[:1000]))
    if whole and any(step != 1 for step in steps):
        return None
    found = next(
        (unit for line in preamble for unit in _UNIT.findall(line[:1000]) if millivolts(unit) is not None), None
    )
    return None if found is None else millivolts(found)
