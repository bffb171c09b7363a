"""Labels and names of which a spreadsheet has made dates: refused as labels, told as names."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, as_workbook, parse

FORMS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%d-%b", "%d-%b-%y", "%b-%y", "%d. %b", "%Y-%m-%d %H:%M:%S",
    "%d. %B %Y",
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.sampled_from(FORMS), st.lists(st.sampled_from(["AF", "SR"])))
def test_a_label_that_is_a_date_is_refused(day, form, others):
    rows = [["file_name", "label"], *[[f"r{n}", label] for n, label in enumerate([*others, day.strftime(form), "MI"])]]
    with pytest.raises(LabelTableError, match=rf"Row {len(others) + 1} of the table has the date .* for a label"):
        parse(as_csv(rows))


@pytest.mark.parametrize("cell", ["2. Jan", "02. Jan", "1. Mrz", "Mrz 24", "1-Mär", "3-Okt", "Dez 24"])
def test_dates_of_german_spreadsheets_are_known(cell):
    with pytest.raises(LabelTableError, match="Give the column the format of text"):
        parse(as_csv([["file_name", "label"], ["a", cell], ["b", "AF"]]))


def test_a_date_in_a_workbook_is_no_label():
    with pytest.raises(LabelTableError, match="Row 2 of the table has the date '2024-03-01T00:00:00'"):
        parse(as_workbook([["file_name", "label"], ["a", "AF"], ["b", datetime(2024, 3, 1)]]))


def test_a_number_of_days_among_words_is_told_and_numbers_are_not():
    assert "Labels such as 44927 stand among words" in " ".join(parse(b"file_name,label\na,44927\nb,AF\nc,SR\n").notes)
    assert parse(b"file_name,label\na,44927\nb,44928\nc,44927\n").notes == []
    assert parse(b"file_name,dx\na,426177001\nb,AF\nc,SR\n").notes == []


@pytest.mark.parametrize(
    "label", ["1-2", "MAR1", "2nd degree AV block", "I48.0", "1.2.10", "Mar", "1AVB", "12", "3-fach"]
)
def test_labels_that_are_no_dates_stay(label):
    assert parse(as_csv([["file_name", "label"], ["a", label], ["b", "AF"], ["c", label]])).labels == (label, "AF")


def test_names_of_which_some_have_become_dates_are_told_and_dates_as_names_are_not():
    some = parse(b"file_name,patient_id,label\nSEP10,p1,AF\n1-Mar,2. Jan,AF\nA3,1-3,AF\n")
    assert sum("have a date for" in note for note in some.notes) == 2
    days = [[str(date(2024, 1, 1) + timedelta(n)), "AF"] for n in range(5)]
    assert parse(as_csv([["file_name", "label"], *days])).notes == []
