"""Lists of a project that counts as large: the same recordings in the same order as plain Python finds them.

What makes a project large is set low, so that a few thousand rows are one.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from backend.db.session import engine_for, read_session, write_session
from backend.db.tables import Recording
from backend.services import counting, recording_lists
from backend.services.recording_filters import Filter
from backend.services.recording_lists import Query
from bench.million_rows import TABLES, Made, begin, rows
from tests.installation import same_ids
from tests.servers import database

N = 1500
BLOB = "0" * 64
Row = dict[str, Any]


@pytest.fixture
def large(
    filled_on_each_database: tuple[str, Made, list[Row]], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Made, list[Row]]:
    """A project of 1500 recordings, which is large; all of each recording in one row. A test leaves it as it was."""
    large_from_here(monkeypatch)
    return filled_on_each_database


def large_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call a project large that has a few hundred recordings."""
    monkeypatch.setattr(counting, "LARGE", 256)
    monkeypatch.setattr(counting, "EXACT", 100)
    monkeypatch.setattr(counting, "SAMPLE", 500)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def filled_on_each_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[tuple[str, Made, list[Row]]]:
    with ExitStack() as stack:
        stack.enter_context(same_ids("a large project"))
        url = f"sqlite:///{tmp_path_factory.mktemp('large') / 'large.sqlite'}"
        if request.param == "postgres":
            url = stack.enter_context(database(request.getfixturevalue("postgres_url"), "migrated"))
        else:
            shutil.copy(migrated_sqlite, url.removeprefix("sqlite:///"))
            stack.callback(engine_for(url).dispose)
        yield filled(url)


def filled(url: str) -> tuple[str, Made, list[Row]]:
    """Fill a database with a project of 1500 recordings; gives all of each recording in one row."""
    with write_session(url) as session:
        made = begin(session, N, BLOB)
        everything = list(rows(made, N, BLOB))
        for table in TABLES:
            session.execute(insert(table.__table__), [one[table] for one in everything])
    return url, made, [_flat(one) for one in everything]


def _flat(one: dict[type, Row]) -> Row:
    by_name = {table.__tablename__: row for table, row in one.items()}
    own = by_name["recordings"]
    return own | {
        "codes": [finding["code"] for finding in own["findings"]], "labels": by_name["dataset_entries"]["labels"],
        "predicted": by_name["prediction_results"]["predicted"], "failed": by_name["prediction_results"]["error"],
        "import_id": by_name["import_outcomes"]["import_id"], "duration": own["n_samples"] / own["rate"],
    }  # fmt: skip


DAY = datetime(2015, 6, 1, tzinfo=UTC)
QUESTIONS: dict[str, tuple[Callable[[Made], dict[str, Any]], Callable[[Row], bool]]] = {
    "all": (lambda _: {}, lambda _: True),
    "file": (lambda _: {"search": "-0001"}, lambda r: "-0001" in r["file_name"] or "-0001" in r["name"]),
    "folder": (lambda _: {"search": "WARD07"}, lambda r: "ward07" in r["file_name"]),
    "nothing": (lambda _: {"search": "100%_"}, lambda _: False),
    "record": (lambda _: {"search": "100003"}, lambda r: r["record_id"] == "100003"),
    "a label in the search": (lambda _: {"search": "wpw"}, lambda r: "WPW" in r["labels"]),
    "a frequent label in the search": (lambda _: {"search": "mi"}, lambda r: "MI" in r["labels"] or "mi" in _texts(r)),
    "label": (lambda _: {"label": "norm"}, lambda r: "NORM" in r["labels"]),
    "two labels": (
        lambda made: {"dataset_id": made.dataset, "label": "MI", "and_label": "AFIB"},
        lambda r: {"MI", "AFIB"} <= set(r["labels"]),
    ),
    "findings": (lambda _: {"findings_only": True}, lambda r: bool(r["codes"])),
    "finding": (lambda _: {"finding": "clipped"}, lambda r: "clipped" in r["codes"]),
    "doubtful": (
        lambda _: {"quality": "doubtful"},
        lambda r: bool({"flat_lead", "missing_samples", "clipped", "noise", "wander"} & set(r["codes"])),
    ),
    "good and of a device": (
        lambda _: {"quality": "good", "device": "AT-6 C 5.5", "format": "scp"},
        lambda r: not {"flat_lead", "clipped", "noise", "wander"} & set(r["codes"]) and r["format"] == "scp"
        and r["device"] == "AT-6 C 5.5",
    ),
    "women from 60 to 69": (
        lambda _: {"sex": "F", "age_min": 60, "age_max": 69, "rate": 500.0},
        lambda r: r["sex"] == "F" and r["age"] is not None and 60 <= r["age"] < 70 and r["rate"] == 500,
    ),
    "days": (
        lambda _: {"recorded_from": DAY, "recorded_until": DAY.replace(year=2017)},
        lambda r: r["recorded_at"] is not None and DAY <= r["recorded_at"] < DAY.replace(year=2017),
    ),
    "predicted": (
        lambda made: {"prediction_id": made.prediction, "predicted": "CD"}, lambda r: "CD" in r["predicted"],
    ),
    "disagreement": (
        lambda made: {"prediction_id": made.prediction, "disagreement": True},
        lambda r: r["failed"] is None and set(r["predicted"]) != set(r["labels"]),
    ),
    "import": (lambda _: {"import_id": "0" * 32, "findings_only": True}, lambda r: bool(r["codes"])),
}  # fmt: skip


