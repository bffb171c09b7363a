"""Where things are in the folder of an exchange, and what names may be."""

import re
import secrets
import unicodedata
from typing import Final

from backend.exchange.errors import AddressError

INDEX: Final = "index.json"
MODELS: Final = "models"
ROUNDS: Final = "rounds"
INCOMING: Final = ".incoming-"

PACKAGE: Final = "package.zip"
LISTING: Final = "listing.json"
CARD: Final = "card.md"
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"
WITHDRAWN: Final = "withdrawn.json"
WITHDRAWN_SIGNATURE: Final = "withdrawn.json.sig"

MAX_CARD: Final = 4 << 20
MAX_SMALL: Final = 64 << 10  # bytes of sums, signatures and notices

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG: Final = 60
_MOST_VERSIONS: Final = 100_000
_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d"})


def slug_of(name: str) -> str:
    """Return a name as lower-case ASCII letters, digits and single hyphens, at most 60; "model" if none are left."""
    composed = unicodedata.normalize("NFC", name).lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", composed).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "model"


def is_slug(text: str) -> bool:
    """Say whether this is what `slug_of` gives."""
    return len(text) <= _LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def version_path(slug: str, version: int) -> str:
    """Return the folder of a version; raises AddressError for what is no slug or version."""
    if not is_slug(slug) or not 1 <= version <= _MOST_VERSIONS:
        raise AddressError(
            f"“{slug:.80}”, version {version}, is no model of an exchange. Take both as the list has them."
        )
    return f"{MODELS}/{slug}/{version}"


def version_of(name: str) -> int | None:
    """Return the number that the name of a folder is, None where it is none."""
    is_number = name.isascii() and name.isdigit() and len(name) <= 6 and not name.startswith("0")
    return int(name) if is_number and int(name) <= _MOST_VERSIONS else None


def incoming() -> str:
    """Return a name under which something is uploaded before it is complete: one that nobody else takes."""
    return f"{INCOMING}{secrets.token_hex(12)}"
