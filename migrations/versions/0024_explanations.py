"""Explanations: what a model looked at in one recording."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    owners = {"project_id": "projects", "model_id": "models", "recording_id": "recordings", "job_id": "jobs"}
    op.create_table(
        "explanations",
        sa.Column("id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in owners),
        sa.Column("label", sa.String(length=500), nullable=True),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_explanations_{name}_{table}"), ondelete="CASCADE"
            )
            for name, table in owners.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanations")),
    )
    for name in owners:
        op.create_index(op.f(f"ix_explanations_{name}"), "explanations", [name])


def downgrade() -> None:
    op.drop_table("explanations")
