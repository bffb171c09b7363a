"""Fetching a model: into quarantine, and out of it only verified."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from backend.ecg.errors import LimitError
from backend.exchange.errors import QuarantinedError, WithdrawnError
from backend.exchange.layout import CARD, PACKAGE, version_path
from backend.exchange.listing import Listing, listing_of
from backend.exchange.progress import Progress, silent
from backend.exchange.signing import PublicKey
from backend.exchange.trust import Trust
from backend.exchange.version import Version, read_version
from backend.exchange.webdav import Folder
from backend.ml.errors import MlError
from backend.ml.packaging import package as packages

REASON: Final = "reason.txt"
_OVERHEAD: Final = 32 << 20  # of a package beside its two large files


@dataclass(frozen=True, slots=True)
class Described:
    """What a version says of itself, its signature verified; `is_new` where its publisher has no key known yet.

    `withdrawn` is the publisher's reason where the version was withdrawn, else "".
    """

    listing: Listing
    card: str  # Markdown, of a stranger
    key: PublicKey
    is_new: bool
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified package, still in quarantine at `path`."""

    path: Path
    listing: Listing
    card: str
    key: PublicKey
    is_new: bool  # the publisher's key was not known: trust on first use is the caller's to decide and to keep


def describe(folder: Folder, slug: str, version: int, trust: Trust) -> Described:
    """Return listing and card of a version, verified, without its package.

    Raises QuarantinedError (wrong hash, wrong signature, another key than before, a refused key, another model's
    listing) and what `Folder` raises.
    """
    read = read_version(folder, slug, version)
    is_new = trust.is_new(read.listing.publisher, read.key)
    return Described(read.listing, read.card, read.key, is_new, read.withdrawn)


def fetch(
    folder: Folder, slug: str, version: int, quarantine: Path, trust: Trust, *, most: int, progress: Progress = silent
) -> Fetched:
    """Download a version into the folder `quarantine` and verify it: sizes, hashes, signature, the package's contract.

    A partly downloaded package that is in `quarantine` already is continued. `most` bytes are the limit of each file in
    the package. Nothing is written outside `quarantine`; what is refused stays there beside `reason.txt`. It remains to
    try the model in a limited process.

    Raises QuarantinedError with its reason, WithdrawnError, and what `Folder` raises.
    """
    quarantine.mkdir(parents=True, exist_ok=True)
    with _reason_kept(quarantine):
        read = read_version(folder, slug, version)
        for name, data in read.files.items():
            (quarantine / name).write_bytes(data)
        is_new = trust.is_new(read.listing.publisher, read.key)
        if read.withdrawn:
            raise WithdrawnError(f"“{read.listing.name}”, version {version}, was withdrawn: {read.withdrawn}")
        path = quarantine / PACKAGE
        _download(folder, read.listing, path, 2 * most + _OVERHEAD, progress)
        check_contract(path, read, most)
    return Fetched(path, read.listing, read.card, read.key, is_new)


def check_contract(path: Path, read: Version, most: int) -> None:
    """Raise QuarantinedError where a package is none, or is not what its signed listing and card say."""
    said = read.listing
    try:
        with path.open("rb") as file:
            package = packages.read_package(file, most)
    except (MlError, LimitError) as problem:
        raise QuarantinedError(str(problem)) from problem
    manifest = package.manifest
    inside = listing_of(
        manifest, slug=said.slug, version=said.version, publisher=said.publisher, published=said.published,
        notes=said.notes, sha256=said.sha256, size=said.size,
    )  # fmt: skip
    shown = {metric.name: metric for metric in inside.metrics}
    same = replace(said, metrics=inside.metrics)  # others may show other numbers; those shown must be the package's
    if same != inside or any(shown.get(metric.name) != metric for metric in said.metrics):
        different = [name for name in vars(inside) if getattr(same, name) != getattr(inside, name)] or ["metrics"]
        raise QuarantinedError(
            f"the listing says something else than the package ({', '.join(different)}): it promises another model."
        )
    if hashlib.sha256(read.files[CARD]).hexdigest() != manifest.files[packages.CARD].sha256:
        raise QuarantinedError("the model card on the exchange is not the one in the package.")


def _download(folder: Folder, said: Listing, path: Path, most: int, progress: Progress) -> None:
    if said.size > most:
        raise QuarantinedError(
            f"the package has {said.size / 2**20:,.0f} MiB; at most {most / 2**20:,.0f} MiB are taken in. Allow larger "
            "models in the settings, or use a smaller one."
        )
    remote = f"{version_path(said.slug, said.version)}/{PACKAGE}"
    was_begun = path.with_name(path.name + ".part").exists()
    folder.download(remote, path, size=said.size, progress=progress)
    if _hash(path) != said.sha256 and was_begun:  # pieces of two files, perhaps
        path.unlink()
        folder.download(remote, path, size=said.size, progress=progress)
    if _hash(path) != said.sha256:
        raise QuarantinedError(
            "its bytes are not those that were signed (the SHA-256 differs). Somebody has changed the package on the "
            "server, or it was damaged there: tell its publisher."
        )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _reason_kept(quarantine: Path) -> Iterator[None]:
    """Write down why something stays in quarantine, and have nobody take it for a model."""
    try:
        yield
    except QuarantinedError as problem:
        (quarantine / REASON).write_text(problem.reason + "\n")
        for path in quarantine.glob("*.zip"):
            path.replace(path.with_name(path.name + ".refused"))
        raise QuarantinedError(problem.reason, quarantine) from problem
