"""The Celery application of the workers: `celery -A workers.app worker -Q predict,ingest`.

A worker tells the database every few seconds that it lives, and queues again the jobs of those that do not.
"""

import logging
import os
import signal
import threading
import time
from importlib import import_module
from typing import Any

from celery import signals
from celery.worker import state
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import Worker, utc_now
from backend.errors import UserError
from backend.logs import configure_logging
from backend.process import SUPERVISED, stop_with_parent
from backend.queue import celery_app
from backend.services import housekeeping, jobs
from backend.settings import get_settings
from backend.storage import storage_of
from workers.lifecycle import run

log = logging.getLogger(__name__)

app = celery_app()

# Loaded when the first job of the kind comes: an idle worker stays small.
TASKS = {
    "projects.demo": "workers.projects:demo",
    "predictions.predict": "workers.predictions:predict",
    "evaluations.evaluate": "workers.evaluations:evaluate",
    "explanations.explain": "workers.explanations:explain",
    "drift_checks.check": "workers.drift_checks:check",
    "stress_tests.test": "workers.stress_tests:test",
    "exchanges.pull": "workers.exchanges:pull",
    "exchanges.push": "workers.exchanges:push",
    "exchanges.verify": "workers.exchange_jobs:verify",
    "exchanges.index": "workers.exchange_jobs:index",
    "exchanges.withdraw": "workers.exchange_jobs:withdraw",
    "rounds.contribute": "workers.rounds:contribute",
    "rounds.merge": "workers.rounds:merge",
    "runs.train": "workers.runs:train",
    "webhooks.deliver": "workers.webhooks:deliver",
    "dicom_results.send": "workers.dicom_results:send",
    "pretrainings.pretrain": "workers.pretrainings:pretrain",
}

# Read when torch is loaded. Threads that spin while they wait make training many times slower, and everything else
# too, as soon as another process wants a core; on an idle machine sleeping costs next to nothing.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SIGN_OF_LIFE_S = 5.0
HOUSEKEEPING_S = 60.0  # between two looks at whether something is due
LOST_MESSAGE_S = 3.0  # a message takes a fraction of a second
_stopping = threading.Event()


def _register(kind: str, place: str) -> None:
    module, _, function = place.partition(":")

    @app.task(name=kind, bind=True)
    def task(self: Any, job_id: str) -> None:
        run(job_id, lambda job: getattr(import_module(module), function)(job), self.request.hostname)


for _kind, _place in TASKS.items():
    _register(_kind, _place)


@signals.setup_logging.connect
def _logging(**_: object) -> None:
    configure_logging(get_settings().log_level, get_settings().log_format)


@signals.worker_init.connect
def _migrate(**_: object) -> None:
    stop_with_parent()
    upgrade(get_settings().resolved_database_url)


@signals.worker_ready.connect
def _ready(sender: Any, **_: object) -> None:
    queues = sorted(sender.app.amqp.queues.consume_from)
    threading.Thread(target=_live, args=(str(sender.hostname), queues), name="sign-of-life", daemon=True).start()
    threading.Thread(target=_keep_house, name="housekeeping", daemon=True).start()


@signals.worker_shutting_down.connect
def _stop(**_: object) -> None:
    _stopping.set()


def _keep_house() -> None:
    """Do what is due now and then, unless another worker does, until the process ends.

    In a thread of its own: erasing takes its time, and the sign of life must not wait for it.
    """
    settings = get_settings()
    while True:
        try:
            housekeeping.run(settings, storage_of(settings))
        except (SQLAlchemyError, OSError, UserError) as error:
            log.warning("Housekeeping is put off: %s", error if isinstance(error, UserError) else type(error).__name__)
        except (
            Exception
        ):  # the edge of the thread: without this nothing would ever be erased again, and nobody hear of it
            log.exception("Housekeeping has failed; it is tried again")
        if _stopping.wait(HOUSEKEEPING_S):
            return


def _live(name: str, queues: list[str]) -> None:
    """Show that this worker lives and look after jobs whose worker does not, until the process ends."""
    settings = get_settings()
    url = settings.resolved_database_url
    pause = min(SIGN_OF_LIFE_S, settings.job_lease_s / 3)
    first, blind_until, last = True, 0.0, time.time()
    while True:
        if time.time() - last > pause + settings.job_lease_s / 2:
            blind_until = time.time() + settings.job_lease_s  # the machine slept, and all other workers with it
        last = time.time()
        try:
            with write_session(url) as session:
                jobs.forget_silent_workers(session)
                session.merge(Worker(name=name, queues=queues, heartbeat_at=utc_now()))
                if time.time() >= blind_until:
                    jobs.requeue_lost(session, settings.job_lease_s, settings.job_attempts)
                # At its start a worker asks for everything that waits: the queue may have been lost with the last one.
                if first or not state.reserved_requests:
                    jobs.send_again(session, queues, 0 if first else LOST_MESSAGE_S)
            first = False
        except SQLAlchemyError as error:
            log.warning("The worker finds no database: %s", type(error).__name__)
            blind_until = time.time() + settings.job_lease_s  # nobody else could show a sign of life either
        if _stopping.wait(pause):
            break
    try:
        with write_session(url) as session:
            jobs.release(session, name)
            session.execute(delete(Worker).where(Worker.name == name))
    except SQLAlchemyError as error:
        log.warning("The worker ends without a database: %s", type(error).__name__)
    # Celery looks every two seconds whether it is to end, and its pool takes as long again. Nobody waits for that where
    # nothing is being done; a message that comes at this moment is lost, which the job's row makes good.
    if os.environ.get(SUPERVISED) and not state.reserved_requests:
        os.killpg(os.getpgrp(), signal.SIGKILL)
