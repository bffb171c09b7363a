"""The life of a job in a worker: claimed, with a heartbeat while it runs, ended in words a person can act on."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from shutil import disk_usage
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.db.session import is_disk_full, passes, read_session, write_session
from backend.db.tables import Job, Json, utc_now
from backend.errors import DiskFullError, StoreUnavailableError, UserError
from backend.logs import OCCASION
from backend.services import jobs
from backend.settings import Settings, get_settings
from backend.storage import FULL, storage_of

log = logging.getLogger(__name__)

CANCEL_PATIENCE = timedelta(seconds=60)
PROGRESS_EVERY_S = 0.5
PATIENCE_S = (0.5, 10.0)  # between two tries, the first and the longest
ROOM = 64 * 1024**2  # bytes that must be free before a job goes on that found the disk full


def obstacle_of(problem: BaseException) -> str | None:
    """Return what stands in the way, in words, where it may pass by itself or be removed; None for a fault."""
    full = isinstance(problem, DiskFullError) or (isinstance(problem, OSError) and problem.errno in FULL)
    if full or is_disk_full(problem):
        return "Waits: the disk of the data folder is full. Make room there, and the job goes on."
    if isinstance(problem, SQLAlchemyError) and passes(problem):
        return "Waits: the database did not answer. The job goes on as soon as it does."
    if isinstance(problem, StoreUnavailableError):
        return f"Waits: {problem} The job goes on as soon as it does."
    return None


class JobLostError(Exception):
    """Another worker has taken this job up; whatever this one still does must not be kept."""


class JobCancelledError(Exception):
    """A person asked the job to stop, and it has stopped."""


class RunningJob:
    """What a task holds while it works at a job: its payload, its sessions, its voice."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self.id, self.payload, self.attempt = job.id, job.payload, job.attempt
        self.project_id = job.project_id or ""  # "" of a job of an exchange: in no project anything is found for it
        self.settings = settings
        self.storage = storage_of(settings)
        self._url = settings.resolved_database_url
        self._cancelled, self._lost, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._stopping = threading.Event()
        if job.stop_requested_at is not None:  # an earlier attempt was asked
            self._stopping.set()
        self._last_progress = 0.0

    def cancelled(self) -> bool:
        """Say whether the job should stop: cancelled by a person, or taken over by another worker."""
        return self._cancelled.is_set() or self._lost.is_set()

    def stopping(self) -> bool:
        """Say whether a training should end: as `cancelled`, or asked to stop and keep what it has."""
        return self._stopping.is_set() or self.cancelled()

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

    def patiently(self, step: Callable[[Session], object]) -> None:
        """Do a unit of work that must not get lost, as often as it takes until the database keeps it."""
        pause = PATIENCE_S[0]
        while True:
            try:
                with self.session() as session:
                    step(session)
            except SQLAlchemyError as problem:
                if not passes(problem):
                    raise
                log.warning("Job %s waits for the database: %s", self.id, type(problem).__name__)
                if self._lost.wait(pause):
                    raise JobLostError from None
                pause = min(2 * pause, PATIENCE_S[1])
            else:
                return

    def wait_out(self, obstacle: str) -> None:
        """Wait until the database answers and the disk has room again; the job says what it waits for.

        Raises JobLostError or JobCancelledError if the job should stop meanwhile.
        """
        self.pause(PATIENCE_S[0])
        self.patiently(partial(self._say_that_it_waits, obstacle))
        while disk_usage(self.settings.data_dir).free < ROOM:
            self.pause(PATIENCE_S[1])
        self.patiently(lambda session: jobs.add_event(session, self.id, "log", {"text": "The job goes on."}))

    def _say_that_it_waits(self, obstacle: str, session: Session) -> None:
        job = session.get_one(Job, self.id)
        if job.message != obstacle:
            job.message = obstacle
            jobs.add_event(session, self.id, "log", {"text": obstacle})

    def pause(self, seconds: float) -> None:
        """Wait so long. Raises JobLostError or JobCancelledError if the job should stop meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.check()
            time.sleep(0.1)

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
                    if job is not None and job.stop_requested_at is not None:
                        self._stopping.set()
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


def run(job_id: str, work: Callable[[RunningJob], Json | None], worker: str = "") -> None:
    """Claim a job, do its work and record how it ended; `work` may return the payload of a `result` event.

    What passes (a database that does not answer, a full disk) is waited out, and the work then goes on from what it has
    kept. `worker` is the name under which the worker shows that it lives.
    """
    settings = get_settings()
    OCCASION.set(("job", job_id))
    try:
        with write_session(settings.resolved_database_url) as session:
            row = jobs.claim(session, job_id, worker or f"{socket.gethostname()}:{os.getpid()}", settings.job_lease_s)
            if row is None:
                return
            job = RunningJob(row, settings)
    except SQLAlchemyError as problem:
        if not passes(problem):
            raise
        log.warning("Job %s finds no database (%s); it is sent again", job_id, type(problem).__name__)
        return
    with job.beating():
        try:
            status, error = _work(job, work)
            job.patiently(lambda session: jobs.finish(session, session.get_one(Job, job_id), status, error))
        except JobLostError:
            log.warning("Job %s was taken up by another worker", job_id)


def _work(job: RunningJob, work: Callable[[RunningJob], Json | None]) -> tuple[str, str | None]:
    """Do the work of a job, waiting out what passes; return how it ended and, where it failed, why."""
    while True:
        try:
            try:
                result = work(job)
            except (SQLAlchemyError, OSError, DiskFullError) as problem:
                obstacle = obstacle_of(problem)
                if obstacle is None:
                    raise
                log.warning("Job %s waits: %s", job.id, obstacle, exc_info=problem)
                job.wait_out(obstacle)
                continue
        except JobCancelledError:
            return "cancelled", None
        except UserError as problem:
            return "failed", str(problem)
        except MemoryError:
            return "failed", (
                "The machine has too little memory for this. Use fewer recordings or a smaller batch size."
            )
        except JobLostError:
            raise
        except Exception:  # the edge of the worker: whatever happens must reach the row, or nobody ever hears of it
            reference = uuid4().hex[:8]
            log.exception("Unforeseen error %s in job %s", reference, job.id)
            return "failed", f"Something went wrong inside the platform; the worker's log has it as {reference}."
        if result is not None:
            job.patiently(partial(_say_result, job.id, result))
        return "done", None


def _say_result(job_id: str, result: Json, session: Session) -> None:
    jobs.add_event(session, job_id, "result", result)
