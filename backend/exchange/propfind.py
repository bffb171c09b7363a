"""What a server tells of files and folders (PROPFIND, RFC 4918), read as a stranger's XML."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from backend.exchange.errors import ServerAnswerError
from backend.exchange.paths import is_name, names_of

MAX_XML: Final = 8 << 20
MAX_ENTRIES: Final = 10_000
_MOST_BYTES: Final = 2**50
_LONGEST_TAG: Final = 1000

LISTED: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getcontentlength/>'
    b"<d:getetag/><d:getlastmodified/></d:prop></d:propfind>"
)
ROOM: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:quota-available-bytes/>'
    b"<d:quota-used-bytes/></d:prop></d:propfind>"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a listing says of one file or folder; `etag` is empty and `modified` None where the server tells neither."""

    name: str  # decoded, without a slash
    is_folder: bool
    size: int | None = None  # bytes
    etag: str = ""
    modified: datetime | None = None  # UTC


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes used, and free for this user; None where the server does not say."""

    used: int | None
    free: int | None


def entries_in(xml: bytes, url: str) -> tuple[Entry, list[Entry]]:
    """Return what an answer of depth 1 says of the folder at `url` itself, and of what is in it, sorted by name.

    What lies deeper, or has a name that cannot be used, is left out. Raises ServerAnswerError for what is no such
    answer, declares entities, or names too many.
    """
    found = [(names, entry) for names, entry in map(_entry, _responses(xml)) if names is not None]
    own = names_of(url)
    if own not in [names for names, _ in found]:  # behind a proxy that rewrites addresses
        own = min((names for names, _ in found), key=len, default=None)
    if own is None:
        raise ServerAnswerError("The server's list of the folder does not hold the folder itself. Is it WebDAV?")
    itself = next(entry for names, entry in found if names == own)
    inside = {
        entry.name: entry
        for names, entry in found
        if len(names) == len(own) + 1 and names[:-1] == own and is_name(entry.name)
    }
    return itself, [inside[name] for name in sorted(inside)]


def quota_in(xml: bytes) -> Quota | None:
    """Return the room that an answer tells of, None where it tells of none."""
    for response in _responses(xml):
        known = _properties(response)
        free, used = (_number(known.get(name)) for name in ("quota-available-bytes", "quota-used-bytes"))
        if free is not None or used is not None:
            return Quota(used=used, free=free)
    return None


def _responses(xml: bytes) -> list[Element]:
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise ServerAnswerError("The server answers with something that is no list of a WebDAV folder.") from problem
    if root.tag != "{DAV:}multistatus":
        raise ServerAnswerError("The server answers with something that is no list of a WebDAV folder.")
    responses: list[Element] = root.findall("{DAV:}response")
    if len(responses) > MAX_ENTRIES:
        raise ServerAnswerError(f"The folder holds more than {MAX_ENTRIES:,} entries, which are not listed.")
    return responses


def _entry(response: Element) -> tuple[tuple[str, ...] | None, Entry]:
    names = names_of((response.findtext("{DAV:}href") or "").strip())
    known = _properties(response)
    kind = known.get("resourcetype")
    is_folder = kind is not None and kind.find("{DAV:}collection") is not None
    tag = known.get("getetag")
    text = "" if tag is None else (tag.text or "").strip()
    if text and '"' not in text:  # wsgidav
        text = f'"{text}"'
    return names, Entry(
        name=names[-1] if names else "",
        is_folder=is_folder,
        size=None if is_folder else _number(known.get("getcontentlength")),
        etag=text if len(text) <= _LONGEST_TAG and text.isprintable() and text.isascii() else "",
        modified=_time(known.get("getlastmodified")),
    )


def _properties(response: Element) -> dict[str, Element]:
    """Return the properties that the server has, by name."""
    return {
        item.tag.removeprefix("{DAV:}"): item
        for block in response.findall("{DAV:}propstat")
        if " 200" in (block.findtext("{DAV:}status") or " 200")
        for item in block.iterfind("{DAV:}prop/*")
    }


def _number(element: Element | None) -> int | None:
    text = "" if element is None else (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _MOST_BYTES else None


def _time(element: Element | None) -> datetime | None:
    text = "" if element is None else (element.text or "").strip()
    try:
        time = parsedate_to_datetime(text[:100])
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
