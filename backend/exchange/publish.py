"""Publishing a model: nothing of it is seen before all of it is there."""

import hashlib
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from backend.exchange import privacy
from backend.exchange.errors import (
    AbsentError,
    AccessRefusedError,
    AddressError,
    ExchangeError,
    NotPublishableError,
    QuarantinedError,
    TakenError,
)
from backend.exchange.index import Row, add_rows, versions_of
from backend.exchange.layout import (
    CARD,
    INCOMING,
    LISTING,
    MAX_SMALL,
    MODELS,
    PACKAGE,
    SIGNATURE,
    SUMS,
    incoming,
    is_slug,
    slug_of,
    version_path,
)
from backend.exchange.listing import LONGEST_NOTES, Listing, cleaned, listing_of, now
from backend.exchange.privacy import Patients
from backend.exchange.progress import Progress, silent
from backend.exchange.signing import SigningKey
from backend.exchange.sums import to_sums
from backend.exchange.version import Version, read_version, withdrawal
from backend.exchange.webdav import Folder
from backend.ml.packaging import package as packages
from backend.ml.packaging.manifest import Manifest

_RACES: Final = 30  # versions that others may take while one is being published
_LEFT: Final = timedelta(days=7)  # without a change, after which an upload is taken to be broken off
_SAME_AMONG: Final = 5  # latest versions among which the same package is looked for


@dataclass(frozen=True, slots=True)
class Published:
    """Where a model is now, and what was signed. `notes` say what did not go as it should, such as the index."""

    slug: str
    version: int
    sha256: str  # of package.zip
    fingerprint: str  # of the key
    listing: Listing
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Offer:
    """What is to be published, but for its version."""

    manifest: Manifest
    sha256: str
    size: int
    card: bytes
    slug: str
    publisher: str
    notes: str

    def files(self, version: int, key: SigningKey) -> tuple[Listing, Mapping[str, bytes]]:
        """Return the listing of a version and the small files that go with it."""
        listing = listing_of(
            self.manifest, slug=self.slug, version=version, publisher=self.publisher, published=now(), notes=self.notes,
            sha256=self.sha256, size=self.size,
        )  # fmt: skip
        listed = listing.to_json()
        hashes = {PACKAGE: self.sha256, LISTING: _hash(listed), CARD: _hash(self.card)}
        sums = to_sums(hashes)
        return listing, {LISTING: listed, CARD: self.card, SUMS: sums, SIGNATURE: key.sign(sums)}


def publish(
    folder: Folder,
    package: Path,
    key: SigningKey,
    *,
    publisher: str,
    notes: str = "",
    slug: str = "",
    most: int,
    patients: Patients | None = None,
    progress: Progress = silent,
) -> Published:
    """Publish a model package as the next version of `slug` (made of its name where it is empty).

    Everything is uploaded into `.incoming-<random>/`, which is moved to its place when it is complete; of two
    publishers at once each gets a version of its own. The same package signed with the same key is not published
    twice: its version is returned. `most` bytes are the limit of each file in the package.

    Raises ModelInvalidError or LimitError for what is no package, NotPublishableError for one that holds more than
    aggregates (`privacy.check_package`) or no licence or intended use, and what `Folder` raises.
    """
    offer = _offer(package, publisher, notes, slug, most, patients)
    there = _same(folder, offer, key)
    if there is not None:
        return _published(there.listing, key, ("It was published already.",))
    place = incoming()
    folder.make_folder(place)
    try:
        folder.upload(f"{place}/{PACKAGE}", package, progress)
        listing = _put_in_place(folder, place, offer, key)
    except BaseException:
        with suppress(ExchangeError):
            folder.delete(place)
        raise
    noted = _noted(folder, Row(listing=listing, fingerprint=key.public.fingerprint))
    with suppress(ExchangeError):
        _sweep(folder)
    return _published(listing, key, noted)


def withdraw(folder: Folder, slug: str, version: int, key: SigningKey, reason: str) -> tuple[str, ...]:
    """Withdraw a version: its package is deleted, a signed notice says why; card and listing stay. Return notes.

    Raises AbsentError, and AccessRefusedError where the version was published with another key.
    """
    read = read_version(folder, slug, version)
    if read.key != key.public:
        raise AccessRefusedError(
            f"{slug} {version} was published with another key ({read.key.fingerprint}). Only its publisher can "
            "withdraw it; the owner of the exchange can delete its folder."
        )
    path = version_path(slug, version)
    for name, data in withdrawal(read.listing, read.files[SUMS], reason, now(), key).items():
        folder.write(f"{path}/{name}", data)
    folder.delete(f"{path}/{PACKAGE}")
    said = cleaned(reason, lines=True)[:LONGEST_NOTES] or "no reason was given"
    return _noted(folder, Row(listing=read.listing, fingerprint=read.key.fingerprint, withdrawn=said))


