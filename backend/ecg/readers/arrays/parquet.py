"""Parquet tables: leads as columns with one row a sample, or one row a recording with lists of samples.

Source: Apache Parquet, https://parquet.apache.org/docs/file-format/
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from backend.ecg.errors import LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import canonical_lead
from backend.ecg.readers.arrays.lead_order import orders
from backend.ecg.readers.arrays.search import KNOWN, find_content, stated_facts
from backend.ecg.readers.arrays.stacks import Values, read_content
from backend.ecg.readers.column_names import LABELS, PATIENT_IDS, RECORD_IDS, plain_name
from backend.ecg.readers.columns import Table
from backend.ecg.readers.decimals import NUMBER
from backend.ecg.readers.no_signal import ATTACH
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.records import Stated, read_records
from backend.ecg.readers.sources import FileSet, Limits, check_claim, check_size
from backend.ecg.readers.units import split_unit
from backend.ecg.recording import Recording

MAGIC = b"PAR1"
_TIME = "time (s)"  # what a column of times is called here: its values are seconds after the first
_MOST_COLUMNS = 4096
_MOST_LABELS = 64  # rows of a table that may be one a lead
_LONGEST_TEXT = 64
# What pyarrow raises on damaged files: its own errors are ValueErrors, OSErrors, KeyErrors, TypeErrors and the like.
_DAMAGED = (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError, OverflowError, MemoryError)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn what pyarrow raises on damaged files into an UnreadableFileError."""
    import pyarrow as pa

    try:
        yield
    except (*_DAMAGED, pa.ArrowException) as error:
        raise UnreadableFileError(f"{name} is a damaged Parquet file. Save or copy it again.") from error


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    if files.main.data.startswith(b"PARE"):
        raise UnreadableFileError(f"{files.name} is encrypted. Save it without encryption.")
    name = files.name
    with _reading(name):
        table, left = _load(files.main.data, name, limits)
        facts = _facts(table.schema.metadata or {})
        lists = [column for column in table.column_names if _is_list(table.schema.field(column).type)]
        singles = {column: _values(table.column(column)) for column in table.column_names if column not in lists}
        rows = list(_rows(table, lists, singles, facts)) if lists else []
        clock = next((column for column in singles if _is_time(table.schema.field(column).type)), None)
        start = _moment(table.column(clock)) if clock is not None else None
    if clock is not None:
        singles = {_TIME if column == clock else column: values for column, values in singles.items()}
    if lists:
        check_size(name, len(rows), 0, 0, limits)
        return [_row_recording(row, index, len(rows), files, options, limits) for index, row in enumerate(rows)]
    return _tables(singles, left, facts, start, files, options, limits)


def _load(data: bytes, name: str, limits: Limits) -> tuple[Any, list[str]]:
    """Return the table of the columns that can be used and the names of the others, after checking their sizes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(data))
    schema, rows = file.schema_arrow, file.metadata.num_rows
    if len(schema) > _MOST_COLUMNS or rows > limits.values // max(1, len(schema)):
        raise LimitError(
            f"{name} holds {len(schema):,} columns of {rows:,} rows; at most {_MOST_COLUMNS:,} columns and "
            f"{limits.values:,} values are read. Split the file."
        )
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    check_claim(name, sum(group.total_byte_size for group in groups), len(data), limits)
    check_claim(name, rows * 8 * len(schema), len(data), limits)
    used = [field.name for field in schema if _is_usable(field, rows)]
    used += _orders_among([field.name for field in schema if field.name not in used], file, schema)
    texts = {place for place, field in enumerate(schema) if field.name in used and _is_text(_innermost(field.type))}
    values = sum(_count(group, {schema.field(place).name for place in texts}) for group in groups)
    check_claim(name, values * 4 * _LONGEST_TEXT, len(data), limits)
    if len(set(schema.names)) < len(schema):
        raise UnreadableFileError(f"{name} has several columns of one name. Name each column once.")
    return file.read(columns=used, use_threads=False), [column for column in schema.names if column not in used]


def _count(group: Any, columns: set[str]) -> int:
    """How many values a group of rows has in those columns, the values of lists counted one by one."""
    found = (group.column(place) for place in range(group.num_columns))
    return sum(one.num_values for one in found if one.path_in_schema.split(".")[0] in columns)


def _orders_among(columns: list[str], file: Any, schema: Any) -> list[str]:
    """Return those of the columns that hold the names of leads in their first row, as a text or a list of texts."""
    texts = [one for one in columns if _is_text(_innermost(schema.field(one).type))]
    first = next(file.iter_batches(batch_size=1, columns=texts, use_threads=False), None) if texts else None
    rows = first.to_pylist() if first is not None else []
    found = {one: np.array(rows[0][one]) for one in texts if rows and rows[0][one]}
    return list(orders(found))


def _innermost(kind: Any) -> Any:
    while _is_list(kind):
        kind = kind.value_type
    return kind


def _is_usable(field: Any, rows: int) -> bool:
    """Whether a column holds numbers, times, lists of numbers, or texts that may name records, leads or units."""
    import pyarrow as pa

    kind = _innermost(field.type)
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if _is_list(field.type):
        return bool(numeric)
    if _is_text(kind):
        return rows <= _MOST_LABELS or plain_name(field.name) in RECORD_IDS | PATIENT_IDS | LABELS | KNOWN
    return bool(numeric or pa.types.is_timestamp(kind) or pa.types.is_duration(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _values(column: Any) -> Values:
    """Return a column as numbers (times in seconds after the first, missing ones as NaN) or texts."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if _is_time(column.type):
        unit = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[column.type.unit]
        counts = column.cast(pa.int64()).to_numpy()
        return np.asarray((counts - counts[:1]) * unit)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy())
    return np.array([str(value)[:_LONGEST_TEXT] for value in column.to_pylist()], np.str_)


