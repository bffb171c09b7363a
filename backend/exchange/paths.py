"""Names in a folder and their spelling in URLs: "#", "?", "%", "+", umlauts and spaces are letters like others."""

from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from backend.exchange.errors import AddressError

_LONGEST: Final = 255  # bytes of a name, as of most file systems


def is_name(name: str) -> bool:
    """Say whether this can be the name of a file or folder: one that leads nowhere else, and can be shown."""
    if name in ("", ".", "..") or any(sign in "/\\" or ord(sign) < 32 or ord(sign) == 127 for sign in name):
        return False
    try:
        return len(name.encode()) <= _LONGEST
    except UnicodeEncodeError:  # half a surrogate pair
        return False


def encoded(path: str) -> str:
    """Return a relative path as it is written in a URL; "" stays "".

    Raises AddressError for one that is absolute, leads out of the folder, or has a name that is none.
    """
    if not path:
        return ""
    names = path.split("/")
    if not all(map(is_name, names)):
        raise AddressError(f"“{path!r:.100}” is no path in an exchange: names must not be empty, “.” or “..”.")
    return "/".join(quote(name, safe="") for name in names)


def names_of(href: str) -> tuple[str, ...] | None:
    """Return the names in the path of a URL or an absolute path, decoded; None where it has none that can be read."""
    try:
        path = urlsplit(href).path if "://" in href else href.split("?")[0].split("#")[0]
        return tuple(unquote_to_bytes(part).decode() for part in path.strip("/").split("/") if part)
    except (ValueError, UnicodeDecodeError):
        return None
