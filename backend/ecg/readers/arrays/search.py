"""Which of the named arrays of a file is the signal, and what the others say: rate, unit, leads, age and sex."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, is_clear_lead, leads_among, shown
from backend.ecg.readers.arrays.lead_order import KNOWN_ORDERS, first_length, orders, refuse_unread_names, settled_order
from backend.ecg.readers.arrays.packed import PACKING, is_whole, says_another_scale, unpacked, without_zero
from backend.ecg.readers.arrays.per_record import Arrays, beside_of, load
from backend.ecg.readers.arrays.stacks import Content
from backend.ecg.readers.arrays.stated import (
    PER_MV,
    PER_UNIT,
    STEPS,
    VAGUE_RATES,
    millivolts_in,
    patient_in,
    rate_in,
    states_scale,
)
from backend.ecg.readers.column_names import (
    AGES,
    LABEL_NAMES,
    LABELS,
    PATIENT_IDS,
    RATES,
    RECORD_IDS,
    SEXES,
    UNITS,
    last_part,
    plain_name,
)
from backend.ecg.readers.no_signal import ATTACH
from backend.ecg.readers.options import ReadOptions

# Names are compared in lower case without punctuation; a signal of an earlier name goes first.
_SIGNALS = (
    "x", "signal", "signals", "ecg", "ekg", "ecgdata", "ecgsignal", "data", "val", "tracings", "tracing", "waveform",
    "waveforms", "psignal", "arr0",
)  # fmt: skip
_KNOWN = (
    PATIENT_IDS
    | RECORD_IDS
    | LABELS
    | RATES
    | VAGUE_RATES
    | STEPS
    | KNOWN_ORDERS
    | UNITS
    | PER_UNIT
    | PER_MV
    | AGES
    | SEXES
)
KNOWN = _KNOWN | {"unitsd"} | PACKING
"""Names of arrays and attributes that say something of a signal; of `may_be_scale` there are more."""
_BESIDE = KNOWN - PACKING - RECORD_IDS - LABELS | LABEL_NAMES


def find_contents(arrays: Arrays, options: ReadOptions, file: str) -> list[Content]:
    """Find the signals among the `arrays` of a file: one content, or one for each group or array that is a record.

    Groups are records where several hold a signal of one name, or leads; arrays are where their names differ in a
    number alone. Raises UnreadableFileError as `find_content` does.
    """
    records = _records(arrays, first_length(orders(arrays)) or len(options.order))
    if not records:
        return [find_content(arrays, options, file)]
    contents = []
    everywhere = orders(arrays).keys()
    taken = _all(records)
    shared = {
        name: array
        for name, array in arrays.items()
        if ("/" not in name or name in everywhere) and name.split("@")[0] not in taken
    }
    for record, paths in records.items():
        own = {name: array for name, array in arrays.items() if name.split("@")[0] in paths}
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
    if len(tables) > 1 and len(alike) == 1 and alike.pop().count("#") == 1 and not any(map(is_clear_lead, tables)):
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
    named = orders(arrays)
    numeric = {name: array for name, array in arrays.items() if array.dtype.kind in "iuf"}
    k = first_length(named) or len(options.order)
    tables = [
        name
        for name, array in numeric.items()
        if sum(side > 1 for side in array.shape) >= 2 or (k == 1 and len(array.shape) == 2)
    ]
    tables = [name for name in tables if not _is_label(name, tables, numeric, k)] or tables
    vectors = _lead_vectors(numeric) if not tables else {}
    if vectors:
        chosen = ", ".join(vectors)
        array = np.stack([unpacked(load(arrays[name]), name, arrays).reshape(-1) for name in vectors.values()])
        used = set(vectors.values())
    else:
        chosen = _choose(numeric, tables, k, file)
        array, used = unpacked(load(arrays[chosen]), chosen, arrays), {chosen}
    own = {name: values for name, values in arrays.items() if "@" in name and name.split("@")[0] in used}
    arrays = own | {name: values for name, values in arrays.items() if "@" not in name or name.startswith("@")}
    named = {name: texts for name, texts in named.items() if name in arrays}
    order = tuple(map(last_part, vectors.values()))
    leads = order if vectors else settled_order(named, array.shape, options.order, file)
    if leads is None and options.leads is None:
        refuse_unread_names(arrays, array.shape, file)
    said = stated_facts(arrays, file)
    beside = beside_of({name: one for name, one in arrays.items() if name not in used | named.keys()}, array)
    kept = used | beside.used | named.keys()
    left = [name for name in arrays if name not in kept and plain_name(name) not in _BESIDE and "@" not in name]
    stated = states_scale(arrays)
    doubtful = says_another_scale(arrays, array, stated)
    if stated and is_whole(array) and not doubtful:
        array = without_zero(arrays, array, len(leads or options.order))
    return replace(
        said,
        array=array,
        mv=None if doubtful else said.mv,
        leads=leads,
        record_ids=beside.record_ids,
        labels=beside.labels,
        patients=beside.patients,
        notes=(f"Read was '{shown([last_part(chosen)])}'; left out: {shown([*map(last_part, left)])}.",)
        if left
        else (),
    )


def stated_facts(arrays: Arrays, file: str) -> Content:
    """Return what the named `arrays` say about a signal, without one: rate, unit, age and sex."""
    return Content(
        array=np.empty(0),
        rate=rate_in(arrays, file),
        mv=millivolts_in(arrays, file),
        normalised=any(plain_name(name) == "unitsd" for name in arrays)
        and not any(plain_name(name) in PER_UNIT for name in arrays),
        patient=patient_in(arrays),
    )


def _is_label(name: str, tables: list[str], numeric: Arrays, k: int) -> bool:
    """Whether a table is one of labels by its name; numbers with decimals laid out as an ECG are none."""
    array = numeric[name]
    if plain_name(name) not in LABELS:
        return False
    beside = any(len(numeric[one].shape) == 3 and numeric[one].shape[0] == array.shape[0] for one in tables)
    return beside or array.dtype.kind != "f" or not _fits(array.shape, k) or is_whole(load(array))


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
    if not tables and any(plain_name(name) in LABELS for name in numeric):
        raise UnreadableFileError(f"{file} holds labels ({shown([*map(last_part, numeric)])}) and no signal. {ATTACH}")
    raise UnreadableFileError(
        f"{file} holds {len(tables)} arrays that may be signals ({shown([*map(last_part, tables)]) or 'none'}). "
        "Save the signals as 'x', with 'fs' in Hz and 'unit_mv' in mV a unit beside it."
    )


def _lead_vectors(numeric: Arrays) -> dict[str, str]:
    """Arrays that are one lead each, by lead: at least two of one length, or none."""
    found: dict[str, str] = {}
    known = leads_among([last_part(name) for name in numeric])
    for (name, array), lead in zip(numeric.items(), known, strict=True):
        if lead is not None and lead not in found and math.prod(array.shape) > 1:
            found[lead] = name
    lengths = {math.prod(numeric[name].shape) for name in found.values()}
    return found if len(found) > 1 and len(lengths) == 1 else {}
