"""Figures that are kept of large projects, the order of lists in one index, and what only Postgres has."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from backend.db import large

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "kept_figures",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("took_s", sa.Float(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_kept_figures_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("pk_kept_figures")),
    )
    op.drop_index("ix_recordings_project_file", "recordings")
    op.create_index("ix_recordings_project_file", "recordings", ["project_id", "file_name", "index", "id"])
    if op.get_bind().dialect.name == "postgresql":
        large.make_indexes(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        large.drop_indexes(op.get_bind())
    op.drop_index("ix_recordings_project_file", "recordings")
    op.create_index("ix_recordings_project_file", "recordings", ["project_id", "file_name"])
    op.drop_table("kept_figures")
