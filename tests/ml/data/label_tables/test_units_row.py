"""A row of units below the names of the columns is no recording, and its units are kept with the names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.cells import read
from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, as_workbook, parse

UNITS = st.sampled_from(["Hz", "ms", "mV", "µV", "years", "Jahre", "bpm", "1/min", "%", "kg", "mmHg"])
AROUND = st.sampled_from(["{}", "[{}]", "({})", "in {}"])


@settings(deadline=None, max_examples=60)
@given(UNITS, AROUND, st.sampled_from(["", "-", "name", "[string]"]), st.sampled_from([as_csv, as_workbook]))
def test_a_row_of_units_is_left_out_and_told(unit, around, beside, write):
    rows = [["file_name", "label", "x"], [beside, beside, around.format(unit)], ["a", "AF", 5], ["b", "SR", 6]]
    table = parse(write(rows))
    assert [(row.row, row.file_name, row.labels) for row in table.rows] == [(2, "a", ("AF",)), (3, "b", ("SR",))]
    cells = read(write(rows))
    assert cells.header == ("file_name", "label", f"x ({unit})")
    assert any("Row 1 says units or types" in note for note in cells.notes)


def test_ages_and_values_are_read_in_the_unit_of_the_row():
    table = parse(b"file_name,age,label\n,months,\na,18,AF\nb,6,SR\n", age="age (months)")
    assert [row.age for row in table.rows] == [1.5, 0.5]
    assert parse(b"file_name,value:QT\n,ms\na,400\nb,410\n").labels == ("QT (ms)",)
    assert parse(b"file_name,QT_ms,label\n,ms,\na,400,AF\nb,410,AF\n").labels == ("AF",)
    assert read(b"file_name,QT_ms,label\n,ms,\na,400,AF\nb,410,AF\n").header[1] == "QT_ms"


def test_a_row_of_types_is_left_out():
    assert parse(b"file_name,label\nstring,string\na,AF\nb,SR\n").labels == ("AF", "SR")
    assert parse(b"file_name,AFIB,LBBB\nstr,0/1,0/1\na,1,0\nb,0,1\n").labels == ("AFIB", "LBBB")


def test_a_row_of_units_that_says_more_is_refused():
    with pytest.raises(
        LabelTableError, match="Row 1 of the table looks like a row of units, with 'Jahre' in the column"
    ):
        parse(b"Datei,Alter,Label\nName der Datei,Jahre,Befund\na,61,AF\nb,62,SR\n")


@pytest.mark.parametrize(
    "table",
    [b"file_name,label\na,V\nb,N\nc,V\n", b"file_name,label,n\ns,V,1\nm,N,2\n",
     b"file_name,label,x\na,V,h\nb,N,3\nc,V,4\n",
     b"file_name,label\na.dcm,text\nb.dcm,AF\n", b"file_name,label\nyears,AF\nb,SR\n",
     b"file_name,sex,label\nm,m,A\nh,m,V\n"],
)  # fmt: skip
def test_recordings_that_are_called_like_units_are_recordings(table):
    n = table.count(b"\n") - 1
    assert [row.row for row in parse(table).rows] == list(range(1, n + 1))
