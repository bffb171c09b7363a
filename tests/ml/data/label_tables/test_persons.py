"""Sex and age in a table: chosen, never taken by their name, and never guessed out of numbers."""

import pytest

from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, parse

ROWS = [
    ["file_name", "label", "sex", "age"],
    ["a", "MI", "F", "63"], ["b", "NORM", "männlich", "63,5"], ["c", "MI", "", "300"], ["d", "NORM", "unknown", "nan"],
]  # fmt: skip


def test_a_column_of_sex_or_age_is_used_only_where_it_is_chosen() -> None:
    table = parse(as_csv(ROWS), sex="sex", age="age")
    assert [(row.sex, row.age) for row in table.rows] == [("F", 63), ("M", 63.5), (None, None), (None, None)]
    assert [note.split(":")[1].strip() for note in table.notes] == ["their sex is not known.", "theirs is not known."]
    assert {(row.sex, row.age) for row in parse(as_csv(ROWS)).rows} == {(None, None)}


@pytest.mark.parametrize(("column", "cell", "said"), [("sex", "0", "Write F and M"), ("age", "old", "Write years")])
def test_what_cannot_be_understood_without_a_guess_is_refused(column: str, cell: str, said: str) -> None:
    line = {"sex": "F", "age": "50"} | {column: cell}
    rows = [*ROWS, ["e", "MI", line["sex"], line["age"]]]
    with pytest.raises(LabelTableError, match=f"Row 5 of the table.*{cell}.*{said}"):
        parse(as_csv(rows), sex="sex", age="age")
