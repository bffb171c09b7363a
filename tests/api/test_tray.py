"""The jobs of all projects of somebody, in one list and one stream."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.db.session import write_session
from backend.db.tables import Job, JobEvent, Run, utc_now
from backend.queue import QUEUE_OF_KIND
from backend.services import job_tray, jobs
from backend.settings import get_settings
from tests.accounts import House
from tests.api_calls import Api, refusal
from tests.installation import installation
from tests.platform_process import Platform, running_platform
from tests.trained import Trained


def _tray(api: Api) -> list[dict]:
    return api.client.get("/api/v1/jobs").json()


def _change(job_id: str, **values: object) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        for name, value in values.items():
            setattr(session.get_one(Job, job_id), name, value)


def test_every_kind_of_job_is_followed_or_left_out_on_purpose() -> None:
    on_the_page_of_an_exchange = {"exchanges.verify", "exchanges.index", "exchanges.withdraw"}
    assert set(QUEUE_OF_KIND) - set(job_tray._THINGS) == on_the_page_of_an_exchange | {
        "webhooks.deliver",
        "dicom_results.send",
    }


def test_checks_of_a_model_are_named_after_it_and_lead_to_their_page(trained_api: Api, trained: Trained) -> None:
    api = trained_api
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    drift = api.client.post(api.url("/drift-checks"), json=asked).json()
    wanted = {"model_id": trained.model_id, "recording_id": api.recordings()[0]["id"]}
    explanation = api.client.post(api.url("/explanations"), json=wanted).json()
    found = {one["thing"]: (one["thing_id"], one["title"]) for one in _tray(api)}
    assert found["drift_check"] == (drift["id"], "Tiny")
    assert found["explanation"] == (explanation["id"], "Tiny")


def test_jobs_of_all_projects_stand_in_one_list_with_what_can_be_done(trained_api: Api, trained: Trained) -> None:
    api = trained_api
    first, done = _tray(api)
    assert [(one["thing"], one["thing_id"], one["title"]) for one in (first, done)] == [
        ("run", trained.run_id, "Tiny"), ("project", "", "Simulated"),
    ]  # fmt: skip
    assert {one["project_name"] for one in (first, done)} == {"Simulated"}
    asked = {"dataset_id": trained.dataset_id, "name": "Second", "split": {"method": "holdout"}}
    run = api.client.post(api.url("/runs"), json=asked).json()
    other = api.client.post("/api/v1/projects/demo", json={"name": "Demo", "n_recordings": 100, "seed": 1}).json()
    found = _tray(api)
    assert [one["title"] for one in found] == ["Second", "Demo", "Tiny", "Simulated"]  # what goes on stands first
    assert found[0]["project_id"] == trained.project_id
    assert found[1]["project_id"] == other["project"]["id"]
    assert not any(one["can_keep"] or one["can_resume"] for one in found)
    refusal(api.client.post(api.url(f"/jobs/{run['job']['id']}/cancel?keep_model=true")), 409, "ConflictError")
    cancelled = api.client.post(api.url(f"/jobs/{run['job']['id']}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    assert [one["title"] for one in _tray(api) if one["can_resume"]] == ["Second"]
    resumed = api.client.post(api.url(f"/jobs/{run['job']['id']}/resume")).json()
    assert (resumed["status"], resumed["finished_at"], resumed["cancel_requested_at"]) == ("queued", None, None)
    refusal(api.client.post(api.url(f"/jobs/{run['job']['id']}/resume")), 409, "ConflictError")


def test_a_running_training_tells_how_long_it_will_take_and_that_its_model_can_be_kept(
    trained_api: Api, trained: Trained
) -> None:
    asked = {"dataset_id": trained.dataset_id, "name": "Second", "split": {"method": "holdout"}}
    job = trained_api.client.post(trained_api.url("/runs"), json=asked).json()["job"]["id"]
    _change(job, status="running", started_at=utc_now(), progress=0.1)
    assert _tray(trained_api)[0]["seconds_left"] is None  # nothing tells yet
    numbers = {"train_loss": 1.0, "val_loss": 1.0, "macro_auroc": 0.5, "macro_f1": 0.5, "learning_rate": 0.1}
    epoch = {"epoch": 1, "seconds": 60.0, "best": True, "max_epochs": 11, "seconds_left": 600.0} | numbers
    began = utc_now()
    with write_session(get_settings().resolved_database_url) as session:
        earlier = session.get_one(Run, trained.run_id).job_id
        last = session.scalars(select(JobEvent).where(JobEvent.job_id == earlier, JobEvent.kind == "epoch")).all()[-1]
        session.get_one(Job, earlier).finished_at = last.created_at + timedelta(seconds=40)
        jobs.add_event(session, job, "epoch", epoch)
    told = _tray(trained_api)[0]
    assert told["can_keep"]
    passed = (utc_now() - began).total_seconds()
    # All its epochs, as the earlier one needed all of its own; and its export; less what has passed since.
    assert 640 - passed - 1 <= told["seconds_left"] <= 641
    stopped = trained_api.client.post(trained_api.url(f"/jobs/{job}/cancel?keep_model=true")).json()
    assert stopped["status"] == "running"
    assert stopped["stop_requested_at"] is not None
    assert stopped["cancel_requested_at"] is None


def test_nobody_is_told_of_the_jobs_of_foreign_projects(house: House) -> None:
    wards = [house.project("Ward 3"), house.project("Ward 4")]
    with write_session(house.settings.resolved_database_url) as session:
        for ward in wards:
            jobs.create(session, ward, "projects.demo", {})
    who = {"eva": house.user("eva", **{wards[0]: "viewer"}), "adam": house.user("adam", is_admin=True)}
    who["nobody's"] = house.user("stranger")
    seen = {}
    for name, user in who.items():
        with house.client(house.by_session(user)) as api:
            seen[name] = [one["title"] for one in _tray(api)]
    assert seen == {"eva": ["Ward 3"], "adam": ["Ward 3", "Ward 4"], "nobody's": []}
    with house.client(house.by_key(who["adam"], "viewer", wards[1])) as api:
        assert [one["title"] for one in _tray(api)] == ["Ward 4"]
    with house.client() as api:
        assert api.client.get("/api/v1/jobs").status_code == 401


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("tray")
    with running_platform(folder, "--no-workers") as up, installation(folder / "data"):
        up.api.project = up.api.new_project()
        yield up


def test_one_stream_tells_of_every_change_in_any_project(platform: Platform) -> None:
    def make(name: str) -> str:
        project = platform.api.new_project(name=name)
        with write_session(get_settings().resolved_database_url) as session:
            return jobs.create(session, project, "projects.demo", {}).id

    first = make("One")
    with platform.client.stream("GET", "/api/v1/jobs/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        news = (json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:"))
        assert [one["title"] for one in next(news)] == ["One"]
        second = make("Two")
        assert [one["title"] for one in next(news)] == ["One", "Two"]
        _change(second, status="running", progress=0.5, started_at=utc_now())
        assert {one["id"]: one["progress"] for one in next(news)} == {first: 0.0, second: 0.5}
        with write_session(get_settings().resolved_database_url) as session:
            jobs.finish(session, session.get_one(Job, first), "failed", "No.")
        told = next(one for one in iter(lambda: next(news), None) if one[-1]["status"] == "failed")
        assert [(one["id"], one["can_resume"]) for one in told] == [(second, False), (first, True)]
