"""Parquet tables of labels: columns of texts, numbers, yes and no, dates, and lists of texts or numbers.

Columns of signals (long lists of numbers) are left out: the same file may hold ECGs and their labels.
"""

import io
import json
from typing import Any

from backend.ml.data.label_tables.cells import MAX_CELL, Cells, check_size, made
from backend.ml.errors import LabelTableError

MAX_BYTES = 1 << 30  # of the columns read, expanded, as the file states them
LONGEST_LIST = 100  # longer lists of numbers are signals
LONGEST_BYTES = 1000  # longer binary values are signals; shorter ones may be texts, as some programs write them
_INDEX = "__index_level_0__"  # where pandas keeps an index without a name


def read_parquet(data: bytes) -> Cells:
    """Return the cells of a Parquet table. Raises LabelTableError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if data.startswith(b"PARE"):
        raise LabelTableError("The Parquet file is encrypted. Save it without encryption.")
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        names = [field.name for field in file.schema_arrow if _may_be_label(field.type)]
        check_size(file.metadata.num_rows, len(names))
        stated = _stated_bytes(file, names)
        if stated > MAX_BYTES:
            raise LabelTableError(
                f"The columns of the table take {stated >> 20:,} MiB; at most {MAX_BYTES >> 20:,} are read. Save only "
                "the columns that are needed."
            )
        table = file.read(columns=names, use_threads=False)
        columns = [(name, _texts(table.column(name))) for name in table.column_names]
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError) as error:
        raise LabelTableError("The Parquet file is damaged. Save or copy it again.") from error
    kept = [(name, texts) for name, texts in columns if texts is not None]
    if not kept:
        raise LabelTableError("The Parquet file has no column that could name recordings or hold labels.")
    header = ["index" if name == _INDEX else name for name, _ in kept]
    left = [field.name for field in file.schema_arrow if field.name not in {name for name, _ in kept}]
    notes = [f"Left out, as they hold signals: {', '.join(left[:20])}{' …' if len(left) > 20 else ''}."] if left else []
    return made(header, [list(row) for row in zip(*(texts for _, texts in kept), strict=True)], "parquet", notes)


def _may_be_label(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return not pa.types.is_fixed_size_list(kind) or kind.list_size <= LONGEST_LIST
    return not (pa.types.is_struct(kind) or pa.types.is_map(kind) or pa.types.is_fixed_size_binary(kind))


def _stated_bytes(file: Any, names: list[str]) -> int:
    total = 0
    wanted = set(names)
    for group in range(file.metadata.num_row_groups):
        row_group = file.metadata.row_group(group)
        for index in range(row_group.num_columns):
            column = row_group.column(index)
            if column.path_in_schema.split(".")[0] in wanted:
                total += column.total_uncompressed_size
    return total


def _texts(column: Any) -> list[str] | None:
    """Return the cells of a column as text, None where it holds signals."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        if (pc.max(pc.list_value_length(column)).as_py() or 0) > LONGEST_LIST or pa.types.is_list(kind.value_type):
            return None
        return [
            "" if value is None else json.dumps(value, default=_plain, ensure_ascii=False)
            for value in column.to_pylist()
        ]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST_BYTES:
            return None
        try:
            return ["" if value is None else value.decode().strip() for value in column.to_pylist()]
        except UnicodeDecodeError:
            return None
    return [_text(value) for value in column.to_pylist()]


def _plain(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _text(value: object) -> str:
    if value is None or value != value:  # NaN
        return ""
    text = str(value).strip()
    if len(text) > MAX_CELL:
        raise LabelTableError("A cell of the table is as long as a book. Is it the right table?")
    return text
