"""Tables in every kind of file; the oracles are the libraries that wrote them: csv, openpyxl, pyarrow, NumPy."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.isolation.table import read_table
from backend.ml.data.label_tables.cells import read
from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, as_parquet, as_workbook, parse

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=8)
TABLES = st.lists(
    st.tuples(WORDS, st.integers(-999, 999), st.floats(-9, 9).map(lambda value: round(value, 3)), st.booleans()),
    min_size=1,
    max_size=6,
)
HEADER = ("name", "count", "value", "flag")


def _shown(row: tuple) -> list[str]:
    """Return a row as text; whole numbers without a point, for a workbook knows no other."""
    name, count, value, flag = row
    return [name, str(count), str(int(value)) if value.is_integer() else str(value), str(flag)]


@settings(deadline=None, max_examples=30)
@given(TABLES)
def test_a_workbook_says_what_was_written_into_it(rows: list[tuple]) -> None:
    rows = [row for row in rows if not row[0].startswith("=")]  # a formula
    cells = read(as_workbook([HEADER, *rows]))
    assert cells.header == HEADER
    assert cells.rows == [_shown(row) for row in rows]


@settings(deadline=None, max_examples=30)
@given(TABLES)
def test_a_parquet_table_says_what_was_written_into_it(rows: list[tuple]) -> None:
    cells = read(as_parquet({name: [row[index] for row in rows] for index, name in enumerate(HEADER)}))
    assert cells.header == HEADER
    assert [[row[0], row[1], float(row[2]), row[3]] for row in cells.rows] == [
        [name, str(count), value, str(flag)] for name, count, value, flag in rows
    ]


@settings(deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from("?iufb"))
def test_arrays_of_zero_and_one_are_one_column_a_class(bits: list[list[bool]], kind: str) -> None:
    array = np.array(bits).astype(kind if kind != "u" else np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, y=array, classes=np.array(["AF", "MI", "CD"]), x=np.zeros((len(bits), 12, 4)))
    table = parse(buffer.getvalue(), recordings=[f"X.npy[{n}]" for n in range(len(bits))], labels=["AF", "MI", "CD"])
    assert table.choice.recording == ("X[{#}]",)
    wanted = [tuple(name for name, bit in zip(("AF", "MI", "CD"), row, strict=True) if bit) for row in bits]
    assert [row.labels for row in table.rows] == wanted
    assert [row.file_name for row in table.rows] == [f"X[{n}]" for n in range(len(bits))]


@pytest.mark.parametrize("values", [np.array(["AF", "SR", "AF"]), np.array([b"AF", b"SR", b"AF"]), np.array([0, 1, 0]),
                                    np.array([0.0, 2.0, 0.0])])  # fmt: skip
def test_one_label_a_record_of_the_only_stack_needs_no_choice(values) -> None:
    buffer = io.BytesIO()
    np.save(buffer, values)
    table = parse(buffer.getvalue(), recordings=["X.npy[0]", "X.npy[1]", "X.npy[2]"])
    assert [row.file_name for row in table.rows] == ["X[0]", "X[1]", "X[2]"]
    assert table.rows[0].labels == table.rows[2].labels != table.rows[1].labels
    assert table.task == "single_label"


def test_pickled_arrays_are_never_loaded(tmp_path) -> None:
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    for save in (np.save, np.savez):
        buffer = io.BytesIO()
        save(buffer, np.array([Evil(), "AF"], dtype=object), allow_pickle=True)
        with pytest.raises(LabelTableError, match="pickle"):
            read(buffer.getvalue())
    assert not (tmp_path / "owned").exists()


def test_german_spreadsheets_are_read() -> None:
    text = "sep=;\r\nDateiname;Diagnose;EF\r\nMüller.csv;Vorhofflimmern;55,5\r\n"
    table = parse(text.encode("cp1252"))
    assert (table.rows[0].file_name, table.labels) == ("Müller.csv", ("Vorhofflimmern",))
    values = parse(text.encode("utf-16"), values=["EF"])
    assert values.rows[0].values == (55.5,)
    with pytest.raises(LabelTableError, match=r"comma.*point"):
        parse(b"file_name;EF\na;55,5\nb;1.234\n", values=["EF"])


def test_a_yes_and_no_may_be_said_in_german() -> None:
    for yes, no in (("ja", "nein"), ("WAHR", "FALSCH"), ("1", "0"), ("True", "False"), ("x", "")):
        table = parse(f"file_name,VHF,LSB\na,{yes},{no}\nb,{no},{yes}\n".encode(), labels=["VHF", "LSB"])
        assert [row.labels for row in table.rows] == [("VHF",), ("LSB",)]


def test_a_cell_that_says_neither_yes_nor_no_is_not_a_no() -> None:
    table = parse(b"file_name,AF,MI\na,True,False\nb,,True\nc,False,False\n")
    assert [row.file_name for row in table.rows] == ["a", "c"]
    assert "1 rows say of a label neither yes nor no" in table.notes[0]


def test_a_workbook_shows_numbers_as_its_format_does_and_names_the_sheets_left_out() -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.active.title = "leer"
    for name in ("Befunde", "Rest"):
        sheet = workbook.create_sheet(name)
        sheet.append(["", ""])
        sheet.append(["file_name", "label"])
        sheet.append([17, "AF"])
        sheet.cell(3, 1).number_format = "00000"
        sheet.append([None, None])
    buffer = io.BytesIO()
    workbook.save(buffer)
    cells = read(buffer.getvalue())
    assert cells.rows == [["00017", "AF"]]
    assert cells.notes == ("Read from the sheet 'Befunde'; left out: 'Rest'.",)


def _bomb(size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return buffer.getvalue()


def test_a_workbook_that_expands_without_end_is_refused_before_it_is_expanded() -> None:
    with pytest.raises(LabelTableError, match="expands"):
        read(_bomb(8 << 20))


def test_entities_that_expand_without_end_are_refused() -> None:
    sheet = as_workbook([("file_name", "label"), ("a", "AF")])
    buffer = io.BytesIO()
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            is_sheet = part.filename.startswith("xl/worksheets/")
            new.writestr(part.filename, laughs if is_sheet else old.read(part))
    with pytest.raises(LabelTableError, match="cannot be read"):
        read_table(buffer.getvalue())


def test_what_others_libraries_read_is_read_in_a_process_of_its_own_alike() -> None:
    rows = [["file_name", "label"], ["a", "AF"], ["b", "SR"]]
    for data in (as_workbook(rows), as_parquet({"file_name": ["a", "b"], "label": ["AF", "SR"]})):
        cells = read_table(data)
        assert cells == read(data)
        assert cells.rows == rows[1:]
        with pytest.raises(LabelTableError, match=r"damaged|cannot be read"):
            read(data[: len(data) // 2])


def test_columns_of_signals_beside_labels_are_left_out() -> None:
    data = as_parquet({"ecg_id": [1, 2], "label": ["AF", "SR"], "II": [[0.1] * 500] * 2, "codes": [["A", "B"], ["C"]]})
    cells = read(data)
    assert (cells.header, cells.notes) == (("ecg_id", "label", "codes"), ("Left out, as they hold signals: II.",))
    table = parse(data, labels=["codes"])
    assert [row.labels for row in table.rows] == [("A", "B"), ("C",)]


@given(
    st.binary(max_size=200), st.sampled_from([b"PAR1", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"PK\x03\x04y.npy", b""])
)
def test_any_bytes_are_a_table_or_refused_in_words(data: bytes, magic: bytes) -> None:
    try:
        cells = read(magic + data)
    except LabelTableError as error:
        cells, said = None, str(error)
    assert len(said) > 20 if cells is None else {len(row) for row in cells.rows} <= {len(cells.header)}


def test_a_table_of_another_program_says_what_it_is() -> None:
    for data, word in ((b"%PDF-1.4", "PDF"), (b"\xd0\xcf\x11\xe0", ".xls"), (b"\x89PNG", "picture")):
        with pytest.raises(LabelTableError, match=word):
            read(data)
    with pytest.raises(LabelTableError, match="zip file"):
        read(_zip({"a.csv": b""}))


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_trailing_empty_cells_of_a_spreadsheet_do_not_count() -> None:
    assert read(b"file_name,label\na,AF,,\n,,,\n").rows == [["a", "AF"]]
    assert as_csv([["a"]]) == b"a\n"
