"""A training that is stopped keeps its best epoch; one that was cancelled or has failed goes on where it stood."""

import threading
from collections.abc import Callable

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Model, Run
from backend.errors import ConflictError
from backend.services import checkpoints, job_control, jobs, runs
from backend.settings import Settings, get_settings
from tests.trained import QUICK, TINY, Trained
from workers import runs as worker
from workers.lifecycle import RunningJob, run

LONG = QUICK | {"max_epochs": 30, "patience": 30}


def _queue(trained: Trained, training: dict[str, object], **more: object) -> tuple[str, str]:
    request = runs.Request(
        trained.dataset_id, "Long", architecture="inception_time", architecture_config=TINY, training=training,
        split=more.get("split", {"method": "holdout"}),
    )  # fmt: skip
    with write_session(get_settings().resolved_database_url) as session:
        row = runs.create(session, trained.project_id, request)
        return row.id, row.job_id


def _during(epoch: int, ask: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something in the middle of a training: as soon as it has told that epoch, and heard of at once."""
    tell = worker._tell

    def told(job: RunningJob, event: object, *rest: object) -> None:
        tell(job, event, *rest)  # type: ignore[arg-type]
        if event.epoch == epoch:  # type: ignore[attr-defined]
            ask(job.id)
            with job.read() as session:
                row = session.get_one(Job, job.id)
            if row.stop_requested_at is not None:
                job._stopping.set()
            if row.cancel_requested_at is not None:
                job._cancelled.set()

    monkeypatch.setattr(worker, "_tell", told)


def _stop(job_id: str) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        job_control.stop_and_keep(session, session.get_one(Job, job_id))


def _cancel(job_id: str) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        jobs.request_cancel(session, session.get_one(Job, job_id))


def _told(job_id: str, kind: str) -> list[dict]:
    with read_session(get_settings().resolved_database_url) as session:
        return [event.payload for event in jobs.events(session, job_id) if event.kind == kind]


def _model_of(run_id: str) -> Model | None:
    with read_session(get_settings().resolved_database_url) as session:
        found = runs.model_ids(session, [run_id]).get(run_id)
        return session.get_one(Model, found) if found else None


def test_a_training_that_is_stopped_ends_with_the_model_of_its_best_epoch(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, job_id = _queue(trained, LONG)
    _during(3, _stop, monkeypatch)
    run(job_id, worker.train)
    with read_session(get_settings().resolved_database_url) as session:
        assert session.get_one(Job, job_id).status == "done"
    epochs = _told(job_id, "epoch")
    assert [one["epoch"] for one in epochs] == [1, 2, 3]
    best = max(one["epoch"] for one in epochs if one["best"])
    (note,) = [one["text"] for one in _told(job_id, "note") if "Stopped early" in one["text"]]
    assert note == f"Stopped early by a person: epoch {best}, the best of 3 out of 30, is kept."
    model = _model_of(run_id)
    assert model is not None
    assert model.evaluation["n"] > 0
    assert not checkpoints.place(get_settings().data_dir, run_id).exists()


def test_before_its_first_epoch_a_training_has_nothing_to_keep(trained: Trained) -> None:
    run_id, job_id = _queue(trained, LONG)
    with pytest.raises(ConflictError, match="No epoch is done"):
        _stop(job_id)
    with write_session(get_settings().resolved_database_url) as session:
        session.get_one(Job, job_id).stop_requested_at = session.get_one(Job, job_id).created_at  # asked all the same
    run(job_id, worker.train)
    with read_session(get_settings().resolved_database_url) as session:
        assert session.get_one(Job, job_id).status == "cancelled"
    assert _model_of(run_id) is None
    assert "there is no model to keep" in _told(job_id, "log")[-1]["text"]


def test_a_cancelled_training_goes_on_from_its_last_epoch_as_if_it_had_not_been(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = QUICK | {"max_epochs": 4, "patience": 4}
    whole, whole_job = _queue(trained, training)
    run(whole_job, worker.train)
    run_id, job_id = _queue(trained, training)
    with monkeypatch.context() as patch:
        _during(2, _cancel, patch)
        run(job_id, worker.train)
    assert _model_of(run_id) is None
    assert checkpoints.place(get_settings().data_dir, run_id).exists()
    with write_session(get_settings().resolved_database_url) as session:
        job = job_control.resume(session, session.get_one(Job, job_id))
        assert (job.status, job.cancel_requested_at, job.finished_at) == ("queued", None, None)
    run(job_id, worker.train)
    assert [one["epoch"] for one in _told(job_id, "epoch")] == [1, 2, 3, 4]
    assert [one["val_loss"] for one in _told(job_id, "epoch")] == [one["val_loss"] for one in _told(whole_job, "epoch")]
    resumed, uninterrupted = _model_of(run_id), _model_of(whole)
    assert resumed is not None
    assert uninterrupted is not None
    assert resumed.evaluation["macro_auroc"] == uninterrupted.evaluation["macro_auroc"]
    with (
        pytest.raises(ConflictError, match="this one is done"),
        write_session(get_settings().resolved_database_url) as session,
    ):
        job_control.resume(session, session.get_one(Job, job_id))


def test_what_is_no_training_or_has_no_model_yet_cannot_be_stopped_with_one(trained: Trained) -> None:
    _, folds = _queue(trained, QUICK, split={"method": "cross_validation", "folds": 3})
    with write_session(get_settings().resolved_database_url) as session:
        jobs.add_event(session, folds, "epoch", _an_epoch())
        with pytest.raises(ConflictError, match="cross-validation has no model"):
            job_control.stop_and_keep(session, session.get_one(Job, folds))
        demo = jobs.create(session, trained.project_id, "projects.demo", {})
        with pytest.raises(ConflictError, match="Only a training"):
            job_control.stop_and_keep(session, demo)
        jobs.finish(session, demo, "done")
        with pytest.raises(ConflictError, match="nothing to stop"):
            job_control.stop_and_keep(session, demo)
        push = jobs.create(session, trained.project_id, "exchanges.push", {})
        jobs.finish(session, push, "failed", "No.")
        with pytest.raises(ConflictError, match="Start it anew"):
            job_control.resume(session, push)


def _an_epoch() -> dict[str, object]:
    numbers = {"train_loss": 1.0, "val_loss": 1.0, "macro_auroc": 0.5, "macro_f1": 0.5, "learning_rate": 0.1}
    return {"epoch": 1, "seconds": 1.0, "best": True, "max_epochs": 3, "seconds_left": 2.0} | numbers


def test_a_stop_is_heard_of_by_the_heartbeat_of_a_running_job(installed: Settings) -> None:
    from backend.services import projects

    url = installed.resolved_database_url
    with write_session(url) as session:
        job_id = jobs.create(session, projects.create(session, "P").id, "runs.train", {}).id
    heard = threading.Event()

    def work(job: RunningJob) -> None:
        with job.session() as session:
            jobs.add_event(session, job.id, "epoch", _an_epoch())
        _stop(job.id)
        while not job.stopping():
            job.pause(0.05)
        assert not job.cancelled()
        heard.set()

    run(job_id, work)  # type: ignore[arg-type]
    assert heard.is_set()


def test_old_checkpoints_are_forgotten_and_those_one_may_go_on_from_are_kept(trained: Trained) -> None:
    from datetime import timedelta
    from os import utime

    from backend.db.tables import utc_now

    data = get_settings().data_dir
    run_id, job_id = _queue(trained, QUICK)
    for name in (run_id, trained.run_id, "0" * 32):
        place = checkpoints.place(data, name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"weights")
    url = get_settings().resolved_database_url
    with write_session(url) as session:
        jobs.finish(session, session.get_one(Job, job_id), "cancelled")

    def left() -> set[str]:
        with read_session(url) as session:
            checkpoints.forget_old(session, data)
        return {file.stem for file in (data / "checkpoints").iterdir()}

    assert left() == {run_id, "0" * 32}  # that of a run that is done is gone; a new one may have no row yet
    utime(checkpoints.place(data, "0" * 32), (0, 0))
    assert left() == {run_id}
    with write_session(url) as session:
        session.get_one(Run, run_id).job.finished_at = utc_now() - checkpoints.KEPT - timedelta(hours=1)
    assert left() == set()
