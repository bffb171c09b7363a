"""Identifiers that may stand for nobody, and several columns of parts: asked about, told, and never silently taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.cells import read
from backend.ml.data.label_tables.choice import choice_from
from backend.ml.data.label_tables.columns import look
from backend.ml.data.label_tables.propose import settle
from backend.ml.errors import LabelChoiceError
from tests.label_tables import as_csv, finder, parse

NOBODY = (
    "unknown", "n/a", "XXX", "XXXX", "xxx-xxx", "k.A.", "k. A.", "keine Angabe", "not available", "unbekannt", "No ID",
    "?", "---", "anonym", "Anonymized", "inconnu", "<NA>", "not known", "Patient unknown", "de-identified",
)  # fmt: skip


def persons(cells: list[str], **asked: object):
    rows = [["file_name", "patient_id", "label"], *[[f"r{n}", cell, "AF"] for n, cell in enumerate(cells)]]
    return parse(as_csv(rows), **asked)


@pytest.mark.parametrize("cell", NOBODY)
def test_words_for_a_patient_who_is_not_known_are_no_patient(cell):
    assert [row.patient_id for row in persons([cell, "p1", cell, cell]).rows] == [None, "p1", None, None]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["0", "000", "-1", "-9", "9999", "99", "1111", "123456", "0.0"]), st.integers(2, 20),
       st.integers(1, 3), st.randoms())  # fmt: skip
def test_a_number_that_stands_for_far_more_rows_than_a_patient_has_is_asked_about(filler, n_patients, each, random):
    cells = [filler] * (3 * each + 2) + [f"p{n}" for n in range(n_patients) for _ in range(each)]
    random.shuffle(cells)
    with pytest.raises(LabelChoiceError, match="it stands for patients who are not known") as asked:
        persons(cells)
    titles = [title for title, _ in asked.value.suggestions]
    assert titles == ["patients by patient_id as it is", "no column of patients"]
    taken = persons(cells, patient="patient_id")
    assert "Now they are one patient." in " ".join(taken.notes)
    assert {row.patient_id for row in persons(cells, patient="").rows} == {None}


def test_the_answers_of_a_question_settle_the_table():
    rows = [["file_name", "patient_id", "label", "split", "fold"]]
    rows += [[f"r{n}", n % 2 * n, "AF", ["train", "test"][n % 2], n % 3] for n in range(12)]
    cells = read(as_csv(rows))
    with pytest.raises(LabelChoiceError) as asked:
        settle(cells, look(cells), finder(()))
    choices = [choice for _, choice in asked.value.suggestions]
    assert [(one["patient"], one["split"], one["fold"]) for one in choices] == [
        (patient, *parts) for patient in ("patient_id", "") for parts in (("split", ""), ("", "fold"), ("", ""))
    ]
    for one in choices:
        assert settle(cells, look(cells), finder(()), choice_from(one)).to_json() == one


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 1))
def test_patients_that_are_numbered_are_real_and_clean_tables_are_not_asked_about(n_patients, each, first):
    cells = [str(first + n) for n in range(n_patients) for _ in range(each)]
    table = persons(cells)
    assert [row.patient_id for row in table.rows] == cells
    assert table.notes == []


def test_an_identifier_of_very_many_rows_is_told_but_not_shown():
    notes = persons([f"p{n}" for n in range(30)] + ["Meier"] * 25).notes
    assert "One identifier of the column 'patient_id' stands in 25 rows, any other in at most 1." in " ".join(notes)
    assert "Meier" not in " ".join(notes)
    assert persons([f"p{n}" for n in range(30)] + ["q"] * 19).notes == []


PARTS = {
    "split": ["train", "train", "val", "test"], "set": ["train", "test", "val", "test"], "fold": [1, 1, 2, 3],
    "strat_fold": [1, 2, 2, 3],
}  # fmt: skip


@pytest.mark.parametrize("names", [("fold", "strat_fold"), ("split", "set"), ("split", "strat_fold"), ("set", "fold")])
def test_several_columns_of_parts_are_asked_about(names):
    rows = [["file_name", "label", *names], *[[f"r{n}", "AF", *(PARTS[one][n] for one in names)] for n in range(4)]]
    with pytest.raises(LabelChoiceError, match=f"several columns of parts that differ: {', '.join(names)}"):
        parse(as_csv(rows))
    for name in names:
        chosen = parse(as_csv(rows), **{"fold" if "fold" in name else "split": name})
        assert [row.part for row in chosen.rows] == [str(part) for part in PARTS[name]]
    assert {row.part for row in parse(as_csv(rows), split="", fold="").rows} == {None}


def test_columns_that_say_the_same_parts_or_none_are_not_asked_about():
    same = parse(b"file_name,label,split,fold\na,AF,train,1\nb,AF,train,1\nc,AF,test,2\n")
    assert [row.part for row in same.rows] == ["train", "train", "test"]
    assert parse(b"file_name,label,fold,strat_fold\na,AF,1,\nb,AF,1,\nc,AF,2,\n").choice.fold == "fold"
