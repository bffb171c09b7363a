"""What more data would bring, asked of a running platform whose worker trains: the whole way with a quick candidate."""

from pathlib import Path

import pytest

import exchangeai as ex
from tests.platform_process import running_platform

QUICK = [
    {"architecture": "rlign_logistic", "training": {"max_epochs": 3}},
    {"base_model_id": "cardx", "training": {"method": "head", "max_epochs": 3}},
]


def test_a_candidate_of_a_comparison_is_trained_on_less_and_a_sentence_says_what_twice_the_data_would_bring(
    tmp_path: Path,
) -> None:
    with running_platform(tmp_path) as platform:
        client = ex.Client(platform.address)
        project, job = client.create_demo("Demo", 120)
        job.wait()
        (dataset,) = project.datasets()
        asked = project.compare(dataset["id"], QUICK, folds=3)
        found = project.comparison(asked["id"])
        assert found["status"] == "done"
        assert found["result"] is not None
        planned = project.learning_curve(asked["id"], start=False)
        assert planned["place"] == found["result"]["chosen"]
        assert (planned["status"], planned["seconds"] > 0) == ("not_started", True)
        curve = project.learning_curve(asked["id"])
        assert curve["status"] == "done", curve
        quarter, half, all_ = curve["points"]
        assert quarter["n"] < half["n"] < all_["n"] == 80
        scores = [one["score"]["value"] for one in (quarter, half, all_)]
        assert curve["last"] is not None
        assert curve["last"]["value"] == pytest.approx(scores[2] - scores[1])
        assert curve["verdict"] in ("gain", "no_gain", "uncertain", "loss")
        assert "from half" in curve["text"][0]
        made = client.request("GET", f"/projects/{project.id}/models/{half['model_id']}")
        assert made["training_data"]["counts"]["train"]["n"] < 120
        assert made["for_prediction"] is False
        assert project.learning_curve(asked["id"])["text"] == curve["text"]  # asked again, nothing is trained again
