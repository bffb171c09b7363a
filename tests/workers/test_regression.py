"""Values instead of labels, from the table to a prediction with known truth; the oracle is scikit-learn."""

import random

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from backend.db.session import read_session
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import Stopped
from backend.services import runs
from backend.settings import get_settings
from tests.api_calls import Api
from tests.trained import QUICK, TINY, Trained
from workers.lifecycle import run
from workers.predictions import predict
from workers.runs import _ended, train

LABELS = ["LVEF (%)", "age"]
Truth = dict[str, tuple[float | None, float | None]]  # recording -> values


@pytest.fixture
def truth(trained_api: Api) -> Truth:
    """Values of the simulated recordings: one invented, of which every seventh is not known, and the age."""
    drawn = random.Random(4)
    recordings = trained_api.recordings(size=100)
    assert len(recordings) == 60
    return {
        one["id"]: (None if i % 7 == 0 else round(drawn.gauss(55, 9), 1), one["age"])
        for i, one in enumerate(recordings)
    }


@pytest.fixture
def dataset(trained_api: Api, truth: Truth) -> dict:
    names = {one["id"]: one["file_name"] for one in trained_api.recordings(size=100)}
    cells = {
        names[key]: ["" if value is None else str(value).replace(".", ",") for value in values]
        for key, values in truth.items()
    }
    rows = [";".join([name, *values]) for name, values in cells.items()]
    table = "\n".join(["file_name;" + ";".join(f"value:{label}" for label in LABELS), *rows, "gone.dcm;50;60"])
    return trained_api.dataset(table)


def _trained(api: Api, **body: object) -> tuple[dict, list[dict]]:
    """Train as a worker does; return the run and its events."""
    asked = api.client.post(api.url("/runs"), json={"split": {"method": "holdout"}} | body)
    assert asked.status_code == 202, asked.text
    job_id = asked.json()["job"]["id"]
    run(job_id, train)
    events = api.events(job_id)
    assert events[-1]["payload"] == {"status": "done"}, events
    return api.get(f"/runs/{asked.json()['id']}"), events


def _agrees(evaluation: dict, truth: Truth, outputs: dict[str, list[float]]) -> None:
    """Compare an evaluation with what scikit-learn makes of the outputs for the same recordings."""
    assert evaluation["n"] == len(outputs)
    r2 = []
    for i, target in enumerate(evaluation["targets"]):
        known = [key for key in outputs if truth[key][i] is not None]
        true, predicted = np.array([truth[key][i] for key in known]), np.array([outputs[key][i] for key in known])
        assert target["label"] == LABELS[i]
        assert target["support"] == len(known)
        assert target["mae"]["value"] == pytest.approx(mean_absolute_error(true, predicted), rel=1e-4)
        assert target["rmse"]["value"] == pytest.approx(root_mean_squared_error(true, predicted), rel=1e-4)
        assert target["r2"]["value"] == pytest.approx(r2_score(true, predicted), abs=1e-4)
        assert target["bias"]["value"] == pytest.approx((predicted - true).mean(), abs=1e-3)
        assert target["mae"]["low"] < target["mae"]["value"] < target["mae"]["high"]
        assert sorted(point[0] for point in target["points"]) == pytest.approx(sorted(true))
        r2.append(target["r2"]["value"])
    assert evaluation["macro_r2"]["value"] == pytest.approx(np.mean(r2))


