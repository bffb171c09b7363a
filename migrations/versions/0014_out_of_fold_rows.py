"""What the models of a cross-validation said of each recording that they had not seen."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "out_of_fold_rows",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.Column("logits", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_out_of_fold_rows_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_out_of_fold_rows_run_id_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "repeat", "recording_id", name=op.f("pk_out_of_fold_rows")),
    )  # fmt: skip
    op.create_index(op.f("ix_out_of_fold_rows_recording_id"), "out_of_fold_rows", ["recording_id"])


def downgrade() -> None:
    op.drop_table("out_of_fold_rows")
