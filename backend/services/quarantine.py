"""What lies in quarantine: models that were fetched and refused, and what broken-off work has left there."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backend.db.session import read_session
from backend.db.tables import Job, Transfer
from backend.exchange.fetch import REASON
from backend.services import jobs

LEFT: Final = "It was left by work that was broken off; nobody needs it."
_LONGEST_REASON: Final = 10_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A folder of the quarantine that no work is using. `name` is the model's, "" where nobody knows it any more."""

    folder: str
    name: str
    exchange: str
    reason: str
    size: int  # bytes
    since: datetime


def list_quarantined(url: str, data_dir: Path) -> list[Quarantined]:
    """Return what lies in quarantine, the oldest first, but for what a job is working on."""
    found = []
    with read_session(url) as session:
        for path in _folders(data_dir):
            transfer = session.get(Transfer, path.name)
            job = transfer.job if transfer is not None else session.get(Job, path.name.rpartition("-")[2])
            if job is None or job.status in jobs.FINISHED:
                found.append(_described(path, transfer))
    return sorted(found, key=lambda one: one.since)


def clear(url: str, data_dir: Path) -> list[Quarantined]:
    """Delete what lies in quarantine, and return it; transfers keep the reason for which a model was refused."""
    found = list_quarantined(url, data_dir)
    for one in found:
        shutil.rmtree(place(data_dir, one.folder), ignore_errors=True)
    return found


def place(data_dir: Path, name: str) -> Path:
    """Return the folder of quarantine that belongs to a transfer, or to some other work on models of strangers."""
    return data_dir / "quarantine" / name


def _folders(data_dir: Path) -> Iterator[Path]:
    quarantine = data_dir / "quarantine"
    if quarantine.is_dir():
        yield from (path for path in quarantine.iterdir() if path.is_dir() and not path.is_symlink())


def _described(path: Path, transfer: Transfer | None) -> Quarantined:
    files = [one.stat() for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
    since = max((one.st_mtime for one in files), default=path.stat().st_mtime)
    return Quarantined(
        folder=path.name, name=transfer.name if transfer else "", exchange=transfer.exchange_name if transfer else "",
        reason=(transfer.quarantined if transfer else "") or _reason(path) or LEFT,
        size=sum(one.st_size for one in files), since=datetime.fromtimestamp(since, UTC),
    )  # fmt: skip


def _reason(path: Path) -> str:
    try:
        return (path / REASON).read_text(errors="replace")[:_LONGEST_REASON].strip()
    except OSError:
        return ""
