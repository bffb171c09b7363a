"""Jobs: claimed by exactly one worker, fenced by attempt, numbered events, taken up again when a worker is silent."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend import queue
from backend.db.session import read_session, write_session
from backend.db.tables import Job, Worker, utc_now
from backend.errors import ConflictError, NotFoundError
from backend.services import jobs, projects
from backend.settings import Settings


@pytest.fixture
def url(on_each_database: Settings) -> str:
    return on_each_database.resolved_database_url


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The messages given to the queue: (job, queue)."""
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(queue, "enqueue", lambda kind, job_id, name=None: messages.append((job_id, name)))
    return messages


@pytest.fixture
def job_id(url: str, sent: list[tuple[str, str]]) -> str:
    with write_session(url) as session:
        project = projects.create(session, "P")
        return jobs.create(session, project.id, "runs.train", {"run_id": "r"}).id


def _job(url: str, job_id: str) -> Job:
    with read_session(url) as session:
        return session.get_one(Job, job_id)


def _claim(url: str, job_id: str, worker: str = "w", lease_s: float = 15) -> int | None:
    with write_session(url) as session:
        job = jobs.claim(session, job_id, worker, lease_s)
        return None if job is None else job.attempt


def _silence(url: str, job_id: str, seconds: float = 60) -> None:
    with write_session(url) as session:
        session.get_one(Job, job_id).heartbeat_at = utc_now() - timedelta(seconds=seconds)


def _kinds(url: str, job_id: str) -> list[str]:
    with read_session(url) as session:
        return [str(event.payload.get("status", event.kind)) for event in jobs.events(session, job_id)]


def test_of_many_workers_exactly_one_gets_the_job(url: str, job_id: str) -> None:
    barrier = threading.Barrier(8)

    def race(number: int) -> int | None:
        barrier.wait()
        return _claim(url, job_id, f"worker {number}")

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(race, range(8))) == {None: 7, 1: 1}
    assert _kinds(url, job_id) == ["queued", "running"]


def test_of_many_workers_exactly_one_takes_up_a_lost_job(url: str, job_id: str) -> None:
    _claim(url, job_id)
    _silence(url, job_id)
    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(lambda _: _claim(url, job_id), range(4))) == {None: 3, 2: 1}


def test_a_job_with_a_fresh_heartbeat_is_nobody_elses(url: str, job_id: str) -> None:
    assert _claim(url, job_id) == 1
    assert _claim(url, job_id) is None


def test_events_are_numbered_without_gap_under_concurrency(url: str, job_id: str) -> None:
    def say(number: int) -> None:
        with write_session(url) as session:
            jobs.add_event(session, job_id, "log", {"text": str(number)})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(say, range(40)))
    with read_session(url) as session:
        events = jobs.events(session, job_id)
        assert [event.number for event in events] == list(range(1, 42))
        assert {event.payload.get("text") for event in events[1:]} == {str(n) for n in range(40)}
        assert [event.number for event in jobs.events(session, job_id, after=39)] == [40, 41]


def test_a_worker_that_lost_its_job_can_neither_beat_nor_hold_it(url: str, job_id: str) -> None:
    first = _claim(url, job_id)
    _silence(url, job_id)
    second = _claim(url, job_id)
    assert (first, second) == (1, 2)
    with write_session(url) as session:
        assert jobs.beat(session, job_id, 1) is None
        assert jobs.held(session, job_id, 1) is None
        assert jobs.held(session, job_id, 2) is not None


def test_a_heartbeat_is_renewed(url: str, job_id: str) -> None:
    _claim(url, job_id)
    _silence(url, job_id)
    with write_session(url) as session:
        assert jobs.beat(session, job_id, 1) is not None
    assert _claim(url, job_id) is None


def test_a_waiting_job_is_cancelled_at_once_and_never_started(url: str, job_id: str) -> None:
    with write_session(url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))
    assert _job(url, job_id).status == "cancelled"
    assert _claim(url, job_id) is None


def test_a_running_job_is_asked_to_stop_and_says_so(url: str, job_id: str) -> None:
    _claim(url, job_id)
    with write_session(url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))
    job = _job(url, job_id)
    assert (job.status, job.cancel_requested_at is not None) == ("running", True)
    with read_session(url) as session:
        assert "Cancelling" in jobs.events(session, job_id)[-1].payload["text"]


@pytest.mark.parametrize("status", jobs.FINISHED)
def test_a_job_that_has_ended_cannot_be_cancelled(url: str, job_id: str, status: str) -> None:
    with write_session(url) as session:
        jobs.finish(session, session.get_one(Job, job_id), status)
    with write_session(url) as session, pytest.raises(ConflictError, match=status):
        jobs.request_cancel(session, session.get_one(Job, job_id))


