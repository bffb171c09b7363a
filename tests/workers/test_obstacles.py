"""What stands in the way of a job and passes is waited out: a full disk, a database that does not answer."""

import errno
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend.db.session import read_session, write_session
from backend.db.tables import Job
from backend.errors import DiskFullError
from backend.services import jobs, projects
from backend.settings import Settings
from tests.installation import installation
from workers import lifecycle
from workers.lifecycle import RunningJob, run


@pytest.fixture
def url(on_each_database: Settings) -> str:
    return on_each_database.resolved_database_url


@pytest.fixture
def job_id(url: str) -> str:
    with write_session(url) as session:
        return jobs.create(session, projects.create(session, "P").id, "projects.demo", {}).id


def _job(url: str, job_id: str) -> Job:
    with read_session(url) as session:
        return session.get_one(Job, job_id)


def _cancel(url: str, job_id: str) -> None:
    with write_session(url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))


def _raising(error: BaseException):
    def work(_job: RunningJob) -> None:
        raise error

    return work


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "PATIENCE_S", (0.05, 0.1))


def _texts(url: str, job_id: str) -> list[str]:
    with read_session(url) as session:
        return [event.payload["text"] for event in jobs.events(session, job_id) if event.kind == "log"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "full", [OSError(errno.ENOSPC, "No space left on device"), DiskFullError("The disk is full.")], ids=["file", "blob"]
)
def test_a_job_that_finds_the_disk_full_waits_for_room_and_goes_on(url: str, job_id: str, full: Exception) -> None:
    tries = []

    def work(job: RunningJob) -> dict[str, str]:
        tries.append(_job(url, job_id).status)
        if len(tries) < 3:
            raise full
        return {"dataset_id": "d"}

    run(job_id, work)
    job = _job(url, job_id)
    assert (job.status, job.attempt, job.deaths, tries) == ("done", 1, 0, ["running"] * 3)
    assert "disk of the data folder is full" in _texts(url, job_id)[0]
    assert _texts(url, job_id)[-1] == "The job goes on."


@pytest.mark.usefixtures("impatient")
def test_a_job_that_waits_for_room_can_be_cancelled(url: str, job_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "ROOM", 1 << 62)
    timer = threading.Timer(0.5, _cancel, (url, job_id))
    timer.start()
    run(job_id, _raising(OSError(errno.ENOSPC, "No space left on device")))
    timer.join()
    assert _job(url, job_id).status == "cancelled"


@pytest.mark.usefixtures("impatient")
def test_a_job_whose_connections_to_the_database_are_cut_goes_on(
    migrated_postgres: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with installation(tmp_path / "data", database_url=migrated_postgres) as settings:
        url = settings.resolved_database_url
        with write_session(url) as session:
            job_id = jobs.create(session, projects.create(session, "P").id, "projects.demo", {}).id
        tries = []

        def work(job: RunningJob) -> None:
            tries.append(job.attempt)
            with job.session() as session:
                if len(tries) == 1:
                    with psycopg.connect(migrated_postgres, autocommit=True) as other:
                        other.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                jobs.add_event(session, job_id, "log", {"text": "at work"})

        run(job_id, work)
        job = _job(url, job_id)
        assert (job.status, job.attempt, tries) == ("done", 1, [1, 1])
        assert _texts(url, job_id)[-1] == "at work"


@pytest.mark.usefixtures("impatient")
def test_the_end_of_a_job_is_written_as_soon_as_the_database_is_back(
    url: str, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, broken = jobs.finish, [OperationalError("UPDATE", {}, Exception("gone"))] * 2

    def finishing(*args: object) -> None:
        if broken:
            raise broken.pop()
        finish(*args)

    monkeypatch.setattr(jobs, "finish", finishing)
    run(job_id, lambda job: {"dataset_id": "d"})
    job = _job(url, job_id)
    assert (job.status, broken) == ("done", [])
    with read_session(url) as session:
        assert [event.kind for event in jobs.events(session, job_id)].count("result") == 1


def test_a_mistake_in_a_statement_is_a_fault_and_not_waited_out(url: str, job_id: str) -> None:
    def work(job: RunningJob) -> None:
        with job.session() as session:
            session.execute(text("SELECT * FROM no_such_table"))

    run(job_id, work)
    assert "inside the platform" in (_job(url, job_id).error or "")
