"""How much the installation has to do at the moment: jobs, workers, room."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from sqlalchemy import func, select

from backend.db.session import read_session
from backend.db.tables import Job, utc_now
from backend.services import jobs
from backend.settings import QUEUES


@dataclass(frozen=True, slots=True)
class Load:
    """What there is to do, and who does it."""

    jobs: Mapping[tuple[str, str], int]  # (kind, status) -> how many
    waiting_s: Mapping[str, float]  # kind -> how long the oldest that waits has waited
    workers: Mapping[str, int]  # queue -> living workers that listen to it, 0 where none does
    free_bytes: int


def load(url: str, data_dir: Path) -> Load:
    """Return the load. Raises SQLAlchemyError without a database."""
    with read_session(url) as session:
        counted = session.execute(select(Job.kind, Job.status, func.count()).group_by(Job.kind, Job.status)).all()
        oldest = session.execute(
            select(Job.kind, func.min(Job.enqueued_at)).where(Job.status == "queued").group_by(Job.kind)
        ).all()
        listening = Counter(queue for worker in jobs.living_workers(session) for queue in worker.queues)
    now = utc_now()
    return Load(
        {(kind, status): number for kind, status, number in counted},
        {kind: max(0.0, (now - since).total_seconds()) for kind, since in oldest},
        {queue: listening[queue] for queue in QUEUES},
        disk_usage(data_dir).free,
    )
