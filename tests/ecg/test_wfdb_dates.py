"""When a WFDB record was taken: by its record line, else by a comment whose date can be meant in one way alone."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ecg.readers.wfdb.comments import recorded
from backend.ecg.readers.wfdb.header import parse_header

SIGNAL = "r.dat 16 1000(0)/mV 16 0 0 0 0 I"


def start(record: str, *comments: str) -> datetime | None:
    text = "\n".join([record, SIGNAL, *comments, ""])
    return parse_header(text.encode(), "r.hea").start


@pytest.mark.parametrize(
    ("comment", "taken"),
    [
        ("# ECG date: 1991-05-06", datetime(1991, 5, 6)),
        ("# ECG date: 16/05/1991", datetime(1991, 5, 16)),
        ("# ECG date: 05/16/1991", datetime(1991, 5, 16)),
        ("# ECG date: 05/05/1991", datetime(1991, 5, 5)),
        ("# EKG date: 16.05.1991", datetime(1991, 5, 16)),
        ("#Recording date: 06-May-1991 10:12:13", datetime(1991, 5, 6, 10, 12, 13)),
        ("# acquisition_datetime = 1991-05-06T10:12:13.25", datetime(1991, 5, 6, 10, 12, 13, 250000)),
        ("# Date of recording: 19910506", datetime(1991, 5, 6)),
        ("# Recorded on: 1991/05/06 9:12 PM", datetime(1991, 5, 6, 21, 12)),
        ("# age: 81; ECG date: 1991-05-06; sex: F", datetime(1991, 5, 6)),
        ("# Date: 1991-05-06", datetime(1991, 5, 6)),
        ("# ECG date (dd/mm/yyyy): 05/06/1991", datetime(1991, 6, 5)),
        ("# ECG date: 05.06.1991 (MM.DD.YYYY)", datetime(1991, 5, 6)),
    ],
)
def test_a_comment_dates_a_record_whose_record_line_does_not(comment, taken):
    assert start("r 1 500 50", comment) == taken


@pytest.mark.parametrize(
    "comment",
    [
        "# ECG date: 05/06/1991",
        "# ECG date: 05.06.1991",
        "# ECG date: 05-06-1991",
        "# ECG date: 05/06/91",
        "# ECG date: 31/02/1991",
        "# ECG date (dd/mm/yyyy): 05/16/1991",  # contradicts the order it states
        "# ECG date: n/a",
        "# Admission date: 1991-05-06",
        "# Infarction date (acute): 29-Sep-1990",
        "# Date of birth: 1931-05-06",
        "# Additional diagnoses: infarction, date: 1990-05-06",
        "# the ECG date: 1991-05-06 is not certain",
    ],
)
def test_no_date_is_guessed_and_no_other_taken_for_that_of_the_recording(comment):
    assert start("r 1 500 50", comment) is None


def test_the_record_line_goes_before_the_comments():
    assert start("r 1 500 50 10:12:13 06/05/1991", "# ECG date: 1999-12-31") == datetime(1991, 5, 6, 10, 12, 13)


def test_a_time_of_day_is_taken_from_the_record_line_or_a_comment_of_its_own():
    assert start("r 1 500 50 10:12:13.5", "# ECG date: 1991-05-06") == datetime(1991, 5, 6, 10, 12, 13, 500000)
    taken = start("r 1 500 50", "# ECG time: 10:12", "# ECG date: 1991-05-06")
    assert taken == datetime(1991, 5, 6, 10, 12)
    assert start("r 1 500 50", "# ECG time: 10:12") is None


def test_dates_that_contradict_each_other_count_for_nothing():
    assert start("r 1 500 50", "# ECG date: 1991-05-06", "# Recording date: 1991-05-07") is None
    assert start("r 1 500 50", "# ECG date: 1991-05-06", "# Recording date: 06-May-1991") == datetime(1991, 5, 6)
    # A plain date may be that of the file, where another is said to be that of the ECG.
    assert start("r 1 500 50", "# Date: 2004-01-01", "# ECG date: 1991-05-06") == datetime(1991, 5, 6)
    assert start("r 1 500 50", "# Date: 2004-01-01", "# ECG date: 05/06/1991") is None


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from("/.-"), st.booleans(), st.booleans())
def test_numbers_alone_are_read_only_where_they_cannot_be_meant_otherwise(day, mark, month_first, stated):
    numbers = (day.month, day.day) if month_first else (day.day, day.month)
    written = mark.join([*(f"{number:02}" for number in numbers), str(day.year)])
    order = " (mm/dd/yyyy)" if month_first else " (dd/mm/yyyy)"
    found = recorded([f"# ECG date: {written}{order if stated else ''}"])
    clear = stated or day.day > 12 or day.day == day.month
    assert found == (datetime(day.year, day.month, day.day) if clear else None)
