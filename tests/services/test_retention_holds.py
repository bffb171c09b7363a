"""Holds against retention, and any order of rules, holds, imports and passes."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.db.session import write_session
from backend.db.tables import Dataset, DatasetEntry
from backend.services import retention, retention_holds, retention_pass
from backend.services.person import LOCAL
from backend.settings import Settings
from backend.storage import storage_of
from tests.old_recordings import START, Archive

MINUTE = timedelta(minutes=1)


@pytest.fixture
def archive(installed: Settings) -> Archive:
    return Archive(installed)


def _hold(archive: Archive, **what: str) -> str:
    with write_session(archive.settings.resolved_database_url) as session:
        row = retention_holds.add(session, archive.project, "A court has asked for it", LOCAL, **what)
        retention.look_again(session, archive.project, archive.now)
        return row.id


def _release(archive: Archive, hold_id: str) -> None:
    with write_session(archive.settings.resolved_database_url) as session:
        retention_holds.remove(session, retention_holds.get(session, archive.project, hold_id))
        retention.look_again(session, archive.project, archive.now)


def test_a_hold_keeps_and_its_end_gives_days_of_grace(archive: Archive) -> None:
    kept, other = archive.add(START - timedelta(days=400)), archive.add(START - timedelta(days=400))
    archive.rule(365)
    hold = _hold(archive, recording_id=kept)
    assert [one.n_recordings for one in archive.outlook().coming] == [1]
    assert archive.outlook().n_held == 1
    archive.pass_days(60)
    assert archive.left() == {kept}
    assert other not in archive.left()
    _release(archive, hold)
    archive.pass_days(7)
    assert archive.left() == {kept}
    archive.pass_days(1)
    assert archive.left() == set()


def test_a_patient_is_held_in_all_spellings_by_files_and_by_tables(archive: Archive) -> None:
    from backend.pseudonym import normal_form
    from backend.services import patients

    of_file = archive.add(
        START - timedelta(days=400), patient=patients.pseudonym_of(archive.project, normal_form("MRN-7"))
    )
    of_table, nobodys = archive.add(START - timedelta(days=400)), archive.add(START - timedelta(days=400))
    with write_session(archive.settings.resolved_database_url) as session:
        table = Dataset(project_id=archive.project, name="T", file_name="t.csv", task="single_label", labels=["A"])
        session.add(table)
        session.flush()
        told = patients.columns_of(archive.project, "mrn-7")
        told.pop("patient_written")
        session.add(
            DatasetEntry(dataset_id=table.id, recording_id=of_table, row=1, file_name="x", labels=["A"], **told)
        )
    archive.rule(365)
    _hold(archive, patient=" mrn-7 ")
    archive.pass_days(30)
    assert archive.left() == {of_file, of_table}
    assert nobodys not in archive.left()


def test_a_whole_project_is_held(archive: Archive) -> None:
    kept = {archive.add(START - timedelta(days=400)), archive.add(START)}
    archive.rule(1)
    _hold(archive)
    archive.pass_days(30)
    assert archive.left() == kept
    assert archive.outlook() == retention.Outlook([], None, 2)


def test_a_hold_placed_behind_the_back_of_the_notices_counts_too(archive: Archive) -> None:
    """Whatever notices say, it is looked at in the moment of the erasing."""
    one = archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.now += timedelta(days=30)
    with write_session(archive.settings.resolved_database_url) as session:
        retention_holds.add(session, archive.project, "A court has asked", LOCAL, recording_id=one)
    assert retention_pass._erase_some(archive.settings, storage_of(archive.settings), archive.project, archive.now) == 0
    assert archive.left() == {one}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.integers(1, 72)),  # hours that go by before it
        st.tuples(st.just("rule"), st.integers(1, 12)),
        st.tuples(st.just("no rule"), st.just(0)),
        st.tuples(st.just("hold"), st.integers(0, 3)),
        st.tuples(st.just("release"), st.just(0)),
        st.tuples(st.just("import"), st.integers(-14, 14)),  # hours its clock is away from UTC
    ),
    min_size=5,
    max_size=30,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, hour=st.integers(0, 23))
def test_whatever_happens_nothing_goes_that_should_stay(
    installed: Settings, steps: list[tuple[str, int]], hour: int
) -> None:
    """An oracle of hours: what goes is older than the rule says, was told of for 168 hours on end, and is not held."""
    archive = Archive(installed, START.replace(hour=hour))
    imported = {
        archive.add(archive.now - timedelta(hours=50 * n)): archive.now - timedelta(hours=50 * n) for n in range(4)
    }
    days: int | None = None
    told_since: dict[str, datetime] = {}  # since when each could have been known to go, without a break
    holds: dict[str, str] = {}
    for what, n in [*steps, *[("pass", 24)] * 3]:
        if what == "import":
            archive.now += MINUTE
            imported[archive.add(archive.now.astimezone(timezone(timedelta(hours=n))))] = archive.now
        elif what == "rule":
            archive.rule(n)
            days, told_since = n, dict.fromkeys(imported, archive.now)
        elif what == "no rule" and days is not None:
            archive.no_rule()
            days = None
        elif what == "hold":
            one = sorted(imported)[n]
            if one in archive.left() and one not in holds:
                holds[one] = _hold(archive, recording_id=one)
        elif what == "release" and holds:
            one, hold = holds.popitem()
            _release(archive, hold)
            told_since[one] = archive.now
        elif what == "pass":
            archive.now += timedelta(hours=n)
            before = archive.left()
            archive.run()
            gone = before - archive.left()
            for one in gone:
                assert days is not None
                assert archive.now - imported[one] > timedelta(days=days)
                assert archive.now - max(told_since.get(one, imported[one]), imported[one]) >= timedelta(days=7)
                assert one not in holds
            for one in before - gone - set(holds):  # and what is well over all of it does not stay
                if days is not None and archive.now - imported[one] > timedelta(days=days + 9):
                    since = max(told_since.get(one, imported[one]), imported[one])
                    assert archive.now - since < timedelta(days=12), (one, archive.now, imported[one])
