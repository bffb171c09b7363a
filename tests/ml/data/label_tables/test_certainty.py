"""What names the recordings, and what is a label, is taken only where it can hardly be something else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.diagnoses import are_diagnoses, is_diagnosis
from backend.ml.errors import LabelChoiceError
from tests.label_tables import as_csv, finder, parse, proposed

STACK = [f"X.npy[{place}]" for place in range(12)]
IDENTIFIERS = st.sampled_from(["ecg_id", "study_id", "id", "exam_id", "record", "hadm_id", "bed", "QTc"])
NUMBERS = st.lists(st.integers(0, 30), min_size=2, max_size=9, unique=True)
FACTS = [
    "sex_F", "sex_M", "männlich", "is_train", "excluded", "pacemaker", "artifact", "is_valid", "checked", "include",
    "train", "holdout", "weiblich", "gender_F", "duplicate", "consent", "smoking", "M", "F", "Notfall",
    "rhythm_checked",
]  # fmt: skip
FINDINGS = [
    "AFIB", "LBBB", "VHF", "1dAVb", "sinus rhythm", "Linksschenkelblock", "Vorhofflimmern", "NORM", "STTC", "I48.0",
    "426783006", "atrial_flutter", "AtrialFibrillation", "IMI", "left bundle branch block",
    "ST-Hebung", "Long QT", "QT-Verlängerung", "LVQRSAL", "IIAVBII",
]  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(IDENTIFIERS, NUMBERS)
def test_identifiers_are_never_places_in_a_stack_without_a_question(name: str, numbers: list[int]) -> None:
    rows = [[name, "label"], *[[number, "AF"] for number in numbers]]
    choice = proposed(as_csv(rows), STACK).choice
    assert choice is None or not any("[" in template for template in choice.recording)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["row", "index", "ecg_id", "id", "nr"]), NUMBERS, st.integers(0, 40))
def test_a_stack_that_knows_its_recordings_is_never_entered_by_place(name: str, numbers: list[int], start: int) -> None:
    ids = {one: str(start + place) for place, one in enumerate(STACK)}
    found = proposed(as_csv([[name, "label"], *[[number, "AF"] for number in numbers]]), ids)
    assert not any("[" in match.template for match in found.matches)
    if found.choice is not None:
        table = parse(as_csv([[name, "label"], *[[number, "AF"] for number in numbers]]), recordings=ids)
        here = {row.file_name: finder(ids).find(row.file_name) for row in table.rows}
        wanted = {one: f"id of {place}" for place, one in ids.items()}
        assert here == {str(number): wanted.get(str(number)) for number in numbers}


def test_a_column_that_counts_all_rows_from_0_on_gives_places() -> None:
    rows = [["row", "label"], *[[number, "AF"] for number in (3, 0, 7)]]
    assert parse(as_csv(rows), recordings=STACK).choice.recording == ("X[{row}]",)
    rows[2] = ["", "SR"]  # a row of another stack
    rows[1][0] = 0
    assert parse(as_csv(rows), recordings=STACK).choice.recording == ("X[{row}]",)
    for numbers in ((3, 1, 7), (3, 0, 12)):  # counted from 1 perhaps; beyond the end
        found = proposed(as_csv([["row", "label"], *[[number, "AF"] for number in numbers]]), STACK)
        assert found.choice is None
    long = [f"X.npy[{place}]" for place in range(2500)]
    rows = [["row", "label"], *[[number, "AF"] for number in range(2500)]]
    assert proposed(as_csv([*rows[:-1], [2501, "AF"]]), [*long[:-1], "X.npy[2600]"]).choice is None


@pytest.mark.parametrize("name", ["Bett", "HR", "QTc", "bed_no", "Zimmer", "score"])
def test_numbers_that_find_recordings_by_chance_are_asked_about(name: str) -> None:
    names = [f"rec_{number:03d}.dcm" for number in range(1, 100)]
    table = as_csv([[name, "Diagnose"], [60, "AF"], [72, "SR"], [81, "SR"]])
    with pytest.raises(LabelChoiceError, match=r"by chance|names the recordings"):
        parse(table, recordings=names)
    assert parse(table, recordings=names, recording=[f"rec_{{{name}:03d}}"]).rows[0].file_name == "rec_060"


@pytest.mark.parametrize("there", ["7.0", "7", "00007"])
@pytest.mark.parametrize("asked", ["7.0", "7"])
def test_an_identifier_that_went_through_decimals_or_lost_its_zeros_is_found(there: str, asked: str) -> None:
    ids = {"a.csv[0]": there, "a.csv[1]": there.replace("7", "8")}
    table = parse(as_csv([["ecg_id", "label"], [asked.replace("7", "8"), "SR"], [asked, "AF"]]), recordings=ids)
    found = {finder(ids).find(row.file_name): row.labels for row in table.rows}
    assert found == {"id of a.csv[0]": ("AF",), "id of a.csv[1]": ("SR",)}


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_an_ecg_shows_is_known(finding: str) -> None:
    assert is_diagnosis(finding)


@pytest.mark.parametrize(
    "other", [*FACTS, "Innere 1", "Dr. Meier", "GE", "beta_blocker", "left", "site", "nein", "depression", "low"]
)
def test_facts_are_no_diagnoses(other: str) -> None:
    assert not is_diagnosis(other)


@settings(deadline=None, max_examples=40)
@given(st.permutations(["AFIB", "LBBB"]), st.sampled_from(FACTS), st.integers(0, 2))
def test_a_fact_among_columns_of_yes_and_no_is_asked_about_and_named(labels, fact: str, place: int) -> None:
    header = [*labels[:place], fact, *labels[place:]]
    rows = [["file_name", *header], *[[f"r{n}", n % 2, n // 2 % 2, n // 4] for n in range(8)]]
    found = proposed(as_csv(rows))
    assert found.choice is None
    assert set(found.suggestions[0].choice.labels) == {"AFIB", "LBBB"}
    assert parse(as_csv([["file_name", *labels], ["a", 1, 0], ["b", 0, 1]])).choice.labels == tuple(labels)


@pytest.mark.parametrize(
    "cells",
    [
        ["export/a.dcm", "export/b.dcm"], ["0cc175b9c0f1b6a8", "92eb5ffee6ae2fec"], ["Innere 1", "Kardio 2"],
        ["Dr. Meier", "Dr. Huber"], ["GE", "Philips"], [f"sinus rhythm {n}" for n in range(30)], ["pos", "neg"] * 9,
    ],
)  # fmt: skip
def test_words_that_may_be_anything_are_asked_about(cells: list[str]) -> None:
    rows = [["file_name", "station"], *[[f"r{n}", cell] for n, cell in enumerate(cells)]]
    with pytest.raises(LabelChoiceError):
        parse(as_csv(rows))


@given(st.lists(st.sampled_from(FINDINGS), min_size=1))
def test_a_column_of_diagnoses_is_known_but_for_a_spelling_of_its_own(cells: list[str]) -> None:
    assert are_diagnoses(cells, ";|")
    assert are_diagnoses([*FINDINGS, "GE"], ";|")
    assert not are_diagnoses(["GE", "Philips", cells[0]], ";|")


def test_a_ward_that_is_called_class_is_no_label_beside_diagnoses() -> None:
    with pytest.raises(LabelChoiceError, match="the column class, and columns of yes and no such as AFIB"):
        parse(b"file_name,class,AFIB,LBBB\na,A,1,0\nb,B,0,1\n")
    assert parse(b"file_name,class,AFIB\na,NORM,0\nb,AFIB,1\n").choice.labels == ("class",)


@pytest.mark.parametrize(
    ("name", "cells", "is_part"),
    [("split", ["train", "Val", "TEST"], True), ("set", ["train", "test"], True), ("split", ["1", "2", "10"], True),
     ("split", ["0", "1"], False), ("set", ["ptbxl", "georgia"], False), ("part", ["1", "2", "3"], False),
     ("fold", ["1", "10"], True), ("fold", ["fold1", "fold10"], False)],
)  # fmt: skip
def test_a_split_has_parts(name: str, cells: list[str], is_part: bool) -> None:
    table = parse(as_csv([["file_name", "label", name], *[[f"r{n}", "AF", cell] for n, cell in enumerate(cells)]]))
    assert [row.part for row in table.rows] == (cells if is_part else [None] * len(cells))


@pytest.mark.parametrize("code", ["164889003", "17", "A", "yes"])
def test_codes_that_are_none_of_icd_10_are_not_kept_as_such(code: str) -> None:
    assert dict(parse(as_csv([["file_name", "code", "label"], ["a", code, "AFIB"]])).codes) == {}
    assert dict(parse(as_csv([["file_name", "code", "label"], ["a", "I48.0", "AFIB"]])).codes) == {"AFIB": "I48.0"}


def test_a_column_of_codes_alone_is_offered() -> None:
    (only,) = proposed(b"file_name,ICD-10\na,I48.0\nb,I44.7\nc,I48.0\n").suggestions
    assert only.choice.labels == ("ICD-10",)
