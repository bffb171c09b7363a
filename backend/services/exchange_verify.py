"""Whether what lies in an exchange is what it says it is: fetched, looked at, and thrown away again."""

from pathlib import Path

from backend.errors import UserError
from backend.exchange.bare_onnx import fetch_bare
from backend.exchange.errors import LockedError, QuarantinedError, UnreachableError
from backend.exchange.fetch import fetch
from backend.exchange.progress import Progress
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.services.exchange_listing import Item
from backend.services.job_events import Verified


def verified(
    folder: Folder, one: Item, trust: Trust, own: str, place: Path, *, most: int, progress: Progress
) -> Verified:
    """Fetch a model into the folder `place` and verify sizes, hashes, signature and contents; say what was found.
    `own` is the fingerprint of this installation's key.

    A model that is not sound is a verdict and no error. Raises UnreachableError and LockedError where the server does
    not answer: what was fetched by then is continued by another call.
    """
    try:
        if one.listing is None:
            fetch_bare(folder, one.place, place, most=most, progress=progress)
            return Verified(place=one.place, sound=True, verdict="can be read; nobody has signed it")
        got = fetch(folder, one.listing.slug, one.listing.version, place, trust, most=most, progress=progress)
    except QuarantinedError as problem:
        return Verified(place=one.place, sound=False, verdict=f"REFUSED: {problem.reason}")
    except (UnreachableError, LockedError):
        raise
    except UserError as problem:
        return Verified(place=one.place, sound=False, verdict=f"not verified: {problem}")
    fingerprint = got.key.fingerprint
    known = "your key" if fingerprint == own else "a new key" if got.is_new else "a trusted key"
    verdict = f"sound, signed by {got.listing.publisher} with {known}: {fingerprint}"
    return Verified(place=one.place, sound=True, verdict=verdict)
