"""Exchanges, the keys of those who publish in them, and models on their way to or from one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("username", sa.String(200), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("has_secret", sa.Boolean(), nullable=False),
        sa.Column("access", sa.String(20), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("plain_http", sa.Boolean(), nullable=False),
        sa.Column("listing", sa.JSON(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
        sa.UniqueConstraint("name", name="uq_exchanges_name"),
    )
    op.create_table(
        "publisher_keys",
        sa.Column("id", sa.String(32), nullable=False),
        _reference("publisher_keys", "exchange_id", "exchanges", "CASCADE"),
        sa.Column("publisher", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(200), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publisher_keys"),
        sa.UniqueConstraint("exchange_id", "fingerprint", name="uq_publisher_keys_exchange_id_fingerprint"),
    )
    op.create_index("ix_publisher_keys_exchange_id", "publisher_keys", ["exchange_id"])
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(32), nullable=False),
        _reference("transfers", "project_id", "projects", "CASCADE"),
        _reference("transfers", "exchange_id", "exchanges", "SET NULL"),
        _reference("transfers", "job_id", "jobs", "CASCADE"),
        _reference("transfers", "model_id", "models", "SET NULL"),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("exchange_name", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("quarantined", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    for column in ("project_id", "exchange_id", "job_id", "model_id"):
        op.create_index(f"ix_transfers_{column}", "transfers", [column])


def _reference(table: str, column: str, other: str, when_deleted: str) -> sa.Column[str]:
    key = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}", ondelete=when_deleted)
    return sa.Column(column, sa.String(32), key, nullable=when_deleted == "SET NULL")


def downgrade() -> None:
    for table in ("transfers", "publisher_keys", "exchanges"):
        op.drop_table(table)
