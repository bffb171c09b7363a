"""What the arrays beside a signal state of it: rate, unit, age and sex, where all that is said of it agrees."""

import math
import re
from typing import Any

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import shown
from backend.ecg.readers.arrays.per_record import Arrays, load
from backend.ecg.readers.beside import patient_of
from backend.ecg.readers.column_names import AGES, PATIENT_IDS, RATES, SEXES, UNITS, last_part, plain_name
from backend.ecg.readers.time_column import unit_of_step
from backend.ecg.readers.units import millivolts, seconds
from backend.ecg.recording import Patient

VAGUE_RATES = frozenset(("rate", "freq", "frequency", "hz"))
"""Names that may as well be of a heart, a filter or the mains: one counts without a clear name, from 100 Hz on."""
PER_UNIT = frozenset(("unitmv",))
PER_MV = frozenset(("unitspermv", "adcgain"))
PATIENT = PATIENT_IDS | AGES | SEXES
STEPS = frozenset(("dt", "samplinginterval", "sampleinterval", "samplingperiod", "sampleperiod"))
_NO_HEART = 100.0  # Hz
_HERTZ = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(k?)(?:hz)?", re.IGNORECASE)
_MOST_UNITS = 1024


def rate_in(arrays: Arrays, file: str) -> float | None:
    """Return the sampling rate in Hz that the arrays state, None without one.

    Raises UnreadableFileError where one is no positive number, and where two of them differ.
    """
    clear = _number(arrays, RATES, file)
    if clear is not None:
        return clear
    step = _number(arrays, STEPS, file)
    if step is not None:  # 0.002 s, 2 ms and 2000 µs are one thing, and no other unit gives the rate of an ECG
        second = None if step == 1 else unit_of_step(step)
        return None if second is None else round(1 / (step * second), 6)
    vague = {value for name in _named(arrays, VAGUE_RATES) if (value := _one(arrays, name, file)) >= _NO_HEART}
    return vague.pop() if len(vague) == 1 else None


def millivolts_in(arrays: Arrays, file: str) -> float | None:
    """Return how many mV one unit of the signal is, None where the arrays leave that open.

    A unit that is none of voltage beside one that is leaves it open for all leads. Raises UnreadableFileError where
    what they state of the leads differs.
    """
    stated = _number(arrays, PER_UNIT, file)
    if stated is not None:
        return stated
    per_mv = _number(arrays, PER_MV, file)
    if per_mv is not None:
        return 1 / per_mv
    units = {
        str(unit).strip()
        for name, array in arrays.items()
        if plain_name(name) in UNITS and array.dtype.kind == "U"
        for unit in load(array).reshape(-1)[:_MOST_UNITS]
    }
    factors = {millivolts(unit) for unit in units if seconds(unit) is None}
    if len(factors - {None}) > 1:
        raise UnreadableFileError(f"{file} gives its leads in differing units. Save them all in mV.")
    return factors.pop() if len(factors) == 1 else None


def states_scale(arrays: Arrays) -> bool:
    """Whether a file says itself how many of its steps are one mV, or how many mV one is."""
    return any(plain_name(name) in PER_MV | PER_UNIT for name in arrays)


def patient_in(arrays: Arrays) -> Patient:
    """Identifier, age and sex where they are single values."""
    single: dict[str, Any] = {}
    for name, array in arrays.items():
        if plain_name(name) in PATIENT and array.dtype.kind in "iufU" and math.prod(array.shape) == 1:
            single.setdefault(plain_name(name), load(array).reshape(-1).tolist()[0])
    return patient_of(single)


def _named(arrays: Arrays, keys: frozenset[str]) -> list[str]:
    return [name for name, array in arrays.items() if plain_name(name) in keys and array.dtype.kind in "biufcSUO"]


def _number(arrays: Arrays, keys: frozenset[str], file: str) -> float | None:
    """Return the one positive number that all arrays of these names state, None without any."""
    found = _named(arrays, keys)
    values = [_one(arrays, name, file) for name in found]
    if values and max(values) - min(values) > 1e-6 * max(values):
        raise UnreadableFileError(
            f"{file} states {values[0]:g} and {next(v for v in values if v != values[0]):g} as "
            f"'{shown(sorted({last_part(name) for name in found}))}', so one of them is not that of its signal. "
            "Save one number, that holds for all leads."
        )
    return values[0] if values else None


def _one(arrays: Arrays, name: str, file: str) -> float:
    """Return the one positive number in an array, also where it is repeated for each record or lead."""
    values = load(arrays[name]).reshape(-1)
    if values.dtype.kind == "U" and values.size == 1:
        text = _HERTZ.fullmatch(str(values[0]).strip())
        values = np.array([float(text[1]) * (1000.0 if text[2] else 1.0)] if text else [])
    elif values.dtype.kind not in "iuf":
        values = np.empty(0)
    value = float(values[0]) if values.size and (values == values[0]).all() else float("nan")
    if not 0 < value < 1e9:
        raise UnreadableFileError(
            f"{file} has '{last_part(name)}' without one positive number. Save it as a single number."
        )
    return value
