"""Identifiers and labels that files hold; which columns of a table of labels were chosen."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("recordings", sa.Column("record_id", sa.Text(), nullable=True))
    for table, name in (("recordings", "file_labels"), ("datasets", "choice")):
        op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    op.drop_column("datasets", "choice")
    op.drop_column("recordings", "file_labels")
    op.drop_column("recordings", "record_id")
