"""The cookie of a session: read by no script, sent by no page of another site, and by https alone where it can."""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

NAME: Final = "exchangeai"
SECURE_NAME: Final = f"__Host-{NAME}"
"""Browsers take a cookie of this name by https only, and from this very host (RFC 6265bis, 4.1.3.2)."""


def session_token(connection: HTTPConnection) -> str:
    """Return the token that a request brings along, empty where it brings none."""
    return connection.cookies.get(_name(connection), "")


def keep(connection: HTTPConnection, response: Response, token: str, seconds: int) -> None:
    """Have the browser keep a token."""
    response.set_cookie(
        _name(connection), token, max_age=seconds, path="/", secure=_is_secure(connection), httponly=True,
        samesite="strict",
    )  # fmt: skip


def keep_attempt(connection: HTTPConnection, response: Response, sealed: str, seconds: int) -> None:
    """Have the browser keep an attempt to sign in at a provider. It comes back by a link: Lax, not Strict."""
    response.set_cookie(
        f"{_name(connection)}-attempt", sealed, max_age=seconds, path="/", secure=_is_secure(connection), httponly=True,
        samesite="lax",
    )  # fmt: skip


def take_attempt(connection: HTTPConnection, response: Response) -> str:
    """Return the attempt that a request brings along, empty where it brings none, and have the browser forget it."""
    name = f"{_name(connection)}-attempt"
    response.delete_cookie(name, path="/", secure=_is_secure(connection), httponly=True, samesite="lax")
    return connection.cookies.get(name, "")


def forget(connection: HTTPConnection, response: Response) -> None:
    """Have the browser forget its token."""
    response.delete_cookie(_name(connection), path="/", secure=_is_secure(connection), httponly=True, samesite="strict")


def _name(connection: HTTPConnection) -> str:
    return SECURE_NAME if _is_secure(connection) else NAME


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme == "https"
