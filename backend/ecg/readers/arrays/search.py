"""Which of the named arrays of a file is the signal, and what the others say: rate, unit, leads, age and sex."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.arrays.stacks import Content, Values
from backend.ecg.readers.facts import identifier
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.units import millivolts
from backend.ecg.recording import Patient

# Names are compared in lower case without punctuation; a signal of an earlier name goes first.
_SIGNALS = (
    "x", "signal", "signals", "ecg", "ekg", "ecgdata", "ecgsignal", "data", "val", "tracings", "tracing", "waveform",
    "waveforms", "psignal", "arr0",
)  # fmt: skip
_RATES = frozenset(
    ("fs", "rate", "samplingrate", "samplingfrequency", "samplerate", "samplefrequency", "samplingfreq", "samplefreq",
     "freq", "frequency", "hz", "sfreq", "srate")
)  # fmt: skip
_LEADS = frozenset(("leads", "leadnames", "leadname", "leadorder", "signame", "signames", "channels", "channelnames"))
_UNITS = frozenset(("unit", "units"))
_PER_UNIT = frozenset(("unitmv",))
_PER_MV = frozenset(("unitspermv", "adcgain"))
_AGE, _SEX = frozenset(("age",)), frozenset(("sex", "gender"))
PATIENT_IDS = frozenset(("patientid", "subjectid"))
KNOWN = PATIENT_IDS | _RATES | _LEADS | _UNITS | _PER_UNIT | _PER_MV | _AGE | _SEX | {"unitsd"}


@dataclass(frozen=True, slots=True)
class Handle:
    """An array that has not been read yet: its shape and type as the file states them, and how to read it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    load: Callable[[], Values]


Arrays = Mapping[str, Values | Handle]


def find_content(arrays: Arrays, options: ReadOptions, file: str) -> Content:
    """Find the signal among the `arrays` of a file, by name and shape, and read it and the facts beside it.

    Names are paths with '/'; an attribute of an array follows '@'. Only what is needed is loaded.
    Raises UnreadableFileError where the signal cannot be told.
    """
    leads = _lead_names(arrays)
    numeric = {name: array for name, array in arrays.items() if array.dtype.kind in "iuf"}
    k = len(leads or options.order)
    tables = [
        name
        for name, array in numeric.items()
        if sum(side > 1 for side in array.shape) >= 2 or (k == 1 and len(array.shape) == 2)
    ]
    vectors = _lead_vectors(numeric) if not tables else {}
    if vectors:
        chosen = ", ".join(vectors)
        array = np.stack([_load(arrays[name]).reshape(-1) for name in vectors.values()])
        leads, used = tuple(map(_last, vectors.values())), set(vectors.values())
    else:
        chosen = _choose(numeric, tables, k, file)
        array, used = _load(arrays[chosen]), {chosen}
    own = {name: values for name, values in arrays.items() if "@" in name and name.split("@")[0] in used}
    arrays = own | {name: values for name, values in arrays.items() if "@" not in name or name.startswith("@")}
    if not vectors:
        leads = _lead_names(arrays)
        if leads is not None and len(leads) not in array.shape:
            leads = None
    left = [name for name in arrays if name not in used and plain_name(name) not in KNOWN and "@" not in name]
    said = stated_facts(arrays, file)
    return replace(
        said,
        array=array,
        leads=leads,
        notes=(f"Read was '{shown([_last(chosen)])}'; left out: {shown([*map(_last, left)])}.",) if left else (),
    )


def stated_facts(arrays: Arrays, file: str) -> Content:
    """Return what the named `arrays` say about a signal, without one: rate, unit, leads, age and sex."""
    return Content(
        array=np.empty(0),
        rate=_number(arrays, _RATES, file),
        mv=_millivolts(arrays, file),
        normalised=any(plain_name(name) == "unitsd" for name in arrays)
        and not any(plain_name(name) in _PER_UNIT for name in arrays),
        leads=_lead_names(arrays),
        patient=_patient(arrays),
    )


def _last(name: str) -> str:
    """The name without the groups it is in, which may be called after patients."""
    return re.split(r"[/@]", name)[-1]


def _load(array: Values | Handle) -> Values:
    return array.load() if isinstance(array, Handle) else array


def plain_name(name: str) -> str:
    """Return the last part of a name in lower case, without punctuation: "record/Sampling_Rate" -> "samplingrate"."""
    return re.sub(r"[\W_]+", "", _last(name)).lower()


