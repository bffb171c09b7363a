"""Identities at an OpenID provider: which user they are of. One identity is of one user; a user may have several."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Identity, LoginSession, User
from backend.errors import ConflictError, InvalidInputError, NotFoundError


def find(session: Session, issuer: str, subject: str) -> Identity | None:
    """Return the identity of a subject, None where it is nobody's here."""
    return session.scalars(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)).one_or_none()


def of_user(session: Session, user_id: str) -> Sequence[Identity]:
    """Return the identities of a user, the oldest first."""
    mine = select(Identity).where(Identity.user_id == user_id)
    return session.scalars(mine.order_by(Identity.created_at, Identity.id)).all()


def counts(session: Session) -> dict[str, int]:
    """Return how many identities each user has, of those who have any."""
    return {
        row[0]: row[1] for row in session.execute(select(Identity.user_id, func.count()).group_by(Identity.user_id))
    }


def get(session: Session, user_id: str, identity_id: str) -> Identity:
    """Return an identity of a user. Raises NotFoundError."""
    row = session.get(Identity, identity_id)
    if row is None or row.user_id != user_id:
        raise NotFoundError(f"This user has no identity {identity_id}.")
    return row


def add(session: Session, user: User, issuer: str, subject: str) -> Identity:
    """Give a user an identity. Raises ConflictError where it is somebody's already."""
    if not issuer:
        raise ConflictError("This installation has no OpenID provider: set EXCHANGEAI_OIDC_ISSUER (docs/deploy.md).")
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise InvalidInputError("A subject has 1 to 255 characters; the provider's admin pages show it (claim “sub”).")
    if find(session, issuer, subject) is not None:
        raise ConflictError("This identity belongs to a user already. Remove it there first.")
    row = Identity(user_id=user.id, issuer=issuer, subject=subject)
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: Identity) -> None:
    """Take an identity from its user; sessions that were begun with it end."""
    session.execute(delete(LoginSession).where(LoginSession.identity_id == row.id))
    session.delete(row)
    session.flush()


def remove_own(session: Session, row: Identity, has_passwords: bool, issuer: str) -> None:
    """Take an identity from its user, who asks for it; `issuer` is that of the provider at which people sign in now.

    Raises ConflictError where they could not sign in any more.
    """
    others = any(one.issuer == issuer and one.id != row.id for one in of_user(session, row.user_id))
    if not others and not (has_passwords and session.get_one(User, row.user_id).password_hash):
        raise ConflictError("Without this identity you could not sign in any more. Ask an admin to remove it.")
    remove(session, row)
