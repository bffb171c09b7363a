"""API keys: with one a program acts for a person, with less than the person may where that is enough."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import ApiKey, utc_now
from backend.errors import NotFoundError
from backend.services import tokens
from backend.services.person import Role

LONGEST_DAYS = 366


def list_keys(session: Session, user_id: str) -> Sequence[ApiKey]:
    """Return the keys of a person, the newest first."""
    return session.scalars(
        select(ApiKey).where(ApiKey.user_id == user_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
    ).all()


def get(session: Session, user_id: str, key_id: str) -> ApiKey:
    """Return a key of a person. Raises NotFoundError."""
    key = session.get(ApiKey, key_id)
    if key is None or key.user_id != user_id:
        raise NotFoundError(f"There is no API key {key_id} of yours.")
    return key


def add(
    session: Session, user_id: str, name: str, role: Role, days: int, project_id: str | None = None
) -> tuple[ApiKey, str]:
    """Make a key; return it and the text that is shown this once."""
    text = tokens.KEY_PREFIX + tokens.new()
    key = ApiKey(
        user_id=user_id, project_id=project_id, name=name.strip(), prefix=text[: tokens.SHOWN],
        key_hash=tokens.kept(text), role=role, expires_at=utc_now() + timedelta(days=days),
    )  # fmt: skip
    session.add(key)
    session.flush()
    return key, text


def remove(session: Session, key: ApiKey) -> None:
    """Delete a key; whoever has it cannot do anything with it from now on."""
    session.delete(key)
