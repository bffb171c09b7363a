"""Transfers from and to an exchange: they go on after a kill, wait for a server that does not answer, and can stop."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from backend.db.tables import Json, Transfer
from backend.errors import ConflictError
from backend.exchange.errors import ExchangeError, LockedError, QuarantinedError, UnreachableError
from backend.exchange.progress import Progress
from backend.services import exchange_pull, exchange_push, exchanges, models, seen, transfers
from backend.services.exchange_patients import patients_of
from backend.services.exchanges import Connection
from workers.lifecycle import JobCancelledError, RunningJob

R = TypeVar("R")
FETCHED: Final = 0.9  # share of the progress bar; the rest is trying the model
PATIENCE_S = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Pauses before a server that did not answer is tried once more. What was transferred by then is not sent again."""


def pull(job: RunningJob) -> Json:
    """Fetch a model into quarantine, verify it, try it, and keep it in the project."""
    with job.read() as session:
        row = transfers.get(session, job.project_id, job.payload["transfer_id"])
        connection = _connection(job, session, row)
        trust = exchanges.trust_of(session, connection.exchange_id)
    if row.model_id is not None:  # a worker has died between keeping it and saying so
        return {"model_id": row.model_id, "transfer_id": row.id}
    place = transfers.place_of(job.settings.data_dir, row.id)
    try:
        job.log(f"Fetching {row.item} from “{row.exchange_name}”.")

        def fetch() -> tuple[Path, Json]:
            with connection.folder() as folder:
                return exchange_pull.fetch_into(folder, place, row, trust, job.settings, progress_of(job, FETCHED))

        path, origin = patiently(job, fetch)
        job.progress(FETCHED, "Trying the model in a limited process", always=True)
        taken = exchange_pull.tried(path, row, origin, job.settings)
        with job.session() as session:
            row = transfers.get(session, job.project_id, row.id)
            model_id = exchange_pull.keep(session, job.storage, row, taken).id
    except QuarantinedError as problem:
        with job.session() as session:
            exchange_pull.refuse(transfers.get(session, job.project_id, row.id), problem)
        raise
    except (JobCancelledError, ConflictError, ExchangeError):  # nobody would go on with what was fetched by then
        shutil.rmtree(place, ignore_errors=True)
        raise
    shutil.rmtree(place, ignore_errors=True)
    return {"model_id": model_id, "transfer_id": row.id}


def push(job: RunningJob) -> Json:
    """Write the package of a model, leave out what tells of single patients, sign and publish it."""
    with job.read() as session:
        row = transfers.get(session, job.project_id, job.payload["transfer_id"])
        connection = _connection(job, session, row)
        request = exchange_push.Request(**row.settings)
        model = models.get(session, job.project_id, request.model_id)
        place = transfers.place_of(job.settings.data_dir, row.id)
        place.mkdir(parents=True, exist_ok=True)
        seen_by_it = seen.for_package(session, model) if request.with_seen else None
        exchange_push.written(job.storage, model, place, seen_by_it, model.profile)
        patients = patients_of(session, model)
        onnx = job.storage.checked_path(model.onnx_key)
    key = exchange_push.signing_key(job.settings)
    share = FETCHED if request.also_onnx else 1.0
    tries = 0

    def publish() -> Json:
        nonlocal tries
        tries += 1
        again = job.attempt > 1 or tries > 1
        with connection.folder() as folder:
            return exchange_push.send(
                folder, place, request, key, patients, job.settings, again=again, progress=progress_of(job, share)
            )

    try:
        said = patiently(job, publish)
        for note in said["notes"]:
            job.say("note", text=note)
        if request.also_onnx:
            job.say("note", text=f"The bare ONNX file is {patiently(job, lambda: _onnx(job, connection, onnx, said))}.")
        with job.session() as session:
            transfers.get(session, job.project_id, row.id).item = said["item"]
    finally:
        shutil.rmtree(place, ignore_errors=True)
    job.log(f"Published as {said['item']}, signed with the key {said['fingerprint']}.")
    return {"transfer_id": row.id, "item": said["item"], "fingerprint": said["fingerprint"]}


def _onnx(job: RunningJob, connection: Connection, onnx: Path, said: Json) -> str:
    slug, _, version = str(said["item"]).rpartition("/")
    with connection.folder() as folder:
        return exchange_push.send_onnx(folder, onnx, slug, version, progress_of(job, 1.0))


def _connection(job: RunningJob, session: Session, row: Transfer) -> Connection:
    if row.exchange_id is None:
        raise ConflictError(f"The exchange “{row.exchange_name}” has been removed since. Add it again.")
    return exchanges.connection(job.settings, exchanges.get(session, row.exchange_id))


def progress_of(job: RunningJob, share: float) -> Progress:
    """Return what tells of a transfer that is such a share of the job's progress."""

    def tell(done: int, total: int) -> None:
        fraction = share * done / total if total else 0.0
        job.progress(fraction, f"{done / 2**20:,.1f} of {total / 2**20:,.1f} MiB")

    return tell


def patiently(job: RunningJob, step: Callable[[], R]) -> R:
    """Do a step; where the server does not answer, wait and go on from what was transferred by then."""
    for pause in PATIENCE_S:
        try:
            return step()
        except (UnreachableError, LockedError) as problem:
            job.log(f"{problem} The transfer goes on in {pause:g} s.")
            until = time.monotonic() + pause
            while time.monotonic() < until:
                job.check()
                time.sleep(min(0.1, pause))
    return step()
