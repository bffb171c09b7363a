"""The cells of a table, whatever kind of file holds it: text, Excel workbook, Parquet file or NumPy array."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.ecg.extras import is_here, lacking
from backend.ecg.readers.beside import of_bytes
from backend.ml.errors import LabelTableError

MAX_ROWS = 2_000_000
MAX_COLUMNS = 4096
MAX_CELLS = 60_000_000
MAX_CELL = 131_072  # characters, as the CSV reader of Python has it
UNNAMED = "column {}"  # of a column whose header is empty, counted from 1

_NOT_TABLES = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel (.xls), or another old Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document"),
)
_FIRST = 100  # rows that show whether a table has bytes
_WHOLE_FLOAT = re.compile(r"-?\d+[.,]0")


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as text: names of the columns, each once, and rows of stripped cells, as many as there are columns.

    `kind` is csv, xlsx, parquet or numpy; `notes` says in plain words what was left out; `labels` are columns that
    the file itself names as labels, as an array `y` does.
    """

    header: tuple[str, ...]
    rows: list[list[str]]
    kind: str = "csv"
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """Return the cells of a column from top to bottom."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]


def kind_of(data: bytes) -> str:
    """Return what holds the table: csv, xlsx, parquet or numpy. Raises LabelTableError for what is no table."""
    for magic, name in _NOT_TABLES:
        if data.startswith(magic):
            raise LabelTableError(
                f"This is {name}, not a table. Save the table as CSV or as an Excel workbook (.xlsx)."
            )
    if data.startswith((b"PAR1", b"PARE")):
        if not is_here("pyarrow"):
            raise LabelTableError(f"{lacking('Parquet tables are', 'pyarrow')} Or save the table as CSV.")
        return "parquet"
    if data.startswith(b"\x93NUMPY"):
        return "numpy"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "numpy" if b".npy" in data[:200] else "xlsx"
    return "csv"


def read(data: bytes) -> Cells:
    """Return the cells of a table. Raises LabelTableError, naming the line where there is one, and what to do."""
    kind = kind_of(data)
    if kind == "parquet":
        from backend.ml.data.label_tables.parquet import read_parquet

        return read_parquet(data)
    if kind == "xlsx":
        from backend.ml.data.label_tables.excel import read_workbook

        return read_workbook(data)
    if kind == "numpy":
        from backend.ml.data.label_tables.arrays import read_arrays

        return read_arrays(data)
    from backend.ml.data.label_tables.text import read_text

    return read_text(data)


def made(header: Sequence[str], rows: list[list[str]], kind: str, notes: Sequence[str] = ()) -> Cells:
    """Return cells whose columns are named each once and lie within the limits. Raises LabelTableError."""
    check_size(len(rows), len(header))
    notes = (*notes, *_without_marks_of_bytes(header, rows))
    names = tuple(name or UNNAMED.format(index) for index, name in enumerate(header, start=1))
    plain = [plain_name(name) for name in names]
    twice = {name for name in plain if plain.count(name) > 1} if len(set(plain)) < len(plain) else set()
    if twice:
        raise LabelTableError(
            f"The table has the column {', '.join(sorted(twice))} more than once. Rename one of them."
        )
    return Cells(names, rows, kind, notes)


def _without_marks_of_bytes(header: Sequence[str], rows: list[list[str]]) -> tuple[str, ...]:
    """Write b'AF', as Python shows bytes, as AF in the columns that hold nothing else; return a note on them."""
    if not any(cell.startswith(("b'", 'b"')) for row in rows[:_FIRST] for cell in row):
        return ()
    found = [
        place
        for place in range(len(header))
        if any(row[place] for row in rows) and all(not row[place] or of_bytes(row[place]) != row[place] for row in rows)
    ]
    for row in rows:
        for place in found:
            row[place] = of_bytes(row[place]).strip()
    named = ", ".join(repr(header[place]) for place in found)
    return (f"Read as texts, being written as bytes (b'…'): {named}.",) if found else ()


def check_size(n_rows: int, n_columns: int) -> None:
    """Refuse a table beyond the limits. Raises LabelTableError."""
    if n_columns > MAX_COLUMNS:
        raise LabelTableError(f"The table has {n_columns:,} columns; at most {MAX_COLUMNS:,} are taken.")
    if n_rows > MAX_ROWS or n_rows * n_columns > MAX_CELLS:
        raise LabelTableError(
            f"The table has {n_rows:,} rows of {n_columns} columns; at most {MAX_ROWS:,} rows and {MAX_CELLS:,} cells "
            "are taken. Part it, or leave out columns that are not needed."
        )


def plain_name(name: str) -> str:
    """Return the name of a column without case, spaces and hyphens: 'File Name' is 'file_name'."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def bare_name(name: str) -> str:
    """Return the name of a column by its letters and digits alone: 'Patient-Nr.' is 'patientnr'."""
    return re.sub(r"[\W_]+", "", name.lower())


def whole(cell: str) -> str:
    """Return an identifier that went through a table of decimals as it was: '15709.0' and '15709,0' are '15709'."""
    return cell[:-2] if cell.endswith((".0", ",0")) and _WHOLE_FLOAT.fullmatch(cell) else cell
