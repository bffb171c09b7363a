"""Signing in at an OpenID provider: somebody is sent there with an attempt, and comes back with a code.

The attempt (state, nonce, verifier, and what it is for) goes with the browser as a sealed cookie, so that nobody can
end in this browser what was begun in another, and nobody fills a table by beginning. Who somebody is is decided by
issuer and subject alone: a name or an e-mail address that fits a user opens nothing.
"""

import base64
import binascii
import hmac
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import Identity, LoginSession, OneTimeLink, User, utc_now
from backend.errors import ConflictError, InvalidInputError, SingleSignOnError, UnavailableError
from backend.sealing import seal, unseal
from backend.services import identities, logins, oidc_provider, tokens, users
from backend.services.oidc_provider import Claims, provider_of
from backend.settings import Settings

log = logging.getLogger(__name__)
ATTEMPT_S: Final = 600
"""So long somebody may take at the provider, in seconds."""
_PURPOSE: Final = "signing in at the provider"
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What must be known when somebody comes back from the provider."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    to: str
    """The path on the page to show then."""
    begun_at: float
    """Seconds since 1970."""
    link: str = ""
    """A link that works once, whose user gets the identity."""
    session: str = ""
    """Hash of the session that the browser had; it ends when somebody signs in."""
    joins: bool = False
    """Whether the user of that session gets the identity."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider has sent back with somebody."""

    code: str = ""
    state: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, and the token of a new session."""

    user: User
    token: str
    to: str


def safe_path(path: str) -> str:
    """Return a path of the page as it is, and / for anything that may lead elsewhere."""
    plain = path.isascii() and path.isprintable() and len(path) <= 1000 and not {"\\", " "} & set(path)
    if not plain or not path.startswith("/") or path.startswith(("//", "/api/")):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path


def begin(
    settings: Settings,
    redirect_uri: str,
    to: str = "/",
    *,
    link: str = "",
    token: str = "",
    joins: bool = False,
    clock: Clock = time.time,
) -> tuple[str, str]:
    """Return the provider's address to go to, and the attempt, sealed for the browser.

    `link` is a link that works once, `token` that of the browser's session; the user of the one, or with `joins` of the
    other, gets the identity with which somebody signs in.

    Raises ConflictError where no provider is set, UnavailableError where it does not answer.
    """
    if not settings.has_provider:
        raise ConflictError("This installation has no OpenID provider at which one could sign in (docs/deploy.md).")
    state, nonce, verifier = (oidc_provider.new_secret() for _ in range(3))
    before = tokens.kept(token) if token else ""
    attempt = Attempt(state, nonce, verifier, redirect_uri, safe_path(to), clock(), link, before, joins)
    try:
        provider = provider_of(settings.oidc_issuer)
        place = oidc_provider.address(settings, provider, redirect_uri, state, nonce, verifier)
    except SingleSignOnError as error:
        log.warning("Nobody can sign in at the provider: %s", error)
        raise UnavailableError("The sign-in service does not answer. Try again in a moment, or ask an admin.") from None
    sealed = seal(settings.resolved_secret_key, json.dumps(asdict(attempt)), _PURPOSE)
    return place, base64.urlsafe_b64encode(sealed).decode()


def opened(settings: Settings, sealed: str, clock: Clock = time.time) -> Attempt:
    """Return the attempt that a browser brings back. Raises SingleSignOnError for none, or one that is too old."""
    try:
        text = unseal(settings.resolved_secret_key, base64.urlsafe_b64decode(sealed.encode()), _PURPOSE)
    except (UnavailableError, binascii.Error, ValueError):
        raise SingleSignOnError("The browser brings no attempt along that was begun here.") from None
    attempt = Attempt(**json.loads(text))
    if not 0 <= clock() - attempt.begun_at <= ATTEMPT_S:
        raise SingleSignOnError("The attempt is too old.")
    return attempt


def finish(settings: Settings, attempt: Attempt, answer: Answer, clock: Clock = time.time) -> SignedIn:
    """Return who has come back from the provider, with a new session. Raises SingleSignOnError."""
    if not settings.has_provider:
        raise SingleSignOnError("No provider is set any more.")
    if not hmac.compare_digest(answer.state.encode(), attempt.state.encode()):
        raise SingleSignOnError("The answer belongs to another attempt.")
    provider = provider_of(settings.oidc_issuer)
    if (answer.issuer or provider.metadata().names_itself) and answer.issuer != provider.issuer:
        raise SingleSignOnError("The answer comes from another provider.")
    if answer.error or not answer.code:
        problem = "cancelled" if answer.error == "access_denied" else "failed"
        raise SingleSignOnError(f"The provider answers with {answer.error[:60]!r}.", problem)  # type: ignore[arg-type]
    claims = oidc_provider.claims_of(
        settings, provider, answer.code, attempt.redirect_uri, attempt.nonce, attempt.verifier, clock()
    )
    _check_groups(settings, claims)
    try:
        with write_session(settings.resolved_database_url) as session:
            identity = _identity(session, settings, attempt, claims)
            user = users.get(session, identity.user_id)
            if user.disabled_at is not None:
                raise SingleSignOnError(f"The user of subject {claims['sub']!r} is shut out.", "refused")
            user.last_login_at = identity.last_login_at = utc_now()
            return SignedIn(user, logins.begin(session, user.id, identity_id=identity.id), attempt.to)
    except IntegrityError:  # of two at the same moment, on Postgres
        raise SingleSignOnError("The same identity signs in twice at once.") from None


def _identity(session: Session, settings: Settings, attempt: Attempt, claims: Claims) -> Identity:
    """Return the identity that has signed in; one that is new goes to whom the attempt is for, or to a new user."""
    subject: str = claims["sub"]
    wanted = _user_of(session, settings, attempt)
    known = identities.find(session, settings.oidc_issuer, subject)
    if known is not None:
        if wanted is not None and wanted.id != known.user_id:
            raise SingleSignOnError(f"Subject {subject!r} belongs to another user already.", "taken")
        _use_up(session, attempt)
        return known
    if wanted is None:
        wanted = _new_user(session, settings, claims)
    _use_up(session, attempt)
    return identities.add(session, wanted, settings.oidc_issuer, subject)


def _user_of(session: Session, settings: Settings, attempt: Attempt) -> User | None:
    """Return the user that the attempt is to give an identity, None where somebody just signs in."""
    if attempt.link:
        used = session.get(OneTimeLink, tokens.kept(attempt.link))
        if used is None or used.expires_at < utc_now():
            raise SingleSignOnError("The link does not work any more.", "refused")
        return users.get(session, used.user_id)
    if attempt.joins:
        row = session.get(LoginSession, attempt.session)
        if row is None or not logins.is_alive(row, settings, utc_now()):
            raise SingleSignOnError("The session that asked for the identity has ended.", "failed")
        return users.get(session, row.user_id)
    return None


def _use_up(session: Session, attempt: Attempt) -> None:
    """End what the attempt came with: the link has worked once, and the session is followed by a new one."""
    for table, key in ((OneTimeLink, attempt.link and tokens.kept(attempt.link)), (LoginSession, attempt.session)):
        row = session.get(table, key) if key else None
        if row is not None:
            session.delete(row)


def _new_user(session: Session, settings: Settings, claims: Claims) -> User:
    subject = claims["sub"]
    if not settings.oidc_create_users:
        raise SingleSignOnError(f"Nobody here has the identity of subject {subject!r}.", "refused")
    name = claims.get(settings.oidc_name_claim)
    if not isinstance(name, str):
        raise SingleSignOnError(f"Subject {subject!r} has no claim {settings.oidc_name_claim!r}.", "refused")
    try:
        return users.add(session, name)
    except (ConflictError, InvalidInputError) as error:  # a user of that name is somebody else, as far as we know
        raise SingleSignOnError(f"No user can be made for subject {subject!r}: {error}", "refused") from None


def _check_groups(settings: Settings, claims: Claims) -> None:
    allowed = {name.strip() for name in settings.oidc_groups.split(",") if name.strip()}
    said: Any = claims.get(settings.oidc_groups_claim)
    mine = {said} if isinstance(said, str) else set(filter(_is_text, said)) if isinstance(said, list) else set()
    if allowed and not allowed & mine:
        raise SingleSignOnError(f"Subject {claims['sub']!r} is in none of the groups that are let in.", "refused")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def was_begun_there(session: Session, token: str) -> bool:
    """Say whether the session of a token was begun by signing in at the provider."""
    row = session.get(LoginSession, tokens.kept(token))
    return row is not None and row.identity_id is not None


def address_of_the_end(settings: Settings, back: str) -> str:
    """Return where somebody ends their session at the provider, to come `back` then; empty where that cannot be."""
    if not settings.has_provider:
        return ""
    try:
        return oidc_provider.sign_out_address(settings, provider_of(settings.oidc_issuer), back)
    except SingleSignOnError as error:
        log.warning("The provider does not say where one signs out: %s", error)
        return ""
