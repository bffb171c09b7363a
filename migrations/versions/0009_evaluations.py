"""Evaluations of a model on a dataset, and what they say of each recording."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(32), nullable=False),
        _reference("project_id", "projects", "CASCADE"),
        _reference("model_id", "models", "CASCADE"),
        _reference("dataset_id", "datasets", "SET NULL"),
        _reference("dataset_project_id", "projects", "SET NULL"),
        _reference("job_id", "jobs", "CASCADE"),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
    )
    for column in ("project_id", "model_id", "dataset_id", "dataset_project_id", "job_id"):
        op.create_index(f"ix_evaluations_{column}", "evaluations", [column])
    op.create_table(
        "evaluation_rows",
        sa.Column("evaluation_id", sa.String(32), nullable=False),
        sa.Column("recording_id", sa.String(32), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("truth", sa.JSON(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_evaluation_rows_evaluation_id_evaluations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_evaluation_rows_recording_id_recordings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "recording_id", name="pk_evaluation_rows"),
    )  # fmt: skip
    op.create_index("ix_evaluation_rows_recording_id", "evaluation_rows", ["recording_id"])


def _reference(column: str, table: str, when_deleted: str) -> sa.Column[str]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_evaluations_{column}_{table}", ondelete=when_deleted)
    return sa.Column(column, sa.String(32), key, nullable=when_deleted == "SET NULL")


def downgrade() -> None:
    op.drop_table("evaluation_rows")
    op.drop_table("evaluations")
