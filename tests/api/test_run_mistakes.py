"""What a cross-validation told wrongly: counted, and listed as recordings; by an oracle that is numpy alone."""

from itertools import product

import numpy as np
import pytest
from sqlalchemy import delete

from backend.db.session import write_session
from backend.db.tables import Model, OutOfFoldRow, Run
from backend.services import examples, out_of_fold
from backend.services.datasets import get as dataset_of
from backend.settings import get_settings
from tests.api_calls import Api
from tests.trained import Trained


@pytest.fixture
def told(trained: Trained, trained_api: Api) -> tuple[Api, Trained, dict[str, str], dict[str, np.ndarray]]:
    """A run with made-up out-of-fold logits of two repeats; the true label and the mean probabilities by recording."""
    random = np.random.default_rng(5)
    with write_session(get_settings().resolved_database_url) as session:
        run = session.get_one(Run, trained.run_id)
        labels = run.facts["labels"]
        run.facts = run.facts | {"how_tested": {"method": "cross_validation", "folds": 3, "repeats": 2}}
        model = session.get_one(Model, trained.model_id)
        model.spec = model.spec | {"calibration": None}
        rows = examples.load(session, dataset_of(session, trained.project_id, trained.dataset_id))
        session.execute(delete(OutOfFoldRow))
        ids = [one.recording_id for one in rows]
        logits = random.normal(0, 2, (2, len(ids), len(labels))).astype(np.float32)
        for repeat, fold in product(range(2), range(3)):
            some = slice(fold, None, 3)
            out_of_fold.add(session, run.id, repeat, fold, ids[some], logits[repeat, some])
    powers = np.exp(logits.astype(float))
    mean = (powers / powers.sum(axis=2, keepdims=True)).mean(axis=0)
    truth = {one.recording_id: one.labels[0] for one in rows}
    return trained_api, trained, truth, dict(zip(ids, mean, strict=True))


def test_mistakes_are_those_of_the_mean_over_repeats_and_each_kind_lists_its_recordings(told) -> None:
    api, trained, truth, mean = told
    labels = api.get("/models/" + trained.model_id)["labels"]
    predicted = {one: labels[int(values.argmax())] for one, values in mean.items()}
    wrong = {one for one in truth if predicted[one] != truth[one]}
    found = api.get(f"/runs/{trained.run_id}/mistakes")
    assert (found["n"], found["n_wrong"]) == (len(truth), len(wrong))
    assert 0 < len(wrong) < len(truth)
    assert sum(one["n"] for one in found["mistakes"]) == len(wrong)
    assert [one["n"] for one in found["mistakes"]] == sorted((one["n"] for one in found["mistakes"]), reverse=True)
    for one in found["mistakes"]:
        asked = {"run_id": trained.run_id, "evaluated_label": one["label"], "predicted_label": one["predicted_label"]}
        listed = {row["id"] for row in api.recordings(size=200, **asked)}
        assert listed == {
            each for each in wrong if (truth[each], predicted[each]) == (one["label"], one["predicted_label"])
        }
        assert len(listed) == one["n"]


def test_a_cell_of_a_label_is_cut_by_the_threshold_that_is_asked_for(told) -> None:
    api, trained, truth, mean = told
    labels = api.get("/models/" + trained.model_id)["labels"]
    for place, cell, limit in product(range(len(labels)), ("true_positive", "false_negative"), (0.2, 0.6)):
        asked = {"run_id": trained.run_id, "evaluated_label": labels[place], "cell": cell, "threshold": limit}
        listed = {row["id"] for row in api.recordings(size=200, **asked)}
        assert listed == {
            one
            for one in truth
            if truth[one] == labels[place] and (mean[one][place] >= limit) == (cell == "true_positive")
        }


def test_what_is_no_cell_of_a_training_is_refused_with_the_reason(told) -> None:
    api, trained, _, _ = told
    at = {"run_id": trained.run_id}
    for asked, said in (
        (at, "Say which recordings"),
        (at | {"evaluated_label": "nobody", "cell": "true_positive"}, "no label 'nobody'"),
        (at | {"evaluated_label": "AFIB"}, "Say which recordings"),
    ):
        answer = api.client.get(api.url("/recordings"), params=asked)
        assert answer.status_code == 422, answer.text
        assert said in answer.text
    gone = {"run_id": "nowhere", "evaluated_label": "AFIB", "cell": "true_positive"}
    assert api.client.get(api.url("/recordings"), params=gone).status_code == 404


def test_a_training_with_a_test_part_has_none(trained: Trained, trained_api: Api) -> None:
    found = trained_api.get(f"/runs/{trained.run_id}/mistakes")
    assert found == {"n": 0, "n_wrong": 0, "mistakes": []}
    asked = {"run_id": trained.run_id, "evaluated_label": "AFIB", "cell": "false_negative"}
    assert trained_api.recordings(**asked) == []