def _offer(package: Path, publisher: str, notes: str, slug: str, most: int, patients: Patients | None) -> _Offer:
    findings = privacy.check_package(package, most, patients)
    reasons = [f"{finding.place}: {finding.reason}" for finding in findings]
    with package.open("rb") as file:
        manifest = packages.read_package(file, most).manifest
        size = file.seek(0, 2)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(file) as archive:
            card = archive.read(packages.CARD)
    reasons += [f"{place}: {why}" for place, why in privacy.in_text({"notes": notes, "publisher": publisher})]
    if not cleaned(publisher):
        reasons.append("Say who publishes it: a name by which others know you.")
    if not manifest.licence.strip():
        reasons.append("Choose a licence: without one nobody may use it.")
    if not manifest.intended_use.strip():
        reasons.append("Say what it is meant for (intended use).")
    if reasons:
        raise NotPublishableError("The model cannot be published as it is.", tuple(reasons))
    name = slug or slug_of(manifest.name)
    if not is_slug(name):
        raise AddressError(f"“{name:.80}” cannot be the short name of a model. Use a-z, 0-9 and hyphens, at most 60.")
    return _Offer(manifest, sha256, size, card, name, cleaned(publisher), notes)


def _put_in_place(folder: Folder, place: str, offer: _Offer, key: SigningKey) -> Listing:
    """Sign what was uploaded as the next version and move it there; whoever was first has that number."""
    folder.make_folder(f"{MODELS}/{offer.slug}")
    least = 0
    for attempt in range(_RACES):
        version = max([least, *versions_of(folder, offer.slug)]) + 1
        listing, files = offer.files(version, key)
        for name, data in files.items():
            folder.write(f"{place}/{name}", data)
        target = version_path(offer.slug, version)
        try:
            folder.move(place, target)
        except TakenError:
            least = version if folder.find(target) is not None else least
            folder.pause(attempt)
            continue
        if folder.read(f"{target}/{SUMS}", MAX_SMALL)[0] == files[SUMS]:
            return listing
        least = version
        _back_again(folder, place, f"{target}/{place}")
    raise TakenError(f"Others publish “{offer.slug}” all the time. Try again, or choose another short name.")


def _back_again(folder: Folder, place: str, inside: str) -> None:
    """Fetch back what was moved into a folder that somebody else had made a moment before."""
    if folder.find(inside) is not None:
        folder.move(inside, place)
    elif folder.find(place) is None:
        raise TakenError("Somebody published at the same moment and this upload was lost. Publish again.")


def _same(folder: Folder, offer: _Offer, key: SigningKey) -> Version | None:
    """Return the version that holds this very package, signed with this key."""
    for version in versions_of(folder, offer.slug)[: -_SAME_AMONG - 1 : -1]:
        with suppress(QuarantinedError, AbsentError):
            read = read_version(folder, offer.slug, version)
            if read.listing.sha256 == offer.sha256 and read.key == key.public and not read.withdrawn:
                return read
    return None


def _noted(folder: Folder, row: Row) -> tuple[str, ...]:
    """Put a row into the index; the version is published also where this fails."""
    try:
        return add_rows(folder, [row])
    except ExchangeError as problem:
        return (f"It is not in the index yet: {problem} Make the index anew.",)


def _sweep(folder: Folder) -> None:
    """Delete uploads that somebody broke off long ago, by the clock of the server."""
    entries = folder.list()
    now_there = max((entry.modified for entry in entries if entry.modified is not None), default=None)
    for entry in entries:
        is_left = entry.name.startswith(INCOMING) and entry.is_folder and entry.modified is not None
        if is_left and now_there is not None and entry.modified is not None and entry.modified < now_there - _LEFT:
            folder.delete(entry.name)


def _published(listing: Listing, key: SigningKey, notes: tuple[str, ...]) -> Published:
    return Published(listing.slug, listing.version, listing.sha256, key.public.fingerprint, listing, notes)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
