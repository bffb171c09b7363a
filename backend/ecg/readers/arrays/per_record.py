"""Arrays beside a stack of signals that hold one value, or one row of values, for each of its recordings."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ecg.readers.arrays.stacks import Values
from backend.ecg.readers.beside import as_label, as_text, of_bytes, patient_of
from backend.ecg.readers.column_names import (
    AGES,
    LABEL_NAMES,
    LABELS,
    PATIENT_IDS,
    RECORD_IDS,
    SEXES,
    last_part,
    plain_name,
)  # fmt: skip
from backend.ecg.recording import Patient

_MOST_CLASSES = 256
_MOST_NAMES = 1024
_CLASSES = frozenset(("classes",))


@dataclass(frozen=True, slots=True)
class Handle:
    """An array that has not been read yet: its shape and type as the file states them, and how to read it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    load: Callable[[], Values]


Arrays = Mapping[str, Values | Handle]


@dataclass(frozen=True, slots=True)
class Beside:
    """Identifiers, labels and patients, one a recording or none, and the names of the arrays they were taken from."""

    record_ids: tuple[str, ...]
    labels: tuple[dict[str, str | float], ...]
    patients: tuple[Patient, ...]
    used: frozenset[str]


def load(array: Values | Handle) -> Values:
    """Return the values of an array; texts such as "b'II'", which Python made of bytes, as what they are of."""
    values = array.load() if isinstance(array, Handle) else array
    if values.dtype.kind != "U" or not values.size or not str(values.reshape(-1)[0]).startswith(("b'", 'b"')):
        return values
    return np.array([of_bytes(text) for text in values.reshape(-1).tolist()], np.str_).reshape(values.shape)


def flat(array: Values | Handle) -> list[Any]:
    """Return the values of an array one after the other."""
    values: list[Any] = load(array).reshape(-1).tolist()
    return values


def texts_of(arrays: Arrays, keys: frozenset[str]) -> tuple[str, ...] | None:
    """Return the texts of the first array whose plain name is one of `keys`, None without one."""
    found = next((one for name, one in arrays.items() if plain_name(name) in keys and one.dtype.kind == "U"), None)
    return None if found is None else tuple(str(text).strip() for text in flat(found)[:_MOST_NAMES])


def beside_of(arrays: Arrays, signals: Values) -> Beside:
    """Return what the other `arrays` of a file say of each recording of `signals`, a stack or a single recording."""
    n = len(signals) if signals.ndim == 3 else 1
    beside = {
        name: one for name, one in arrays.items()
        if _is_beside(one.shape, n) and ("@" not in name or (n == 1 and plain_name(name) in LABELS))
    }  # fmt: skip
    ids = next((name for name in beside if plain_name(name) in RECORD_IDS and math.prod(beside[name].shape) == n), None)
    labels = _labels(beside, n, arrays)
    return Beside(
        record_ids=() if ids is None else tuple(map(as_text, flat(beside[ids]))),
        labels=_by_record(labels, n),
        patients=_patients(beside, n) if n > 1 else (),
        used=frozenset(labels)
        | ({ids} if ids else set())
        | {name for name in beside if labels and plain_name(name) in _CLASSES},
    )


def _is_beside(shape: tuple[int, ...], n: int) -> bool:
    """Whether an array has a value, or a row of values, for each of `n` recordings."""
    return (math.prod(shape) == n == 1) or (len(shape) in (1, 2) and shape[0] == n and n > 1) or (
        n == 1 and len(shape) in (1, 2) and shape[-1] <= _MOST_CLASSES and math.prod(shape) == shape[-1]
    )  # fmt: skip


def _labels(beside: Arrays, n: int, arrays: Arrays) -> dict[str, dict[str, list[Any]]]:
    """Return the labels of the records, by array and then by name: an array may hold one column a label."""
    found: dict[str, dict[str, list[Any]]] = {}
    for name, array in beside.items():
        if plain_name(name) not in LABELS or array.dtype.kind not in "biufU":
            continue
        if plain_name(name) in _CLASSES and any(_classes(arrays, one.shape[-1]) for one in _one_hot(beside)):
            continue  # it names the columns of another
        size = math.prod(array.shape) // n
        if not 1 <= size <= _MOST_CLASSES or (size > 1 and array.dtype.kind == "U"):
            continue
        names = texts_of(arrays, LABEL_NAMES) or _classes(arrays, size)
        if n == 1 and size > 1 and len(names) != size:
            continue  # of one recording, a row without names may be anything
        columns = load(array).reshape(n, size).T.tolist()
        own = names if len(names) == size else [f"{last_part(name)}[{i}]" for i in range(size)]
        found[name] = dict(zip(own, columns, strict=True)) if size > 1 else {last_part(name): columns[0]}
    return found


def _one_hot(beside: Arrays) -> list[Values | Handle]:
    return [one for name, one in beside.items() if plain_name(name) in LABELS and len(one.shape) == 2]


def _classes(arrays: Arrays, size: int) -> tuple[str, ...]:
    """Return the texts of an array called "classes" where there is one for each of the columns, all different."""
    names = texts_of(arrays, _CLASSES) or ()
    return names if 1 < size == len(set(names)) == len(names) else ()


def _by_record(labels: dict[str, dict[str, list[Any]]], n: int) -> tuple[dict[str, str | float], ...]:
    columns = {name: values for one in labels.values() for name, values in one.items()}
    if not columns:
        return ()
    return tuple({name: as_label(values[i]) for name, values in columns.items()} for i in range(n))


def _patients(beside: Arrays, n: int) -> tuple[Patient, ...]:
    columns = {
        plain_name(name): flat(array)
        for name, array in beside.items()
        if plain_name(name) in PATIENT_IDS | AGES | SEXES and math.prod(array.shape) == n
    }
    return tuple(patient_of({name: values[i] for name, values in columns.items()}) for i in range(n)) if columns else ()
