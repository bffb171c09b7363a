"""A table of one row a sample that holds several recordings, one below the other, told apart by a column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.assemble import read_layout
from backend.ecg.readers.beside import as_label, as_text, patient_of
from backend.ecg.readers.column_names import AGES, LABELS, PATIENT_IDS, RECORD_IDS, SEXES, plain_name
from backend.ecg.readers.columns import Layout, Table, lay_out
from backend.ecg.readers.no_signal import refuse_rows_of_recordings
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.sources import FileSet, Limits, check_size
from backend.ecg.readers.units import seconds, split_unit
from backend.ecg.recording import Patient, Recording

Column = NDArray[np.generic]
_BLOCK = 100  # rows of one value that a column without a telling name needs to be one of recordings
_NAMED_BLOCK = 20  # the same for one with the name of a recording, a patient or the like, and a number
_NAMING = re.compile(
    r"(?:ecg|ekg|recording|record|rec|patient|pat|subject|proband|trace|case|fall|study|exam|examination|aufnahme|"
    r"aufzeichnung|messung|measurement|session|trial)s?(?:id|no|nr|num|number|nummer|name|index|idx|key|code)?"
)
_PERSON = re.compile(r"patient|pat(?:id|no|nr|num|$)|subject|proband")
_KNOWN = RECORD_IDS | PATIENT_IDS | LABELS | AGES | SEXES


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one recording, and what the columns beside its samples say of it."""

    rows: slice
    record_id: str | None
    patient: Patient
    labels: Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file says of all its recordings: rate in Hz, mV of a unit, patient, columns left, start."""

    rate: float | None = None
    mv: float | None = None
    patient: Patient = field(default_factory=Patient)
    left: Sequence[str] = ()
    start: datetime | None = None


def read_records(
    table: Table,
    files: FileSet,
    options: ReadOptions,
    limits: Limits,
    format: str,  # noqa: A002
    stated: Stated | None = None,
) -> list[Recording]:
    """Return the recordings of a table, of which there is usually one; several are named "stem[0]", "stem[1]", ...

    Raises UnreadableFileError where the rows of one recording stand in several places, and what `lay_out` and
    `read_layout` do.
    """
    stated = stated or Stated()
    if table.rows is not None or table.columns is None:
        return [_read(table, None, files.name, options, limits, format, stated)]
    columns: dict[str, Column] = {name: np.array(cells) for name, cells in table.texts}
    columns |= {name: table.values[:, i] for i, name in enumerate(table.columns) if not _is_signal(name)}
    refuse_rows_of_recordings(columns, files.name)
    parts, ids = _parts(columns, len(table.values), files.name)
    check_size(files.name, len(parts), 0, 0, limits)
    used = {name for name in columns if plain_name(name) in _KNOWN and (name == ids or name not in table.columns)}
    used |= {name for part in parts for name in part.labels} | ({ids} if ids else set())
    keep = [i for i, name in enumerate(table.columns) if name not in used]
    left = [name for name, _ in table.texts if name not in used and not seconds_named(name)]
    stated = replace(stated, left=(*stated.left, *left))
    names = tuple(table.columns[i] for i in keep)
    units = tuple(table.units[i] for i in keep) if table.units and len(table.units) == len(table.columns) else None
    values = table.values if len(keep) == len(table.columns) else table.values[:, keep]
    recordings = []
    for index, part in enumerate(parts):
        texts = tuple((name, cells[part.rows]) for name, cells in table.texts)
        parted = table.parted and len(parts) == 1
        own = replace(table, values=values[part.rows], columns=names, units=units, texts=texts, parted=parted)
        name = files.name if len(parts) == 1 else f"{files.stem}[{index}]"
        recordings.append(_read(own, part, name, options, limits, format, stated))
    return recordings


def seconds_named(name: str) -> bool:
    """Whether the name of a column is that of a time, which is read and not left out."""
    plain = split_unit(name)[0].lower()
    return "time" in plain or "zeit" in plain or "date" in plain or "datum" in plain or seconds(plain) is not None


def _read(
    table: Table,
    part: Part | None,
    name: str,
    options: ReadOptions,
    limits: Limits,
    format: str,  # noqa: A002
    stated: Stated,
) -> Recording:
    layout: Layout = lay_out(table, options)
    mv = tuple(stated.mv if one is None else one for one in layout.mv)
    notes = layout.notes + ((f"Left out: the columns {shown(stated.left)}.",) if stated.left else ())
    start = layout.start or (stated.start if part is None or not part.rows.start else None)
    layout = replace(layout, rate=layout.rate or stated.rate, mv=mv, notes=notes, start=start)
    recording = read_layout(layout, options, limits, name, format, part.patient if part else stated.patient)
    if part is None:
        return recording
    patient = recording.patient
    known = {key: value for key in ("id", "age", "sex") if (value := getattr(stated.patient, key)) is not None}
    missing = {key: value for key, value in known.items() if getattr(patient, key) is None}
    return replace(recording, record_id=part.record_id, labels=part.labels, patient=replace(patient, **missing))


def _is_signal(name: str) -> bool:
    return canonical_lead(split_unit(name)[0]) is not None


def _parts(columns: Mapping[str, Column], n: int, file: str) -> tuple[tuple[Part, ...], str | None]:
    """Return the parts of the rows, and the column that divides them or names the one recording."""
    naming = [name for kinds in (RECORD_IDS, PATIENT_IDS) for name in columns if plain_name(name) in kinds]
    # A recording is of one patient, and the numbers of recordings may begin anew with each.
    naming = [name for name in naming if n == 1 or not _counts_rows(name, columns[name])]
    ids = next(iter(naming), None) or _blocks(columns, n)
    dividing = naming or ([ids] if ids else [])
    starts = sorted({start for name in dividing for start in _starts(columns[name])})
    keys = {tuple(str(columns[name][start]) for name in dividing) for start in (0, *starts)}
    if ids is not None and len(starts) + 1 > len(keys):
        by = " and ".join(f"'{name}'" for name in dividing)
        raise UnreadableFileError(f"{file} has the rows of one {by} in several places. Sort it by {by}.")
    parts = []
    for start, stop in pairwise([0, *starts, n]):
        rows = slice(start, stop)
        said = {name: values[start] for name, values in columns.items() if (values[rows] == values[start]).all()}
        known = ids is not None and plain_name(ids) in RECORD_IDS
        # A text of another name may be that of the patient, and is not kept.
        of_patient = ids is not None and _PERSON.match(plain_name(ids)) is not None
        numbered = ids is not None and columns[ids].dtype.kind != "U" and not of_patient
        record = ids if known or numbered else None
        parts.append(
            Part(
                rows=rows,
                record_id=as_text(said[record]) if record is not None else None,
                patient=_patient(said),
                labels={name: as_label(value) for name, value in said.items() if plain_name(name) in LABELS},
            )
        )
    return tuple(parts), ids


def _counts_rows(name: str, values: Column) -> bool:
    """Whether a column named as an identifier counts the rows: none has that of another, or of one "id" the next."""
    every = len(_starts(values)) + 1 == values.size
    return every and (plain_name(name) in ("id", "ids") or len(np.unique(values)) == values.size)


def _starts(values: Column) -> list[int]:
    """Where a value differs from the one before."""
    return (np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()


def _blocks(columns: Mapping[str, Column], n: int) -> str | None:
    """Return a column of another name that divides the rows into long blocks, each with a value of its own.

    Of numbers only whole ones count, a switch between 0 and 1 only where the blocks are equal or the name is that of a
    recording or a patient: else it marks a part. With such a name the blocks may be short.
    """
    for name, values in columns.items():
        if plain_name(name) in _KNOWN or seconds_named(name):
            continue
        number = values.dtype.kind in "iuf"
        if number and not np.array_equal(values, np.rint(values.astype(np.float64))):
            continue
        sizes = np.diff([0, *_starts(values), n])
        own = len(sizes) > 1 and len(np.unique(values)) == len(sizes)
        equal = len(set(sizes.tolist())) == 1
        named = _NAMING.fullmatch(plain_name(name)) is not None
        telling = named or equal or not number or len(sizes) > 2 or values.max() > 1
        if own and sizes.min() >= (_NAMED_BLOCK if named else _BLOCK) and telling:
            return name
    return None


def _patient(said: Mapping[str, Any]) -> Patient:
    found: dict[str, Any] = {}
    for name, value in said.items():
        found.setdefault(plain_name(name), value)
    return patient_of(found)
