"""Following a job in the shell: a progress bar, its words, and a worker of its own where none lives."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from backend.cli.app import people
from backend.cli.processes import Child, worker_command
from backend.db.session import read_session, write_session
from backend.db.tables import Job, JobEvent
from backend.errors import PlatformError, UnavailableError
from backend.queue import QUEUE_OF_KIND
from backend.services import jobs

POLL_S = 0.3
WORKER_START_S = 60


class JobFailedError(PlatformError):
    """The job that the shell waited for has failed or was cancelled."""


def follow(url: str, project_id: str, job_id: str) -> dict[str, Any]:
    """Wait for a job of a project, as `follow_job` does."""
    return follow_job(url, lambda session: jobs.get(session, project_id, job_id))


def follow_job(url: str, find: Callable[[Session], Job]) -> dict[str, Any]:
    """Wait for the job that `find` returns, showing how it goes; return the payload of its `result` event.

    Ctrl-C asks the job to stop. Raises JobFailedError with the job's own reason.
    """
    result: dict[str, Any] = {}
    with read_session(url) as session:
        kind = find(session).kind
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with (
        some_worker(url, kind),
        Progress(*columns, TimeElapsedColumn(), console=people, transient=True) as bar,
    ):
        task = bar.add_task("Waiting for a worker", total=1.0)

        def on_news(job: Job, events: list[JobEvent]) -> None:
            for event in events:
                if event.kind == "result":
                    result.update(event.payload)
                elif line := line_of(event):
                    bar.console.print(line, markup=False, soft_wrap=True)
            bar.update(task, completed=job.progress, description=job.message or "Waiting for a worker")

        try:
            job = _wait(url, find, on_news)
        except KeyboardInterrupt:
            with write_session(url) as session:
                jobs.request_cancel(session, find(session))
            job = _wait(url, find, on_news)
    if job.status != "done":
        raise JobFailedError(job.error or "The job was cancelled.")
    return result


def line_of(event: JobEvent) -> str:
    """Return an event of a job as a line of text; empty for those the progress bar shows."""
    p = event.payload
    match event.kind:
        case "log" | "note":
            return str(p["text"])
        case "learning_rate":
            return f"Learning rate {p['learning_rate']:.2g}."
        case "epoch":
            scores = ", ".join(
                f"{name} {p[key]:.3f}"
                for name, key in (("macro AUROC", "macro_auroc"), ("macro F1", "macro_f1"), ("R²", "macro_r2"))
                if p.get(key) is not None
            )
            return (
                f"Epoch {p['epoch']:>3}: loss {p['train_loss']:.4f}, validation loss {p['val_loss']:.4f}"
                f"{', ' + scores if scores else ''}, {p['seconds']:.1f} s{' *' if p['best'] else ''}"
            )
        case "pretraining":
            losses = ", ".join(f"{name} {value:.3f}" for name, value in p["held_out"].items())
            return f"{p['passes']:,} ECGs passed; on those held out: {losses}."
    return ""


def _wait(url: str, find: Callable[[Session], Job], on_news: Callable[[Job, list[JobEvent]], None]) -> Job:
    number = 0
    while True:
        with read_session(url) as session:
            job = find(session)
            events = list(jobs.events(session, job.id, number))
        number = events[-1].number if events else number
        on_news(job, events)
        if job.status in jobs.FINISHED:
            return job
        time.sleep(POLL_S)


@contextmanager
def some_worker(url: str, kind: str) -> Iterator[None]:
    """Start a worker for jobs of a kind for the duration, where none listens to their queue."""
    queue = QUEUE_OF_KIND[kind]
    if _alive(url, queue):
        yield
        return
    with Child(f"worker-shell-{queue}", worker_command(f"shell-{queue}", [queue])) as child:
        deadline = time.monotonic() + WORKER_START_S
        while not _alive(url, queue):
            if child.poll() is not None or time.monotonic() > deadline:
                raise UnavailableError(f"The worker did not start. Its log is {child.log}.")
            time.sleep(POLL_S)
        yield


def _alive(url: str, queue: str) -> bool:
    with read_session(url) as session:
        return any(queue in worker.queues for worker in jobs.living_workers(session))
