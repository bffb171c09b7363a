"""What all tables have in common: their base, their kinds of columns, their identifiers."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """Timestamps with time zone on every database; SQLite keeps none, so UTC is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored moment as an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store every moment in UTC."""
        return None if value is None else value.astimezone(UTC)


def new_id() -> str:
    """Return a random identifier of 32 hexadecimal digits."""
    return uuid4().hex


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Table(DeclarativeBase):
    """Base of all tables; constraints get stable names so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON, list[float]: JSON,
    }  # fmt: skip


def row_id() -> Mapped[str]:
    """Return a column of random identifiers, the primary key."""
    return mapped_column(String(32), primary_key=True, default=new_id)


def owner(target: str) -> Mapped[str]:
    """Return the column that says whose row it is, and goes when that one goes."""
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=True)


def maybe_owner(target: str) -> Mapped[str | None]:
    """Return such a column of rows that may also be somebody else's: then it is None."""
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=True)
