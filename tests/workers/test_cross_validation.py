"""A run with few ECGs: every recording is tested by models that have not seen its patient, and all of them are kept."""

import csv
import io
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sqlalchemy import func, select

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Model, OutOfFoldRow, Recording, Run, utc_now
from backend.ml.inference.predictor import Predictor
from backend.ml.spec import ModelSpec
from backend.services import evaluations, jobs, models, out_of_fold, runs, seen
from backend.settings import get_settings
from backend.storage import Storage, storage_of
from tests.trained import QUICK, TINY, Trained, result_of
from workers import cross_validation
from workers.lifecycle import run as run_job
from workers.runs import train

SPLIT = {"method": "cross_validation", "folds": 3, "repeats": 2}
QUICK_HEAD = {"max_epochs": 3, "threads": 1}


def _url() -> str:
    return get_settings().resolved_database_url


def _storage() -> Storage:
    return storage_of(get_settings())


def _queued(trained: Trained, **asked: Any) -> str:
    given = {"split": SPLIT, "architecture": "rlign_logistic", "training": QUICK_HEAD} | asked
    with write_session(_url()) as session:
        return runs.create(session, trained.project_id, runs.Request(trained.dataset_id, "Folds", **given)).id


def _done(run_id: str) -> str:
    with read_session(_url()) as session:
        job_id = session.get_one(Run, run_id).job_id
    run_job(job_id, train)
    return result_of(get_settings(), job_id)["model_id"]


def _table(session, run_id: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(out_of_fold.to_csv(session, session.get_one(Run, run_id))))))


@pytest.fixture
def made(trained: Trained) -> tuple[Trained, str, str]:
    run_id = _queued(trained)
    return trained, run_id, _done(run_id)


def test_figures_are_those_of_out_of_fold_outputs_and_the_kept_model_knows_everybody(made) -> None:
    trained, run_id, model_id = made
    with read_session(_url()) as session:
        model, run = session.get_one(Model, model_id), session.get_one(Run, run_id)
        lines = _table(session, run_id)
        patients = dict(session.execute(select(Recording.id, Recording.patient_id)).all())
        everyone = set(patients)
        labels = run.facts["labels"]
        assert len(lines) == 2 * len(everyone)
        for repeat in "12":
            mine = [line for line in lines if line["repeat"] == repeat]
            assert {line["recording_id"] for line in mine} == everyone
            folds = {}
            for line in mine:
                folds.setdefault(patients[line["recording_id"]], set()).add(line["fold"])
            assert all(len(fold) == 1 for fold in folds.values())
            assert {line["fold"] for line in mine} == {"1", "2", "3"}
        # The same by scikit-learn, from the table that anybody can download.
        calibration = ModelSpec.from_json(model.spec).calibration
        for place, label in enumerate(labels):
            areas = []
            for repeat in "12":
                mine = [line for line in lines if line["repeat"] == repeat]
                logits = np.array([[float(line[f"logit_{name}"]) for name in labels] for line in mine])
                scaled = np.exp(logits * np.float32(calibration.slopes[0]))
                truth = [line[f"truth_{label}"] == "1" for line in mine]
                areas.append(roc_auc_score(truth, (scaled / scaled.sum(axis=1, keepdims=True))[:, place]))
            told = model.evaluation["classes"][place]
            assert told["auroc"]["value"] == pytest.approx(np.mean(areas), abs=1e-5)
            assert told["support"] == sum(line[f"truth_{label}"] == "1" for line in lines) / 2
            (spread,) = [
                one for one in model.evaluation["cross_validation"]["spread"]
                if (one["measure"], one["label"]) == ("auroc", label)
            ]  # fmt: skip
            assert (spread["lowest"], spread["highest"]) == pytest.approx((min(areas), max(areas)), abs=1e-5)
        assert model.evaluation["n"] == len(everyone)
        matrix = np.array(model.evaluation["confusion"])
        assert matrix.sum(axis=1).tolist() == [one["support"] for one in model.evaluation["classes"]]
        assert "all 60 recordings" in model.evaluation["cross_validation"]["kept"]
        # The kept model has learned from all of them, and nothing is left to test it on here.
        assert {one.status for one in seen.seen_by(session, model, model.project_id, list(everyone)).values()} == {
            "training"
        }
        assert "Cross-validated on 60 ECGs" in models.card(model)
        assert list(Predictor.from_path(_storage().checked_path(model.onnx_key)).spec.labels) == labels
    with write_session(_url()) as session, pytest.raises(Exception, match="left to evaluate"):
        evaluations.create(session, trained.project_id, model_id, trained.dataset_id)


