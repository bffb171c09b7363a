"""The table of identities at an OpenID provider by which people sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.account_tables import User
from backend.db.base import Table, row_id, utc_now


class Identity(Table):
    """Somebody as a provider knows them: its address and the subject it gives them, never a name or an e-mail address.

    Source: OpenID Connect Core 1.0, 5.7: these two claims alone name somebody, and are given to nobody else.
    """

    __tablename__ = "identities"
    id: Mapped[str] = row_id()
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_login_at: Mapped[datetime | None] = mapped_column()
    user: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("issuer", "subject"),)
