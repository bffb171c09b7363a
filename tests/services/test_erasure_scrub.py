"""What an erasure takes out of rows that stay: names of who is erased, and never a label, a kind or a key."""

import pytest
from sqlalchemy import JSON, String

from backend.db.tables import Job, Table
from backend.services.erasure_columns import COLUMNS, ways_of
from backend.services.erasure_names import Names, _tells
from backend.services.erasure_rules import RULES
from backend.services.erasure_scrub import GONE, Scrubber

ID, PSEUDONYM = "0123456789abcdef" * 2, "p-" + "5" * 16


def _scrubber() -> Scrubber:
    return Scrubber(
        Names(frozenset({ID, PSEUDONYM}), frozenset({"doe.csv", "in/doe.csv"}), frozenset({"doe", "ecg-1", "12345678"}))
    )


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_each_column_of_texts_of_a_table_that_is_scrubbed_has_one_place(table: str) -> None:
    """A column without one is a column in which patients are forgotten, or labels are taken for names."""
    listed = [name for names in COLUMNS[table].values() for name in names]
    columns = Table.metadata.tables[table].columns
    texts = [one.name for one in columns if isinstance(one.type, JSON | String)]
    assert sorted(listed) == sorted(
        name for name in texts if not columns[name].primary_key and not columns[name].foreign_keys
    )
    assert set(ways_of(table)) == set(listed)


def test_tables_of_columns_are_tables_with_a_rule() -> None:
    assert set(COLUMNS) <= set(RULES)
    assert not [name for name in COLUMNS if isinstance(RULES[name], str)]


def test_names_are_taken_out_of_texts_where_they_stand_by_themselves() -> None:
    text = _scrubber().text
    assert text(f"doe.csv is of {PSEUDONYM}; see recordings/{ID}/signal.") == (
        f"{GONE} is of {GONE}; see recordings/{GONE}/signal."
    )
    assert text("old/doe.csv, “in/doe.csv” and Doe: of doe.") == f"old/{GONE}, “{GONE}” and Doe: of {GONE}."
    stay = "undoe.csv doe.csvx doe.csv.gz ecg-12 ecg-1.csv x-ecg-1 my_doe 112345678"
    assert text(stay) == stay


def test_ids_and_files_are_taken_out_of_json_and_names_out_of_its_texts_alone() -> None:
    told = {
        "train": [ID, "doe", "ab"], ID: 1, "doe": 2, "doe.csv": 3, "deep": [{"note": "of doe", "kind": "doe"}],
        "text": f"12345678 is {ID}", "at": f"x/{ID}", "n": 2,
    }  # fmt: skip
    assert _scrubber().value(told) == {
        "train": ["doe", "ab"], "doe": 2, "deep": [{"note": f"of {GONE}", "kind": "doe"}],
        "text": f"{GONE} is {GONE}", "at": f"x/{GONE}", "n": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("doe", True), ("jane doe", True), ("AFIB", False), ("afib", False), ("flutter", False), ("test", False),
        ("Recordings", False), ("test part", False), ("test.csv", True), ("200", False), ("1200", False),
        ("12.5", False), ("12345", False), ("123456", True), ("2021-03-04", True), ("MRN-1", True), ("ab", False),
    ],
)  # fmt: skip
def test_labels_own_words_and_short_numbers_are_nobodys_name(name: str, tells: bool) -> None:
    assert _tells(name, frozenset({"afib", "atrial flutter", "atrial", "flutter"})) is tells


def test_what_the_platform_knows_by_itself_is_left_whatever_a_file_is_called() -> None:
    job = Job(kind="doe.csv", status="doe", message="1 of doe.csv", payload={"file_name": "doe", "kind": "doe"})
    assert _scrubber().row(job)
    assert (job.kind, job.status, job.message) == ("doe.csv", "doe", f"1 of {GONE}")
    assert job.payload == {"file_name": GONE, "kind": "doe"}
