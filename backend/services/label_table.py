"""Tables of labels: CSV text → rows of labels, in each of the forms people keep them.

- `file_name,label[,ICD-10]`: one label a row, with its code if there is one;
- several labels in one cell, separated by `;` or `|`;
- one-hot: a column a label, holding 0 or 1;
- values to be learned as numbers: a column `value`, or one `value:NAME` for each, such as `value:LVEF (%)`;
- optionally `patient_id`, and `split` (train/validation/test) or `fold` (numbers).
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.errors import LabelTableError

MAX_ROWS = 2_000_000
LARGEST = 1e12  # of the values: their squares are summed in 32 bits
_COLUMNS = {
    "file_name": ("file_name", "filename", "file", "record", "record_name", "recording", "path", "name", "ecg"),
    "label": ("label", "labels", "diagnosis", "class", "dx", "target"),
    "code": ("icd_10", "icd10", "icd", "code"),
    "patient_id": ("patient_id", "patient", "patientid", "subject_id", "subject"),
    "split": ("split", "part", "set"),
    "fold": ("fold", "strat_fold"),
}
_VALUE = re.compile(r"value(?:\s*:\s*(.+))?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d{1,3})?")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row: `row` counts from 1 without the header; `labels` is empty where none of the labels applies.

    `values` has, for a regression, one value for each label of the table, None where the cell is empty.
    """

    row: int
    file_name: str
    labels: tuple[str, ...]
    patient_id: str | None
    part: str | None
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A table of labels. `labels` are in order of first appearance (one-hot: of the columns)."""

    task: str  # single_label | multi_label | regression
    labels: tuple[str, ...]
    codes: Mapping[str, str]  # label -> ICD-10
    rows: Sequence[LabelRow]
    split_column: str | None  # "split" | "fold"
    notes: Sequence[str]


def parse(data: bytes, file_names: Sequence[str] = ()) -> LabelTable:
    """Read a table of labels from CSV bytes (comma, semicolon or tab; UTF-8, UTF-16 or Latin-1).

    `file_names` are templates such as "stack[{row}]" that build the file name from other columns; the first whose
    columns are all filled counts. Raises LabelTableError, naming the line and what to do.
    """
    text = _decode(data)
    header, lines = _cells(text)
    columns = _find_columns(header, bool(file_names))
    notes: list[str] = []
    targets = _targets(header)
    if targets and "label" in columns:
        raise LabelTableError(
            f"The table has both labels ({header[columns['label']]}) and values ({header[targets[0]]}). Leave one of "
            "them out, or attach two tables."
        )
    one_hot: list[int] = []
    if not targets and "label" not in columns:
        one_hot = _one_hot_columns(header, lines, set(columns.values()))
        used = set(columns.values()) | set(one_hot) | _template_columns(header, file_names)
        ignored = [name for index, name in enumerate(header) if index not in used]
        if ignored:
            notes.append(f"Columns not used: {', '.join(ignored)}.")
        if not one_hot:
            raise LabelTableError(
                f"The table has no column of labels; its columns are {', '.join(header)}. Name one 'label', or give "
                "each label a column of its own holding 0 or 1."
            )
    rows, codes = _rows(header, lines, columns, one_hot, targets, file_names, notes)
    split_column = "split" if "split" in columns else "fold" if "fold" in columns else None
    if targets:
        names = tuple(_VALUE.sub(r"\1", header[index]) or header[index] for index in targets)
        return LabelTable("regression", names, {}, rows, split_column, notes)
    multi = bool(one_hot) or any(len(row.labels) > 1 for row in rows)
    labels = [header[index] for index in one_hot] or list(dict.fromkeys(label for row in rows for label in row.labels))
    if not labels:
        raise LabelTableError("No row of the table has a label. Fill in the column 'label'.")
    if len(labels) > 500:
        raise LabelTableError(
            f"The table has {len(labels)} different labels. Is the column of labels the right one? At most 500 work."
        )
    return LabelTable("multi_label" if multi else "single_label", tuple(labels), codes, rows, split_column, notes)


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """Return the mark that divides the first lines alike into most cells; a label may hold the other marks."""
    first = text.lstrip()[:65536].splitlines()[:50]

    def fit(mark: str) -> tuple[float, int, bool]:
        sizes = [len(line) for line in csv.reader(first, delimiter=mark) if any(line)]
        if not sizes or sizes[0] < 2:
            return 0.0, 0, mark == ","
        return sizes.count(sizes[0]) / len(sizes), sizes[0], mark == ","

    return max(",;\t", key=fit)


def _cells(text: str) -> tuple[list[str], list[list[str]]]:
    if "\0" in text:
        raise LabelTableError("The table of labels is not text. Save it as CSV.")
    try:
        delimiter = _delimiter(text)
        lines = [
            [cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise LabelTableError(f"The table of labels cannot be read as CSV: {error}. Save it again as CSV.") from None
    while lines and not any(lines[0]):
        lines.pop(0)
    if not lines:
        raise LabelTableError("The table of labels is empty. It needs a header such as 'file_name,label' and rows.")
    header, body = lines[0], lines[1:]
    if len(body) > MAX_ROWS:
        raise LabelTableError(f"The table has {len(body)} rows; at most {MAX_ROWS} are taken. Part it.")
    for number, line in enumerate(body, start=1):
        if any(line) and len(line) != len(header):
            raise LabelTableError(
                f"Row {number} of the table has {len(line)} cells, the header has {len(header)}. Put a value with "
                f"{delimiter!r} in it into quotation marks."
            )
    return header, body


def _find_columns(header: Sequence[str], has_templates: bool) -> dict[str, int]:
    plain = [re.sub(r"[\s\-]+", "_", name.strip().lower()) for name in header]
    twice = {name for name in plain if name and plain.count(name) > 1}
    if twice:
        raise LabelTableError(
            f"The table has the column {', '.join(sorted(twice))} more than once. Rename one of them."
        )
    columns: dict[str, int] = {}
    for key, names in _COLUMNS.items():
        for name in names:
            if name in plain and plain.index(name) not in columns.values():
                columns[key] = plain.index(name)
                break
    if has_templates:
        columns.pop("file_name", None)
    elif "file_name" not in columns:
        raise LabelTableError(
            f"The table has no column 'file_name'; its columns are {', '.join(header)}. The first line must be a "
            "header such as 'file_name,label'."
        )
    return columns


def _template_columns(header: Sequence[str], file_names: Sequence[str]) -> set[int]:
    wanted = {name for template in file_names for name in _PLACEHOLDER.findall(template)}
    unknown = wanted - set(header)
    if unknown:
        raise LabelTableError(
            f"The file name asks for the columns {', '.join(sorted(unknown))}; the table has {', '.join(header)}."
        )
    return {header.index(name) for name in wanted}


def _one_hot_columns(header: Sequence[str], lines: Sequence[Sequence[str]], taken: set[int]) -> list[int]:
    found = []
    for index in range(len(header)):
        values = {line[index] for line in lines if index < len(line) and any(line)}
        if index not in taken and header[index] and values and values <= {"0", "1", "0.0", "1.0"}:
            found.append(index)
    return found


def _targets(header: Sequence[str]) -> list[int]:
    return [index for index, name in enumerate(header) if _VALUE.fullmatch(name)]


def _value(cell: str, row: int, column: str) -> float | None:
    """Return a number written with a point or a comma, None for an empty cell."""
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell):
        raise LabelTableError(
            f"Row {row} of the table has {cell[:40]!r} in the column {column!r}. Write a number, or leave it empty."
        )
    value = float(cell.replace(",", "."))
    if abs(value) > LARGEST:
        raise LabelTableError(f"Row {row} of the table has {cell[:40]!r} in the column {column!r}, which is too large.")
    return value


def _rows(
    header: Sequence[str],
    lines: Sequence[Sequence[str]],
    columns: Mapping[str, int],
    one_hot: Sequence[int],
    targets: Sequence[int],
    file_names: Sequence[str],
    notes: list[str],
) -> tuple[list[LabelRow], dict[str, str]]:
    _template_columns(header, file_names)
    rows: list[LabelRow] = []
    codes: dict[str, str] = {}
    nameless = unlabelled = 0
    for number, line in enumerate(lines, start=1):
        if not any(line):
            continue
        cell = {key: line[index] for key, index in columns.items()}
        name = cell.get("file_name", "") or _fill(file_names, header, line)
        if not name:
            nameless += 1
            continue
        labels: tuple[str, ...] = ()
        values = tuple(_value(line[index], number, header[index]) for index in targets)
        if targets:
            if not any(value is not None for value in values):
                unlabelled += 1
                continue
        elif one_hot:
            labels = tuple(header[index] for index in one_hot if float(line[index]) == 1.0)
        else:
            labels = tuple(dict.fromkeys(part.strip() for part in re.split(r"[;|]", cell["label"]) if part.strip()))
            if not labels:
                unlabelled += 1
                continue
            if len(labels) == 1 and cell.get("code"):
                codes.setdefault(labels[0], cell["code"])
        part = cell.get("split") or cell.get("fold") or None
        rows.append(LabelRow(number, name, labels, cell.get("patient_id") or None, part, values))
    if nameless:
        notes.append(f"{nameless} rows have no file name and were left out.")
    if unlabelled:
        notes.append(f"{unlabelled} rows have no {'value' if targets else 'label'} and were left out.")
    return rows, codes


def _fill(file_names: Sequence[str], header: Sequence[str], line: Sequence[str]) -> str:
    values = dict(zip(header, line, strict=True))
    for template in file_names:
        if all(values[name] for name in _PLACEHOLDER.findall(template)):
            return _PLACEHOLDER.sub(lambda match: values[match.group(1)], template)
    return ""
