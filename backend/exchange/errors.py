"""Errors of exchanging models that a person can cause and mend; the whole tree is drawn in `backend.errors`."""

from pathlib import Path

from backend.ecg.errors import UserError


class ExchangeError(UserError):
    """Something about an exchange: its address, its answers, or what is published there."""


class AddressError(ExchangeError):
    """An address, a path or a name that cannot be one of an exchange."""


class UnreachableError(ExchangeError):
    """The server does not answer, not in time, or breaks off; trying again later may help."""


class AccessRefusedError(ExchangeError):
    """The server does not know the user, or does not allow what was asked (401, 403)."""


class CertificateError(ExchangeError):
    """The server cannot show that it is the one that was asked for: its TLS certificate is not trusted."""


class AbsentError(ExchangeError):
    """What was asked for is not on the exchange (404)."""


class TakenError(ExchangeError):
    """Somebody else was first: the name is taken, or the file has changed since it was read (409, 412)."""


class LockedError(ExchangeError):
    """Somebody else is writing there, or the server asks to wait (423, 429)."""


class NoRoomError(ExchangeError):
    """The exchange, or this user's share of it, is full (507, 413)."""


class ServerAnswerError(ExchangeError):
    """The server answers something that is no WebDAV, contradicts itself, or is larger than the limits."""


class ListingError(ExchangeError):
    """A listing, an index or a notice of the exchange cannot be read."""


class WithdrawnError(ExchangeError):
    """The model was withdrawn by its publisher; the text says why."""


class NotPublishableError(ExchangeError):
    """A package holds more than aggregates, or lacks what a model to be shared must say.

    `reasons` are what must go or be added, a sentence each.
    """

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        self.reasons = reasons
        super().__init__(" ".join([message, *reasons]))


class QuarantinedError(ExchangeError):
    """Something that was fetched is not what it should be and stays in quarantine.

    `reason` says why, `path` is the folder in quarantine, if anything was kept.
    """

    def __init__(self, reason: str, path: Path | None = None) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"The model was not taken in: {reason}")
