"""The life of a job in a worker, without a queue: whatever happens is written into its row."""

import logging
import threading
import time
from datetime import timedelta

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Job, utc_now
from backend.errors import InvalidInputError
from backend.services import jobs, projects
from backend.settings import Settings
from workers.lifecycle import JobLostError, RunningJob, run


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


def _working_until_stopped(job: RunningJob) -> None:
    for step in range(600):
        job.progress(step / 600, "Working", always=True)
        time.sleep(0.05)
    raise AssertionError("nobody stopped it")


def test_work_that_ends_is_done_with_its_result(url: str, job_id: str) -> None:
    run(job_id, lambda job: {"dataset_id": "d"})
    job = _job(url, job_id)
    assert (job.status, job.progress, job.error) == ("done", 1, None)
    with read_session(url) as session:
        kinds = [(event.kind, event.payload) for event in jobs.events(session, job_id)]
    assert kinds[-2:] == [("result", {"dataset_id": "d"}), ("status", {"status": "done"})]


def test_a_fault_of_the_user_fails_the_job_in_its_own_words(url: str, job_id: str) -> None:
    run(job_id, _raising(InvalidInputError("Add recordings of a second class.")))
    job = _job(url, job_id)
    assert (job.status, job.error) == ("failed", "Add recordings of a second class.")


def test_an_unforeseen_exception_fails_the_job_visibly_and_leaks_nothing(
    url: str, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        run(job_id, _raising(RuntimeError("password=hunter2")))
    job = _job(url, job_id)
    assert job.status == "failed"
    assert "hunter2" not in (job.error or "")
    assert (job.error or "").rstrip(".").split()[-1] in caplog.text
    assert "hunter2" in caplog.text


def test_too_little_memory_is_said_in_words(url: str, job_id: str) -> None:
    run(job_id, _raising(MemoryError()))
    assert "batch size" in (_job(url, job_id).error or "")


def test_a_message_delivered_twice_is_worked_at_once(url: str, job_id: str) -> None:
    done = []
    for _ in range(2):
        run(job_id, lambda job: done.append(job.attempt))
    assert done == [1]


def test_a_message_of_a_job_that_is_gone_does_nothing(on_each_database: Settings) -> None:
    run("0" * 32, _raising(AssertionError("there is nothing to work at")))


def test_work_stops_at_its_next_step_when_it_is_cancelled(url: str, job_id: str) -> None:
    timer = threading.Timer(0.5, _cancel, (url, job_id))
    timer.start()
    run(job_id, _working_until_stopped)
    timer.join()
    assert _job(url, job_id).status == "cancelled"


def test_a_worker_that_lost_its_job_changes_nothing_any_more(url: str, job_id: str) -> None:
    def work(job: RunningJob) -> None:
        with write_session(url) as session:
            session.get_one(Job, job_id).heartbeat_at = utc_now() - timedelta(hours=1)
            assert jobs.claim(session, job_id, "another", 15) is not None
        with pytest.raises(JobLostError):
            job.log("I am still here")
        job.check()

    run(job_id, work)
    job = _job(url, job_id)
    assert (job.status, job.attempt, job.worker) == ("running", 2, "another")
    with read_session(url) as session:
        assert "I am still here" not in [event.payload.get("text") for event in jobs.events(session, job_id)]


def test_a_project_deleted_under_a_job_ends_it_quietly(url: str, job_id: str) -> None:
    def work(job: RunningJob) -> None:
        with write_session(url) as session:
            session.delete(session.get_one(Job, job_id))
        job.log("to nobody")

    run(job_id, work)


def test_the_heartbeat_goes_on_while_the_work_is_silent(url: str, job_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = []

    def work(_running: RunningJob) -> None:
        for _ in range(3):
            time.sleep(1.1)
            beats.append(_job(url, job_id).heartbeat_at)

    run(job_id, work)
    assert beats[0] < beats[1] < beats[2]


def test_no_thread_is_left_after_a_job(url: str, job_id: str) -> None:
    run(job_id, lambda job: None)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]
