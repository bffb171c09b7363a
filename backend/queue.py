"""The queue: sends a job's id to the workers by task name. The job row, not the queue, is the truth."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from backend.settings import get_settings

log = logging.getLogger(__name__)

QUEUE_OF_KIND = {
    "projects.demo": "ingest",
    "predictions.predict": "predict",
    "evaluations.evaluate": "predict",
    "explanations.explain": "predict",
    "drift_checks.check": "predict",
    "stress_tests.test": "predict",
    "exchanges.pull": "transfer",
    "exchanges.push": "transfer",
    "exchanges.verify": "transfer",
    "exchanges.index": "transfer",
    "exchanges.withdraw": "transfer",
    "rounds.contribute": "transfer",
    "webhooks.deliver": "transfer",
    "dicom_results.send": "transfer",
    "rounds.merge": "train-cpu",
    "runs.train": "train-cpu",
    "pretrainings.pretrain": "train-cpu",
}


def celery_config(redis_url: str, data_dir: Path) -> dict[str, Any]:
    """Return the Celery settings: Redis where there is one, else a folder below the data folder.

    Tasks are acknowledged early and never retried by the queue: the job row knows what is unfinished. A job without a
    heartbeat is enqueued again (`backend.services.jobs.requeue_lost`), and so is one whose message was lost, as soon as
    a worker has nothing to do (`send_again`). A lost connection is made anew, however often it takes.
    """
    config: dict[str, Any] = {
        "task_ignore_result": True,
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "worker_hijack_root_logger": False,
        "task_default_queue": "ingest",
        "worker_send_task_events": False,
    }
    if redis_url:
        # A training that waits behind another one must be free for the next worker. Celery can do that with Redis only.
        return config | {"broker_url": redis_url, "worker_disable_prefetch": True}
    folder = (data_dir / "queue").resolve()
    for name in ("messages", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    transport = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.2,
    }
    return config | {"broker_url": "filesystem://localhost//", "broker_transport_options": transport}


@lru_cache
def celery_app() -> Celery:
    """Return the Celery application of this process, configured from the settings."""
    settings = get_settings()
    app = Celery("exchangeai")
    app.conf.update(celery_config(settings.redis_url, settings.data_dir))
    return app


def enqueue(kind: str, job_id: str, queue: str | None = None) -> None:
    """Tell the workers that a job waits. A queue that does not answer costs time, never the job."""
    try:
        celery_app().signature(kind, args=(job_id,)).apply_async(queue=queue or QUEUE_OF_KIND[kind])
    except (OperationalError, OSError) as error:
        log.warning("The queue does not answer (%s); job %s waits in the database.", type(error).__name__, job_id)
