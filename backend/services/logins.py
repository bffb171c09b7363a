"""Signing in and out: a password for a session, slowed where it is guessed; sessions and keys for who it is.

What is wrong is never told apart: an unknown name, a wrong password and a person who is shut out get the same answer
after the same work.
"""

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import ApiKey, LoginFailure, LoginSession, Member, User, utc_now
from backend.errors import NotSignedInError, TooOftenError
from backend.services import passwords, tokens
from backend.services.person import Person, Role
from backend.services.users import written
from backend.settings import Settings

LONGEST: Final = timedelta(days=7)
"""A session ends after that, however much it is used."""
_NOTED: Final = timedelta(minutes=1)  # the use of a session or key is written down no oftener
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Limit:
    """How failures are slowed: so many are free, then each doubles the time until the next try, up to `longest_s`."""

    free: int
    longest_s: int


LIMITS: Final = {
    "name and address": Limit(5, 15 * 60),
    "name": Limit(20, 60),  # short, so that nobody shuts out a colleague for long by guessing
    "address": Limit(50, 60),  # a whole ward may stand behind one address
}
FORGOTTEN: Final = timedelta(hours=24)


def sign_in(settings: Settings, name: str, password: str, address: str, clock: Clock = utc_now) -> tuple[User, str]:
    """Return the user and the token of a new session.

    The try is counted before the password is looked at, so that many at once are as slow as one after the other; the
    work of looking holds no lock of the database. Raises NotSignedInError for what does not fit, and TooOftenError
    while it is too early to try again.
    """
    if not settings.password_sign_in:
        raise NotSignedInError("Nobody signs in with a password here. Sign in with your organisation's account.")
    url, now, plain = settings.resolved_database_url, clock(), written(name)
    with write_session(url) as session:
        counters = _counters(session, settings, plain, address)
        wait = max((row.blocked_until - now).total_seconds() for row in counters.values())
        if wait <= 0:
            for kind, row in counters.items():
                _count(row, LIMITS[kind], now)
        user = session.scalars(select(User).where(User.name == plain, User.disabled_at.is_(None))).one_or_none()
    if wait > 0:
        raise TooOftenError(f"Signing in failed too often. Try again in {_told(wait)}.", math.ceil(wait))
    if not passwords.matches(user.password_hash if user else None, password) or user is None:
        raise NotSignedInError("Name or password is wrong. Try again, or ask an admin for a new link.")
    with write_session(url) as session:
        for kind, row in _counters(session, settings, plain, address).items():
            row.count = 0 if kind == "name and address" else max(0, row.count - 1)
            row.blocked_until = now
        user = session.get_one(User, user.id)
        user.last_login_at = now
        if passwords.is_outdated(user.password_hash or ""):
            user.password_hash = passwords.hashed(password)
        return user, begin(session, user.id, now)


def begin(session: Session, user_id: str, now: datetime | None = None, *, identity_id: str | None = None) -> str:
    """Return the token of a new session; it is never one that the browser brought along.

    `identity_id` names the identity at a provider by which somebody has signed in.
    """
    token = tokens.new()
    moment = now or utc_now()
    session.execute(delete(LoginSession).where(LoginSession.created_at < moment - LONGEST))
    session.add(
        LoginSession(
            token_hash=tokens.kept(token), user_id=user_id, identity_id=identity_id, created_at=moment,
            last_used_at=moment,
        )
    )  # fmt: skip
    return token


def end(session: Session, token: str) -> None:
    """End the session of a token, if there is one."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == tokens.kept(token)))


def of_session(session: Session, settings: Settings, token: str, clock: Clock = utc_now) -> Person | None:
    """Return whose session a token is of; None for one that has ended."""
    now = clock()
    found = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == tokens.kept(token), User.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, user = found
    if not is_alive(row, settings, now):
        return None
    return Person(
        id=user.id, name=user.name, via="session", is_admin=user.is_admin, roles=_roles(session, user.id),
        credential=row.token_hash, identity_id=row.identity_id or "", is_noted=now - row.last_used_at <= _NOTED,
    )  # fmt: skip


def is_alive(row: LoginSession, settings: Settings, now: datetime) -> bool:
    """Say whether a session has not ended: by its age, or because it was not used."""
    return now - row.created_at <= LONGEST and now - row.last_used_at <= timedelta(hours=settings.session_hours)


def of_key(session: Session, text: str, clock: Clock = utc_now) -> Person | None:
    """Return for whom an API key acts; None for one that is unknown or has expired."""
    now = clock()
    found = session.execute(
        select(ApiKey, User)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.key_hash == tokens.kept(text), ApiKey.expires_at > now, User.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    key, user = found
    noted = key.last_used_at is not None and now - key.last_used_at <= _NOTED
    return Person(
        id=user.id, name=user.name, via="key", is_admin=user.is_admin, roles=_roles(session, user.id),
        most=cast(Role, key.role), only_project=key.project_id, credential=key.id, is_noted=noted,
    )  # fmt: skip


def note_use(session: Session, person: Person, clock: Clock = utc_now) -> None:
    """Write down that a session or a key was used (due where it is not `is_noted`)."""
    if person.via == "key":
        session.execute(update(ApiKey).where(ApiKey.id == person.credential).values(last_used_at=clock()))
    else:
        mine = LoginSession.token_hash == person.credential
        session.execute(update(LoginSession).where(mine).values(last_used_at=clock()))


def csrf_token(settings: Settings, token: str) -> str:
    """Return what a page must send along to change something: a page of another site cannot know it."""
    return tokens.derived(settings.resolved_secret_key, "changes of a session", token)


def _roles(session: Session, user_id: str) -> dict[str, Role]:
    rows = session.execute(select(Member.project_id, Member.role).where(Member.user_id == user_id))
    return {row.project_id: row.role for row in rows}


def _counters(session: Session, settings: Settings, name: str, address: str) -> dict[str, LoginFailure]:
    """Return the counters of a name and an address, made where there are none. They do not say whose they are."""
    found = {}
    for kind, text in (("name and address", f"{name} {address}"), ("name", name), ("address", address)):
        key = tokens.derived(settings.resolved_secret_key, f"failed logins by {kind}", text)
        row = session.get(LoginFailure, key)
        if row is None:
            row = LoginFailure(key=key, count=0, last_at=datetime.fromtimestamp(0).astimezone())
            row.blocked_until = row.last_at
            session.add(row)
        found[kind] = row
    return found


def _count(row: LoginFailure, limit: Limit, now: datetime) -> None:
    row.count = 1 if now - row.last_at > FORGOTTEN else row.count + 1
    row.last_at = now
    over = row.count - limit.free
    row.blocked_until = now + timedelta(seconds=min(limit.longest_s, 2 ** min(over, 20)) if over >= 0 else 0)


def _told(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{max(1, round(seconds))} seconds"


def same(given: str, expected: str) -> bool:
    """Say whether two tokens are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), expected.encode())
