"""Users: who may sign in, by a password that each chooses with a link that works once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from backend.db.tables import ApiKey, Identity, LoginSession, OneTimeLink, User, utc_now
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services import passwords, tokens

LINK_DAYS: Final = 3
LINK_PATH: Final = "/welcome#"
"""Where on the page a password is chosen. What follows the # is sent to no server, and so stands in no log."""
FIRST: Final = "admin"
"""Name of the first user, who is admin of the installation."""


def list_users(session: Session) -> Sequence[User]:
    """Return all users by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def get(session: Session, user_id: str) -> User:
    """Return a user. Raises NotFoundError."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return user


def find(session: Session, name: str) -> User:
    """Return the user with this name. Raises NotFoundError."""
    user = session.scalars(select(User).where(User.name == written(name))).one_or_none()
    if user is None:
        raise NotFoundError(f"There is no user {name!r}. 'exchangeai users ls' lists those there are.")
    return user


def written(name: str) -> str:
    """Return a name as it is kept: capital letters do not make another person."""
    return name.strip().casefold()


def add(session: Session, name: str, *, is_admin: bool = False) -> User:
    """Add a user, who cannot sign in before a password is chosen (`new_link`). Raises ConflictError."""
    plain = written(name)
    if not plain or len(plain) > 100 or any(not sign.isprintable() for sign in plain):
        raise InvalidInputError("A name has 1 to 100 characters, such as an e-mail address.")
    if session.scalar(select(User.id).where(User.name == plain)) is not None:
        raise ConflictError(f"There is a user {plain!r} already. Take another name, or make a new link for this one.")
    user = User(name=plain, is_admin=is_admin)
    session.add(user)
    session.flush()
    return user


def new_link(session: Session, user: User) -> str:
    """Return the token of a link with which the user chooses a password; links made before stop working."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user.id))
    token = tokens.new()
    expires = utc_now() + timedelta(days=LINK_DAYS)
    session.add(OneTimeLink(token_hash=tokens.kept(token), user_id=user.id, expires_at=expires))
    return token


def has_admin(session: Session) -> bool:
    """Say whether somebody can sign in as an admin of the installation."""
    way_in = or_(User.password_hash.is_not(None), User.id.in_(select(Identity.user_id)))
    return bool(session.scalar(select(func.count()).where(way_in, User.is_admin, User.disabled_at.is_(None))))


def first_link(session: Session) -> str | None:
    """Return the token of a link for the first admin; None where somebody can sign in already."""
    if has_admin(session):
        return None
    known = session.scalars(select(User).where(User.is_admin, User.disabled_at.is_(None)).order_by(User.created_at))
    return new_link(session, known.first() or add(session, FIRST, is_admin=True))


def choose_password(session: Session, token: str, password: str) -> User:
    """Have the user of a link choose a password; the link is used up, and older sessions end. Raises NotFoundError."""
    used = session.get(OneTimeLink, tokens.kept(token))
    if used is None or used.expires_at < utc_now():
        raise NotFoundError("This link does not work any more. Ask an admin for a new one.")
    user = get(session, used.user_id)
    if user.disabled_at is not None:
        raise NotFoundError("This link does not work any more. Ask an admin for a new one.")
    set_password(session, user, password)
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Keep a new password; links and sessions of the user end. Raises InvalidInputError for one easily guessed."""
    passwords.check(password, user.name)
    user.password_hash = passwords.hashed(password)
    session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user.id))
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))


def change(session: Session, user: User, *, is_admin: bool | None = None, disabled: bool | None = None) -> User:
    """Make somebody an admin of the installation or not, shut them out or let them in again.

    Whoever is shut out loses sessions, links and API keys. Raises ConflictError where no admin would be left.
    """
    if is_admin is not None:
        user.is_admin = is_admin
    if disabled is not None:
        user.disabled_at = utc_now() if disabled else None
        if disabled:
            for table in (LoginSession, OneTimeLink, ApiKey):
                session.execute(delete(table).where(table.user_id == user.id))
    session.flush()
    if not session.scalar(select(func.count()).where(User.is_admin, User.disabled_at.is_(None))):
        raise ConflictError("This is the last admin of the installation. Make somebody else one first.")
    return user
