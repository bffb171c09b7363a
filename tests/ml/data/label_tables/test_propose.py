"""No column becomes a label by guess: what is taken without asking, what is asked, and what is then proposed."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.superclasses import SUPERCLASS_OF
from backend.ml.errors import LabelChoiceError, LabelTableError
from tests.label_tables import as_csv, finder, parse, proposed
from tests.samples import SHARED

CASES = SHARED.parent / "cases" / "formats"
# What stands beside the labels in published tables, and is none: as 0 and 1, words, or numbers.
ASIDE = st.sampled_from(["sex", "site", "is_male", "cart_id", "nurse", "device", "age", "validated_by_human", "death",
                         "Gender", "PatientAge", "smoker", "ward", "comment", "bandwidth", "row"])  # fmt: skip
CELLS = st.sampled_from(["0/1", "words", "numbers", "true/false"])


def _cell(kind: str, number: int) -> str:
    return {"0/1": str(number % 2), "words": "abc"[number % 3], "numbers": str(number * 1.5),
            "true/false": str(number % 2 == 0)}[kind]  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(ASIDE, CELLS, min_size=2, max_size=6), st.sampled_from(["ecg_id", "file_name", "study_id"]))
def test_a_table_whose_columns_are_not_named_as_labels_is_asked(aside: dict[str, str], name: str) -> None:
    rows = [[name, *aside], *[[f"r{n}", *(_cell(kind, n) for kind in aside.values())] for n in range(8)]]
    assert proposed(as_csv(rows), ["r0.csv", "r1.csv"]).choice is None


@pytest.mark.parametrize(
    ("table", "labels"),
    [
        ("file_name,label\na,AF\n", ["label"]),
        ("ecg_id,age,sex,diagnosis\na,50,1,AF\n", ["diagnosis"]),
        ("record,rhythm\na,AF\nb,SR\n", ["rhythm"]),
        ("file_name,AF,MI,age,device\na,1,0,50,Philips\n", ["AF", "MI"]),
        ("exam_id,AF,MI,patient_id,fold\na,True,False,p,1\n", ["AF", "MI"]),
        ("Dateiname;Diagnose\na;VHF\n", ["Diagnose"]),
    ],
)
def test_what_leaves_no_doubt_is_taken_without_asking(table: str, labels: list[str]) -> None:
    assert list(parse(table.encode()).choice.labels) == labels


@pytest.mark.parametrize(
    "table",
    [
        "file_name,sex\na,M\nb,F\n", "file_name,sex\na,0\nb,1\n", "file_name,AF,is_male\na,1,0\n",
        "file_name,rhythm,beat\na,AF,PVC\n", "file_name,AF,note\na,1,blurred\n", "file_name,score\na,5\n",
        "file_name,label\na,0.73\n",
    ],
)  # fmt: skip
def test_what_leaves_a_doubt_is_asked(table: str) -> None:
    with pytest.raises(LabelChoiceError):
        parse(table.encode())


def test_the_column_of_the_recordings_is_found_among_all() -> None:
    names = [f"records500/00000/{n:05d}_hr.hea" for n in range(1, 21)]
    rows = [["nr", "age", "path", "label"], *[[n, 20 + n, f"records500/00000/{n:05d}_hr", "AF"] for n in range(1, 21)]]
    assert parse(as_csv(rows), recordings=names).choice.recording == ("{path}",)
    short = [[row[0], row[1], row[3]] for row in rows]
    table = parse(as_csv(short), recordings=names)
    assert table.choice.recording == ("{nr:05d}_hr",)
    assert all(finder(names).find(row.file_name) for row in table.rows)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["HR", "JS", "s", "rec-"]), st.sampled_from(["", "_hr", "-a"]), st.integers(0, 6),
    st.lists(st.integers(0, 9999), min_size=2, max_size=9, unique=True), st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_template_of_any_prefix_and_padding_is_found(before, after, digits, numbers, random) -> None:
    names = [f"{before}{number:0{digits}d}{after}.dat" for number in numbers]
    shuffled = list(numbers)
    random.shuffle(shuffled)
    rows = [["ward", "number", "label"], *[["A", number, f"label of {number}"] for number in shuffled]]
    table = parse(as_csv(rows), recordings=names)
    found = {finder(names).find(row.file_name): row.labels for row in table.rows}
    assert found == {f"id of {name}": (f"label of {number}",) for name, number in zip(names, numbers, strict=True)}


def test_two_columns_that_find_different_recordings_are_asked() -> None:
    names = [f"{n}.csv" for n in range(1, 31)]
    rows = [["a", "b", "label"], *[[n, n + 10, "AF"] for n in range(1, 21)]]
    with pytest.raises(LabelChoiceError, match="not the same ones"):
        parse(as_csv(rows), recordings=names)
    assert parse(as_csv(rows), recordings=names, recording=["b"]).rows[0].file_name == "11"


def test_a_column_of_recordings_that_finds_none_is_not_replaced_by_one_that_does_so_by_chance() -> None:
    rows = [["file_name", "dose", "label"], *[[f"r{n}", n, "AF"] for n in range(1, 21)]]
    with pytest.raises(LabelChoiceError, match="file_name finds no recording"):
        parse(as_csv(rows), recordings=[f"{n}.csv" for n in range(1, 21)])
    assert parse(as_csv(rows)).choice.recording == ("{file_name}",)


def test_the_order_of_the_rows_counts_only_where_it_is_chosen() -> None:
    rows = [["exam_id", "label"], *[[f"e{n}", "AF"] for n in range(5)]]
    names = [f"exams.hdf5[{n}]" for n in range(5)]
    with pytest.raises(LabelChoiceError, match=r"exams\[\{#\}\]"):
        parse(as_csv(rows), recordings=names)
    table = parse(as_csv(rows), recordings=names, recording=["exams[{#}]"])
    assert [row.file_name for row in table.rows] == [f"exams[{n}]" for n in range(5)]


def test_the_proposals_for_a_published_table_are_what_its_publishers_label_with() -> None:
    codes = ["1dAVb", "RBBB", "LBBB", "SB", "ST", "AF"]
    rows = [["exam_id", "age", "is_male", *codes, "patient_id", "death", "normal_ecg"]]
    rows += [[n, 50, n > 4, False, n > 3, False, False, n > 5, False, n, False, True] for n in range(9)]
    found = proposed(as_csv(rows))
    assert found.suggestions[0].choice.labels == tuple(codes)
    assert not {"is_male", "death"} & {name for one in found.suggestions for name in one.choice.labels}


def test_a_choice_that_does_not_fit_is_refused_with_the_columns_there_are() -> None:
    table = b"file_name,label\na,AF\n"
    for asked, word in (({"labels": ["lable"]}, "lable"), ({"recording": ["{file}"]}, "'file'"),
                        ({"recording": ["stack"]}, "neither"), ({"labels": ["label"], "values": ["file_name"]}, "both"),
                        ({"labels": ["label", "label"]}, "more than once"), ({"colour": "x"}, "'colour'"),
                        ({"threshold": "high"}, "threshold"), ({"labels": [1]}, "labels")):  # fmt: skip
        with pytest.raises(LabelTableError, match=word):
            parse(table, **asked)


def test_texts_are_divided_by_the_marks_that_are_chosen() -> None:
    table = b"FileName,Beat\nJS1,RBBB TWC\nJS2,NONE\n"
    assert [row.labels for row in parse(table, labels=["Beat"]).rows] == [("RBBB TWC",), ("NONE",)]
    assert [row.labels for row in parse(table, labels=["Beat"], separators=" ").rows] == [("RBBB", "TWC"), ("NONE",)]


def test_several_columns_of_texts_are_read_together() -> None:
    table = parse(b"study_id,report_0,report_1\n1,AF,LBBB\n2,SR,\n3,,\n", labels=["report_0", "report_1"])
    assert [row.labels for row in table.rows] == [("AF", "LBBB"), ("SR",)]
    assert table.notes == ["1 rows have no label and were left out."]


def test_a_code_counts_from_its_likelihood_on_and_what_is_left_out_is_told() -> None:
    data = as_csv([["ecg_id", "scp_codes"], [1, "{'NORM': 80.0, 'SR': 0.0}"], [2, "{'LVH': 35.0, 'MI': 50}"]])
    assert [row.labels for row in parse(data, labels=["scp_codes"]).rows] == [("NORM", "SR"), ("LVH", "MI")]
    table = parse(data, labels=["scp_codes"], threshold=50)
    assert [row.labels for row in table.rows] == [("NORM",), ("MI",)]
    assert table.notes == ["Left out below the likelihood of 50: SR (1), LVH (1)."]
    with pytest.raises(LabelTableError, match="Row 1"):
        parse(as_csv([["ecg_id", "scp_codes"], [1, "{'NORM': high}"]]), labels=["scp_codes"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_the_superclasses_are_those_of_the_publishers() -> None:
    with (SHARED / "ptbxl" / "scp_statements.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row[""]: row["diagnostic_class"] for row in rows if row["diagnostic_class"]} == dict(SUPERCLASS_OF)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_the_published_table_of_ptb_xl_gives_superclasses_in_one_step() -> None:
    data = (SHARED / "ptbxl" / "ptbxl_database_first500.csv").read_bytes()
    names = [f"records500/00000/{n:05d}_hr.hea" for n in range(1, 501)]
    table = parse(data, recordings=names, superclasses=True)
    with (SHARED / "ptbxl" / "labels.csv").open() as file:
        known = {int(row["ecg_id"]): row for row in csv.DictReader(file)}
    compared = 0
    for row in table.rows:
        ecg_id = int(Path(row.file_name).name.removesuffix("_hr"))
        if ecg_id in known:
            wanted = {name for name in table.labels if known[ecg_id][name] == "1"}
            assert (set(row.labels), row.part) == (wanted, known[ecg_id]["strat_fold"])
            compared += 1
    assert (compared > 400, table.choice.patient, table.task) == (True, "patient_id", "multi_label")
    with pytest.raises(LabelChoiceError) as asked:
        parse(data, recordings=names)
    assert [choice["superclasses"] for _, choice in asked.value.suggestions] == [True, False]


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize(
    ("table", "never"),
    [("ptbxl_table_sex_as_label/ptbxl_database.csv", {"sex", "site", "nurse"}),
     ("dataset_mimic-iv-ecg/machine_measurements.csv", {"cart_id", "subject_id"}),
     ("dataset_code15/exams.csv", {"is_male", "death", "patient_id"})],
)  # fmt: skip
def test_published_tables_are_asked_and_facts_never_proposed(table: str, never: set[str]) -> None:
    found = proposed((CASES / table).read_bytes())
    assert found.choice is None
    assert found.suggestions
    assert not never & {name for one in found.suggestions for name in one.choice.labels}
