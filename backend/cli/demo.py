"""`demo`: the whole job on simulated ECGs."""

import time
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people
from backend.cli.follow import follow
from backend.cli.results import show_model
from backend.cli.runs import train_model
from backend.db.session import write_session
from backend.ml.training.config import DEMO
from backend.services import projects, runs

DEMO_RECORDINGS = 400


@command("demo")
def demo(
    n: Annotated[int, typer.Option("--recordings", "-n", min=50, max=5000, help="Simulated ECGs.")] = DEMO_RECORDINGS,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Do the whole job on simulated ECGs: simulate, label, train, evaluate, export; print the metrics."""
    started = time.monotonic()
    url = database()
    with write_session(url) as session:
        project, job = projects.create_demo(session, "Demo: simulated ECGs", n, seed)
    people.print(f"Simulating {n} ECGs of five classes")
    dataset_id = follow(url, project.id, job.id)["dataset_id"]
    # One test part: the demo is about the way, and a cross-validation takes six times as long.
    request = runs.Request(dataset_id, "Demo", split={"method": "holdout"}, training=DEMO.to_dict() | {"seed": seed})
    model = train_model(url, project.id, request)
    show_model(model, as_json, {"project_id": project.id, "seconds": round(time.monotonic() - started, 1)})
