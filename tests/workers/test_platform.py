"""The whole platform as people start it: web process and workers, a demo project, a training, predictions."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from backend import queue
from backend.db.session import write_session
from backend.services import projects
from tests.api_calls import Api
from tests.installation import installation
from tests.platform_process import Platform, living, running_platform, until
from tests.samples import csv_file

CONFIG = {"filters": 4, "depth": 3, "kernel": 9}
TRAINING = {"max_epochs": 2, "learning_rate": 0.005, "batch_size": 16, "threads": 1}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("platform"), job_lease_s="3") as up:
        up.wait_for_workers()
        yield up


@pytest.fixture(scope="module")
def demo(platform: Platform) -> str:
    """The dataset of a demo project of 50 simulated ECGs, in which the platform's API works from here on."""
    shown = platform.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
    platform.api.project = shown["project"]["id"]
    job = platform.api.wait(shown["job"]["id"])
    assert job["status"] == "done", job
    dataset_id: str = platform.api.events(job["id"], "result")[0]["payload"]["dataset_id"]
    return dataset_id


def _train(api: Api, dataset_id: str, **training: object) -> dict:
    body = {
        "dataset_id": dataset_id,
        "architecture": "inception_time",
        "architecture_config": CONFIG,
        "training": TRAINING | training,
        "split": {"method": "holdout"},
    }
    answer = api.client.post(api.url("/runs"), json=body)
    assert answer.status_code == 202, answer.text
    shown: dict = answer.json()
    return shown


def _long_run(api: Api, dataset_id: str) -> dict:
    """Start a training that goes on until it is cancelled, and wait for its second epoch."""
    run = _train(api, dataset_id, max_epochs=1000, patience=1000)
    until(lambda: len(api.events(run["job"]["id"], "epoch")) >= 2)
    return run


def _cancel(api: Api, run: dict) -> dict:
    api.client.post(api.url(f"/jobs/{run['job']['id']}/cancel"))
    job: dict = api.wait(run["job"]["id"])
    return job


def test_the_main_job_end_to_end(platform: Platform, demo: str) -> None:
    api = platform.api
    assert api.get("/recordings")["total"] == 50
    assert api.get(f"/datasets/{demo}")["n_matched"] == 50
    run = _train(api, demo)
    assert api.wait(run["job"]["id"])["status"] == "done", api.events(run["job"]["id"])
    epochs = [event["payload"] for event in api.events(run["job"]["id"], "epoch")]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    model_id = api.get(f"/runs/{run['id']}")["model_id"]
    model = api.get(f"/models/{model_id}")
    assert model["parity"] <= 1e-5
    assert model["evaluation"]["n"] == run["facts"]["counts"]["test"]["n"]

    answer = api.client.post(api.url("/predictions"), json={"model_id": model_id, "dataset_id": demo})
    prediction = answer.json()
    assert api.wait(prediction["job"]["id"])["status"] == "done"
    rows = api.get(f"/predictions/{prediction['id']}/results")["items"]
    assert len(rows) == 50
    body = {"recording_id": rows[0]["recording_id"]}
    at_once = api.client.post(api.url(f"/models/{model_id}/predict"), json=body).json()
    assert [label["probability"] for label in at_once["labels"]] == pytest.approx(rows[0]["probabilities"], abs=1e-5)


def test_a_training_blocks_neither_uploads_nor_predictions_and_can_be_cancelled(platform: Platform, demo: str) -> None:
    api = platform.api
    run, waiting = _long_run(api, demo), _train(api, demo)
    model = api.get("/models")[0]
    assert api.upload({"meanwhile.csv": csv_file(7)}, rate="100")["imported"] == 1
    prediction = api.client.post(api.url("/predictions"), json={"model_id": model["id"], "dataset_id": demo}).json()
    assert api.wait(prediction["job"]["id"], seconds=30)["status"] == "done"
    assert api.get(f"/jobs/{run['job']['id']}")["status"] == "running"
    assert api.get(f"/jobs/{waiting['job']['id']}")["status"] == "queued"
    assert _cancel(api, waiting)["status"] == "cancelled"
    job = _cancel(api, run)
    assert (job["status"], job["error"]) == ("cancelled", None)
    assert api.get(f"/runs/{run['id']}")["model_id"] is None
    kept = {file.stem for file in (platform.folder / "data" / "checkpoints").iterdir()}
    assert kept == ({run["id"]} if api.events(run["job"]["id"], "epoch") else kept)  # so that it can be resumed


