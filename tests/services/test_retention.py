"""Retention: what is erased on which day, what is told before, and what never is. Nobody waits: the clock is turned."""

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, DatasetEntry, Job, RetentionNotice, RetentionRule
from backend.errors import InvalidInputError, NotFoundError
from backend.services import project_deletion, projects, retention, retention_holds, retention_pass
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


def test_without_a_rule_nothing_is_ever_erased(archive: Archive) -> None:
    one = archive.add(START - timedelta(days=20_000))
    archive.now += timedelta(days=20_000)
    assert archive.run() is None
    assert archive.left() == {one}


def test_what_is_old_already_is_told_first_and_goes_after_seven_whole_days(archive: Archive) -> None:
    old, young = archive.add(START - timedelta(days=400)), archive.add(START - timedelta(days=100))
    archive.rule(365)
    seen = archive.outlook()
    assert [(one.erase_on, one.n_recordings) for one in seen.coming] == [(date(2026, 3, 9), 1)]
    assert seen.then_on == date(2026, 11, 22)  # 2025-11-21 and 366 days
    archive.pass_days(7)
    assert archive.left() == {old, young}
    archive.now = datetime(2026, 3, 8, 23, 59, 59, tzinfo=UTC)
    archive.run()
    assert archive.left() == {old, young}
    archive.now = datetime(2026, 3, 9, tzinfo=UTC)
    done = archive.run()
    assert archive.left() == {young}
    assert done is not None
    assert (done.n_erased, done.n_noticed) == (1, 0)
    assert archive.outlook().coming == []


def test_in_the_run_of_things_a_recording_goes_on_its_very_day(archive: Archive) -> None:
    """Imported on 1 March at 12, kept for 30 days: on 31 March it is 30 days old, on 1 April it is older."""
    archive.rule(30)
    archive.now += timedelta(hours=1)
    one = archive.add(START)
    told: list[date] = []
    for day in range(1, 31):
        archive.now = START + timedelta(days=day)
        archive.run()
        told += [coming.erase_on for coming in archive.outlook().coming]
        assert archive.left() == {one}, archive.now
    assert len(told) == 8  # on the days 23 to 30
    assert set(told) == {date(2026, 4, 1)}
    archive.now = datetime(2026, 4, 1, tzinfo=UTC) - MINUTE
    archive.run()
    assert archive.left() == {one}
    archive.now += MINUTE
    archive.run()
    assert archive.left() == set()


