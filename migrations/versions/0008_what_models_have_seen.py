"""What models have seen; fingerprints of signals; spellings of patients' identifiers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COLUMNS = (
    ("recordings", "patient_alike", sa.Text()),
    ("recordings", "patient_written", sa.Text()),
    ("recordings", "fingerprint", sa.String(64)),
    ("dataset_entries", "patient_alike", sa.Text()),
    ("dataset_entries", "patient_written", sa.Text()),
    ("runs", "seen", sa.LargeBinary()),
    ("models", "seen", sa.LargeBinary()),
    ("predictions", "seen", sa.JSON()),
)


def upgrade() -> None:
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
