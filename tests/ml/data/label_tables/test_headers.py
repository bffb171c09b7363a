"""The first lines of a table and merged cells: titles, names said again, no names at all, sheets, other encodings."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.cells import read
from backend.ml.errors import LabelChoiceError, LabelTableError
from tests.label_tables import as_csv, as_parquet, parse, proposed

WORDS = st.text("abcdefgh 0123456789.-()", min_size=1, max_size=20).filter(lambda text: bool(text.strip(" .-()")))
NAMES = ("a.dcm", "b.dcm", "c.dcm")


def labels_of(data: bytes, **asked: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.file_name, row.labels) for row in parse(data, **asked).rows]


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(",;\t"), st.booleans(), st.sampled_from(["", "# "]))
def test_titles_above_the_names_are_passed_over_and_told(titles, delimiter, as_wide, mark):
    table = as_csv([["file_name", "label"], ["a", "AF"], ["b", "SR"]], delimiter).decode()
    above = "".join(f"{mark}{title.strip()}{delimiter * as_wide}\n" for title in titles)
    found = parse((above + table).encode())
    assert [(row.file_name, row.labels) for row in found.rows] == [("a", ("AF",)), ("b", ("SR",))]
    assert f"Left out: lines above the names of the columns ({len(titles)})." in read((above + table).encode()).notes


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 4), st.integers(1, 3), st.sampled_from(["one-hot", "label"]))
def test_names_that_stand_between_the_rows_are_no_row(parts, each, form):
    header = ["file_name", "AF", "SR"] if form == "one-hot" else ["file_name", "label"]
    rows: list[list[object]] = []
    for part in range(parts):
        rows.append(list(header))
        rows += [[f"r{part}{n}", *((1, 0) if form == "one-hot" else ("AF",))] for n in range(each)]
    assert labels_of(as_csv(rows)) == [(f"r{part}{n}", ("AF",)) for part in range(parts) for n in range(each)]


@pytest.mark.parametrize(
    ("table", "recordings"),
    [("a.dcm,AF\nb.dcm,SR\nc.dcm,AF\n", ()), ("a,1\nb,0\nc,1\n", NAMES),
     ("00001,AF\n00002,SR\n", ("00001.hea", "00002.hea")),
     ("AF;x/a.xml\nSR;x/b.xml\n", ())],
)  # fmt: skip
def test_a_table_without_names_of_columns_is_refused_and_loses_no_row(table, recordings):
    with pytest.raises(LabelTableError, match=r"it looks like a row\. Write a line above it"):
        parse(table.encode(), recordings=recordings)


def test_names_of_columns_may_be_those_of_recordings():
    assert labels_of(b"ecg,label\nb,AF\n", recordings=("ecg.csv", "b.csv")) == [("b", ("AF",))]


@pytest.mark.parametrize(
    "table",
    [",file_name,AF,SR\n0,a,1,0\n1,b,0,1\n", "file_name,AF,idx\na,1,0\nb,0,1\n",
     "file_name,AF,Unnamed: 0\na,1,0\nb,0,1\n",
     "file_name,AF,mrn_no\na,1,0\nb,0,1\n", "file_name,AF,verstorben\na,1,0\nb,0,1\n", "Export,\nx,AF\ny,SR\n"],
)  # fmt: skip
def test_a_column_without_a_name_or_of_facts_becomes_no_label_by_guess(table):
    with pytest.raises(LabelChoiceError):
        parse(table.encode())


@pytest.mark.parametrize("name", ["PatientenNr", "Pat.-ID", "pid", "MRN", "Proband", "participant_id", "patid"])
def test_more_names_of_patients_are_known(name):
    assert proposed(f"file_name,label,{name}\na,AF,7\n".encode()).completed.patient == name


@pytest.mark.parametrize("nobody", ["nan", "NA", "None", "NULL", "?", "-", "unknown", "anonymous", ""])
def test_who_is_not_known_is_not_one_patient(nobody):
    table = parse(f"file_name,label,patient_id,split\na,AF,{nobody},nan\nb,SR,{nobody},train\n".encode())
    assert [(row.patient_id, row.part) for row in table.rows] == [(None, None), (None, "train")]


@pytest.mark.parametrize("column", ["file_name", "patient_id"])
def test_an_identifier_that_a_spreadsheet_has_cut_is_refused(column):
    row = {"file_name": "a", "patient_id": "7", column: "4.21E+15"}
    with pytest.raises(LabelTableError, match="a spreadsheet has cut its digits"):
        parse(as_csv([[*row, "label"], [*row.values(), "AF"]]))


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"]), st.sampled_from(",;\t"))
def test_encodings_with_a_mark_of_their_order_or_without(encoding, delimiter):
    table = as_csv([["file_name", "label"], ["a", "Vorhofflimmern"], ["b", "SR"]], delimiter).decode().encode(encoding)
    assert labels_of(table) == [("a", ("Vorhofflimmern",)), ("b", ("SR",))]


def workbook(*sheets: tuple[str, list[list[object]]], merged: str = "") -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if merged:
            sheet.merge_cells(merged)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 3), st.integers(1, 4), st.integers(0, 2), st.sampled_from(["label", "patient_id"]))
def test_merged_cells_hold_for_each_of_their_rows(above, size, below, column):
    n = above + size + below
    patients = [f"p{min(max(i, above), above + size - 1) if above <= i < above + size else i + 9}" for i in range(n)]
    labels = ["AF" if above <= i < above + size else "SR" for i in range(n)]
    values = {"label": labels, "patient_id": [f"p{i}" for i in range(n)]}
    if column == "patient_id":
        values["patient_id"] = ["same" if above <= i < above + size else one for i, one in enumerate(patients)]
    header = ["file_name", "label", "patient_id"]
    rows: list[list[object]] = [header, *([f"r{i}", values["label"][i], values["patient_id"][i]] for i in range(n))]
    letter = "ABC"[header.index(column)]
    data = workbook(("Sheet", rows), merged=f"{letter}{above + 2}:{letter}{above + size + 1}" if size > 1 else "")
    table = parse(data)
    assert [(row.file_name, row.labels[0], row.patient_id) for row in table.rows] == [
        (f"r{i}", values["label"][i], values["patient_id"][i]) for i in range(n)
    ]


def test_a_title_merged_over_columns_is_a_title():
    rows: list[list[object]] = [["Study", None], [None, None], ["file_name", "label"], ["a", "AF"]]
    assert labels_of(workbook(("One", rows), merged="A1:B1")) == [("a", ("AF",))]


def test_the_sheet_that_names_recordings_is_read_and_the_others_are_told():
    legend: list[list[object]] = [["code", "meaning"], ["AF", "atrial fibrillation"]]
    data = workbook(("Legend", legend), ("Labels", [["file_name", "label"], ["a", "AF"]]))
    assert labels_of(data) == [("a", ("AF",))]
    assert read(data).notes == ("Read from the sheet 'Labels'; left out: 'Legend'.",)


def test_a_question_says_which_sheet_was_read():
    data = workbook(("Legend", [["code", "meaning"], ["AF", "x"]]), ("More", [["one", "two"], ["a", "b"]]))
    with pytest.raises(LabelChoiceError, match="Read from the sheet 'Legend'; left out: 'More'"):
        parse(data)


def test_errors_of_a_spreadsheet_are_no_labels():
    assert labels_of(workbook(("S", [["file_name", "label"], ["a", "#REF!"], ["b", "AF"]]))) == [("b", ("AF",))]


def test_texts_that_parquet_keeps_as_bytes_are_texts():
    data = as_parquet({"ecg_id": [b"1", b"2"], "label": [b"AF", b"SR"], "signal": [b"\xff" * 5000, b"\xfe" * 5000]})
    assert labels_of(data) == [("1", ("AF",)), ("2", ("SR",))]
    assert read(data).notes == ("Left out, as they hold signals: signal.",)


def test_numbers_of_classes_have_the_names_that_stand_beside_them():
    buffer = io.BytesIO()
    np.savez(buffer, y=np.array([[1], [0], [1]]), classes=np.array(["AF", "SR"]))
    stack = ("X.npy[0]", "X.npy[1]", "X.npy[2]")
    assert [labels for _, labels in labels_of(buffer.getvalue(), recordings=stack)] == [("SR",), ("AF",), ("SR",)]
