"""Tables of labels in tests: read and understood in one step, and written in each kind of file."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from backend.ml.data.label_tables.cells import read
from backend.ml.data.label_tables.choice import choice_from
from backend.ml.data.label_tables.columns import look
from backend.ml.data.label_tables.finder import Finder, Named
from backend.ml.data.label_tables.propose import Proposal, propose, settle
from backend.ml.data.label_tables.rows import LabelTable, labelled


def parse(
    data: bytes, file_names: Sequence[str] = (), recordings: Sequence[str] | Mapping[str, str] = (), **asked: Any
) -> LabelTable:
    """Return the labelled rows of a table, beside recordings of the given file names, or of these with identifiers."""
    cells = read(data)
    columns = look(cells)
    given = ({"recording": list(file_names)} if file_names else {}) | asked
    return labelled(cells, columns, settle(cells, columns, finder(recordings), choice_from(given)))


def proposed(data: bytes, recordings: Sequence[str] = (), **asked: Any) -> Proposal:
    """Return what a table is proposed to mean."""
    cells = read(data)
    return propose(cells, look(cells), finder(recordings), choice_from(asked))


def finder(file_names: Sequence[str] | Mapping[str, str]) -> Finder:
    """Return what finds recordings of these file names; `stack.npy[0]` is `stack[0]`. A mapping gives their ids."""
    ids = file_names if isinstance(file_names, Mapping) else {}
    return Finder(Named(f"id of {name}", name, _own_name(name), ids.get(name)) for name in file_names)


def _own_name(file_name: str) -> str:
    stem, bracket, number = file_name.rpartition("[")
    return f"{stem.rpartition('.')[0]}[{number}" if bracket else file_name.rpartition("/")[2].rpartition(".")[0]


def as_csv(rows: Sequence[Sequence[object]], delimiter: str = ",") -> bytes:
    """Write a table as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def as_workbook(rows: Sequence[Sequence[object]], title: str = "Sheet") -> bytes:
    """Write a table as an Excel workbook, with openpyxl."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def as_parquet(columns: dict[str, Any]) -> bytes:
    """Write a table as Parquet, with pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()
