"""Tables of labels attached to recordings: what matches, what does not, and that nobody gets another's label."""

import pytest

from tests.api_calls import Api, refusal
from tests.samples import csv_file, npy_file


def _upload(api: Api, *names: str) -> dict[str, str]:
    """Upload a recording of each name; return name -> id."""
    report = api.upload({name: csv_file(number) for number, name in enumerate(names)}, rate="100", units_per_mv="1000")
    return {outcome["file_name"]: outcome["recording_ids"][0] for outcome in report["outcomes"]}


def _labels(api: Api) -> dict[str, list[str]]:
    return {row["file_name"]: row["labels"] for row in api.recordings()}


def test_the_report_counts_what_fits_and_what_does_not(api: Api) -> None:
    _upload(api, "1.csv", "2.csv", "3.csv", "4.csv")
    shown = api.dataset(
        "file_name,label,ICD-10,patient_id,fold\n1.csv,AFIB,I48.9,p1,1\n2.csv,NORM,,p1,2\n9.csv,AFIB,I48.9,p9,1\n3.csv,AFIB,,p3,1\n"
    )
    assert {key: shown[key] for key in ("n_rows", "n_matched", "n_unmatched", "n_unlabelled", "n_patients")} == {
        "n_rows": 4, "n_matched": 3, "n_unmatched": 1, "n_unlabelled": 1, "n_patients": 2,
    }  # fmt: skip
    assert shown["counts"] == [
        {"label": "AFIB", "code": "I48.9", "n_rows": 3, "n_recordings": 2, "values": None},
        {"label": "NORM", "code": None, "n_rows": 1, "n_recordings": 1, "values": None},
    ]
    assert (shown["parts"], shown["unmatched"], shown["unlabelled"]) == ({"1": 2, "2": 1}, ["9.csv"], ["4.csv"])


NAMES = pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("1.csv", "1.csv"), ("1.csv", "1"), ("1.csv", "./1.csv"), ("ward/1.csv", "1.csv"), ("ward/1.csv", "ward/1"),
        ("1.csv", "C:\\data\\1.csv"), ("study/ward/1.csv", "ward\\1.csv"), ("1.csv", "1.hea"), ("1.2.csv", "1.2"),
    ],
)  # fmt: skip


@NAMES
def test_a_row_finds_its_recording_by_any_of_its_names(api: Api, stored: str, written: str) -> None:
    _upload(api, stored)
    assert api.dataset(f"file_name,label\n{written},A\n")["n_matched"] == 1


@NAMES
def test_a_row_that_waits_finds_its_recording_by_any_of_its_names(api: Api, stored: str, written: str) -> None:
    api.url()
    api.dataset(f"file_name,label\n{written},A\nother/%_1,B\n")
    _upload(api, stored, "z.csv")
    assert _labels(api) == {stored: ["A"], "z.csv": []}


def test_a_label_never_goes_to_a_file_of_the_same_name_in_another_folder(api: Api) -> None:
    _upload(api, "anna/ecg.csv")
    shown = api.dataset("file_name,label\nbert/ecg.csv,MI\nanna/ecg.csv,NORM\n")
    assert _labels(api) == {"anna/ecg.csv": ["NORM"]}
    assert shown["unmatched"] == ["bert/ecg.csv"]
    api.upload({"bert/ecg.csv": csv_file(9)}, rate="100", units_per_mv="1000")
    assert _labels(api) == {"anna/ecg.csv": ["NORM"], "bert/ecg.csv": ["MI"]}


def test_a_name_that_several_recordings_have_gives_its_label_to_none_and_says_so(api: Api) -> None:
    _upload(api, "anna/ecg.csv", "bert/ecg.csv")
    shown = api.dataset("file_name,label\necg.csv,MI\n")
    assert (shown["n_matched"], shown["unmatched"]) == (0, ["ecg.csv"])
    assert "2 recordings" in shown["notes"][0]
    assert "folder" in shown["notes"][0]


def test_rows_that_differ_label_nothing_and_rows_that_repeat_count_once(api: Api) -> None:
    _upload(api, "1.csv", "2.csv")
    shown = api.dataset("file_name,label\n1.csv,A\n1,B\n2,A\n2.csv,A\n")
    assert _labels(api) == {"1.csv": [], "2.csv": ["A"]}
    assert shown["n_rows"] == 1
    assert "1 rows say again what a row above says of the same recording: 2 (rows 3, 4)." in shown["notes"]
    assert "none of them got the label: 1.csv (rows 1, 2)" in " ".join(shown["notes"])


def test_labels_may_come_before_the_recordings(api: Api) -> None:
    dataset = api.dataset("file_name,label\n1.csv,A\n2.csv,B\n")
    assert dataset["n_matched"] == 0
    _upload(api, "1.csv")
    assert api.get(f"/datasets/{dataset['id']}")["n_matched"] == 1
    api.upload({"ward/2.csv": csv_file(9)}, rate="100", units_per_mv="1000")
    assert _labels(api) == {"1.csv": ["A"], "ward/2.csv": ["B"]}


