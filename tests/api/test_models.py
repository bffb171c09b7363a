"""Models over the API: taken in from any file that fits, refused with the reason otherwise, given out whole."""

import io
import json
import re
from dataclasses import replace

import onnxruntime
import pytest
from safetensors.numpy import load as load_safetensors

from backend.db.session import write_session
from backend.isolation import model_check
from backend.services import model_import, models
from backend.settings import Settings, get_settings
from backend.storage import storage_of
from tests.api_calls import Api, refusal
from tests.model_files import LABELS, contents, endless, files, graph, manifest, memory_bomb, package, rezipped
from tests.samples import csv_file
from tests.stores import blobs_of
from tests.trained import Trained

SAID = {"labels": "a,b", "task": "single_label", "preset": "clinical", "rate": "100", "units_per_mv": "1"}


@pytest.fixture(autouse=True)
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading torch in another process takes seconds; tests of the isolation and of the services do it."""
    monkeypatch.setattr(model_check, "check_native", lambda onnx, weights: 0.0)
    monkeypatch.setattr(model_check, "methods_of", lambda onnx: (["head"], ["Only its head."]))


def send(api: Api, name: str, data: bytes, /, **fields: str):
    return api.client.post(api.url("/models"), files={"file": (name, data)}, data=fields)


def test_a_package_is_taken_in_and_given_out_again_as_it_was(api_on_each_database: Api) -> None:
    api = api_on_each_database
    answer = send(api, "tiny.zip", package())
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["origin"], shown["source"], shown["labels"]) == ("imported", "package", list(LABELS))
    assert shown["lineage"] == [{"name": "Elder", "architecture": "xresnet1d18", "sha256": "e" * 64}]
    assert shown["training_data"]["n_patients"] == 200
    assert (shown["weights_bytes"], shown["onnx_bytes"]) == (len(files().weights), len(files().onnx))
    assert (shown["for_prediction"], shown["for_training"]) == (True, True)
    assert shown["methods"] == ["head", "all", "head_then_all"]
    assert shown["evaluation"]["macro_f1"] == manifest().evaluation["macro_f1"]
    assert api.get("/models") == [shown]
    given = api.client.get(api.url(f"/models/{shown['id']}/package"))
    assert given.content == package()
    assert given.headers["content-type"] == "application/zip"
    assert given.headers["content-disposition"].endswith(".zip")


def test_weights_and_card_are_given_out(api: Api) -> None:
    model_id = send(api, "tiny.zip", package(), name="Über Modell").json()["id"]
    weights = api.client.get(api.url(f"/models/{model_id}/weights"))
    assert set(load_safetensors(weights.content)) == set(load_safetensors(files().weights))
    assert weights.headers["content-disposition"].endswith("''%C3%9Cber%20Modell.safetensors")
    card = api.client.get(api.url(f"/models/{model_id}/card"))
    assert card.headers["content-type"] == "text/markdown; charset=utf-8"
    assert card.text.startswith("# Über Modell\n")


def test_an_onnx_file_without_a_description_is_taken_in_with_what_is_declared(api: Api) -> None:
    text = refusal(send(api, "m.onnx", graph()), 422, "InvalidInputError")
    assert text.endswith("missing: labels, task, preset, rate.")
    answer = send(api, "m.onnx", graph(), **SAID, licence="MIT")
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["labels"], shown["licence"], shown["weights_bytes"]) == (["a", "b"], "MIT", 0)
    assert (shown["evaluation"], shown["training_data"], shown["methods"]) == ({}, None, ["head"])
    assert "Only its head." in shown["notes"]
    refusal(api.client.get(api.url(f"/models/{shown['id']}/weights")), 404, "NotFoundError")
    given = api.client.get(api.url(f"/models/{shown['id']}/onnx")).content
    onnxruntime.InferenceSession(given, providers=["CPUExecutionProvider"])
    recording = api.upload({"a.csv": csv_file()}, rate="100", units_per_mv="1000")["outcomes"][0]["recording_ids"][0]
    predicted = api.client.post(api.url(f"/models/{shown['id']}/predict"), json={"recording_id": recording})
    assert predicted.status_code == 200, predicted.text
    assert [label["label"] for label in predicted.json()["labels"]] == ["a", "b"]


def test_a_model_that_is_here_already_is_named(api: Api) -> None:
    assert send(api, "m.onnx", graph(), **SAID, name="First").status_code == 201
    assert "“First”" in refusal(send(api, "other.onnx", graph(), **SAID), 409, "ConflictError")


@pytest.mark.parametrize(
    ("name", "data", "status", "message"),
    [
        ("m.zip", b"PK\x03\x04", 422, "damaged"),
        ("m.zip", rezipped([*contents(package()).items(), ("../../x", b"")]), 422, "no model package"),
        ("m.zip", rezipped(contents(package()) | {"README.md": bytes(9 << 20)}), 422, "200 times"),
        ("m.zip", rezipped(contents(package()) | {"weights.safetensors": b"x"}, true_hashes=False), 422, "SHA-256"),
        ("m.onnx", graph()[:-40], 422, "cut short|cannot be loaded"),
        ("m.onnx", graph(metadata={"target_keys": "__import__('os').system('touch hacked')"}), 422, "target_keys"),
        ("m.onnx", memory_bomb(), 422, "memory|cannot be|stop"),
        ("m.pkl", b"\x80\x04.", 422, "is no model"),
        ("m.pt", b"\x80\x04.", 422, "missing: architecture"),
        ("", b"x", 422, ""),
    ],
)
def test_hostile_and_broken_files_are_refused_and_nothing_is_kept(
    api: Api, installed: Settings, name: str, data: bytes, status: int, message: str
) -> None:
    said = {} if b"target_keys" in data else {key: value for key, value in SAID.items() if name != "m.pt"}
    answer = send(api, name, data, **said)
    assert answer.status_code == status, answer.text
    assert re.search(message, answer.json()["detail"]), answer.text
    assert api.get("/models") == []
    assert blobs_of(storage_of(installed)) == {}
    assert api.client.get("/api/v1/health").status_code == 200


def test_a_model_that_never_ends_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_check, "RUN", replace(model_check.RUN, seconds=1.5))
    assert "longer than 1.5 s" in refusal(send(api, "m.onnx", endless(), **SAID), 422, "ModelInvalidError")


def test_a_model_that_is_too_large_is_a_413(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    check = model_import.check
    monkeypatch.setattr(
        model_import, "check",
        lambda *given: check(*given[:-1], given[-1].model_copy(update={"model_bytes": 9})),
    )  # fmt: skip
    refusal(send(api, "m.onnx", graph(), **SAID), 413, "LimitError")


def test_a_model_that_is_not_offered_is_not_predicted_with(trained_api: Api, trained: Trained) -> None:
    url = trained_api.url(f"/models/{trained.model_id}")
    recording = trained_api.recordings()[0]["id"]
    assert trained_api.client.patch(url, json={"for_prediction": False}).json()["for_prediction"] is False
    offered = {
        use: [one["id"] for one in trained_api.get("/models", **{"for": use})] for use in ("prediction", "training")
    }
    assert offered["prediction"] == []
    assert trained.model_id in offered["training"]
    for path, body in (
        (f"/models/{trained.model_id}/predict", {"json": {"recording_id": recording}}),
        (f"/models/{trained.model_id}/predict-files", {"files": {"files": ("a.csv", csv_file())}}),
        ("/predictions", {"json": {"model_id": trained.model_id}}),
    ):
        text = refusal(trained_api.client.post(trained_api.url(path), **body), 409, "ConflictError")
        assert "not offered for predictions" in text
    assert trained_api.client.patch(url, json={"for_prediction": True}).status_code == 200
    assert trained_api.client.post(f"{url}/predict", json={"recording_id": recording}).status_code == 200


def test_a_base_whose_body_cannot_be_trained_is_asked_for_its_head_alone(trained_api: Api, trained: Trained) -> None:
    """Another method is refused before there is a job that would fail."""
    with write_session(get_settings().resolved_database_url) as session:
        row = models.get(session, trained.project_id, trained.model_id)
        row.manifest = row.manifest | {"methods": ["head"]}
    wanted = {"dataset_id": trained.dataset_id, "base_model_id": trained.model_id}
    answer = trained_api.client.post(trained_api.url("/runs"), json=wanted | {"training": {"method": "all"}})
    assert (answer.status_code, "Choose head." in answer.json()["detail"]) == (422, True)
    answer = trained_api.client.post(trained_api.url("/runs"), json=wanted)
    assert answer.json()["settings"]["training"]["method"] == "head"


def test_what_is_changed_of_a_model_is_kept_and_the_rest_stays(trained_api: Api, trained: Trained) -> None:
    url = trained_api.url(f"/models/{trained.model_id}")
    before = trained_api.client.get(url).json()
    changes = {"name": "New", "licence": " MIT ", "intended_use": "Teaching", "for_training": False}
    after = trained_api.client.patch(url, json=changes).json()
    assert after == before | changes | {"licence": "MIT"}
    assert trained_api.client.get(url).json() == after
    assert "Teaching" in trained_api.client.get(f"{url}/card").text
    for wrong in ({"name": " "}, {"origin": "imported"}, {"for_training": "perhaps"}, {"licence": "x" * 10_001}):
        refusal(trained_api.client.patch(url, json=wrong), 422, "InvalidInputError")


def test_a_trained_model_tells_what_it_was_trained_on(trained_api: Api, trained: Trained) -> None:
    shown = trained_api.get(f"/models/{trained.model_id}")
    run = trained_api.get(f"/runs/{trained.run_id}")
    assert (shown["origin"], shown["base_model_id"], shown["lineage"]) == ("trained", None, [])
    assert shown["training_data"]["counts"] == run["facts"]["counts"]
    assert shown["training_data"]["data_hash"] == run["facts"]["data_hash"]
    given = trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/package")).content
    assert json.loads(contents(given)["manifest.json"])["files"]["model.onnx"]["sha256"] == shown["sha256"]
    other = trained_api.new_project(name="Other")
    answer = trained_api.client.post(
        trained_api.url("/models", other), files={"file": ("t.zip", io.BytesIO(given))}, data={}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["evaluation"] == shown["evaluation"]


def test_a_model_says_with_which_settings_a_training_that_starts_from_it_is_made(
    trained_api: Api, trained: Trained
) -> None:
    recipe = trained_api.get(f"/models/{trained.model_id}")["recipe"]
    assert recipe["method"] == "head_then_all"
    body = {"dataset_id": trained.dataset_id, "base_model_id": trained.model_id}
    made = trained_api.client.post(trained_api.url("/runs"), json=body).json()["settings"]["training"]
    assert {name: made[name] for name in recipe if name != "augmentation"} == {
        name: value for name, value in recipe.items() if name != "augmentation"
    }
    assert made["augmentation"]["crop_seconds"] == recipe["augmentation"]["crop_seconds"]
