"""Which experts of a sparse model saw a recording, and a report on them beside a prediction."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("predictions", "prediction_results")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("routes", sa.JSON(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "routes")