def test_records_of_a_stack_are_named_by_their_number(api: Api) -> None:
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.random.default_rng(0).normal(0, 1, (3, 12, 500)).astype(np.float32))
    api.upload({"stack.npy": buffer.getvalue()}, unit="arbitrary", rate="100")
    names = sorted(row["name"] for row in api.recordings())
    shown = api.dataset("row,label\n" + "".join(f"{n},L{n}\n" for n in range(3)), file_names=["stack[{row}]"])
    assert shown["n_matched"] == 3, names
    assert [row["file_name"] for row in api.recordings()] == [f"stack.npy[{n}]" for n in range(3)]
    again = api.upload({"stack.npy": buffer.getvalue()}, unit="arbitrary", rate="100")["outcomes"][0]
    assert (again["status"], again["detail"]) == ("duplicate", "Already here as stack.npy.")


def test_one_hot_labels_are_a_task_with_several_labels_at_once(api: Api) -> None:
    _upload(api, "1.csv", "2.csv")
    shown = api.dataset("file_name,MI,HYP\n1.csv,1,1\n2.csv,0,0\n")
    assert (shown["task"], shown["labels"]) == ("multi_label", ["MI", "HYP"])
    assert _labels(api) == {"1.csv": ["MI", "HYP"], "2.csv": []}


def test_the_newest_table_says_what_a_recording_shows(api: Api) -> None:
    _upload(api, "1.csv", "2.csv")
    api.dataset("file_name,label\n1.csv,A\n2.csv,A\n", name="First")
    newest = api.dataset("file_name,label\n1.csv,B\n", name="Second")
    assert _labels(api) == {"1.csv": ["B"], "2.csv": ["A"]}
    assert [row["name"] for row in api.get("/datasets")] == ["Second", "First"]
    assert api.client.delete(api.url(f"/datasets/{newest['id']}")).status_code == 204
    assert _labels(api) == {"1.csv": ["A"], "2.csv": ["A"]}


@pytest.mark.parametrize(
    "table",
    [b"", b"\0\1\2", npy_file(), b"file_name\n1.csv\n", b"file_name,label\n1.csv,A,B\n", "änö".encode("utf-16-le")],
)
def test_a_table_that_cannot_be_used_is_refused_and_nothing_of_it_stays(api: Api, table: bytes) -> None:
    refusal(api.label(table), 422, "LabelTableError")
    assert api.get("/datasets") == []


def test_a_hostile_cell_is_a_label_like_any_other(api: Api) -> None:
    _upload(api, "1.csv", "2.csv")
    hostile = "__import__('os').system('touch /tmp/owned')"
    shown = api.dataset(f'file_name,label\n1.csv,"{hostile}"\n2.csv,<script>alert(1)</script>\n')
    assert shown["labels"] == [hostile, "<script>alert(1)</script>"]


def test_ten_thousand_rows_are_attached_in_one_request(api: Api) -> None:
    import time

    started = time.monotonic()
    shown = api.dataset("file_name,label\n" + "".join(f"{n}.csv,L{n % 5}\n" for n in range(10_000)))
    assert shown["n_unmatched"] == 10_000
    assert len(shown["unmatched"]) == 1000
    assert time.monotonic() - started < 60  # a second on a free machine; minutes where rows are asked for one by one


def test_a_newer_table_of_values_hides_no_label_and_its_values_are_shown_beside(api: Api) -> None:
    """The newest table counted alone, and of one with values the labels are empty: the list showed nothing."""
    _upload(api, "1.csv", "2.csv", "3.csv")
    api.dataset("file_name,label\n1.csv,MI\n2.csv,NORM\n")
    api.dataset("file_name,value:LVEF (%),value:age\n1.csv,35.5,70\n2.csv,,50\n3.csv,60,40\n")
    shown = {row["file_name"]: (row["labels"], row["values"]) for row in api.recordings()}
    assert shown == {
        "1.csv": (["MI"], {"LVEF (%)": 35.5, "age": 70.0}),
        "2.csv": (["NORM"], {"age": 50.0}),
        "3.csv": ([], {"LVEF (%)": 60.0, "age": 40.0}),
    }
    assert [row["file_name"] for row in api.recordings(label="MI")] == ["1.csv"]
    assert [row["file_name"] for row in api.recordings(search="norm")] == ["2.csv"]
    api.dataset("file_name,value:LVEF (%)\n1.csv,40\n")
    assert {row["file_name"]: row["values"] for row in api.recordings()}["1.csv"] == {"LVEF (%)": 40.0}


def test_recordings_are_sorted_by_values_as_numbers(api: Api) -> None:
    _upload(api, "1.csv", "2.csv", "3.csv")
    api.dataset("file_name,value:LVEF (%)\n1.csv,100\n2.csv,9.5\n3.csv,20\n")
    order = [row["file_name"] for row in api.recordings(sort="label")]
    assert order == ["2.csv", "3.csv", "1.csv"]
    assert [row["file_name"] for row in api.recordings(sort="label", order="desc")] == order[::-1]
