"""Sex and age of the person of a row, where a table of labels says them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("dataset_entries", sa.Column("sex", sa.String(length=1), nullable=True))
    op.add_column("dataset_entries", sa.Column("age", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("dataset_entries", "age")
    op.drop_column("dataset_entries", "sex")
