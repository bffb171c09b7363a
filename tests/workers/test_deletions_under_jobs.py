"""What a job works at is deleted under it: it ends in a clear state, and says why where it could not be done."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Json
from backend.services import datasets, models, predictions, recording_lists, recordings, runs
from backend.settings import get_settings
from backend.storage import storage_of
from tests.stores import blobs_of, replace
from tests.trained import QUICK, TINY, Trained
from workers import predictions as worker_predictions
from workers.lifecycle import RunningJob, run
from workers.runs import train


def _job(url: str, job_id: str) -> Job:
    with read_session(url) as session:
        return session.get_one(Job, job_id)


def _queue_prediction(trained: Trained) -> tuple[str, str]:
    with write_session(get_settings().resolved_database_url) as session:
        row = predictions.create(session, trained.project_id, trained.model_id, trained.dataset_id)
        return row.id, row.job_id


def _deleting_after_the_first_batch(delete: Callable[[Session], None]) -> Callable[[RunningJob], Json]:
    def work(job: RunningJob) -> Json:
        predict, n = worker_predictions._row, 0

        def counting(*args: Any) -> Json:
            nonlocal n
            n += 1
            if n == worker_predictions.BATCH + 1:
                with write_session(get_settings().resolved_database_url) as session:
                    delete(session)
            return predict(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker_predictions, "_row", counting)
            return worker_predictions.predict(job)

    return work


def test_recordings_deleted_under_a_prediction_have_no_result_and_the_others_have_theirs(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    prediction_id, job_id = _queue_prediction(trained)
    storage = storage_of(get_settings())

    def delete(session: Session) -> None:
        rows, *_ = recording_lists.list_recordings(session, trained.project_id, recording_lists.Query(size=60))
        for row in (rows[0], rows[40], rows[59]):  # one is done, two are not
            recordings.delete(session, storage, row)

    run(job_id, _deleting_after_the_first_batch(delete))
    assert _job(url, job_id).status == "done"
    with read_session(url) as session:
        n, errors, _ = predictions.summary(session, predictions.get(session, trained.project_id, prediction_id))
    assert (n, errors) == (57, 0)


def test_a_model_deleted_under_a_prediction_fails_it_in_words(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    _, job_id = _queue_prediction(trained)
    run(
        job_id,
        _deleting_after_the_first_batch(  # past the refusal, as where a worker is taken for dead
            lambda session: session.delete(models.get(session, trained.project_id, trained.model_id))
        ),
    )
    assert "The model was deleted" in (_job(url, job_id).error or "")


def test_labels_deleted_under_a_prediction_leave_it_without_a_score(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    prediction_id, job_id = _queue_prediction(trained)
    run(
        job_id,
        _deleting_after_the_first_batch(
            lambda session: datasets.delete(session, datasets.get(session, trained.project_id, trained.dataset_id))
        ),
    )
    assert _job(url, job_id).status == "done"
    with read_session(url) as session:
        assert predictions.get(session, trained.project_id, prediction_id).evaluation is None


def test_a_recording_deleted_while_a_training_is_prepared_fails_it_in_words(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    _, job_id = _queue_run(trained)
    storage = storage_of(get_settings())

    def work(job: RunningJob) -> Json:
        load = runs.split_examples

        def then_delete(*args: object) -> object:
            found = load(*args)
            with write_session(url) as session:
                row = recordings.get(session, trained.project_id, found[0][-1].recording_id)
                recordings.delete(session, storage, row)
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runs, "split_examples", then_delete)
            return train(job)

    run(job_id, work)
    assert "was deleted while the training was being prepared" in (_job(url, job_id).error or "")


def _queue_run(trained: Trained) -> tuple[str, str]:
    with write_session(get_settings().resolved_database_url) as session:
        request = runs.Request(
            trained.dataset_id,
            architecture="inception_time",
            architecture_config=TINY,
            training=QUICK,
            split={"method": "holdout"},
        )
        row = runs.create(session, trained.project_id, request)
        return row.id, row.job_id


def test_a_training_whose_recordings_were_deleted_fails_and_says_why(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    _, job_id = _queue_run(trained)
    with write_session(url) as session:
        rows, *_ = recording_lists.list_recordings(session, trained.project_id, recording_lists.Query(size=1))
        recordings.delete(session, storage_of(get_settings()), rows[0])
    run(job_id, train)
    job = _job(url, job_id)
    assert (job.status, "1 recording of this run has been deleted" in (job.error or "")) == ("failed", True)


def test_a_training_whose_dataset_was_deleted_fails_and_says_why(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    _, job_id = _queue_run(trained)
    with write_session(url) as session:
        datasets.delete(session, datasets.get(session, trained.project_id, trained.dataset_id))
    run(job_id, train)
    assert "dataset" in (_job(url, job_id).error or "")


def test_a_training_whose_bytes_are_missing_fails_and_says_why(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    _, job_id = _queue_run(trained)
    for key in blobs_of(storage_of(get_settings())):
        replace(storage_of(get_settings()), key, None)
    run(job_id, train)
    assert "backup" in (_job(url, job_id).error or "")


def test_a_damaged_checkpoint_fails_the_training_in_words(trained: Trained) -> None:
    url = get_settings().resolved_database_url
    run_id, job_id = _queue_run(trained)
    (trained.folder / "checkpoints").mkdir(exist_ok=True)
    (trained.folder / "checkpoints" / f"{run_id}.pt").write_bytes(b"no checkpoint")
    run(job_id, train)
    job = _job(url, job_id)
    assert job.status == "failed"
    assert "checkpoint" in (job.error or "").lower()
