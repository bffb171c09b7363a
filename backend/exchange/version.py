"""One version of a model on an exchange, without its package: read, and its hashes and signature verified."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from backend.exchange import signing
from backend.exchange.errors import AbsentError, ListingError, QuarantinedError
from backend.exchange.layout import (
    CARD,
    LISTING,
    MAX_CARD,
    MAX_SMALL,
    PACKAGE,
    SIGNATURE,
    SUMS,
    WITHDRAWN,
    WITHDRAWN_SIGNATURE,
    version_path,
)
from backend.exchange.listing import LONGEST_NOTES, MAX_LISTING, Listing, cleaned
from backend.exchange.signing import PublicKey, SigningKey
from backend.exchange.sums import from_sums
from backend.exchange.webdav import Folder
from backend.ml.strict_json import Fields, parse_json

WITHDRAWAL: Final = "exchangeai-withdrawal"
_WHAT: Final = "The notice of withdrawal"


@dataclass(frozen=True, slots=True)
class Version:
    """What a version says of itself. Whether its key is one to trust is not decided here.

    `withdrawn` is the publisher's reason, "" where it is not withdrawn; `files` are the verified bytes by name.
    """

    listing: Listing
    card: str
    key: PublicKey
    withdrawn: str
    files: dict[str, bytes]


def read_version(folder: Folder, slug: str, version: int) -> Version:
    """Read a version and verify what it says of itself.

    Raises QuarantinedError for a wrong hash or signature, what cannot be read, and the listing of another model;
    AbsentError where it is not there, and what `Folder` raises.
    """
    path = version_path(slug, version)
    try:
        sums, signature = (folder.read(f"{path}/{name}", MAX_SMALL)[0] for name in (SUMS, SIGNATURE))
    except AbsentError as problem:
        raise AbsentError(
            f"Version {version} of “{slug}” is not on {folder.host}, or not complete. Look at the list again."
        ) from problem
    try:
        key = signing.verify(sums, signature)
        hashes = from_sums(sums, (PACKAGE, LISTING, CARD))
    except ListingError as problem:
        raise QuarantinedError(f"{slug} {version}: {problem}") from problem
    listed, card = folder.read(f"{path}/{LISTING}", MAX_LISTING)[0], folder.read(f"{path}/{CARD}", MAX_CARD)[0]
    for name, data in ((LISTING, listed), (CARD, card)):
        if hashlib.sha256(data).hexdigest() != hashes[name]:
            raise QuarantinedError(f"{name} of {slug} {version} is not the file that was signed (its SHA-256 differs).")
    try:
        listing, text = Listing.from_json(listed), card.decode()
    except (ListingError, UnicodeDecodeError) as problem:
        raise QuarantinedError(f"{slug} {version}: {problem}") from problem
    if (listing.slug, listing.version) != (slug, version):
        raise QuarantinedError(
            f"in the place of {slug} {version} is the listing of {listing.slug} {listing.version}: somebody has put "
            "one model in the place of another."
        )
    if listing.sha256 != hashes[PACKAGE]:
        raise QuarantinedError(f"the listing of {slug} {version} is of another package than the one that was signed.")
    withdrawn = _withdrawn(folder, path, key, sums)
    files = {SUMS: sums, SIGNATURE: signature, LISTING: listed, CARD: card}
    return Version(listing, text, key, withdrawn, files)


def withdrawal(listing: Listing, sums: bytes, reason: str, at: str, key: SigningKey) -> dict[str, bytes]:
    """Return the notice of a withdrawal and its signature, by file name."""
    told = {
        "format": WITHDRAWAL,
        "schema_version": 1,
        "slug": listing.slug,
        "version": listing.version,
        "reason": cleaned(reason, lines=True)[:LONGEST_NOTES],
        "at": at,
        "sums_sha256": hashlib.sha256(sums).hexdigest(),
    }
    notice = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return {WITHDRAWN: notice, WITHDRAWN_SIGNATURE: key.sign(notice)}


def _withdrawn(folder: Folder, path: str, key: PublicKey, sums: bytes) -> str:
    """Return why a version was withdrawn; a notice that its publisher has not signed is none."""
    try:
        notice = folder.read(f"{path}/{WITHDRAWN}", MAX_SMALL)[0]
        signature = folder.read(f"{path}/{WITHDRAWN_SIGNATURE}", MAX_SMALL)[0]
    except AbsentError:
        return ""
    try:
        if signing.verify(notice, signature) != key:
            return ""
        read = Fields(parse_json(notice, _WHAT, ListingError, limit=MAX_SMALL), _WHAT, ListingError)
        if read.value("format") != WITHDRAWAL or read.value("sums_sha256") != hashlib.sha256(sums).hexdigest():
            return ""
        return cleaned(read.text("reason", longest=LONGEST_NOTES), lines=True) or "no reason was given"
    except ListingError:
        return ""