def test_from_a_table_of_values_to_a_tested_model_and_a_prediction_with_known_truth(
    trained_api: Api, dataset: dict, truth: Truth
) -> None:
    api = trained_api
    assert (dataset["task"], dataset["n_matched"], dataset["n_unmatched"]) == ("regression", 60, 1)
    told = {count["label"]: count for count in dataset["counts"]}
    values = [pair[0] for pair in truth.values() if pair[0] is not None] + [50.0]
    assert told[LABELS[0]]["n_rows"] == len(values) == sum(told[LABELS[0]]["values"]["bars"])
    assert told[LABELS[0]]["values"]["mean"] == pytest.approx(np.mean(values))
    assert (told[LABELS[0]]["values"]["low"], told[LABELS[0]]["values"]["high"]) == (min(values), max(values))

    shown, events = _trained(
        api, dataset_id=dataset["id"], architecture="inception_time", architecture_config=TINY, training=QUICK
    )
    epochs = [event["payload"] for event in events if event["kind"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert all(epoch["macro_r2"] is not None and epoch["macro_auroc"] is None for epoch in epochs)
    model = api.get(f"/models/{shown['model_id']}")
    assert (model["task"], model["labels"]) == ("regression", LABELS)

    body = {"model_id": model["id"], "dataset_id": dataset["id"]}
    prediction = api.client.post(api.url("/predictions"), json=body).json()
    run(prediction["job"]["id"], predict)
    rows = api.get(f"/predictions/{prediction['id']}/results", size=100)["items"]
    outputs = {row["recording_id"]: row["probabilities"] for row in rows}
    assert [row["predicted"] for row in rows] == [[]] * 60
    assert 35 < np.mean([output[0] for output in outputs.values()]) < 75  # in per cent, not in standard deviations
    _agrees(api.get(f"/predictions/{prediction['id']}")["evaluation"], truth, outputs)

    # The same outputs, of the test part alone, give the results of the model.
    with read_session(get_settings().resolved_database_url) as session:
        of_test = {key: outputs[key] for key in runs.get(session, api.project, shown["id"]).split["test"]}
    _agrees(model["evaluation"], truth, of_test)


def test_the_head_alone_is_fitted_in_strengths_and_not_in_epochs(
    trained_api: Api, trained: Trained, dataset: dict
) -> None:
    _, events = _trained(
        trained_api,
        dataset_id=dataset["id"],
        base_model_id=trained.model_id,
        training={"method": "head", "threads": 1},
    )
    steps = [event["payload"] for event in events if event["kind"] == "epoch"]
    assert [step["epoch"] for step in steps] == list(range(1, steps[0]["max_epochs"] + 1))
    assert steps[-1]["seconds_left"] == 0
    best = next(step["epoch"] for step in reversed(steps) if step["best"])
    log = [event["payload"]["text"] for event in events if event["kind"] == "log"]
    assert f"Strength {best} of {len(steps)} fits the validation recordings best and is kept." in log
    assert not any("poch" in line for line in log)


@pytest.mark.parametrize(
    ("settings", "event", "said"),
    [
        ({}, Stopped("no_improvement", 12, 4), "No improvement for 8 epochs. Best epoch: 4."),
        ({}, Stopped("all_epochs", 12, 11), "All epochs are done. Best epoch: 11."),
        ({"monitor": "last_epoch"}, Stopped("all_epochs", 12, 12), "All epochs are done. The last epoch is kept: 12."),
        (
            {"method": "head_then_all"},
            Stopped("no_improvement", 9, 1),
            "No improvement for 8 epochs. Best epoch: 1, of the head alone.",
        ),
    ],
)
def test_why_a_training_is_over_is_said_as_it_was(settings: dict, event: Stopped, said: str) -> None:
    assert _ended(event, TrainingConfig(patience=8, **settings), only_head=False) == said


def test_values_of_few_ecgs_are_cross_validated_too(trained_api: Api, dataset: dict) -> None:
    shown, events = _trained(
        trained_api, dataset_id=dataset["id"], architecture="rlign_logistic", training={"max_epochs": 2, "threads": 1},
        split={"method": "cross_validation", "folds": 3, "repeats": 2},
    )  # fmt: skip
    assert len([event for event in events if event["kind"] == "fold"]) == 6
    result = trained_api.get(f"/models/{shown['model_id']}")["evaluation"]
    assert (result["task"], result["n"], result["cross_validation"]["repeats"]) == ("regression", 60, 2)
    mae = result["targets"][0]["mae"]
    assert 0 < mae["low"] < mae["value"] < mae["high"]
    assert {one["measure"] for one in result["cross_validation"]["spread"]} == {"mae", "r2", "macro_r2"}
