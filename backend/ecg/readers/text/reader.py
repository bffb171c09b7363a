"""Text tables: CSV, TSV and the like, leads in columns or rows, with or without names, times and units."""

from backend.ecg.errors import MissingLeadsError, UndeclaredError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers.kinds import label_table, of_labels
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.records import read_records
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.text.table import find_numbers, read_table, to_utf8
from backend.ecg.recording import Recording

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
_LOOK = 65536


def _recognises(files: FileSet) -> bool:
    """Text without control characters, no markup, with a line of at least two numbers near its start."""
    try:
        head = to_utf8(files.main.data[:_LOOK])
    except UnreadableFileError:
        return False
    if not head or head.lstrip()[:1] in (b"<", b"{", b"[") or head.translate(None, _CONTROL) != head:
        return False
    return find_numbers(head) is not None


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    table = read_table(files.main.data, min(limits.values, 64 * limits.samples))
    columns = label_table(files.main.data)
    try:
        found = read_records(table, files, options, limits, "csv")
    except (MissingLeadsError, UnreadableFileError, UndeclaredError) as error:
        if columns is None or (isinstance(error, UndeclaredError) and len(columns) >= len(LEADS)):
            raise
        raise UnsupportedFormatError(of_labels(files.name, columns)) from error
    if columns is not None and any(len(columns) < len(one.signal) for one in found):  # a few rows look like leads
        raise UnsupportedFormatError(of_labels(files.name, columns))
    return found


READER = Reader(
    name="csv",
    title="Text table (CSV, TSV, blanks)",
    extensions=(".csv", ".tsv", ".txt"),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="RFC 4180 and what spreadsheets, R, MATLAB and pandas write",
)