@pytest.mark.parametrize("hours", [-12, -1, 0, 5, 14])
def test_days_are_those_of_utc_wherever_somebody_is(archive: Archive, hours: int) -> None:
    here = timezone(timedelta(hours=hours))
    late = datetime(2026, 2, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    one = archive.add(late.astimezone(here))
    archive.now = datetime(2026, 2, 1, 23, 59, 59, 999_999, tzinfo=UTC).astimezone(here)
    archive.rule(10)
    archive.now = datetime(2026, 2, 3, 23, 59, 59, tzinfo=UTC).astimezone(here)
    archive.run()
    assert archive.outlook().coming == []
    archive.now = datetime(2026, 2, 4, tzinfo=UTC).astimezone(here)
    archive.run()
    assert archive.outlook().coming == [retention.Coming(date(2026, 2, 12), 1)]
    archive.now = datetime(2026, 2, 11, 23, 59, 59, tzinfo=UTC).astimezone(here)
    archive.run()
    assert archive.left() == {one}
    archive.now = datetime(2026, 2, 12, tzinfo=UTC).astimezone(here)
    archive.run()
    assert archive.left() == set()


def test_a_rule_that_is_removed_in_the_days_of_grace_erases_nothing(archive: Archive) -> None:
    one = archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.pass_days(7)
    archive.no_rule()
    archive.pass_days(30)
    assert archive.left() == {one}
    archive.rule(365)  # and set again it begins anew
    archive.pass_days(7)
    assert archive.left() == {one}
    archive.pass_days(1)
    assert archive.left() == set()


def test_a_rule_that_is_changed_begins_its_days_of_grace_anew(archive: Archive) -> None:
    one = archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.pass_days(7)
    archive.rule(300)
    archive.pass_days(7)
    assert archive.left() == {one}
    archive.rule(3650)
    archive.pass_days(30)
    assert archive.left() == {one}
    assert archive.outlook().coming == []


def test_on_a_dry_run_nothing_is_changed(archive: Archive) -> None:
    one = archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.now += timedelta(days=8)
    archive.add(START - timedelta(days=390))
    url = archive.settings.resolved_database_url
    before = _everything(archive)
    (plan,) = retention_pass.plan(url, archive.now)
    assert (plan.n_noticed, plan.n_erased, plan.waits) == (1, 1, False)
    with read_session(url) as session:
        retention.preview(session, archive.project, 1, archive.now)
    assert _everything(archive) == before
    done = archive.run()
    assert done is not None
    assert (done.n_noticed, done.n_erased) == (plan.n_noticed, plan.n_erased)
    assert one not in archive.left()


def _everything(archive: Archive) -> list[Any]:
    from backend.db.tables import Table

    with read_session(archive.settings.resolved_database_url) as session:
        return [session.execute(table.select()).all() for table in Table.metadata.sorted_tables]


def test_a_preview_says_what_the_rule_then_does(archive: Archive) -> None:
    for days in (400, 400, 361, 358, 357, 10):
        archive.add(START - timedelta(days=days))
    with read_session(archive.settings.resolved_database_url) as session:
        seen = retention.preview(session, archive.project, 365, archive.now)
    archive.rule(365)
    assert seen == archive.outlook()
    assert sum(one.n_recordings for one in seen.coming) == 4  # 358 days: due on the very day of the longest grace
    assert seen.then_on == date(2026, 3, 10)


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


def test_nothing_is_erased_while_a_job_goes_on_and_what_is_due_goes_afterwards(archive: Archive) -> None:
    url = archive.settings.resolved_database_url
    one = archive.add(START - timedelta(days=400))
    archive.rule(365)
    with write_session(url) as session:
        job = Job(project_id=archive.project, kind="runs.train", status="running")
        session.add(job)
        session.flush()
        job_id = job.id
    archive.pass_days(20)
    assert archive.left() == {one}
    with read_session(url) as session:
        assert retention_pass.waits(session, session.get_one(RetentionRule, archive.project), archive.now)
    (plan,) = retention_pass.plan(url, archive.now)
    assert (plan.n_erased, plan.waits) == (0, True)
    with write_session(url) as session:
        session.get_one(Job, job_id).status = "done"
    archive.run()
    assert archive.left() == set()


def test_several_workers_at_once_erase_each_recording_once(on_each_database: Settings) -> None:
    archive = Archive(on_each_database)
    for n in range(5):
        archive.add(START - timedelta(days=400 + n))
    archive.rule(365)
    archive.now += timedelta(days=30)
    barrier, found = Barrier(4), []

    def work() -> None:
        barrier.wait()
        found.append(archive.run())

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert archive.left() == set()
    assert sum(done.n_erased for done in found if done is not None) == 5
    with read_session(on_each_database.resolved_database_url) as session:
        assert session.get_one(RetentionRule, archive.project).n_erased == 5


def test_a_project_that_is_being_deleted_is_left_to_that(archive: Archive) -> None:
    archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.now += timedelta(days=30)
    url = archive.settings.resolved_database_url
    with write_session(url) as session:
        projects.delete(session, projects.get(session, archive.project))
    assert archive.run() is None
    project_deletion.finish(url, storage_of(archive.settings), archive.project)
    with read_session(url) as session:
        assert session.query(RetentionRule).count() == session.query(RetentionNotice).count() == 0


@pytest.mark.parametrize(
    ("days", "reason"), [(0, "The law"), (-1, "The law"), (36_501, "The law"), (10, " "), (10, "")]
)
def test_a_rule_takes_days_and_a_reason(archive: Archive, days: int, reason: str) -> None:
    with write_session(archive.settings.resolved_database_url) as session:
        with pytest.raises(InvalidInputError):
            retention.put(session, archive.project, days, reason, LOCAL)
        with pytest.raises(NotFoundError):
            retention.remove(session, archive.project)
        with pytest.raises(NotFoundError):
            retention_holds.add(session, archive.project, "Because", LOCAL, recording_id="none")


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
