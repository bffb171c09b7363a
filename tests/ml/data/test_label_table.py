"""Reading tables of labels in the forms people keep them; the oracle is the standard library's CSV writer."""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.ecg.errors import UserError
from backend.ecg.readers.facts import identifier
from backend.ml.data.label_tables.columns import (
    CODE_NAMES,
    FOLD_NAMES,
    LABEL_NAMES,
    PATIENT_NAMES,
    RECORDING_NAMES,
    SPLIT_NAMES,
    is_fact,
)
from backend.ml.errors import LabelTableError
from tests.label_tables import parse

# What programs write into a cell without a value, or with an error.
NOTHING = ("nan", "NAN", "<NA>", "#N/A", "NULL", "#REF!", "#DIV/0!")
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12).filter(
    lambda text: text.upper() not in NOTHING and identifier(text) == text
)
LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z"), exclude_characters=";|"), min_size=1, max_size=8
).filter(lambda label: label.upper() not in NOTHING and label == unicodedata.normalize("NFC", label))
# Names of columns that mean something else than a label.
TAKEN = {*RECORDING_NAMES, *LABEL_NAMES, *PATIENT_NAMES, *SPLIT_NAMES, *FOLD_NAMES, *CODE_NAMES}
DELIMITERS = st.sampled_from(",;\t")
NEWLINES = st.sampled_from(["\n", "\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def _write(rows: list[list[str]], delimiter: str, newline: str, quoting: int, encoding: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_programs_write_for_nothing_is_no_label(nothing: str) -> None:
    parsed = parse(f"file_name,label\na,MI\nb,{nothing}\n".encode())
    assert [(row.file_name, list(row.labels)) for row in parsed.rows if row.labels] == [("a", ["MI"])]
    assert list(parsed.labels) == ["MI"]


@given(
    rows=st.lists(
        st.tuples(PLAIN, st.lists(LABELS, min_size=1, max_size=3, unique=True), st.just("") | PLAIN),
        min_size=1,
        max_size=12,
    ),
    delimiter=DELIMITERS,
    newline=NEWLINES,
    encoding=ENCODINGS,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_written_in_any_dialect_is_read_back(rows, delimiter, newline, encoding, quoting) -> None:
    table = [
        ["file_name", "label", "patient_id"],
        *[[name, ";".join(labels), patient] for name, labels, patient in rows],
    ]
    # Labels that are decimals are asked about: they may be values.
    assume(not any(re.fullmatch(r"[-+]?\d*[.,]\d*", ";".join(labels)) for _, labels, _ in rows))
    parsed = parse(_write(table, delimiter, newline, quoting, encoding))
    assert [(row.file_name, list(row.labels), row.patient_id or "") for row in parsed.rows] == rows
    assert [row.row for row in parsed.rows] == list(range(1, len(rows) + 1))
    assert set(parsed.labels) == {label for _, labels, _ in rows for label in labels}
    assert parsed.task == ("multi_label" if any(len(labels) > 1 for _, labels, _ in rows) else "single_label")


@given(
    labels=st.lists(
        LABELS.filter(lambda label: label.strip().lower() not in TAKEN and not is_fact(label)),
        min_size=1,
        max_size=5,
        unique_by=lambda label: label.strip().lower(),
    ),
    bits=st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=8),
    delimiter=DELIMITERS,
    form=st.sampled_from([("0", "1"), ("0.0", "1.0")]),
)
def test_one_hot_columns_are_read_back(labels, bits, delimiter, form) -> None:
    body = [[f"r{n}", *(form[bit] for bit in row[: len(labels)])] for n, row in enumerate(bits)]
    body.append(["last", *[form[1]] * len(labels)])
    data = _write([["file_name", *labels], *body], delimiter, "\n", csv.QUOTE_MINIMAL, "utf-8")
    parsed = parse(data, labels=labels)
    assert parsed.task == "multi_label"
    assert list(parsed.labels) == labels
    for row, (_, *cells) in zip(parsed.rows, body, strict=True):
        assert list(row.labels) == [label for label, cell in zip(labels, cells, strict=True) if cell == form[1]]


def test_a_label_may_be_the_mark_that_divides_other_tables() -> None:
    parsed = parse(b"file_name;,\nr0;0\nlast;1\n", labels=[","])
    assert list(parsed.labels) == [","]
    assert [list(row.labels) for row in parsed.rows] == [[], [","]]


def _complaint(data: bytes) -> str | None:
    try:
        parse(data)
    except UserError as error:
        return str(error)
    return None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_an_error_that_says_what_to_do(data: bytes) -> None:
    assert _complaint(data) is None or len(_complaint(data)) > 20


@given(st.text(st.sampled_from('file_name,label\n;\t"|01 \r\ufeffü'), max_size=80))
def test_any_text_is_a_table_or_an_error_that_says_what_to_do(text: str) -> None:
    assert _complaint(text.encode()) is None or len(_complaint(text.encode())) > 20


def test_the_form_of_the_original_platform_is_read_with_its_codes() -> None:
    table = parse(b"file_name,label,ICD-10\n1.csv,AFIB,I48.9\n2.csv,NORM,\n3.csv,AFIB,I48.9\n")
    assert (table.task, table.labels, dict(table.codes)) == ("single_label", ("AFIB", "NORM"), {"AFIB": "I48.9"})


@pytest.mark.parametrize("column", ["File Name", "filename", "FILE-NAME", "record", "path"])
def test_the_column_of_file_names_has_many_names(column: str) -> None:
    assert parse(f"{column},Label\na,A\n".encode()).rows[0].file_name == "a"


def test_several_labels_stand_in_one_cell() -> None:
    table = parse(b"file_name,label\na,MI; STTC\nb,MI|HYP|MI\nc,NORM\n")
    assert [row.labels for row in table.rows] == [("MI", "STTC"), ("MI", "HYP"), ("NORM",)]


def test_split_and_fold_and_patient_are_kept() -> None:
    table = parse(b"file_name,label,split,patient_id\na,A,train,p1\nb,B,test,\n")
    assert table.split_column == "split"
    assert [(row.part, row.patient_id) for row in table.rows] == [("train", "p1"), ("test", None)]
    assert parse(b"file_name,label,strat_fold\na,A,9\n").rows[0].part == "9"


def test_templates_build_file_names_from_other_columns_and_the_first_that_is_filled_counts() -> None:
    data = b"raw_row,zscored_row,label\n3,,A\n,7,B\n,,C\n"
    table = parse(data, ["raw[{raw_row}]", "z[{zscored_row}]"])
    assert [row.file_name for row in table.rows] == ["raw[3]", "z[7]"]
    assert table.notes == ["1 rows have no file name and were left out."]


def test_a_template_with_an_unknown_column_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LabelTableError, match=r"rows.*raw_row"):
        parse(b"raw_row,label\n1,A\n", ["x[{rows}]"])


def test_rows_without_name_or_label_are_counted_in_a_note_and_empty_lines_are_nothing() -> None:
    table = parse(b"file_name,label\na,A\n,B\nc,\n\n,,\n".replace(b",,\n", b"\n"))
    assert [row.file_name for row in table.rows] == ["a"]
    assert table.notes == ["1 rows have no file name and were left out.", "1 rows have no label and were left out."]


def test_one_hot_rows_without_any_label_are_kept() -> None:
    table = parse(b"file_name,MI,HYP,age\na,1,0,50\nb,0,0,60\n")
    assert [row.labels for row in table.rows] == [("MI",), ()]
    assert (table.choice.labels, table.notes) == (("MI", "HYP"), [])


def test_values_are_numbers_with_point_or_comma_and_an_empty_cell_is_not_known() -> None:
    table = parse(b"file_name;value:LVEF (%);Value: age\na;55,5;61\nb;;1e2\nc;;\nd;-3;\n")
    assert (table.task, table.labels) == ("regression", ("LVEF (%)", "age"))
    assert [row.values for row in table.rows] == [(55.5, 61.0), (None, 100.0), (-3.0, None)]
    assert table.notes == ["1 rows have no value and were left out."]
    assert parse(b"file_name,value\na,5\n").labels == ("value",)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"), (b"  \n ", "empty"), (b"\xef\xbb\xbf", "empty"), (b"a,b\n1,2\n", "file_name"),
        (b"file_name,label\na,A,extra\n", "Row 1"), (b"file_name,label,label\na,A,B\n", "more than once"),
        (b"file_name,age\na,50\n", "column of labels"), (b"file_name,label\na,\n", "No row"),
        (b"PK\x03\x04\0\0", "damaged Excel"), (b"file_name,label\0\n", "not text"), (b"%PDF-1.7", "PDF"),
        (b"file_name,label\n", "No row"), (b"file_name\na\n", "column of labels"), (b"\xff\xfe", "empty"),
        (b'file_name,label\n"a,A\n', "cells"),
        (b"file_name,value\na,high\n", "'high'"), (b"file_name,value:age\na,1e999\n", "too large"),
        (b"file_name,value\na,nan\n", "No row"), (b"file_name,label,value\na,A,5\n", "both labels"),
        (b"file_name,label\n" + b"".join(b"a%d,L%d\n" % (n, n) for n in range(501)), "501 different labels"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_says_why(data: bytes, word: str) -> None:
    with pytest.raises(LabelTableError, match=word) as caught:
        parse(data)
    assert len(str(caught.value)) > 30


def test_a_cell_as_long_as_a_book_is_refused_in_words() -> None:
    with pytest.raises(LabelTableError, match="CSV"):
        parse(b"file_name,label\na," + b"x" * 200_000 + b"\n")


def test_latin_1_of_a_german_spreadsheet_is_read() -> None:
    assert parse("file_name;label\nMüller.csv;Rückwandinfarkt\n".encode("latin-1")).labels == ("Rückwandinfarkt",)


def test_spaces_around_cells_do_not_count() -> None:
    assert parse(b"file_name , label\n a.csv , A \n").rows[0].file_name == "a.csv"
