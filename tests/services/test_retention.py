"""Retention: what is erased on which day, what is told before, and what never is. Nobody waits: the clock is turned."""

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier, Thread
from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Housekeeping, Job, RetentionNotice, RetentionRule
from backend.errors import InvalidInputError, NotFoundError
from backend.services import project_deletion, projects, retention, retention_holds, retention_pass
from backend.services.housekeeping import OWED
from backend.services.person import LOCAL
from backend.settings import Settings
from backend.storage import storage_of
from tests.old_recordings import START, Archive

MINUTE = timedelta(minutes=1)


@pytest.fixture
def archive(installed: Settings) -> Archive:
    return Archive(installed)


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
    with read_session(archive.settings.resolved_database_url) as session:
        assert retention.notices(session, archive.project, 0, 50) == ([], 0)
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


@pytest.mark.parametrize("meanwhile", ["nothing", "erased more", "settled"])
def test_what_another_worker_has_erased_meanwhile_is_still_owed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    later = START + timedelta(days=400)

    def rewrite(url: str) -> None:
        """The database is rewritten; another worker erases, or has settled the same debt, before that is noted."""
        with write_session(url) as session:
            row = session.get(Housekeeping, OWED)
            assert row is not None
            if meanwhile == "erased more":
                row.begun_at = later
            elif meanwhile == "settled":
                session.delete(row)

    monkeypatch.setattr(retention_pass, "rewrite", rewrite)
    archive.add(START - timedelta(days=400))
    archive.rule(365)
    archive.pass_days(8)
    assert archive.left() == set()
    with read_session(archive.settings.resolved_database_url) as session:
        owed = session.get(Housekeeping, OWED)
    assert (None if owed is None else owed.begun_at) == (later if meanwhile == "erased more" else None)