def test_a_worker_killed_in_mid_epoch_loses_nothing_of_its_training(platform: Platform, demo: str) -> None:
    api = platform.api
    run = _train(api, demo, max_epochs=14, patience=1000, seed=3)
    job_id = run["job"]["id"]
    until(lambda: len(api.events(job_id, "epoch")) >= 3)
    (group,) = platform.groups("train-cpu")
    os.killpg(group, signal.SIGKILL)
    job = api.wait(job_id)
    assert (job["status"], job["attempt"]) == ("done", 2), api.events(job_id)
    events = api.events(job_id)
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert [event["payload"]["epoch"] for event in events if event["kind"] == "epoch"] == list(range(1, 15))
    texts = [event["payload"].get("text", "") for event in events]
    assert any("Resumed from the checkpoint" in text for text in texts)
    assert any("The worker stopped" in text for text in texts)
    assert api.get(f"/runs/{run['id']}")["model_id"] is not None


def test_a_web_process_killed_loses_no_upload_and_disturbs_no_training(platform: Platform, demo: str) -> None:
    api = platform.api
    run = _long_run(api, demo)
    report = api.upload({f"kept{n}.csv": csv_file(200 + n) for n in range(5)}, rate="100")
    (group,) = platform.groups("uvicorn")
    os.killpg(group, signal.SIGKILL)
    platform.wait_until_it_answers()
    for outcome in report["outcomes"]:
        (recording_id,) = outcome["recording_ids"]
        original = api.client.get(api.url(f"/recordings/{recording_id}/original"))
        assert original.content == csv_file(200 + int(outcome["file_name"][4:-4]))
    before = len(api.events(run["job"]["id"], "epoch"))
    until(lambda: len(api.events(run["job"]["id"], "epoch")) > before)
    assert api.get(f"/jobs/{run['job']['id']}")["attempt"] == 1
    assert _cancel(api, run)["status"] == "cancelled"


def test_a_job_whose_message_is_lost_is_done_as_soon_as_a_worker_idles(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.wait_for_workers()
    monkeypatch.setattr(queue, "enqueue", lambda *_: None)
    with installation(platform.folder / "data") as settings, write_session(settings.resolved_database_url) as session:
        project, job = projects.create_demo(session, "Nobody was told", 50, 1)
    status = lambda: platform.client.get(f"/api/v1/projects/{project.id}/jobs/{job.id}").json()["status"]  # noqa: E731
    until(lambda: status() == "done")


def test_ctrl_c_in_a_training_leaves_no_process_and_the_job_goes_on_at_the_next_start(
    platform: Platform, demo: str
) -> None:
    """The last of this file: it ends the platform, starts it again and finds the training resumed."""
    api = platform.api
    run = _long_run(api, demo)
    processes = platform.processes()
    assert len(processes) >= 4
    assert platform.end(signal.SIGINT) == 0
    assert living(processes) == []
    text = platform.output.read_text()
    assert "Traceback" not in text
    assert "go on at the next start" in text
    with running_platform(platform.folder, job_lease_s="3") as again:
        again.api.project = api.project
        until(lambda: again.api.get(f"/jobs/{run['job']['id']}")["attempt"] == 2)
        with closing(sqlite3.connect(platform.folder / "data" / "exchangeai.sqlite")) as database:
            deaths = database.execute("SELECT deaths FROM jobs WHERE id = ?", (run["job"]["id"],)).fetchone()
        assert deaths == (0,)  # it was ended, and has not died
        assert _cancel(again.api, run)["status"] == "cancelled"
