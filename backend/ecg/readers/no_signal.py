"""Numbers in the form of an ECG that are none: classes, times, and one row a recording."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import shown
from backend.ecg.readers.column_names import AGES, LABELS, PATIENT_IDS, RECORD_IDS, SEXES, plain_name
from backend.ecg.readers.time_column import steady

Column = NDArray[np.generic]
_FEWEST = 50  # samples of a column that rises evenly by no chance
_CHANGING = 0.15  # of the rows: a label of parts of a recording changes less often
_MOST_CLASSES = 64
_LOOK = 1 << 20
ATTACH = "If it is a table of labels, attach it under Labels once the recordings are here."
"""What to do with a file that holds no signal."""


def refuse_classes(values: NDArray[np.generic], where: str = "The file") -> None:
    """Raise UnreadableFileError where `values` (k, n) are nothing but zeros and ones, of both some."""
    some = values.reshape(-1)[:_LOOK]
    if some.size and ((some == 0) | (some == 1)).all() and (values != 0).any():
        whole = ((values == 0) | (values == 1)).all()
        if whole and (values == 0).any():
            raise UnreadableFileError(f"{where} holds nothing but 0 and 1, which is no ECG. {ATTACH}")


def refuse_rising(channels: NDArray[np.float64], name: str) -> None:
    """Raise UnreadableFileError where one of the unnamed `channels` (k, n) rises evenly: it is no lead but a time."""
    for place, values in enumerate(channels, 1):
        if rises_evenly(values):
            raise UnreadableFileError(
                f"{name} has {len(channels)} columns without names, and column {place} rises evenly as a time does, so "
                "that one of the leads is not there. Name the columns, or remove that one and declare the leads."
            )


def rises_evenly(values: NDArray[np.generic]) -> bool:
    """Whether many values rise by nearly the same step from the first to the last."""
    return values.size >= _FEWEST and steady(values.astype(np.float64))


def refuse_rows_of_recordings(columns: Mapping[str, Column], file: str) -> None:
    """Raise UnreadableFileError where each row of a table is of another recording: it holds measurements, no samples.

    `columns` are those beside the leads, by name: an identifier differs in every row and counts nothing, or the age,
    the sex or the label changes from row to row.
    """
    for name, values in columns.items():
        plain = plain_name(name)
        if values.size < 2 or plain not in RECORD_IDS | PATIENT_IDS | AGES | SEXES | LABELS:
            continue
        each = plain in RECORD_IDS | PATIENT_IDS and _is_key(values)
        if each or (plain in AGES | SEXES | LABELS and _changes(values, plain)):
            raise UnreadableFileError(
                f"{file} has a row for each recording: '{shown([name])}' changes from row to row. Its numbers are "
                f"measurements, and no samples of an ECG. {ATTACH}"
            )


def _is_key(values: Column) -> bool:
    """Whether no two values are one, and they do not count the rows."""
    if len(np.unique(values)) < values.size:
        return False
    try:
        numbers = values.astype(np.float64)
    except ValueError:
        return True
    return bool(np.isfinite(numbers).all() and not (np.diff(numbers) == 1).all())


def _changes(values: Column, name: str) -> bool:
    """Whether one of few values changes into another in many of the rows; a "y" of many may be a Frank lead."""
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
        if not np.array_equal(values, np.rint(values)):
            return False
    changes = np.count_nonzero(values[1:] != values[:-1])
    return bool(changes > max(1.0, _CHANGING * values.size)) and (values.dtype.kind == "U" or _are_few(values, name))


def _are_few(values: Column, name: str) -> bool:
    return name not in LABELS or len(np.unique(values)) <= min(_MOST_CLASSES, max(2, values.size // 4))
