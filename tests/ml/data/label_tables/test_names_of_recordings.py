"""A row means a recording by its name, and never another one whose name only begins alike."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.finder import asked_for
from backend.ml.data.label_tables.rows import LabelRow
from backend.ml.data.label_tables.said_once import said_once
from tests.label_tables import finder

PARTS = st.integers(0, 999).map(str)
UIDS = st.lists(PARTS, min_size=2, max_size=6).map(".".join)


@settings(deadline=None, max_examples=100)
@given(UIDS, PARTS, PARTS, st.sampled_from(["", ".dcm"]))
def test_a_uid_is_never_that_of_its_neighbour(root, one, other, ending):
    asked = f"{root}.{one}"
    there = f"{root}.{other}"
    found = finder([there + ending]).find(asked)
    assert found == (f"id of {there}{ending}" if one == other else None)


@pytest.mark.parametrize(
    ("row", "recording"), [("scan.v1", "scan.v2"), ("P1.1", "P1.2"), ("2020.01", "2020.02"), ("a.1b", "a.2b")]
)
def test_what_follows_a_point_is_not_always_an_ending(row, recording):
    assert finder([recording]).find(row) is None
    assert finder([row]).find(row)


@pytest.mark.parametrize(
    "ending", ["dcm", "hea", "dat", "mat", "xml", "h5", "hdf5", "npy", "csv", "ecg", "parquet", "edf"]
)
def test_the_ending_of_a_file_does_not_matter(ending):
    found = finder([f"s/00017.{ending}"])
    assert {found.find(name) for name in (f"00017.{ending}", "00017", "s/00017", "00017.abc")} == {
        f"id of s/00017.{ending}"
    }
    assert asked_for(f"00017.{ending}")[2] == "00017"


@settings(deadline=None, max_examples=40)
@given(st.text("aäoöuüéßx1_", min_size=1, max_size=8), st.sampled_from(["NFC", "NFD"]), st.sampled_from(["NFC", "NFD"]))
def test_accents_may_be_written_apart(name, there, asked):
    recording = unicodedata.normalize(there, f"{name}/{name}.csv")
    assert finder([recording]).find(unicodedata.normalize(asked, f"{name}/{name}.csv")) == f"id of {recording}"


def row(number: int, name: str, label: str, patient: str | None = None) -> LabelRow:
    return LabelRow(number, name, (label,), patient, None)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["AF", "SR"])), min_size=1, max_size=9), st.booleans()
)
def test_no_order_of_the_rows_decides_which_label_is_right(said, are_there):
    rows = [row(number, name, label) for number, (name, label) in enumerate(said, start=1)]
    found = [f"id of {name}" if are_there else None for name, _ in said]
    once = said_once(rows, found)
    kept = [(one.file_name, one.labels[0]) for one in rows if one.row not in once.left_out]
    labels = {name: {label for other, label in said if other == name} for name, _ in said}
    assert sorted(kept) == sorted((name, *found) for name, found in labels.items() if len(found) == 1)


def test_rows_of_two_patients_contradict_each_other():
    rows = [row(1, "a", "AF", "p1"), row(2, "a", "AF", "p2"), row(3, "b", "SR", "p1")]
    once = said_once(rows, ["x", "x", "y"])
    assert once.left_out == {1, 2}
    assert "none of them got the label: a (rows 1, 2)" in once.notes[0]


def test_a_name_in_other_capitals_finds_nothing_and_is_told():
    finds = finder(["ECG1.dcm", "ecg2.dcm", "x/ECG3.dcm", "y/ecg3.dcm"])
    assert finds.find("ECG2") is None
    assert finds.find("ecg2") == "id of ecg2.dcm"
    (note,) = finds.capitals_note(["ecg1", "ECG2", "none"])
    assert note.startswith("2 names are there in other capitals only")
    assert "ecg1 (ECG1), ECG2 (ecg2)" in note
    assert finds.capitals_note(["none"]) == []
    assert finds.find("ECG3") == "id of x/ECG3.dcm"
    assert finds.find("ecg3") == "id of y/ecg3.dcm"
