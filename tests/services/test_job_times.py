"""Time left: a job's own speed, and what earlier ones of the same machine took."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db.session import read_session, write_session
from backend.db.tables import Job, JobEvent, utc_now
from backend.services import job_times, projects
from backend.services.job_times import Earlier, Said, seconds_left
from backend.settings import Settings


def _epoch(epoch: int, most: int, each: float) -> dict[str, object]:
    return {"epoch": epoch, "max_epochs": most, "seconds_left": (most - epoch) * each}


def test_a_job_goes_on_as_fast_as_it_went() -> None:
    assert seconds_left(30.0, 0.25, Earlier(), None) == 90.0
    assert seconds_left(30.0, 0.25, Earlier(whole=1e6), None) == 90.0  # its own speed tells more


def test_a_job_that_has_hardly_begun_is_judged_by_earlier_ones() -> None:
    assert seconds_left(1.0, 0.01, Earlier(), None) is None
    assert seconds_left(1.0, 0.01, Earlier(whole=61.0), None) == 60.0
    assert seconds_left(100.0, 0.01, Earlier(whole=61.0), None) == 1.0


def test_a_training_takes_the_share_of_its_epochs_that_earlier_ones_took() -> None:
    said = Said("epoch", _epoch(10, 100, 2.0), 0.0)
    assert seconds_left(20.0, 0.1, Earlier(), said) == 180.0  # none is known: all of them
    assert seconds_left(20.0, 0.1, Earlier(share=0.4, after=5.0), said) == 65.0  # 30 epochs of 2 s, and the export
    assert seconds_left(20.0, 0.1, Earlier(share=0.05), said) == pytest.approx(36.0)  # longer than usual already
    ended = Said("epoch", _epoch(100, 100, 2.0), 1.0)
    assert seconds_left(200.0, 0.95, Earlier(share=0.4, after=5.0), ended) == 4.0


def test_a_cross_validation_trains_once_more_after_its_last_fold() -> None:
    said = Said("fold", {"seconds_left": 40.0, "seconds": 10.0}, 4.0)
    assert seconds_left(99.0, 0.3, Earlier(), said) == 46.0


@given(st.integers(1, 99), st.floats(0.05, 1.0), st.floats(0, 50), st.floats(0, 100))
def test_what_is_left_of_a_training_is_never_more_than_all_of_its_epochs(
    epoch: int, share: float, after: float, ago: float
) -> None:
    said = Said("epoch", _epoch(epoch, 100, 3.0), ago)
    left = seconds_left(1.0, 0.5, Earlier(share=share, after=after), said)
    assert left is not None
    assert 1.0 <= left <= max(1.0, 3.0 * (100 - epoch) + after - ago) + 1e-6


def test_earlier_jobs_of_the_machine_are_learned_from(on_each_database: Settings) -> None:
    url, now = on_each_database.resolved_database_url, utc_now()
    with write_session(url) as session:
        ids = [projects.create(session, name).id for name in ("Mine", "Of others")]
        for number, seconds in enumerate((40, 50, 90)):  # of all projects
            start = now - timedelta(hours=number + 1)
            job = Job(
                project_id=ids[number % 2], kind="runs.train", status="done", attempt=1, started_at=start,
                finished_at=start + timedelta(seconds=seconds), created_at=start,
            )  # fmt: skip
            session.add(job)
            session.flush()
            told = start + timedelta(seconds=seconds - 10 - number)  # 10, 11, 12 s before the end
            for event, epoch in ((1, 1), (2, 20 + 10 * number)):
                session.add(
                    JobEvent(
                        job_id=job.id, number=event, kind="epoch", payload=_epoch(epoch, 100, 1.0), created_at=told
                    )
                )
        interrupted = Job(
            project_id=ids[0], kind="runs.train", status="done", attempt=2, started_at=now - timedelta(days=1),
            finished_at=now, created_at=now,
        )  # fmt: skip
        running = Job(
            project_id=ids[0], kind="runs.train", status="running", progress=0.2, attempt=1,
            started_at=now - timedelta(seconds=30),
        )  # fmt: skip
        fresh = Job(
            project_id=ids[0], kind="runs.train", status="running", attempt=1, started_at=now - timedelta(seconds=2)
        )
        session.add_all([interrupted, running, fresh])
        session.flush()
        session.add(JobEvent(job_id=running.id, number=1, kind="epoch", payload=_epoch(10, 100, 2.0), created_at=now))
    with read_session(url) as session:
        left = job_times.left_of(session, [session.get_one(Job, running.id), session.get_one(Job, fresh.id)], now)
        assert job_times._earlier(session, "runs.train") == Earlier(50.0, 0.3, 11.0)
    assert left == {running.id: pytest.approx(20 * 2.0 + 11.0), fresh.id: None}
