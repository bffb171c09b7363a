"""Three installations and a real WebDAV server, for tests of federated rounds in the shell."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from backend.cli.follow import JobFailedError
from backend.db.migrate import upgrade
from backend.db.session import read_session, write_session
from backend.db.tables import Job
from backend.exchange.webdav import Folder
from backend.services import jobs, projects, runs
from backend.settings import get_settings
from tests.exchange.webdav_servers import PASSWORD, USER, Server
from tests.installation import installation
from tests.shell_calls import run_json
from tests.trained import QUICK, TINY, result_of
from workers.app import TASKS
from workers.lifecycle import run as run_job

PROJECT, EXCHANGE = "ECGs", "Together"
LOCAL = ("--set", "max_epochs=1", "--set", "learning_rate=0.003", "--set", "batch_size=16", "--set", "threads=1")


def follow(url: str, project_id: str, job_id: str) -> dict[str, Any]:
    """Do a job in this process instead of waiting for a worker."""
    with read_session(url) as session:
        module, _, function = TASKS[jobs.get(session, project_id, job_id).kind].partition(":")
    run_job(job_id, getattr(import_module(module), function))
    with read_session(url) as session:
        job = session.get_one(Job, job_id)
        if job.status != "done":
            raise JobFailedError(job.error or job.status)
        return next(event.payload for event in jobs.events(session, job_id) if event.kind == "result")


@dataclass(frozen=True)
class Hospital:
    """An installation with simulated ECGs of its own in a project."""

    name: str
    folder: Path
    dataset_id: str

    @contextmanager
    def open(self) -> Iterator["Hospital"]:
        """Be this installation; jobs are done at once."""
        places = ("exchange.rounds", "exchange.publishing", "exchange.taking", "runs")
        with ExitStack() as stack:
            stack.enter_context(installation(self.folder, publisher=self.name))
            for place in places:
                stack.enter_context(patch(f"backend.cli.{place}.follow", follow))
            yield self

    def call(self, *arguments: str) -> Any:
        """Call a command of the shell and return its JSON."""
        with self.open():
            return run_json(*arguments)

    def round(self, verb: str, *arguments: str) -> Any:
        return self.call("exchange", "round", verb, EXCHANGE, *arguments)

    @property
    def key(self) -> str:
        return str(self.call("exchange", "key")["fingerprint"])


def hospital(name: str, folder: Path, seed: int, server: Server) -> Hospital:
    """Make an installation with 60 ECGs of its own that knows the exchange."""
    with installation(folder, publisher=name):
        settings = get_settings()
        url = settings.resolved_database_url
        upgrade(url)
        with write_session(url) as session:
            _, job = projects.create_demo(session, PROJECT, 60, seed)
        run_job(job.id, import_module("workers.projects").demo)
        made = Hospital(name, folder, result_of(settings, job.id)["dataset_id"])
    password = folder / "password"
    password.write_text(PASSWORD)
    made.call("exchange", "add", EXCHANGE, server.url, "--user", USER, "--password-from", str(password), "--write")
    return made


def publish_base(coordinator: Hospital) -> dict[str, Any]:
    """Train a tiny model at the coordinator and publish it."""
    with coordinator.open():
        url = get_settings().resolved_database_url
        with write_session(url) as session:
            project_id = projects.find(session, PROJECT).id
            request = runs.Request(
                coordinator.dataset_id, "Beat it", architecture="inception_time", architecture_config=TINY,
                training=QUICK, split={"method": "holdout"},
            )  # fmt: skip
            job_id = runs.create(session, project_id, request).job_id
        follow(url, project_id, job_id)
        return run_json(
            "exchange", "push", EXCHANGE, "Beat it", "-p", PROJECT, "--licence", "MIT", "--intended-use", "tests"
        )


def files_below(folder: Folder, path: str) -> set[str]:
    """Return the paths of all files below a folder of the exchange."""
    found: set[str] = set()
    for entry in folder.list(path):
        place = f"{path}/{entry.name}" if path else entry.name
        found |= files_below(folder, place) if entry.is_folder else {place}
    return found
