"""Which of the named arrays of a file is the signal, and what the others say: rate, unit, leads, age and sex."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.arrays.packed import PACKING, SCALES, says_another_scale, unpacked
from backend.ecg.readers.arrays.per_record import Arrays, beside_of, load, texts_of
from backend.ecg.readers.arrays.stacks import Content
from backend.ecg.readers.beside import patient_of
from backend.ecg.readers.column_names import (
    AGES,
    LABEL_NAMES,
    LABELS,
    PATIENT_IDS,
    RECORD_IDS,
    SEXES,
    last_part,
    plain_name,
)
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
_PATIENT = PATIENT_IDS | AGES | SEXES
KNOWN = (
    PATIENT_IDS
    | RECORD_IDS
    | LABELS
    | _RATES
    | _LEADS
    | _UNITS
    | _PER_UNIT
    | _PER_MV
    | AGES
    | SEXES
    | {"unitsd"}
    | PACKING
    | SCALES
)
_BESIDE = KNOWN - PACKING - SCALES - RECORD_IDS - LABELS | LABEL_NAMES


def find_contents(arrays: Arrays, options: ReadOptions, file: str) -> list[Content]:
    """Find the signals among the `arrays` of a file: one content, or one for each group or array that is a record.

    Groups are records where several hold a signal of one name, or leads; arrays are where their names differ in a
    number alone. Raises UnreadableFileError as `find_content` does.
    """
    records = _records(arrays, len(_lead_names(arrays) or options.order))
    if not records:
        return [find_content(arrays, options, file)]
    contents = []
    for record, paths in records.items():
        own = {name: array for name, array in arrays.items() if name.split("@")[0] in paths}
        shared = {
            name: array for name, array in arrays.items() if "/" not in name and name.split("@")[0] not in _all(records)
        }
        content = find_content(shared | own, options, file)
        contents.append(content if content.record_ids else replace(content, record_ids=(last_part(record),)))
    return contents


def _all(records: Mapping[str, set[str]]) -> set[str]:
    return {path for paths in records.values() for path in paths}


def _records(arrays: Arrays, k: int) -> dict[str, set[str]]:
    """Return the arrays of each record where a file holds several, by the group or the array that is one; else none."""
    paths = {name for name in arrays if "@" not in name}
    tables = [name for name in paths if arrays[name].dtype.kind in "iuf" and _fits(arrays[name].shape, k)]
    parents: dict[str, list[str]] = defaultdict(list)
    for name in tables:
        parents[name.rpartition("/")[0]].append(last_part(name))
    for name in paths - set(tables):
        if canonical_lead(last_part(name)) and math.prod(arrays[name].shape) > 1 and "/" in name:
            parents[name.rpartition("/")[0]].append(canonical_lead(last_part(name)) or "")
    kinds = {tuple(sorted(names)) for names in parents.values()}
    in_order = [name for name in arrays if name in paths]
    if len(parents) > 1 and len(kinds) == 1 and "" not in parents:
        return {group: {n for n in in_order if n.startswith(f"{group}/")} for group in sorted(parents)}
    alike = {re.sub(r"\d+", "#", name) for name in tables}
    if len(tables) > 1 and len(alike) == 1 and alike.pop().count("#") == 1 and not any(map(canonical_lead, tables)):
        return {name: {name} for name in sorted(tables, key=_natural)}
    return {}


def _fits(shape: tuple[int, ...], k: int) -> bool:
    return len(shape) == 2 and k in shape and max(shape) > k


def _natural(name: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


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
    tables = [name for name in tables if plain_name(name) not in LABELS] or tables
    vectors = _lead_vectors(numeric) if not tables else {}
    if vectors:
        chosen = ", ".join(vectors)
        array = np.stack([unpacked(load(arrays[name]), name, arrays).reshape(-1) for name in vectors.values()])
        leads, used = tuple(map(last_part, vectors.values())), set(vectors.values())
    else:
        chosen = _choose(numeric, tables, k, file)
        array, used = unpacked(load(arrays[chosen]), chosen, arrays), {chosen}
    own = {name: values for name, values in arrays.items() if "@" in name and name.split("@")[0] in used}
    arrays = own | {name: values for name, values in arrays.items() if "@" not in name or name.startswith("@")}
    if not vectors:
        leads = _lead_names(arrays)
        if leads is not None and len(leads) not in array.shape:
            leads = None
    said = stated_facts(arrays, file)
    beside = beside_of({name: one for name, one in arrays.items() if name not in used}, array)
    kept = used | beside.used
    left = [name for name in arrays if name not in kept and plain_name(name) not in _BESIDE and "@" not in name]
    return replace(
        said,
        array=array,
        mv=None if says_another_scale(arrays, array) and not _states_scale(arrays) else said.mv,
        leads=leads,
        record_ids=beside.record_ids,
        labels=beside.labels,
        patients=beside.patients,
        notes=(f"Read was '{shown([last_part(chosen)])}'; left out: {shown([*map(last_part, left)])}.",)
        if left
        else (),
    )


def _states_scale(arrays: Arrays) -> bool:
    """Whether a file says itself how many of its steps are one mV, or how many mV one is."""
    return any(plain_name(name) in _PER_MV | _PER_UNIT for name in arrays)


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
        f"{file} holds {len(tables)} arrays that may be signals ({shown([*map(last_part, tables)]) or 'none'}). "
        "Save the signals as 'x', with 'fs' in Hz and 'unit_mv' in mV a unit beside it."
    )


def _lead_vectors(numeric: Arrays) -> dict[str, str]:
    """Arrays that are one lead each, by lead: at least two of one length, or none."""
    found: dict[str, str] = {}
    for name, array in numeric.items():
        lead = canonical_lead(last_part(name))
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
    values = load(arrays[found]).reshape(-1)
    if values.dtype.kind == "U" and values.size == 1:
        text = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(?:hz)?", str(values[0]).strip(), re.IGNORECASE)
        values = np.array([float(text[1])] if text else [])
    elif values.dtype.kind not in "iuf":
        values = np.empty(0)
    value = float(values[0]) if values.size and (values == values[0]).all() else float("nan")
    if not 0 < value < 1e9:
        raise UnreadableFileError(
            f"{file} has '{last_part(found)}' without one positive number. Save it as a single number."
        )
    return value


def _lead_names(arrays: Arrays) -> tuple[str, ...] | None:
    names = texts_of(arrays, _LEADS)
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
    units = [load(array) for name, array in arrays.items() if plain_name(name) in _UNITS and array.dtype.kind == "U"]
    factors = {millivolts(str(unit)) for array in units for unit in array.reshape(-1)[:1024]} - {None}
    if len(factors) > 1:
        raise UnreadableFileError(f"{file} gives its leads in differing units. Save them all in mV.")
    return factors.pop() if factors else None


def _patient(arrays: Arrays) -> Patient:
    """Identifier, age and sex where they are single values."""
    single: dict[str, Any] = {}
    for name, array in arrays.items():
        if plain_name(name) in _PATIENT and array.dtype.kind in "iufU" and math.prod(array.shape) == 1:
            single.setdefault(plain_name(name), load(array).reshape(-1).tolist()[0])
    return patient_of(single)
