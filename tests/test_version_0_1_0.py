"""What version 0.1.0 has written is read, shown, predicted with and trained on as before (see version_0_1_0)."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.db.migrate import upgrade
from backend.ecg.readers import FileSet, SourceFile, read
from backend.ml.inference.predictor import Predictor
from backend.services.predictions import answer_recording
from tests.api_calls import Api
from tests.installation import installation
from workers import predictions, runs
from workers.lifecycle import run

FILES = Path(__file__).parent / "version_0_1_0"
SECRET = "a secret for the files of version 0.1.0"
ENDINGS = (".hea", ".dat")
SAID_BY_A_PACKAGE = (
    "name", "task", "labels", "spec", "architecture", "parameters", "parity", "sha256", "methods", "evaluation",
    "training_data", "lineage", "licence", "intended_use",
)  # fmt: skip


def _json(name: str) -> Any:
    return json.loads(gzip.decompress((FILES / name).read_bytes()))


ANSWERS = _json("answers.json.gz")


@pytest.fixture
def old_api(tmp_path: Path, application: FastAPI) -> Iterator[Api]:
    """The API over a copy of the old data folder, brought to the present tables as every start does."""
    with tarfile.open(FILES / "installation.tar.xz") as archive:
        archive.extractall(tmp_path / "data", filter="data")
    with installation(tmp_path / "data", secret_key=SECRET) as settings:
        upgrade(settings.resolved_database_url)
        with TestClient(application, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
            api = Api(client)
            api.project = client.get("/api/v1/projects").json()[0]["id"]
            yield api


def _lost(old: Any, new: Any, place: str = "", *, told: bool = False) -> list[str]:
    """Name what an old answer holds and a new one does not, or not with the same value; additions are no loss.

    With `told`, neither is a value that is withheld now, nor one that was not known.
    """
    if told and old in (None, []):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        if told and "withheld" in new and new["withheld"]:
            return []
        gone = [f"{place}.{key} is gone" for key in old.keys() - new.keys()]
        return gone + [
            line for key in old.keys() & new.keys() for line in _lost(old[key], new[key], f"{place}.{key}", told=told)
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line
            for n, pair in enumerate(zip(old, new, strict=True))
            for line in _lost(*pair, f"{place}[{n}]", told=told)
        ]
    if isinstance(old, float) and isinstance(new, (int, float)):
        # Computed again, it carries what float32 rounds otherwise on another processor.
        same = pytest.approx(old, rel=1e-4, abs=1e-6) if told else pytest.approx(old, rel=1e-9)
        return [] if new == same else [f"{place} was {old} and is {new}"]
    return [] if old == new else [f"{place} was {old!r:.80} and is {new!r:.80}"]


def test_an_old_database_shows_recordings_labels_trainings_models_and_predictions_as_they_were(old_api: Api) -> None:
    assert len(ANSWERS["shown"]) > 40
    for address, old in ANSWERS["shown"].items():
        answer = old_api.client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        assert _lost(old, answer.json()) == [], address


def test_an_old_model_predicts_an_old_dataset_as_before_and_is_evaluated_the_same(old_api: Api) -> None:
    for old in old_api.get("/predictions"):
        body = {"model_id": old["model_id"], "dataset_id": old["dataset_id"]}
        new = old_api.client.post(old_api.url("/predictions"), json=body).json()
        run(new["job"]["id"], predictions.predict)
        rows, again = (old_api.get(f"/predictions/{one['id']}/results", size=100)["items"] for one in (old, new))
        assert [row["error"] is None for row in again] == [row["error"] is None for row in rows]
        for row, of_now in zip(rows, again, strict=True):
            assert (of_now["recording_id"], of_now["predicted"]) == (row["recording_id"], row["predicted"])
            assert of_now["probabilities"] == pytest.approx(
                row["probabilities"], rel=1e-6, abs=1.5e-6
            )  # six decimals are kept, of float32
        shown = old_api.get(f"/predictions/{new['id']}")
        lost = _lost(_without_chance(old["evaluation"]), shown["evaluation"], told=True)
        assert not lost, "\n".join(lost)
        assert shown["counts"] == old["counts"]


def _without_chance(old: Any) -> Any:
    """Leave out what version 0.1.0 drew by the bootstrap, and its notes: intervals are computed otherwise now."""
    if isinstance(old, list):
        return [_without_chance(one) for one in old]
    drawn = ("low", "high", "resamples", "seed", "notes", "drawn_by")
    return {key: _without_chance(one) for key, one in old.items() if key not in drawn} if isinstance(old, dict) else old


def test_a_training_that_an_old_worker_left_in_the_middle_goes_on_to_its_end(old_api: Api) -> None:
    (row,) = [one for one in old_api.get("/runs") if one["name"] == "Interrupted"]
    assert row["job"]["status"] == "running"
    job_id = row["job"]["id"]
    before = old_api.events(job_id, "epoch")
    assert len(before) == ANSWERS["killed_after"]
    run(job_id, runs.train)
    events = old_api.events(job_id)
    assert events[-1]["payload"] == {"status": "done"}, events
    assert any("Resumed from the checkpoint" in event["payload"].get("text", "") for event in events)
    epochs = [event for event in events if event["kind"] == "epoch"]
    assert epochs[: len(before)] == before
    for epoch, undisturbed in zip(epochs, ANSWERS["undisturbed"], strict=True):
        for name in ("epoch", "train_loss", "val_loss", "learning_rate"):  # as if nothing had happened
            assert epoch["payload"][name] == pytest.approx(undisturbed[name], rel=1e-3), name
    model = old_api.get(f"/models/{old_api.get('/runs/' + row['id'])['model_id']}")
    assert model["evaluation"]["n"] == row["facts"]["counts"]["test"]["n"]


def test_a_patient_known_to_an_old_database_has_the_same_pseudonym_now(old_api: Api) -> None:
    (old,) = [row for row in old_api.recordings(size=100) if row["file_name"] == "ward/01_AFIB.hea"]
    report = old_api.upload({name: (FILES / name).read_bytes() for name in ("ecg.hea", "ecg.dat")})
    new = old_api.get(f"/recordings/{report['outcomes'][0]['recording_ids'][0]}")
    assert new["patient_id"] == old["patient_id"] != None  # noqa: E711
    assert (new["age"], new["sex"]) == (old["age"], old["sex"])


def _agree(then: list[dict], now: list[dict]) -> None:
    assert [label["label"] for label in now] == [label["label"] for label in then]
    for was, one in zip(then, now, strict=True):
        for key in ("probability", "value"):
            assert one[key] == (None if was[key] is None else pytest.approx(was[key], abs=1e-6))
        assert (one["predicted"], one["threshold"]) == (was["predicted"], was["threshold"])


@pytest.mark.parametrize("name", ["rhythm", "numbers"])
def test_an_old_package_is_taken_in_with_all_that_it_says_and_answers_as_before(api: Api, name: str) -> None:
    old = ANSWERS["files"][name]
    file = (f"{name}.zip", (FILES / f"{name}.zip").read_bytes())
    answer = api.client.post(api.url("/models"), files={"file": file})
    assert answer.status_code == 201, answer.text
    model = answer.json()
    expected = {key: old["model"][key] for key in SAID_BY_A_PACKAGE}
    for target in expected["evaluation"].get("targets", []):
        target["points"] = []  # those of single patients are not given away
    assert _lost(expected, model) == []
    parts = [("files", (part, (FILES / part).read_bytes())) for part in ("ecg.hea", "ecg.dat")]
    (predicted,) = api.client.post(api.url(f"/models/{model['id']}/predict-files"), files=parts).json()
    _agree(old["labels"], predicted["prediction"]["labels"])


def test_an_old_onnx_file_answers_as_before_with_what_it_says_of_itself() -> None:
    old = ANSWERS["files"]["rhythm"]
    predictor = Predictor.from_bytes((FILES / "rhythm.onnx").read_bytes())
    (recording,) = read(FileSet(tuple(SourceFile(f"ecg{end}", (FILES / f"ecg{end}").read_bytes()) for end in ENDINGS)))
    assert _lost(old["model"]["spec"], predictor.spec.to_dict()) == []
    answer = answer_recording(predictor, recording)
    assert answer.outputs.tolist() == pytest.approx([label["probability"] for label in old["labels"]], abs=1e-6)
    assert answer.predicted == [label["label"] for label in old["labels"] if label["predicted"]]


def test_the_package_of_an_old_model_is_written_with_the_same_files_as_then(old_api: Api) -> None:
    for model in old_api.get("/models"):
        if model["name"] == "Fine-tuned":
            continue
        then = zipfile.ZipFile(FILES / f"{model['name'].lower()}.zip")
        now = zipfile.ZipFile(io.BytesIO(old_api.client.get(old_api.url(f"/models/{model['id']}/package")).content))
        for name in ("model.onnx", "weights.safetensors"):
            assert now.read(name) == then.read(name)
        assert "README.md" in now.namelist()
        old = json.loads(then.read("manifest.json"))
        old["files"].pop("README.md")  # the words of a card may become better
        assert _lost(old, json.loads(now.read("manifest.json"))) == []
