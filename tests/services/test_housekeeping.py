"""What is done now and then: by one worker, not oftener than due, and only to what has ended."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import (
    AnsweredRequest,
    ApiKey,
    Housekeeping,
    Job,
    JobEvent,
    LoginFailure,
    LoginSession,
    OneTimeLink,
    Recording,
)
from backend.services import api_keys, housekeeping, logins, users
from backend.settings import Settings
from backend.storage import storage_of
from tests.old_recordings import START, Archive

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("clock", [timedelta(minutes=9, seconds=59), timedelta(minutes=10)])
def test_it_is_begun_once_in_ten_minutes(installed: Settings, clock: timedelta) -> None:
    storage = storage_of(installed)
    assert housekeeping.run(installed, storage, NOW)
    assert not housekeeping.run(installed, storage, NOW)
    assert housekeeping.run(installed, storage, NOW + clock) == (clock >= housekeeping.EVERY)


def test_a_clock_that_was_a_year_ahead_stops_nothing(installed: Settings) -> None:
    url = installed.resolved_database_url
    assert housekeeping.begun(url, "a", housekeeping.EVERY, NOW + 365 * DAY)
    assert housekeeping.begun(url, "a", housekeeping.EVERY, NOW)
    assert not housekeeping.begun(url, "a", housekeeping.EVERY, NOW)


def test_of_many_workers_one_begins(on_each_database: Settings) -> None:
    url, barrier, found = on_each_database.resolved_database_url, Barrier(6), []
    for moment in (NOW, NOW + HOUR):

        def work(moment: datetime = moment) -> None:
            barrier.wait()
            found.append(housekeeping.begun(url, "a", housekeeping.EVERY, moment))

        threads = [Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found.count(True) == 2


def test_it_erases_what_is_due(installed: Settings) -> None:
    archive = Archive(installed)
    archive.add(START - 400 * DAY)
    archive.rule(365)
    storage = storage_of(installed)
    for days in (0, 7):
        assert housekeeping.run(installed, storage, START + days * DAY)
        assert len(archive.left()) == 1
    assert housekeeping.run(installed, storage, START + 8 * DAY)
    with read_session(installed.resolved_database_url) as session:
        assert session.query(Recording).count() == 0
        assert [row.name for row in session.query(Housekeeping)] == ["all"]  # the database was rewritten


@pytest.fixture
def old_things(installed: Settings) -> Settings:
    """Of each kind one that has ended, and one that has not; `kept` or `gone` stands in their names."""
    archive = Archive(installed)
    with write_session(installed.resolved_database_url) as session:
        user = users.add(session, "anna")
        for name, begun, used in (
            ("kept", NOW - 6 * DAY, NOW - HOUR), ("gone after a week", NOW - 8 * DAY, NOW),
            ("gone unused", NOW - DAY, NOW - 13 * HOUR),
        ):  # fmt: skip
            session.add(LoginSession(token_hash=name, user_id=user.id, created_at=begun, last_used_at=used))
        session.add(OneTimeLink(token_hash="kept", user_id=user.id, expires_at=NOW + HOUR))
        session.add(OneTimeLink(token_hash="gone", user_id=user.id, expires_at=NOW - HOUR))
        for name, last, until in (
            ("kept", NOW - 23 * HOUR, NOW), ("gone", NOW - 25 * HOUR, NOW - 24 * HOUR),
            ("kept, it is blocked still", NOW - 25 * HOUR, NOW + HOUR),
        ):  # fmt: skip
            session.add(LoginFailure(key=name, count=9, last_at=last, blocked_until=until))
        for name, hours in (("kept", 23), ("gone", 25)):
            at = NOW - hours * HOUR
            session.add(AnsweredRequest(project_id=archive.project, key=name, digest="x", created_at=at, body=b"AFIB"))
        for name, kind, status, days in (
            ("kept", "webhooks.deliver", "done", 89), ("gone", "webhooks.deliver", "failed", 91),
            ("kept, unfinished", "webhooks.deliver", "running", 91), ("kept, a training", "runs.train", "done", 9000),
        ):  # fmt: skip
            ended = None if status == "running" else NOW - days * DAY
            job = Job(project_id=archive.project, kind=kind, status=status, finished_at=ended, message=name)
            session.add(job)
            session.flush()
            session.add(JobEvent(job_id=job.id, number=1, kind="log", payload={"text": name}))
        key, _ = api_keys.add(session, user.id, "kept", "viewer", 1, None)
        key.expires_at = NOW - 100 * DAY
    return installed


def test_only_what_has_ended_is_forgotten(old_things: Settings) -> None:
    housekeeping.run(old_things, storage_of(old_things), NOW)
    with read_session(old_things.resolved_database_url) as session:
        left = [
            *(row.token_hash for row in session.query(LoginSession)),
            *(row.token_hash for row in session.query(OneTimeLink)),
            *(row.key for row in session.query(LoginFailure)), *(row.key for row in session.query(AnsweredRequest)),
            *(row.message for row in session.query(Job)), *(row.payload["text"] for row in session.query(JobEvent)),
            *(row.name for row in session.query(ApiKey)),
        ]  # fmt: skip
    assert len(left) == 12
    assert all(one.startswith("kept") for one in left)


def test_a_session_that_is_forgotten_would_not_have_let_anybody_in(old_things: Settings) -> None:
    with read_session(old_things.resolved_database_url) as session:
        alive = {row.token_hash for row in session.query(LoginSession) if logins.is_alive(row, old_things, NOW)}
    assert alive == {"kept"}