def test_it_goes_on_after_a_kill_where_it_was(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = _queued(trained)
    with read_session(_url()) as session:
        job_id = session.get_one(Run, run_id).job_id
    payload, calls = cross_validation._payload, []

    def killed(event, *rest):
        calls.append((event.repeat, event.fold))
        if len(calls) == 3:
            raise SystemExit
        return payload(event, *rest)

    monkeypatch.setattr(cross_validation, "_payload", killed)
    with pytest.raises(SystemExit):
        run_job(job_id, train)
    with write_session(_url()) as session:
        job = session.get_one(Job, job_id)
        assert job.status == "running"
        assert session.scalar(select(func.count()).select_from(OutOfFoldRow)) == 40
        job.heartbeat_at = utc_now() - timedelta(hours=1)
    model_id = _done(run_id)
    assert calls == [(0, 0), (0, 1), (0, 2), (0, 2), (1, 0), (1, 1), (1, 2)]
    other = _done(_queued(trained))
    with read_session(_url()) as session:
        one, same = session.get_one(Model, model_id).evaluation, session.get_one(Model, other).evaluation
        assert one == same
        folds = [event.payload for event in jobs.events(session, job_id) if event.kind == "fold"]
        assert [(one["repeat"], one["fold"]) for one in folds] == [(r, f) for r in (1, 2) for f in (1, 2, 3)]
        assert folds[-1]["seconds_left"] == 0
    assert list((get_settings().data_dir / "checkpoints").iterdir()) == []


def test_cancelled_it_ends_and_leaves_no_model(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = _queued(trained)
    with read_session(_url()) as session:
        job_id = session.get_one(Run, run_id).job_id
    payload = cross_validation._payload

    def cancelled(event, *rest):
        with write_session(_url()) as session:
            jobs.request_cancel(session, session.get_one(Job, job_id))
        return payload(event, *rest)

    monkeypatch.setattr(cross_validation, "_payload", cancelled)
    monkeypatch.setattr("workers.lifecycle.RunningJob.cancelled", lambda self: _asked(self))
    run_job(job_id, train)
    with read_session(_url()) as session:
        assert session.get_one(Job, job_id).status == "cancelled"
        assert session.scalar(select(func.count()).where(Model.run_id == run_id)) == 0
    assert list((get_settings().data_dir / "checkpoints").iterdir()) == []


def _asked(job) -> bool:
    """The heartbeat looks once a second; a test has no such time."""
    with read_session(_url()) as session:
        if session.get_one(Job, job.id).cancel_requested_at is not None:
            job._cancelled.set()
    return job._cancelled.is_set()


def test_what_a_base_has_seen_only_trains(trained: Trained) -> None:
    run_id = _queued(
        trained, architecture=None, base_model_id=trained.model_id, training=QUICK_HEAD | {"method": "head"},
        split=SPLIT | {"repeats": 1},
    )  # fmt: skip
    with read_session(_url()) as session:
        base, run = session.get_one(Run, trained.run_id), session.get_one(Run, run_id)
        fold = dict(zip(run.split["train"], run.split["folds"][0], strict=True))
        learnt = {*base.split["train"], *base.split["validation"]}
        assert {one for one, number in fold.items() if number < 0} == learnt
        (text, *_) = [one["text"] for one in run.facts["left_out"]]
        assert "kept out of all folds" in text
        assert "in the training of “Tiny”" in text
    model_id = _done(run_id)
    with read_session(_url()) as session:
        result = session.get_one(Model, model_id).evaluation
        assert result["n"] == len(base.split["test"])
        assert result["cross_validation"]["n_only_trained"] == len(learnt)


def test_a_whole_network_is_trained_once_a_fold(trained: Trained) -> None:
    run_id = _queued(
        trained, architecture="inception_time", architecture_config=TINY, training=QUICK,
        split={"method": "cross_validation", "folds": 3},
    )  # fmt: skip
    with read_session(_url()) as session:
        assert session.get_one(Run, run_id).facts["how_tested"]["repeats"] == 1
    model_id = _done(run_id)
    with read_session(_url()) as session:
        model = session.get_one(Model, model_id)
        how = model.evaluation["cross_validation"]
        assert (how["folds"], how["repeats"], how["over"]) == (3, 1, "folds")
        assert "the median of what was best in the folds" in how["kept"]
        assert model.weights_key


def test_without_a_choice_few_ecgs_are_cross_validated_and_the_reason_is_said(trained: Trained) -> None:
    with write_session(_url()) as session:
        for given, repeats in (({"architecture": "rlign_logistic"}, 2), ({"architecture": "inception_time"}, 1)):
            told = runs.estimate(session, trained.project_id, runs.Request(trained.dataset_id, **given))
            assert (told.how_tested.method, told.how_tested.folds, told.how_tested.repeats) == (
                "cross_validation", 5, repeats,
            )  # fmt: skip
            assert told.how_tested.automatic
            assert told.how_tested.reason.startswith("With 60 ECGs, ")
            assert "one test part would hold" in told.how_tested.reason
            assert "every ECG is tested" in told.how_tested.reason
            assert told.parts == {"train": 60, "validation": 0, "test": 60}
        asked = runs.Request(trained.dataset_id, split={"method": "holdout"})
        told = runs.estimate(session, trained.project_id, asked)
        assert told.how_tested.method == "holdout"
        assert not told.how_tested.automatic
