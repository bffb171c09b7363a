"""The file `index.json`: what it may hold, and how it is changed while others change it too."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from backend.exchange.errors import AbsentError, ListingError, LockedError, TakenError
from backend.exchange.layout import INDEX
from backend.exchange.listing import Listing, cleaned
from backend.exchange.webdav import Folder
from backend.ml.strict_json import JSON, Fields, parse_json

FORMAT: Final = "exchangeai-index"
INDEX_VERSION: Final = 1
MAX_INDEX: Final = 32 << 20
MOST_ROWS: Final = 10_000
_WHAT: Final = "The index of the exchange"
_ATTEMPTS: Final = 12
_LOCK_S: Final = 60
_UNTIL_STRONG_S: Final = 1.1  # Apache calls an ETag weak for the first second of a file

Key = tuple[str, int]
Rows = dict[Key, Mapping[str, JSON]]
"""What the index holds by slug and version, as JSON: rows of newer versions of the platform stay as they are."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One version in the index. What it says is shown, never trusted: `fetch.describe` verifies it."""

    listing: Listing
    fingerprint: str  # of the key that the publisher says to have signed with
    withdrawn: str = ""  # the reason

    @property
    def key(self) -> Key:
        """Slug and version."""
        return self.listing.slug, self.listing.version

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return {"listing": self.listing.to_dict(), "fingerprint": self.fingerprint, "withdrawn": self.withdrawn}

    @classmethod
    def from_dict(cls, data: object) -> "Row":
        """Read what `to_dict` gave; raises ListingError."""
        read = Fields(data, "A row of the index", ListingError)
        row = cls(
            listing=Listing.from_dict(read.value("listing")),
            fingerprint=cleaned(read.text("fingerprint", longest=100)),
            withdrawn=cleaned(read.text("withdrawn", longest=10_000), lines=True),
        )
        read.done()
        return row


def parse(data: bytes) -> Rows:
    """Return the rows of an index; an empty file has none. Raises ListingError."""
    if not data.strip():
        return {}
    read = Fields(parse_json(data, _WHAT, ListingError, limit=MAX_INDEX), _WHAT, ListingError)
    if read.value("format") != FORMAT:
        raise ListingError("index.json on the exchange is another program's. Rename it there to use this folder.")
    if read.integer("schema_version", 1, 1_000_000) > INDEX_VERSION:
        raise ListingError("The index was made by a newer version of the platform. Update to use this exchange.")
    rows = read.value("rows")
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise read.fault("rows", f"a list of at most {MOST_ROWS:,} models")
    read.done()
    found: Rows = {}
    for row in rows:
        key = _key(row)
        if key is not None:
            found[key] = row
    return found


def written(rows: Rows) -> bytes:
    """Return the file that holds these rows."""
    if len(rows) > MOST_ROWS:
        raise ListingError(f"The exchange holds more than {MOST_ROWS:,} models, more than an index lists.")
    listed = [rows[key] for key in sorted(rows)]
    told = {"format": FORMAT, "schema_version": INDEX_VERSION, "rows": listed}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, sort_keys=True).encode()


def read_index(folder: Folder) -> tuple[bytes, str, bool]:
    """Return the bytes of the index, their ETag, and whether there is one."""
    try:
        return *folder.read(INDEX, MAX_INDEX), True
    except AbsentError:
        return b"", "", False


def change(folder: Folder, changed: Callable[[bytes], bytes], is_in: Callable[[bytes], bool]) -> bool:
    """Change the index, whoever else does so at the same time; return whether it is known to have lasted.

    `changed` makes new bytes of the present ones, `is_in` says whether others have left in what was put in. Where the
    server keeps to conditions they decide who was first; else a lock, if it knows any; else what is there afterwards.
    """
    for attempt in range(_ATTEMPTS):
        try:
            _write_once(folder, changed)
        except (TakenError, LockedError):
            folder.pause(attempt)
            continue
        if is_in(read_index(folder)[0]):
            return True
        folder.pause(attempt)
    return False


def _write_once(folder: Folder, changed: Callable[[bytes], bytes]) -> None:
    if folder.keeps_conditions():
        data, etag, exists = read_index(folder)
        if exists and etag.startswith("W/"):
            folder.pause(0, at_least=_UNTIL_STRONG_S)
            data, etag, exists = read_index(folder)
        if not exists:
            folder.write(INDEX, changed(data), only_if_new=True)
            return
        if etag.startswith('"'):
            folder.write(INDEX, changed(data), only_if_etag=etag)
            return
    with folder.locked(INDEX, _LOCK_S) as token:
        folder.write(INDEX, changed(read_index(folder)[0]), lock=token)


def _key(row: Any) -> Key | None:
    listing = row.get("listing") if isinstance(row, Mapping) else None
    slug, version = (listing.get("slug"), listing.get("version")) if isinstance(listing, Mapping) else (None, None)
    if isinstance(slug, str) and isinstance(version, int) and not isinstance(version, bool):
        return slug, version
    return None
