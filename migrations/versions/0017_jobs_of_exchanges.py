"""A job belongs to a project, or to an exchange: verifying, withdrawing and indexing are nobody's project."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as table:
        table.alter_column("project_id", existing_type=sa.String(length=32), nullable=True)
        table.add_column(sa.Column("exchange_id", sa.String(length=32), nullable=True))
        table.create_foreign_key(
            op.f("fk_jobs_exchange_id_exchanges"), "exchanges", ["exchange_id"], ["id"], ondelete="CASCADE"
        )
        table.create_index(op.f("ix_jobs_exchange_id"), ["exchange_id"])


def downgrade() -> None:
    op.execute("DELETE FROM job_events WHERE job_id IN (SELECT id FROM jobs WHERE project_id IS NULL)")
    op.execute("DELETE FROM jobs WHERE project_id IS NULL")
    with op.batch_alter_table("jobs") as table:
        table.drop_index(op.f("ix_jobs_exchange_id"))
        table.drop_constraint(op.f("fk_jobs_exchange_id_exchanges"), type_="foreignkey")
        table.drop_column("exchange_id")
        table.alter_column("project_id", existing_type=sa.String(length=32), nullable=False)
