"""What a platform answers when it does not do what it was asked, as exceptions with its own words."""

from backend.ecg.errors import UserError


class ApiError(UserError):
    """An error that a platform has answered: `status` of HTTP, `error` its class there, and the text what to do."""

    def __init__(self, detail: str, status: int = 0, error: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.error = error


class NotFoundError(ApiError):
    """There is no such thing (404)."""


class ConflictError(ApiError):
    """The state of the thing does not allow it (409)."""


class RefusedError(ApiError):
    """A value or a file cannot be used (400, 413, 422), or the caller may not do it (401, 403)."""


class BusyError(ApiError):
    """The platform cannot do it at the moment (503, 507), not after several tries either."""

    retry_after: float | None = None
    """Seconds after which it asks to try again."""


class UnreachableError(ApiError):
    """Nobody answers at the address, or what answers is no platform."""


class JobFailedError(ApiError):
    """A job that was waited for has failed or was cancelled."""


_KINDS: dict[int, type[ApiError]] = {
    400: RefusedError, 401: RefusedError, 403: RefusedError, 404: NotFoundError, 409: ConflictError,
    413: RefusedError, 422: RefusedError, 503: BusyError, 507: BusyError,
}  # fmt: skip


def error_of(status: int, error: str, detail: str) -> ApiError:
    """Return the exception of an answer.

    >>> error_of(404, "NotFoundError", "There is no project 7.")
    NotFoundError('There is no project 7.')
    """
    return _KINDS.get(status, ApiError)(detail, status, error)
