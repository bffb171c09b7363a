"""A table of text: one line a sample, the time in seconds first, then a column a lead."""

import math

import numpy as np
from numpy.typing import NDArray

from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.writer import Writer, present, whole_steps

_MOST_DECIMALS = 6  # more are read back as floats without a step
_FINEST_TIME = 9
_BLOCK = 65536  # samples a lead turned into text at once: a number takes ten times as much memory as text


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    leads, values, places, unit = _values(recording)
    timed = recording.n_samples > 1
    head = [",".join([*(["time (s)"] if timed else []), *(lead + unit for lead in leads)])]
    if not timed or recording.rate != round(recording.rate):
        # Rounded times state whole rates exactly; any other needs a line of its own.
        head.insert(0, f"# sampling rate: {recording.rate!r} Hz")
    parts = ["\n".join(head)]
    for start in range(0, recording.n_samples, _BLOCK):
        columns = [_cells(row, places) for row in values[:, start : start + _BLOCK]]
        if timed:
            times = np.arange(start, start + len(columns[0])) / recording.rate
            columns.insert(0, _cells(times, _places(1 / recording.rate, _FINEST_TIME)))
        parts.append("\n".join(map(",".join, zip(*columns, strict=True))))
    return (SourceFile(f"{stem}.csv", "\n".join([*parts, ""]).encode()),)


def _values(recording: Recording) -> tuple[tuple[str, ...], NDArray[np.floating], int | None, str]:
    """Return leads, values (k, n), their decimals (None: as many as they have) and the unit behind lead names."""
    steps = whole_steps(recording)
    if steps is not None:
        # Steps such as 2.4414 µV have too many decimals in mV.
        for factor, unit in ((1.0, " (mV)"), (1000.0, " (uV)")) if recording.unit == "mV" else ((1.0, ""),):
            places = max(_places(step * factor, 12) for step in steps.step.tolist())
            if places <= _MOST_DECIMALS:
                values = np.where(steps.missing, np.nan, steps.samples * (steps.step * factor)[:, None])
                return steps.leads, values, places, unit
    leads, signal = present(recording)
    return leads, signal, None, " (mV)" if recording.unit == "mV" else ""


def _cells(row: NDArray[np.floating], places: int | None) -> list[str]:
    """Return numbers as text: with so many decimals, or as the shortest that read back as the same floats."""
    return [str(value) for value in row] if places is None else [f"{value:.{places}f}" for value in row.tolist()]


def _places(step: float, most: int) -> int:
    """Return how many decimals write all multiples of a step, `most` where that many do not."""
    return next((p for p in range(most) if math.isclose(step * 10**p, round(step * 10**p), rel_tol=1e-11)), most)


WRITER = Writer(
    name="csv",
    title="CSV table (.csv)",
    extension=".csv",
    media_type="text/csv",
    rounds=False,
    write=_write,
)
