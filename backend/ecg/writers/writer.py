"""What a writer is, and a recording as most formats hold it: whole numbers with a step for each lead."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnwritableError
from backend.ecg.leads import LEADS
from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.signal_file import to_integers

_LARGEST = 32767
_ENDING = re.compile(r"(?<=[^/])\.\w{1,9}(?=(?:\[\d+\])?$)")


@dataclass(frozen=True, slots=True)
class Writer:
    """One format. `write` takes a recording and the name of the file without its ending, and returns the files.

    It raises UnwritableError for what the format cannot hold. `media_type` is that of a single file. With `rounds`
    the format holds whole numbers only, so that floats are rounded (see `in_steps`).
    """

    name: str
    title: str
    extension: str
    media_type: str
    rounds: bool
    write: Callable[[Recording, str], tuple[SourceFile, ...]]


@dataclass(frozen=True, slots=True)
class Steps:
    """The leads that are there: `samples` (k, n) int16 or int32, and `step` (k,), the mV (or units) of one.

    The lowest integer of the type marks a missing sample.
    """

    leads: tuple[str, ...]
    samples: NDArray[np.signedinteger]
    step: NDArray[np.float64]

    @property
    def lowest(self) -> int:
        """The integer that marks a missing sample."""
        return int(np.iinfo(self.samples.dtype).min)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where samples are missing, (k, n)."""
        return np.asarray(self.samples == self.lowest)


def present(recording: Recording) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the names of the leads a recording has, all twelve unless it is partial, and their signal (k, n)."""
    rows = [row for row, lead in enumerate(LEADS) if lead not in recording.missing]
    return tuple(LEADS[row] for row in rows), recording.signal[rows]


def whole_steps(recording: Recording) -> Steps | None:
    """Return the recording in its own steps, None where it has none (floats)."""
    leads, signal = present(recording)
    if recording.step is None:
        return None
    step = np.asarray(recording.step, np.float64)[[LEADS.index(lead) for lead in leads]]
    samples = to_integers(signal, step)
    return None if samples is None else Steps(leads, samples, step)


def in_steps(recording: Recording) -> Steps:
    """Return the recording in its own steps; floats are rounded to 16 bits.

    The steps of floats are 1, 2 or 5 times a power of ten, for each lead the smallest with which it fits 16 bits: the
    error is at most a 26,000th of the lead's largest amplitude, 0.05 µV up to 3.27 mV.
    """
    whole = whole_steps(recording)
    if whole is not None:
        return whole
    leads, signal = present(recording)
    peak = np.nan_to_num(np.abs(signal)).max(axis=1).astype(np.float64)
    step = np.array([_ladder(value / _LARGEST) for value in peak.tolist()])
    scaled = np.rint(signal / step[:, None])
    samples = np.where(np.isnan(scaled), np.iinfo(np.int16).min, scaled).astype(np.int16)
    return Steps(leads, samples, step)


def stem_of(name: str) -> str:
    """Return the name of a source without its ending: "ward/a.hea" -> "ward/a", "stack.npy[3]" -> "stack[3]"."""
    return _ENDING.sub("", name)


def need_millivolts(recording: Recording, title: str) -> None:
    """Raise UnwritableError for a recording without a scale, where a format needs one."""
    if recording.unit != "mV":
        raise UnwritableError(
            f"{recording.name} has no mV scale, and {title} needs one. Write it as wfdb, csv or npy, or import it with "
            "its units per mV declared."
        )


def plain_text(text: str | None, longest: int = 60) -> str:
    """Return a text of a file as it may stand in another: printable, on one line, without backslashes, cut off."""
    return "".join(sign if sign.isprintable() and sign != "\\" else "_" for sign in text or "").strip()[:longest]


def _ladder(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times powers of ten that is not below `least` (above 0)."""
    if least <= 0:
        return 1e-3
    power = int(np.floor(np.log10(least)))
    # From text: the nearest double to a decimal, which products with powers of ten are not always.
    return next(step for step in (float(f"{digit}e{power}") for digit in (1, 2, 5, 10, 20)) if step >= least)
