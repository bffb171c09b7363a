"""What a server's refusal means, in words that say what to do."""

import ssl
from collections.abc import Iterator
from typing import Final

from backend.exchange.errors import (
    AbsentError,
    AccessRefusedError,
    AddressError,
    CertificateError,
    ExchangeError,
    LockedError,
    NoRoomError,
    ServerAnswerError,
    TakenError,
    UnreachableError,
)

_WRITING: Final = ("PUT", "MKCOL", "MOVE", "DELETE", "LOCK", "UNLOCK")
# of OpenSSL, x509_vfy.h
_EXPIRED, _NOT_YET, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _WRONG_HOST, _WRONG_IP = 10, 9, 18, 19, 62, 64


def refusal(status: int, method: str, what: str, host: str, *, with_user: bool) -> ExchangeError:
    """Return the error that an HTTP status means; `what` names file or folder in words."""
    writing = method in _WRITING
    match status:
        case 401 if with_user:
            return AccessRefusedError(
                f"{host} does not accept this user name and password (401). Check both; where the account has a second "
                "factor, an app password is needed, which is made in its security settings."
            )
        case 401:
            return AccessRefusedError(
                f"{host} asks for a user name and a password (401). Enter them for this exchange."
            )
        case 403 if writing:
            return AccessRefusedError(
                f"{host} does not allow writing {what} (403). Ask its owner for the right to write, or use the "
                "exchange read-only."
            )
        case 403:
            return AccessRefusedError(f"{host} does not allow reading {what} (403). Ask its owner for access.")
        case 404:
            return AbsentError(
                f"{_capital(what)} is not on {host} (404). Check the address, or look at the list again."
            )
        case 405 | 501:
            return ServerAnswerError(
                f"{host} does not know {method} at this address ({status}), so it is no WebDAV folder, or one that may "
                "only be read. Take the WebDAV address that the server's settings show."
            )
        case 409:
            return TakenError(
                f"{_capital(what)} cannot be made on {host}: the folder above it is gone (409). Try again."
            )
        case 412:
            return TakenError(f"Somebody else was first: {what} on {host} exists or has changed (412). Look again.")
        case 413:
            return NoRoomError(f"{host} takes no file as large as {what} (413). Its owner can raise the limit.")
        case 414:
            return AddressError(f"The name of {what} is too long for {host} (414). Use a shorter one.")
        case 423:
            return LockedError(
                f"{_capital(what)} on {host} is locked by somebody else (423). Try again in a few minutes."
            )
        case 429:
            return LockedError(f"{host} is asked too often and wants a pause (429). Try again in a few minutes.")
        case 507:
            return NoRoomError(f"{host} has no room for {what} (507). Delete something there, or ask for more room.")
        case 502 | 503 | 504:
            return UnreachableError(f"{host} is not available now ({status}). Try again later.")
        case status if status >= 500:
            return UnreachableError(f"{host} failed at {method} of {what} ({status}). Try again; its log says more.")
    return ServerAnswerError(f"{host} answers {method} of {what} with {status}, which is no answer of a WebDAV folder.")


def unreachable(problem: Exception, host: str) -> ExchangeError:
    """Return the error that a failed connection means."""
    for cause in _causes(problem):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, host)
        if isinstance(cause, ssl.SSLError):
            return CertificateError(
                f"No protected connection to {host} came about ({cause.reason or 'TLS'}). Check that the address and "
                "its port are those of https."
            )
    said = str(problem) or type(problem).__name__
    if "getaddrinfo" in said or "Name or service" in said or "name resolution" in said:
        return UnreachableError(f"No server is known as {host}. Check the address for spelling, and the network.")
    if "refused" in said:
        return UnreachableError(f"Nothing answers at {host}. Check address and port, or try later.")
    if "Timeout" in type(problem).__name__:
        return UnreachableError(f"{host} is too slow or does not answer. Try again later.")
    return UnreachableError(f"The connection to {host} broke off ({type(problem).__name__}). Try again.")


def _certificate(problem: ssl.SSLCertVerificationError, host: str) -> CertificateError:
    code = problem.verify_code
    if code == _EXPIRED:
        why = "has expired. Whoever runs it must renew it; until then nobody can tell whether it is the right server."
    elif code == _NOT_YET:
        why = "is not valid yet. Check the clock of this machine, and that of the server."
    elif code in (_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN):
        why = (
            "is self-signed: anybody could have made it. If the server is your own, give the file of its certificate, "
            "or of your authority, with the exchange."
        )
    elif code in (_WRONG_HOST, _WRONG_IP):
        why = "is that of another server. Check the address; it may be an attempt to read the password."
    else:
        why = (
            "is of an authority that is not known here. If it is your own authority, give the file of its certificate "
            "with the exchange."
        )
    return CertificateError(f"The certificate of {host} {why}")


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
