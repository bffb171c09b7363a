"""Models that are brought along or fine-tuned: weights by name, manifest, base model; values of a regression."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

OF_MODELS: tuple[tuple[str, Any, str | None], ...] = (
    ("origin", sa.String(length=20), "'trained'"),
    ("weights_key", sa.String(length=64), None),
    ("weights_bytes", sa.BigInteger(), "0"),
    ("manifest", sa.JSON(), "'{}'"),
    ("for_prediction", sa.Boolean(), "true"),
    ("for_training", sa.Boolean(), "true"),
    ("licence", sa.Text(), "''"),
    ("intended_use", sa.Text(), "''"),
)


def upgrade() -> None:
    for name, kind, default in OF_MODELS:
        given = None if default is None else sa.text(default)
        op.add_column("models", sa.Column(name, kind, nullable=default is None, server_default=given))
    op.add_column("dataset_entries", sa.Column("values", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    for table in ("models", "runs"):
        # As text: SQLite adds a foreign key only with its column, and Alembic's way of doing so forgets ON DELETE.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN base_model_id VARCHAR(32) "
            f"CONSTRAINT fk_{table}_base_model_id_models REFERENCES models (id) ON DELETE SET NULL"
        )
        op.create_index(op.f(f"ix_{table}_base_model_id"), table, ["base_model_id"])


def downgrade() -> None:
    for table in ("runs", "models"):
        op.drop_index(op.f(f"ix_{table}_base_model_id"), table)
        op.drop_column(table, "base_model_id")
    op.drop_column("dataset_entries", "values")
    for name, _, _ in OF_MODELS:
        op.drop_column("models", name)
