"""Lists of a platform, followed from page to page by what it links to (RFC 8288)."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from exchangeai.connection import Connection

PAGE = 200
_NEXT = re.compile(r'<([^>]*)>;\s*rel="next"')


def pages(connection: Connection, path: str, *, size: int = PAGE, **query: Any) -> Iterator[Any]:
    """Yield the items of a list; a page is asked for when its first item is."""
    asked: dict[str, Any] = {"page": 1, "size": size} | query
    while True:
        shown, headers = connection.answer("GET", path, **asked)
        yield from shown["items"] if isinstance(shown, dict) else shown
        link = _NEXT.search(headers.get("Link") or "")
        if link is None:
            return
        following = urlsplit(link[1])
        path, asked = following.path, dict(parse_qsl(following.query, keep_blank_values=True))
