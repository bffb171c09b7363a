"""From errors to HTTP: one table, one wire form `{"error": "...", "detail": "..."}`."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException

from backend import errors
from backend.api.schemas.base import ErrorBody
from backend.db.session import is_disk_full
from backend.ecg.errors import LimitError
from backend.exchange import errors as exchange_errors
from backend.language.spoken import said
from backend.storage import DISK_FULL, FULL

log = logging.getLogger(__name__)

STATUS: dict[type[errors.UserError], int] = {
    errors.NotFoundError: 404,
    errors.NotSignedInError: 401,
    errors.ForbiddenError: 403,
    errors.ConflictError: 409,
    LimitError: 413,
    errors.TooOftenError: 429,
    errors.UnavailableError: 503,
    errors.DiskFullError: 507,
    exchange_errors.AbsentError: 404,
    exchange_errors.TakenError: 409,
    exchange_errors.WithdrawnError: 409,
    exchange_errors.LockedError: 503,
    exchange_errors.UnreachableError: 503,
    exchange_errors.NoRoomError: 507,
    errors.UserError: 422,  # everything else a person can mend
}


RETRY_AFTER_S = {429: 1, 503: 5, 507: 60}
"""Seconds after which one may try again what is refused for a reason that passes, where the error names none."""

MOST_TOLD = 10
"""Faults of one request that are told; the others are counted."""
LONGEST_NAME = 60
"""Characters of the name of a field that are told."""
DEEPEST_TOLD = 8
"""Names of fields in one another that are told."""


def status_of(error: errors.UserError) -> int:
    """Return the HTTP status of an error: that of the nearest of its classes in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route, so that clients are typed by them. 422 and 503 are declared everywhere."""
    return {status: {"model": ErrorBody} for status in (*statuses, 422, 503)}


def install(app: FastAPI) -> None:
    """Have every error of the application answered in the wire form."""
    app.add_exception_handler(errors.UserError, _user_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DataError, _not_storable)
    app.add_exception_handler(OperationalError, _no_database)
    app.add_exception_handler(NoConnectionError, _no_database)
    app.add_exception_handler(OSError, _os_error)
    # What nobody foresaw is answered by `backend.api.headers`: Starlette would answer it outside of all middleware.


def answer(status: int, error: str, detail: str, retry_after_s: int | None = None) -> JSONResponse:
    """Return the wire form; the detail in the language of whoever asks."""
    return _wire(status, error, said(detail), retry_after_s)


def _wire(status: int, error: str, detail: str, retry_after_s: int | None = None) -> JSONResponse:
    headers = {"Retry-After": str(retry_after_s or RETRY_AFTER_S[status])} if status in RETRY_AFTER_S else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error, "detail": detail}, status, headers)


def refused(error: errors.UserError) -> JSONResponse:
    """Return the answer to an error that a person can mend."""
    return answer(status_of(error), type(error).__name__, str(error), getattr(error, "retry_after_s", None))


async def _user_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.UserError)
    return refused(error)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # The value itself is left out: it may be a patient's. Names of fields may be anybody's, and are not translated.
    found = error.errors()
    parts = [f"{_place(item['loc'])}: {said(_told(item))}" for item in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        parts.append(said(f"and {len(found) - MOST_TOLD:,} more"))
    return _wire(422, "InvalidInputError", "; ".join(parts))


def _place(keys: Sequence[int | str]) -> str:
    """Return which value is meant, as a path of bounded length: whoever sends it chooses the names of its fields."""
    shown = [str(key) for key in keys[1 : 1 + DEEPEST_TOLD]]
    return ".".join(key if len(key) <= LONGEST_NAME else f"{key[:LONGEST_NAME]}…" for key in shown) or "body"


def _told(item: dict[str, Any]) -> str:
    """Return what is wrong with a value; of NaN, which fits no limit, any limit would be an odd thing to name."""
    if str(item.get("input")).strip().lower() in ("nan", "+nan", "-nan"):
        return "Input should be a number, not NaN"
    return str(item["msg"])


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in FULL:  # while files were received
        return _disk_full()
    names = {404: "NotFoundError", 405: "MethodNotAllowedError", 413: "LimitError"}
    return answer(error.status_code, names.get(error.status_code, "HttpError"), str(error.detail))


async def _not_storable(request: Request, error: Exception) -> JSONResponse:
    log.warning("The database refuses a value at %s %s: %s", request.method, request.url.path, type(error).__name__)
    return answer(
        422, errors.InvalidInputError.__name__,
        "The database cannot hold one of the values, such as a text with a zero byte. Leave that character out.",
    )  # fmt: skip


async def _no_database(request: Request, error: Exception) -> JSONResponse:
    if is_disk_full(error):
        return _disk_full()
    log.error("The database does not answer at %s %s", request.method, request.url.path, exc_info=error)
    return answer(
        503, errors.UnavailableError.__name__, "The database does not answer. Wait a moment, then try again; the log "
        "of the platform has the details.",
    )  # fmt: skip


async def _os_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, OSError) and error.errno in FULL:
        return _disk_full()
    return unforeseen(request, error)


def _disk_full() -> JSONResponse:
    return answer(507, errors.DiskFullError.__name__, DISK_FULL)


def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to a fault of the platform; the log has what was wrong, under a number that both tell."""
    reference = uuid4().hex[:8]
    log.error("Unforeseen error %s at %s %s", reference, request.method, request.url.path, exc_info=error)
    return answer(
        500, "InternalError", f"Something went wrong inside the platform. The log has the details under {reference}."
    )
