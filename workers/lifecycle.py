"""The life of a job in a worker: claimed, with a heartbeat while it runs, ended in words a person can act on."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Json, utc_now
from backend.errors import UserError
from backend.services import jobs
from backend.settings import Settings, get_settings
from backend.storage import Storage

log = logging.getLogger(__name__)

CANCEL_PATIENCE = timedelta(seconds=60)
PROGRESS_EVERY_S = 0.5


class JobLostError(Exception):
    """Another worker has taken this job up; whatever this one still does must not be kept."""


class JobCancelledError(Exception):
    """A person asked the job to stop, and it has stopped."""


class RunningJob:
    """What a task holds while it works at a job: its payload, its sessions, its voice."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self.id, self.project_id, self.payload, self.attempt = job.id, job.project_id, job.payload, job.attempt
        self.settings = settings
        self.storage = Storage(settings.data_dir / "blobs")
        self._url = settings.resolved_database_url
        self._cancelled, self._lost, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._last_progress = 0.0

    def cancelled(self) -> bool:
        """Say whether the job should stop: cancelled by a person, or taken over by another worker."""
        return self._cancelled.is_set() or self._lost.is_set()

    def check(self) -> None:
        """Raise JobLostError or JobCancelledError if the job should stop."""
        if self._lost.is_set():
            raise JobLostError
        if self._cancelled.is_set():
            raise JobCancelledError

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a unit of work that is only kept while this attempt still holds the job."""
        with write_session(self._url) as session:
            if jobs.held(session, self.id, self.attempt) is None:
                self._lost.set()
                raise JobLostError
            yield session

    def read(self) -> AbstractContextManager[Session]:
        """Open a session for reading."""
        return read_session(self._url)

    def say(self, kind: str, **payload: object) -> None:
        """Append an event to the job."""
        with self.session() as session:
            jobs.add_event(session, self.id, kind, dict(payload))

    def log(self, text: str) -> None:
        """Append a line to the job's log."""
        self.say("log", text=text)

    def progress(self, fraction: float, message: str, *, always: bool = False) -> None:
        """Tell how far the job is (0 to 1), at most twice a second, and stop here if it should."""
        self.check()
        now = time.monotonic()
        if not always and now - self._last_progress < PROGRESS_EVERY_S:
            return
        self._last_progress = now
        with self.session() as session:
            job = session.get_one(Job, self.id)
            job.progress, job.message = max(0.0, min(1.0, fraction)), message

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Keep the heartbeat of the job going in the background."""
        thread = threading.Thread(target=self._beat, name=f"heartbeat-{self.id[:8]}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(timeout=30)

    def _beat(self) -> None:
        parent = os.getppid()
        while not self._ended.wait(min(1.0, self.settings.job_lease_s / 5)):
            if os.getppid() != parent:
                os._exit(1)  # the worker was killed: its child must not go on unseen
            try:
                with write_session(self._url) as session:
                    job = jobs.beat(session, self.id, self.attempt)
                    asked = job.cancel_requested_at if job is not None else None
                    if job is not None and asked is not None and utc_now() - asked > CANCEL_PATIENCE:
                        jobs.finish(session, job, "cancelled")
            except SQLAlchemyError as error:
                log.warning("The heartbeat of job %s found no database: %s", self.id, type(error).__name__)
                continue
            if job is None:
                self._lost.set()
                return
            if asked is not None:
                self._cancelled.set()
                if utc_now() - asked > CANCEL_PATIENCE:
                    os._exit(1)  # the last resort for a step that does not end


def run(job_id: str, work: Callable[[RunningJob], Json | None]) -> None:
    """Claim a job, do its work and record how it ended; `work` may return the payload of a `result` event."""
    settings = get_settings()
    url = settings.resolved_database_url
    with write_session(url) as session:
        row = jobs.claim(session, job_id, f"{socket.gethostname()}:{os.getpid()}", settings.job_lease_s)
        if row is None:
            return
        job = RunningJob(row, settings)
    status, error = "done", None
    try:
        with job.beating():
            result = work(job)
            if result is not None:
                job.say("result", **result)
    except JobLostError:
        log.warning("Job %s was taken up by another worker", job_id)
        return
    except JobCancelledError:
        status = "cancelled"
    except UserError as problem:
        status, error = "failed", str(problem)
    except MemoryError:
        status = "failed"
        error = "The machine has too little memory for this. Use fewer recordings or a smaller batch size."
    except Exception:  # the edge of the worker: whatever happens must reach the row, or nobody ever hears of it
        reference = uuid4().hex[:8]
        log.exception("Unforeseen error %s in job %s", reference, job_id)
        status, error = "failed", f"Something went wrong inside the platform; the worker's log has it as {reference}."
    with write_session(url) as session:
        held = jobs.held(session, job_id, job.attempt)
        if held is not None:
            jobs.finish(session, held, status, error)
