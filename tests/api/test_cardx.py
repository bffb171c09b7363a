"""CardX over the API: offered for training, embedding recordings, and pre-training as a job."""

import pytest

from backend.services import shipped
from tests.api_calls import Api, refusal
from tests.shell_calls import fault


def test_what_comes_with_the_platform_is_offered_for_training_alone(trained_api: Api) -> None:
    api = trained_api
    offered = {row["id"]: row for row in api.get("/models", **{"for": "training"})}
    assert offered["cardx"]["origin"] == "shipped"
    assert offered["cardx"]["methods"] == ["head", "all", "head_then_all"]
    assert len(offered["cardx"]["labels"]) == 512
    assert "cardx" not in {row["id"] for row in api.get("/models")}
    assert api.get("/models/cardx")["parameters"] == offered["cardx"]["parameters"]
    assert api.client.get(api.url("/models/cardx/card")).text == shipped.find("cardx").card


def test_a_run_starts_from_it_and_it_is_then_a_model_of_the_project(trained_api: Api) -> None:
    api = trained_api
    body = {"dataset_id": api.get("/datasets")[0]["id"], "base_model_id": "cardx", "training": {"method": "head"}}
    assert api.client.post(api.url("/runs/estimate"), json=body).json()["seconds"] > 0
    answer = api.client.post(api.url("/runs"), json=body)
    assert answer.status_code == 202, answer.text
    kept = api.get(f"/models/{answer.json()['base_model_id']}")
    assert (kept["name"], kept["origin"], kept["for_prediction"]) == ("CardX", "shipped", False)
    assert [row["name"] for row in api.get("/models", **{"for": "training"})].count("CardX") == 1
    refusal(api.client.patch(api.url(f"/models/{kept['id']}"), json={"for_prediction": True}), 409, "ConflictError")


def test_recordings_are_embedded(trained_api: Api) -> None:
    api = trained_api
    ids = [row["id"] for row in api.get("/recordings")["items"][:2]]
    answer = api.client.post(api.url("/embeddings"), json={"recording_ids": ids})
    assert answer.status_code == 200, answer.text
    assert [row["recording_id"] for row in answer.json()] == ids
    assert [len(row["embedding"]) for row in answer.json()] == [512, 512]
    body = {"recording_ids": ids, "model": "cardy"}
    refusal(api.client.post(api.url("/embeddings"), json=body), 404, "NotFoundError")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"minutes": 1, "objectives": {"labels": 1}}, "needs a table"),
        ({}, "either minutes or passes"),
        ({"passes": 10, "speed": 2}, "unknown fields: speed"),
        ({"passes": 10, "objectives": {"dreams": 1}}, "no objective “dreams”"),
        ({"passes": 10}, "at least 64 recordings"),  # the project has 60
    ],
)
def test_an_impossible_pre_training_is_refused_at_once(trained_api: Api, settings: dict, message: str) -> None:
    answer = trained_api.client.post(trained_api.url("/pretrainings"), json={"settings": settings})
    assert answer.status_code == 422, answer.text
    assert message in answer.json()["detail"]


def test_the_shell_says_what_is_missing_before_anything_is_read() -> None:
    assert "Name files or folders" in fault("pretrain", "--passes", "10")
    assert ".zip" in fault("pretrain", "ecgs", "--passes", "10")
    assert ".csv or .npy" in fault("embed", "ecg.dcm", "-o", "out.txt")