def test_the_job_of_a_silent_worker_is_queued_again(url: str, job_id: str, sent: list[tuple[str, str]]) -> None:
    _claim(url, job_id)
    _silence(url, job_id)
    sent.clear()
    with write_session(url) as session:
        assert jobs.requeue_lost(session, lease_s=15, max_deaths=5) == [job_id]
        assert sent == []  # only what is committed is told
    assert sent == [(job_id, "train-cpu")]
    assert _job(url, job_id).status == "queued"
    assert _claim(url, job_id) == 2


def test_the_job_of_a_living_worker_is_left_alone(url: str, job_id: str) -> None:
    _claim(url, job_id)
    with write_session(url) as session:
        assert jobs.requeue_lost(session, lease_s=15, max_deaths=5) == []


def test_a_job_that_kills_its_workers_is_given_up_in_words(url: str, job_id: str) -> None:
    for attempt in (1, 2, 3):
        assert _claim(url, job_id) == attempt
        _silence(url, job_id)
        with write_session(url) as session:
            jobs.requeue_lost(session, lease_s=15, max_deaths=3)
    job = _job(url, job_id)
    assert (job.status, job.attempt, job.deaths) == ("failed", 3, 3)
    assert "memory" in (job.error or "")


def test_workers_that_were_ended_do_not_count_as_dead(url: str, job_id: str, sent: list[tuple[str, str]]) -> None:
    for attempt in range(1, 9):
        assert _claim(url, job_id, "train@here") == attempt
        sent.clear()
        with write_session(url) as session:
            assert jobs.release(session, "another@here") == []
            assert jobs.release(session, "train@here") == [job_id]
        assert sent == [(job_id, "train-cpu")]
    job = _job(url, job_id)
    assert (job.status, job.deaths) == ("queued", 0)


def test_a_job_that_was_to_be_cancelled_is_cancelled_when_its_worker_is_ended(url: str, job_id: str) -> None:
    _claim(url, job_id, "train@here")
    with write_session(url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))
    with write_session(url) as session:
        assert jobs.release(session, "train@here") == []
    assert _job(url, job_id).status == "cancelled"


def test_a_worker_that_is_dead_counts_whoever_takes_up_its_job(url: str, job_id: str) -> None:
    _claim(url, job_id)
    _silence(url, job_id)
    assert _claim(url, job_id) == 2
    assert _job(url, job_id).deaths == 1


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled(url: str, job_id: str) -> None:
    _claim(url, job_id)
    with write_session(url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))
    _silence(url, job_id)
    with write_session(url) as session:
        assert jobs.requeue_lost(session, lease_s=15, max_deaths=5) == []
    assert _job(url, job_id).status == "cancelled"


def test_a_job_whose_message_was_lost_is_sent_again(url: str, job_id: str, sent: list[tuple[str, str]]) -> None:
    sent.clear()
    with write_session(url) as session:
        assert jobs.send_again(session, ["train-cpu"], waiting_s=600) == []
        assert jobs.send_again(session, ["ingest", "predict"], waiting_s=0) == []  # it waits elsewhere
        assert jobs.send_again(session, ["train-cpu"], waiting_s=0) == [job_id]
    assert sent == [(job_id, "train-cpu")]


def test_a_training_that_waits_for_a_gpu_is_not_sent_again_by_an_idle_worker_without(
    url: str, job_id: str, sent: list[tuple[str, str]]
) -> None:
    with write_session(url) as session:
        session.add(Worker(name="gpu", queues=["train-gpu"], heartbeat_at=utc_now()))
    with write_session(url) as session:
        assert jobs.send_again(session, ["train-cpu"], waiting_s=0) == []
        assert jobs.send_again(session, ["train-gpu"], waiting_s=0) == [job_id]


def test_nothing_is_told_to_the_queue_when_the_work_is_rolled_back(url: str, sent: list[tuple[str, str]]) -> None:
    def create_and_break() -> None:
        with write_session(url) as session:
            jobs.create(session, projects.create(session, "P").id, "projects.demo", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_break()
    assert sent == []


def test_training_goes_to_the_gpu_where_a_worker_with_one_lives(url: str, sent: list[tuple[str, str]]) -> None:
    with write_session(url) as session:
        session.add(Worker(name="gpu", queues=["train-gpu"]))
        project = projects.create(session, "P")
        jobs.create(session, project.id, "runs.train", {})
    with write_session(url) as session:
        session.get_one(Worker, "gpu").heartbeat_at = utc_now() - timedelta(minutes=5)
        jobs.create(session, project.id, "runs.train", {})
    assert [name for _, name in sent] == ["train-gpu", "train-cpu"]


def test_a_job_of_another_project_is_not_found(url: str, job_id: str) -> None:
    with write_session(url) as session:
        other = projects.create(session, "Other")
        with pytest.raises(NotFoundError):
            jobs.get(session, other.id, job_id)


def test_a_project_with_a_running_job_is_not_deleted(url: str, job_id: str) -> None:
    _claim(url, job_id)
    with write_session(url) as session, pytest.raises(ConflictError):
        projects.delete(session, projects.get(session, _job(url, job_id).project_id))
