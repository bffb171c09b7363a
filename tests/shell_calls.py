"""Calling the shell in tests: what it printed, as text or as JSON, and its errors in one line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from sqlalchemy import select
from typer.testing import CliRunner, Result

from backend.cli import app
from backend.db.session import read_session
from backend.db.tables import Job
from backend.queue import QUEUE_OF_KIND
from workers.app import TASKS
from workers.lifecycle import run as run_job


@contextmanager
def worker_here(url: str, kind: str) -> Iterator[None]:
    """Do what waits in the queue of a kind in this process, in place of the worker that `follow` would start."""
    with read_session(url) as session:
        waiting = [(job.id, job.kind) for job in session.scalars(select(Job).where(Job.status == "queued"))]
    for job_id, its in waiting:
        if QUEUE_OF_KIND[its] == QUEUE_OF_KIND[kind]:
            module, _, function = TASKS[its].partition(":")
            run_job(job_id, getattr(import_module(module), function))
    yield


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(part) for part in arguments])


def run_json(*arguments: str | Path) -> dict | list:
    """Run a command with --json: standard output must be JSON and nothing else."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fault(*arguments: str | Path) -> str:
    """Run a command that must fail with exit code 1 and one line, and return the line."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    return line
