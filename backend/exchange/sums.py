"""SHA256SUMS, as `sha256sum --check` of coreutils reads it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from backend.exchange.errors import ListingError

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]{1,100})")
_MOST_LINES: Final = 1000


def to_sums(hashes: Mapping[str, str]) -> bytes:
    """Return the file of these names and hashes, sorted by name."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def from_sums(data: bytes, wanted: Iterable[str] | None = None) -> dict[str, str]:
    """Return name -> SHA-256; with `wanted` of exactly these names. Raises ListingError for anything else."""
    fault = ListingError("SHA256SUMS is not a list of hashes and names, each once, of the files beside it.")
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise fault from None
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or not matches or len(matches) > _MOST_LINES or None in matches:
        raise fault
    found = {match[2]: match[1] for match in matches if match is not None}
    if len(found) != len(matches) or (wanted is not None and set(found) != set(wanted)):
        raise fault
    return found