def _choose(numeric: Arrays, tables: list[str], k: int, file: str) -> str:
    fitting = [name for name in tables if k in numeric[name].shape[-2:]]
    for pool in (fitting, tables):
        for key in _SIGNALS:
            named = [name for name in pool if plain_name(name) == key]
            if len(named) == 1:
                return named[0]
            if named:
                break
    if len(fitting) == 1 or len(tables) == 1:
        return (fitting or tables)[0]
    raise UnreadableFileError(
        f"{file} holds {len(tables)} arrays that may be signals ({shown([*map(_last, tables)]) or 'none'}). "
        "Save the signals as 'x', with 'fs' in Hz and 'unit_mv' in mV a unit beside it."
    )


def _lead_vectors(numeric: Arrays) -> dict[str, str]:
    """Arrays that are one lead each, by lead: at least two of one length, or none."""
    found: dict[str, str] = {}
    for name, array in numeric.items():
        lead = canonical_lead(_last(name))
        if lead is not None and lead not in found and math.prod(array.shape) > 1:
            found[lead] = name
    lengths = {math.prod(numeric[name].shape) for name in found.values()}
    return found if len(found) > 1 and len(lengths) == 1 else {}


def _first(arrays: Arrays, keys: frozenset[str], kinds: str) -> str | None:
    return next(
        (name for name, array in arrays.items() if plain_name(name) in keys and array.dtype.kind in kinds), None
    )


def _number(arrays: Arrays, keys: frozenset[str], file: str) -> float | None:
    """Return the one positive number of that name, also where it is repeated for each record."""
    found = _first(arrays, keys, "biufcSUO")
    if found is None:
        return None
    values = _load(arrays[found]).reshape(-1)
    if values.dtype.kind == "U" and values.size == 1:
        text = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(?:hz)?", str(values[0]).strip(), re.IGNORECASE)
        values = np.array([float(text[1])] if text else [])
    elif values.dtype.kind not in "iuf":
        values = np.empty(0)
    value = float(values[0]) if values.size and (values == values[0]).all() else float("nan")
    if not 0 < value < 1e9:
        raise UnreadableFileError(
            f"{file} has '{_last(found)}' without one positive number. Save it as a single number."
        )
    return value


def _texts(arrays: Arrays, keys: frozenset[str]) -> tuple[str, ...] | None:
    found = _first(arrays, keys, "U")
    return None if found is None else tuple(str(text).strip() for text in _load(arrays[found]).reshape(-1)[:1024])


def _lead_names(arrays: Arrays) -> tuple[str, ...] | None:
    names = _texts(arrays, _LEADS)
    if names is not None and len(names) == 1:
        names = tuple(part for part in re.split(r"[\s,;|]+", names[0]) if part)
    return names if names and any(map(canonical_lead, names)) else None


def _millivolts(arrays: Arrays, file: str) -> float | None:
    stated = _number(arrays, _PER_UNIT, file)
    if stated is not None:
        return stated
    per_mv = _number(arrays, _PER_MV, file)
    if per_mv is not None:
        return 1 / per_mv
    units = [_load(array) for name, array in arrays.items() if plain_name(name) in _UNITS and array.dtype.kind == "U"]
    factors = {millivolts(str(unit)) for array in units for unit in array.reshape(-1)[:1024]} - {None}
    if len(factors) > 1:
        raise UnreadableFileError(f"{file} gives its leads in differing units. Save them all in mV.")
    return factors.pop() if factors else None


def _patient(arrays: Arrays) -> Patient:
    """Identifier, age and sex where they are single values."""
    at = _first(arrays, _AGE, "iuf")
    age = float(_load(arrays[at]).reshape(-1)[0]) if at is not None and math.prod(arrays[at].shape) == 1 else math.nan
    sexes = _texts(arrays, _SEX) or ()
    sex = sexes[0][:1].upper() if len(sexes) == 1 else ""
    named = _first(arrays, PATIENT_IDS, "iuU")
    single = named is not None and math.prod(arrays[named].shape) == 1
    return Patient(
        id=identifier(str(_load(arrays[named]).reshape(-1)[0])) if named is not None and single else None,
        age=age if 0 <= age <= 130 else None,
        sex="F" if sex == "F" else "M" if sex == "M" else None,
    )