def _texts(r: Row) -> str:
    texts = [r[name] for name in ("file_name", "name", "record_id", "patient_id", "device", "format")]
    return " ".join(filter(None, texts)).casefold()


def _follow(url: str, project: str, query: Query, size: int) -> tuple[list[str], list[tuple[int, bool]]]:
    """Read a list to its end, each page behind the last recording of the one before."""
    ids: list[str] = []
    totals = []
    while True:
        with read_session(url) as session:
            found, n, about = recording_lists.list_recordings(
                session, project, Query(query.filter, query.sort, query.descending, 1, size, ids[-1] if ids else "")
            )
            totals.append((n, about))
            ids += [row.id for row in found]
        if len(found) < size:
            return ids, totals


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_filter_finds_what_plain_python_finds(large: tuple[str, Made, list[Row]], name: str) -> None:
    url, made, everything = large
    ask, holds = QUESTIONS[name]
    wanted = sorted((row for row in everything if holds(row)), key=lambda r: (r["file_name"], r["index"], r["id"]))
    ids, totals = _follow(url, made.project, Query(Filter(**ask(made))), 200)
    assert ids == [row["id"] for row in wanted]
    ((n, about),) = set(totals)
    is_sample = about or url.startswith("sqlite")
    assert is_sample or n == len(wanted)
    if about:  # about a third of the project is looked at: four standard errors, and two digits
        assert abs(n - len(wanted)) < 4 * (len(wanted) * 2) ** 0.5 + 0.05 * len(wanted)
        assert len(wanted) > 100
    with read_session(url) as session:
        number = recording_lists.list_recordings(session, made.project, Query(Filter(**ask(made)), page=3, size=20))
        assert [row.id for row in number.rows] == ids[40:60]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "sort", ["created_at", "recorded_at", "rate", "duration", "age", "sex", "patient_id", "device", "format"]
)
def test_every_order_is_that_of_plain_python(large: tuple[str, Made, list[Row]], sort: str, descending: bool) -> None:
    url, made, everything = large
    known = [row for row in everything if row[sort] is not None]
    by_file = ("file_name", "index", "id")
    wanted = sorted(known, key=lambda r: (r[sort], *(r[one] for one in by_file)), reverse=descending)
    wanted += sorted(
        (row for row in everything if row[sort] is None), key=lambda r: tuple(r[one] for one in by_file),
        reverse=descending,
    )  # fmt: skip
    order = [row["id"] for row in wanted]
    query = Query(Filter(), sort, descending)
    assert _follow(url, made.project, query, 400)[0] == order
    ends = {0, 1, N - 1, len(known) - 1, min(N - 1, len(known))}  # where those without a value begin, too
    with read_session(url) as session:
        for at in ends | {700}:
            place = recording_lists.place_of(session, made.project, query, order[at])
            assert place.previous_id == (order[at - 1] if at else None)
            assert place.next_id == (order[at + 1] if at + 1 < N else None)
            assert (place.position, place.total) == (at + 1, N) or place.about
        last = recording_lists.list_recordings(session, made.project, Query(Filter(), sort, descending, 15, 100))
        assert [row.id for row in last.rows] == order[1400:]


def test_a_small_list_of_a_large_project_is_counted_and_a_place_in_it_is_exact(
    large: tuple[str, Made, list[Row]],
) -> None:
    url, made, everything = large
    wanted = sorted(
        (row for row in everything if "AFIB" in row["labels"] and row["sex"] == "F"),
        key=lambda r: (r["file_name"], r["index"], r["id"]),
    )  # fmt: skip
    with read_session(url) as session:
        query = Query(Filter(label="AFIB", sex="F"))
        place = recording_lists.place_of(session, made.project, query, wanted[2]["id"])
    assert place == (3, len(wanted), wanted[1]["id"], wanted[3]["id"], False)


def test_a_list_does_not_go_on_behind_a_recording_that_is_gone(large: tuple[str, Made, list[Row]]) -> None:
    url, made, everything = large

    def delete_and_go_on() -> None:  # what fails takes the deletion back
        with write_session(url) as session:
            session.delete(session.get_one(Recording, everything[0]["id"]))
            session.flush()
            recording_lists.list_recordings(session, made.project, Query(after=everything[0]["id"]))

    with pytest.raises(Exception, match="Begin anew"):
        delete_and_go_on()
