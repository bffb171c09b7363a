"""What people paste as the address of an exchange, and the WebDAV folder that it means."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from backend.exchange.errors import AddressError

_SHARE: Final = re.compile(r"(?P<base>.*?)(?:/index\.php)?/s/(?P<token>[A-Za-z0-9]{4,64})(?:/.*)?")
_PAGE: Final = re.compile(r"(?P<base>.*?)(?:/index\.php)?/apps/files(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Address:
    """A WebDAV folder with its credentials; the password does not show in texts."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


def address_of(pasted: str, user: str = "", password: str = "") -> Address:
    """Return the WebDAV folder that a pasted address means.

    A share link of Nextcloud, ownCloud or sciebo (…/s/TOKEN) becomes its public WebDAV folder with the token as user;
    the address of a folder in their web page becomes the user's WebDAV folder; credentials in the address are taken
    out of it. Anything else is kept as it is. Raises AddressError for what is no http(s) address.
    """
    try:
        parts = urlsplit(pasted.strip())
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host = port = ""
    if not host or parts.scheme not in ("http", "https"):
        raise AddressError("That is no address of an exchange. It should begin with https://, as your cloud shows it.")
    user = user or unquote(parts.username or "")
    password = password or unquote(parts.password or "")
    server = f"[{host}]{port}" if ":" in host else f"{host}{port}"

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, server, path if path.endswith("/") else path + "/", "", ""))

    if shared := _SHARE.fullmatch(parts.path):
        return Address(at(f"{shared['base']}/public.php/webdav/"), shared["token"], password)
    if page := _PAGE.fullmatch(parts.path):
        if not user:
            raise AddressError(
                "That is the address of a web page. Enter your user name too, or take the WebDAV address from the "
                "settings of the page."
            )
        folder = "/".join(
            quote(name, safe="") for name in parse_qs(parts.query).get("dir", ["/"])[0].split("/") if name
        )
        return Address(at(f"{page['base']}/remote.php/dav/files/{quote(user, safe='')}/{folder}"), user, password)
    if parts.query or parts.fragment:
        raise AddressError(
            "The address of a WebDAV folder has no ? or #. Take the one that the server's settings show."
        )
    return Address(at(parts.path or "/"), user, password)
