"""A small trained installation, made in this process by the same functions that the workers call."""

from pathlib import Path
from typing import NamedTuple

from backend.db.migrate import upgrade
from backend.db.session import read_session, write_session
from backend.services import jobs, models, projects, runs
from backend.settings import Settings
from tests.installation import installation, same_ids

TINY = {"filters": 4, "depth": 1, "kernel": 9}
QUICK = {"max_epochs": 2, "learning_rate": 0.005, "batch_size": 16, "threads": 1}


class Trained(NamedTuple):
    """What `train_small_model` has made."""

    folder: Path
    project_id: str
    dataset_id: str
    run_id: str
    model_id: str


def train_small_model(folder: Path) -> Trained:
    """Simulate 60 ECGs and train a tiny network on them, without a queue."""
    from workers.lifecycle import run
    from workers.projects import demo
    from workers.runs import train

    with installation(folder) as settings, same_ids("trained"):
        url = settings.resolved_database_url
        upgrade(url)
        with write_session(url) as session:
            project, job = projects.create_demo(session, "Simulated", 60, 1)
        run(job.id, demo)
        dataset_id = result_of(settings, job.id)["dataset_id"]
        request = runs.Request(
            dataset_id,
            "Tiny",
            architecture="inception_time",
            architecture_config=TINY,
            training=QUICK,
            split={"method": "holdout"},
        )
        with write_session(url) as session:
            row = runs.create(session, project.id, request)
        run(row.job_id, train)
        with read_session(url) as session:
            model = models.list_models(session, project.id)[0]
        return Trained(folder, project.id, dataset_id, row.id, model.id)


def result_of(settings: Settings, job_id: str) -> dict[str, str]:
    """Return the payload of the `result` event of a job that must be done."""
    with read_session(settings.resolved_database_url) as session:
        events = jobs.events(session, job_id)
    assert events[-1].payload == {"status": "done"}, [event.payload for event in events]
    return next(event.payload for event in events if event.kind == "result")
