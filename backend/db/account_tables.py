"""The tables of accounts: who may sign in, and what they may do in which project (server mode).

Nothing with which one could sign in is kept as it is: of passwords an argon2 hash, of tokens of sessions, keys and
links, which are random and long, their SHA-256.
"""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Table, owner, row_id, utc_now


class User(Table):
    """A person who may sign in. Never deleted, so that the audit log keeps its names; `disabled_at` shuts them out."""

    __tablename__ = "users"
    id: Mapped[str] = row_id()
    name: Mapped[str] = mapped_column(String(100), unique=True)  # small letters
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2id; None: none was chosen yet
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)  # of the installation
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_login_at: Mapped[datetime | None] = mapped_column()
    disabled_at: Mapped[datetime | None] = mapped_column()


class Member(Table):
    """What a person may do in a project."""

    __tablename__ = "members"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))  # as backend.services.person.Role
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    user: Mapped[User] = relationship(lazy="joined")


class LoginSession(Table):
    """A browser in which somebody has signed in."""

    __tablename__ = "login_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = owner("users.id")
    identity_id: Mapped[str | None] = mapped_column(String(32))  # at a provider, by which the person signed in
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_used_at: Mapped[datetime] = mapped_column(default=utc_now)


class ApiKey(Table):
    """A key with which a program acts for a person, with `role` at most, in one project or in all of theirs."""

    __tablename__ = "api_keys"
    id: Mapped[str] = row_id()
    user_id: Mapped[str] = owner("users.id")
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))  # by which a person knows it again
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()


class OneTimeLink(Table):
    """A link with which a person chooses a password, once."""

    __tablename__ = "one_time_links"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = owner("users.id")
    expires_at: Mapped[datetime] = mapped_column()


class LoginFailure(Table):
    """How often signing in failed lately under a name or from an address, and until when it is not tried again."""

    __tablename__ = "login_failures"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # keyed hash of what is counted
    count: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime] = mapped_column(default=utc_now)
    blocked_until: Mapped[datetime] = mapped_column(default=utc_now)
