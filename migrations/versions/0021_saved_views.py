"""Lists of recordings kept under a name, and indexes for going through the recordings of a patient, and by date."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEXES = {"ix_recordings_project_patient": "patient_id", "ix_recordings_project_recorded": "recorded_at"}


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_saved_views_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_saved_views_project_id_name")),
    )
    op.create_index(op.f("ix_saved_views_project_id"), "saved_views", ["project_id"])
    for name, column in INDEXES.items():
        op.create_index(name, "recordings", ["project_id", column])


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "recordings")
    op.drop_table("saved_views")