def _is_time(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(kind) or pa.types.is_duration(kind))


def _moment(column: Any) -> datetime | None:
    """Return the first time of a column, in its own time zone, where it has a date."""
    import pyarrow as pa

    first = column[0].as_py() if len(column) and pa.types.is_timestamp(column.type) else None
    if isinstance(first, datetime):  # pandas' own have nanoseconds
        return datetime(*first.timetuple()[:6], first.microsecond)
    return None


def _facts(metadata: dict[bytes, bytes]) -> dict[str, Values]:
    """Return the numbers and texts in the metadata of the file, and in the attributes that pandas keeps there."""
    found: dict[str, Any] = {}
    for key, value in list(metadata.items())[:64]:
        if len(value) > 1 << 16 or key in (b"pandas", b"ARROW:schema"):
            continue
        text = value.decode("utf-8", "replace")
        if key == b"PANDAS_ATTRS":
            attributes = json.loads(text)
            found |= attributes if isinstance(attributes, dict) else {}
        else:
            found[key.decode("utf-8", "replace")] = text
    facts: dict[str, Values] = {}
    for name, value in found.items():
        if isinstance(value, list):
            facts[f"@{name}"] = np.array([str(one)[:1000] for one in value[:1024]], np.str_)
        elif isinstance(value, str | int | float):
            number = float(value) if NUMBER.fullmatch(str(value).strip()) else None
            facts[f"@{name}"] = np.array(str(value)[:1000] if number is None else number)
    return facts


def _rows(
    table: Any, lists: list[str], singles: dict[str, Values], facts: dict[str, Values]
) -> Iterator[dict[str, Values]]:
    """Yield for each row its arrays: lists of samples or lists of such lists, and the single values beside them."""
    units = {split_unit(column)[1] for column in lists if _is_lead(column)}
    if len(units) > 1:
        raise UnreadableFileError("the columns of the leads give differing units. Save them all in mV.")
    unit = next(iter(units), None)
    for index in range(table.num_rows):
        row = facts | ({"@unit": np.array(unit)} if unit else {})
        for column in lists:
            values = _array(table.column(column)[index].values)
            if values is not None:
                row[split_unit(column)[0]] = values
        yield row | {column: values[index : index + 1] for column, values in singles.items()}


def _array(values: Any) -> Values | None:
    """Return a list of numbers as (n,), a list of equal lists as (m, n), None for one without a value."""
    if values is None or len(values) == 0:
        return None
    if _is_text(values.type):
        return np.array([str(value)[:_LONGEST_TEXT] for value in values.to_pylist()], np.str_)
    if not _is_list(values.type):
        return np.asarray(values.to_numpy(zero_copy_only=False))
    import pyarrow.compute as pc

    if len(pc.unique(pc.list_value_length(values))) != 1:
        raise UnreadableFileError("a row holds lists of differing lengths. Save lists of one length.")
    return np.asarray(values.flatten().to_numpy(zero_copy_only=False)).reshape(len(values), -1)


def _row_recording(
    row: dict[str, Values], index: int, count: int, files: FileSet, options: ReadOptions, limits: Limits
) -> Recording:
    """Read one row of lists; several rows are named "stem[0]", "stem[1]", ..."""
    name = files.name if count == 1 else f"{files.stem}[{index}]"
    try:
        content = find_content(row, options, name)
        (recording,) = read_content(content, files, options, limits, "parquet")
    except UnreadableFileError as error:
        raise UnreadableFileError(f"row {index + 1}: {error}") from error
    return replace(recording, name=name)


def _tables(
    columns: dict[str, Values],
    left: list[str],
    facts: dict[str, Values],
    start: datetime | None,
    files: FileSet,
    options: ReadOptions,
    limits: Limits,
) -> list[Recording]:
    """Read a table of one row a sample; a column that names recordings divides it."""
    said = stated_facts(facts, files.name)
    texts = {name: values for name, values in columns.items() if values.dtype.kind == "U"}
    numbers = {name: values for name, values in columns.items() if name not in texts}
    labels = next((v for v in texts.values() if len(v) <= _MOST_LABELS and sum(map(_is_lead, v)) > 1), None)
    if not numbers or not next(iter(numbers.values())).size:
        raise UnreadableFileError(f"{files.name} holds no numbers. Save the signals as columns, one a lead.")
    names = tuple("index" if name == "__index_level_0__" else name for name in numbers)
    matrix = np.column_stack(list(numbers.values())).astype(np.float64)
    rows = tuple(labels.tolist()) if labels is not None else None
    beside = () if rows else tuple((name, tuple(values.tolist())) for name, values in texts.items())
    table = Table(matrix, names, rows, None, (), (), beside)
    stated = Stated(said.rate, said.mv, said.patient, left, start)
    try:
        return read_records(table, files, options, limits, "parquet", stated)
    except MissingLeadsError as error:
        if any(plain_name(name) in RECORD_IDS | PATIENT_IDS | LABELS for name in columns):
            raise MissingLeadsError(f"{error} {ATTACH}").offering(*error.offers) from error
        raise


def _is_lead(text: str) -> bool:
    return canonical_lead(split_unit(text)[0]) is not None


READER = Reader(
    name="parquet",
    title="Parquet table (.parquet)",
    extensions=(".parquet",),
    declares_units=False,
    recognises=lambda files: files.main.data.startswith((MAGIC, b"PARE")),
    read=_read,
    source="Apache Parquet file format, https://parquet.apache.org/docs/file-format/",
    third_party=True,
    library="pyarrow",
)
