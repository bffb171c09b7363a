"""Long work in an exchange: what lies there is verified, its index made anew, a version withdrawn."""

import shutil
from pathlib import Path

from backend.counted import counted
from backend.db.tables import Exchange, Json
from backend.errors import UserError
from backend.exchange.errors import LockedError, UnreachableError
from backend.exchange.index import rebuild
from backend.exchange.progress import Progress
from backend.exchange.trust import Trust
from backend.services import exchange_listing, exchange_push, exchange_verify, exchanges, quarantine
from backend.services.exchange_listing import Item, Query
from backend.services.exchanges import Connection
from backend.services.job_events import Verified
from workers.exchanges import patiently
from workers.lifecycle import RunningJob

BUILT = 0.95  # share of the progress bar; the rest is reading the list anew


def verify(job: RunningJob) -> Json:
    """Fetch models one by one and verify them; nothing is kept but what was found."""
    exchange_id, item = job.payload["exchange_id"], job.payload["item"]
    notes = patiently(job, lambda: exchange_listing.refresh(job.settings, exchange_id))
    with job.read() as session:
        exchange = exchanges.get(session, exchange_id)
        connection = exchanges.connection(job.settings, exchange)
        trust = exchanges.trust_of(session, exchange_id)
        found = (
            [exchange_listing.find(session, exchange, item)]
            if item
            else exchange_listing.search(session, exchange, Query(old_versions=True, order="name"))
        )
    place = quarantine.place(job.settings.data_dir, f"verify-{job.id}")
    sizes = [one.listing.size if one.listing else one.bare.size if one.bare else 0 for one in found]
    verdicts: list[Verified] = []
    try:
        for number, one in enumerate(found):
            tell = _part(job, sum(sizes[:number]), sum(sizes), one.place)
            verdicts.append(_verdict(job, connection, one, trust, place / str(number), tell))
            job.say("log", text=f"{one.place}  {verdicts[-1]['verdict']}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    unsound = sum(not one["sound"] for one in verdicts)
    job.log(f"{counted(len(verdicts), 'model')} looked at, {unsound} of them not sound.")
    return {"models": verdicts, "notes": notes}


def index(job: RunningJob) -> Json:
    """Make the index of an exchange anew from the models in it, each verified by its signature."""
    exchange_id = job.payload["exchange_id"]

    def tell(done: int, total: int) -> None:
        job.progress(BUILT * done / total if total else 0.0, f"{done} of {counted(total, 'model')} read")

    with job.read() as session:
        connection = _writable(job, exchanges.get(session, exchange_id))

    def build() -> tuple[int, list[str]]:
        with connection.folder() as folder:
            made = rebuild(folder, tell)
        return len(made.rows), list(made.notes)

    n, notes = patiently(job, build)
    notes += [note for note in _read_again(job) if note not in notes]
    for note in notes:
        job.say("note", text=note)
    job.log(f"The index names {counted(n, 'version')}.")
    return {"n_versions": n, "notes": notes}


def withdraw(job: RunningJob) -> Json:
    """Withdraw a version that this installation has published; doing it twice does no harm."""
    item, reason = job.payload["item"], job.payload["reason"]
    with job.read() as session:
        connection = _writable(job, exchanges.get(session, job.payload["exchange_id"]))

    def take_back() -> tuple[str, ...]:
        with connection.folder() as folder:
            return exchange_push.withdraw_version(folder, job.settings, item, reason)

    notes = [*patiently(job, take_back)]
    notes += [note for note in _read_again(job) if note not in notes]
    for note in notes:
        job.say("note", text=note)
    job.log(f"Withdrew {item}.")
    return {"item": item, "notes": notes}


def _verdict(
    job: RunningJob, connection: Connection, one: Item, trust: Trust, place: Path, progress: Progress
) -> Verified:
    """Return what is found of a model; one whose server does not come back is not verified, and the next is tried."""

    own = exchange_push.signing_key(job.settings).public.fingerprint

    def look() -> Verified:
        with connection.folder() as folder:
            return exchange_verify.verified(
                folder, one, trust, own, place, most=job.settings.model_bytes, progress=progress
            )

    try:
        return patiently(job, look)
    except (UnreachableError, LockedError) as problem:
        return Verified(place=one.place, sound=False, verdict=f"not verified: {problem}")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _part(job: RunningJob, before: int, total: int, what: str) -> Progress:
    """Return what tells of one transfer among several, of so many bytes in all."""

    def tell(done: int, _of_it: int) -> None:
        message = f"{what}: {(before + done) / 2**20:,.1f} of {total / 2**20:,.1f} MiB"
        job.progress((before + done) / total if total else 0.0, message)

    return tell


def _writable(job: RunningJob, exchange: Exchange) -> Connection:
    exchanges.check_writable(exchange)
    return exchanges.connection(job.settings, exchange)


def _read_again(job: RunningJob) -> list[str]:
    """Read the list anew; where that fails the work is done all the same, and the note says so."""
    job.check()
    try:
        return exchange_listing.refresh(job.settings, job.payload["exchange_id"])
    except UserError as problem:
        return [f"The list could not be read again: {problem}"]
