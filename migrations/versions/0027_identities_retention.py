"""Identities at an OpenID provider; retention: rules, holds, notices; when housekeeping was last begun."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.String(32), nullable=False),
        _of("user_id", "users.id", "identities"),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    op.add_column("login_sessions", sa.Column("identity_id", sa.String(32), nullable=True))
    op.create_table(
        "retention_rules",
        _of("project_id", "projects.id", "retention_rules"),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_erased", sa.Integer(), nullable=False),
        sa.Column("last_erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("project_id", name="pk_retention_rules"),
    )
    op.create_table(
        "retention_holds",
        sa.Column("id", sa.String(32), nullable=False),
        _of("project_id", "projects.id", "retention_holds"),
        _of("recording_id", "recordings.id", "retention_holds", nullable=True),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("patient_alike", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_holds"),
    )
    op.create_table(
        "retention_notices",
        _of("recording_id", "recordings.id", "retention_notices"),
        _of("project_id", "projects.id", "retention_notices"),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_retention_notices"),
    )
    op.create_table(
        "housekeeping",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_housekeeping"),
    )
    for table, column in (
        ("identities", "user_id"), ("retention_holds", "project_id"), ("retention_holds", "recording_id"),
        ("retention_notices", "project_id"), ("retention_notices", "erase_at"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    op.drop_column("login_sessions", "identity_id")
    for table in ("housekeeping", "retention_notices", "retention_holds", "retention_rules", "identities"):
        op.drop_table(table)


def _of(column: str, target: str, table: str, *, nullable: bool = False) -> sa.Column[str]:
    name = f"fk_{table}_{column}_{target.partition('.')[0]}"
    return sa.Column(column, sa.String(32), sa.ForeignKey(target, name=name, ondelete="CASCADE"), nullable=nullable)
