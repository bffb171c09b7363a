"""A run that learns from a share, truly trained: what it is shown, what its model says that it has seen."""

from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Model, Recording, Run
from backend.ml.training import cross_validation as trainings
from backend.services import models, out_of_fold, run_division, run_shares, runs, seen
from backend.settings import get_settings
from tests.trained import Trained, result_of
from workers.lifecycle import run as run_job
from workers.runs import train

SPLIT = {"method": "cross_validation", "folds": 3, "repeats": 1}


def _url() -> str:
    return get_settings().resolved_database_url


def _done(run_id: str) -> str:
    with read_session(_url()) as session:
        job_id = session.get_one(Run, run_id).job_id
    run_job(job_id, train)
    return result_of(get_settings(), job_id)["model_id"]


def _half(trained: Trained) -> tuple[str, str]:
    """Queue a cross-validation of all, and one of half of it."""
    asked = {"split": SPLIT, "architecture": "rlign_logistic", "training": {"max_epochs": 3, "threads": 1}}
    with write_session(_url()) as session:
        all_ = runs.create(session, trained.project_id, runs.Request(trained.dataset_id, "All", **asked))
        whole = run_shares.whole(session, all_)
        (one,) = [one for one in run_shares.drawn(whole) if one.share == 0.5]
        return all_.id, run_shares.create(session, whole, one, "Half", []).id


def test_each_fold_learns_from_half_of_its_patients_and_the_model_says_so_and_is_not_offered(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_id, half_id = _half(trained)
    taught: list[Any] = []
    real = trainings.train_once

    def told(data, *args, **values):
        taught.append(data.split)
        return real(data, *args, **values)

    monkeypatch.setattr(trainings, "train_once", told)
    model_id = _done(half_id)
    _check_taught(whole_id, half_id, taught)
    _check_told(half_id, model_id)


def _check_taught(whole_id: str, half_id: str, taught: list[Any]) -> None:
    with read_session(_url()) as session:
        run, whole = session.get_one(Run, half_id), session.get_one(Run, whole_id)
        labelled, _ = runs.split_examples(session, run)
        patients = [one.patient_id or one.recording_id for one in labelled]
        every, _ = runs.split_examples(session, whole)
        of_all, folds = run_division.folds_of(whole), run_division.folds_of(run)
        assert len(taught) == 3 * 4 + 4  # three parts choose a strength, then all who learn; and for the model kept
        finals = [split for split in taught if not len(split.validation)]
        assert len(finals) == 4
        for fold, split in enumerate(finals[:3]):
            learnt, tested = ({labelled[row].recording_id for row in rows} for rows in (split.train, split.test))
            assert tested == {every[row].recording_id for row in of_all.tests(0, fold)}
            could = {every[row].recording_id for row in of_all.learns(0, fold)}
            assert learnt < could
            assert len(could) / 3 < len(learnt) < len(could) * 2 / 3
        inner = [split for split in taught if len(split.validation)]
        for number, split in enumerate(inner):  # who chooses a strength is of the share too
            learn = set(folds.learns(0, number // 3 if number < 9 else -1).tolist())
            assert set(split.train.tolist()) | set(split.validation.tolist()) <= learn
        for split in taught:
            assert not {patients[row] for row in split.train} & {patients[row] for row in split.test}
        # All are tested, as by the run that learned from all.
        ids = [one.recording_id for one in labelled]
        assert len(out_of_fold.load(session, half_id, ids, 1).rows) == len(ids)


def _check_told(half_id: str, model_id: str) -> None:
    with read_session(_url()) as session:
        model, run = session.get_one(Model, model_id), session.get_one(Run, half_id)
        everyone = [one.id for one in session.query(Recording).all()]
        said = {one: what.status for one, what in seen.seen_by(session, model, model.project_id, everyone).items()}
        learnt = set(run.split["train"])
        assert 0 < len(learnt) < len(everyone)
        assert {one for one, status in said.items() if status == "training"} == learnt
        assert {one for one, status in said.items() if status == "validation"} == set(everyone) - learnt
        assert f"It has learned from {len(learnt)} of {len(everyone)} recordings" in str(model.evaluation)
        assert models.facts(model)["training_data"]["counts"]["train"]["n"] == len(learnt)
        assert (model.for_prediction, model.for_training) == (False, False)
        offered = [one.id for one in models.list_models(session, model.project_id, "prediction")]
        assert model_id not in offered
        assert offered


def test_recordings_that_are_erased_stop_it_instead_of_moving_who_learns(trained: Trained) -> None:
    _, half_id = _half(trained)
    with write_session(_url()) as session:
        run = session.get_one(Run, half_id)
        run.split = run.split | {"train": run.split["train"][1:]}  # as an erasure leaves it
    with read_session(_url()) as session, pytest.raises(Exception, match="been erased since"):
        runs.to_train(session, session.get_one(Run, half_id))
