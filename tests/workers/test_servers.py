"""The same platform on Postgres and Redis: no code path of its own, and a queue that forgets loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from backend import queue
from backend.db.session import write_session
from backend.services import jobs, projects
from backend.settings import Settings
from tests.installation import installation
from tests.platform_process import Platform, running_platform, until
from tests.samples import csv_file
from tests.servers import free_port

CONFIG = {"filters": 4, "depth": 1, "kernel": 9}
TRAINING = {"max_epochs": 2, "learning_rate": 0.005, "batch_size": 16, "threads": 1}


@pytest.fixture
def platform(tmp_path: Path, migrated_postgres: str, redis_url: str) -> Iterator[Platform]:
    servers = {"database_url": migrated_postgres, "redis_url": redis_url}
    with (
        installation(tmp_path / "data", **servers) as settings,
        write_session(settings.resolved_database_url) as session,
    ):
        lost = projects.create_demo(session, "Queued before Redis forgot all", 50, 1)[0].id
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.llen("ingest") == 1
        connection.flushall()
    with running_platform(tmp_path, job_lease_s="3", **servers) as up:
        up.api.project = lost
        yield up


def test_the_main_job_on_postgres_and_redis_even_after_redis_has_lost_all(platform: Platform) -> None:
    api = platform.api
    job = api.wait(api.get("/jobs")[0]["id"])
    assert job["status"] == "done", job
    assert api.upload({"a.csv": csv_file()}, rate="100")["imported"] == 1
    dataset = api.events(job["id"], "result")[0]["payload"]["dataset_id"]
    body = {
        "dataset_id": dataset,
        "architecture": "inception_time",
        "architecture_config": CONFIG,
        "training": TRAINING,
        "split": {"method": "holdout"},
    }
    run = api.client.post(api.url("/runs"), json=body).json()
    assert api.wait(run["job"]["id"])["status"] == "done", api.events(run["job"]["id"])
    model = api.get("/models")[0]
    prediction = api.client.post(api.url("/predictions"), json={"model_id": model["id"]}).json()
    assert api.wait(prediction["job"]["id"])["status"] == "done"
    assert api.get(f"/predictions/{prediction['id']}")["n_results"] == 51
    assert not list((platform.folder / "data").glob("*.sqlite"))
    assert {queue for worker in until(platform.workers) for queue in worker["queues"]} >= {
        "ingest",
        "predict",
        "train-cpu",
    }


def test_a_queue_that_does_not_answer_costs_time_but_never_the_job(tmp_path: Path, installed: Settings) -> None:
    with installation(installed.data_dir, redis_url=f"redis://127.0.0.1:{free_port()}/0") as settings:
        with write_session(settings.resolved_database_url) as session:
            project, job = projects.create_demo(session, "Waiting", 50, 1)
        with write_session(settings.resolved_database_url) as session:
            assert jobs.get(session, project.id, job.id).status == "queued"
            assert jobs.send_again(session, ["ingest"], 0) == [job.id]
    queue.celery_app.cache_clear()
