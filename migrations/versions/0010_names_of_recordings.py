"""Names of recordings, and of the rows of labels that wait for theirs, so that both are found by an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from backend.ml.data.label_tables.finder import Named, place_of, places_of

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

AT_ONCE = 5000
EMPTY = sa.text("''")
COLUMNS = {"stem": 200, "place": 401}


def upgrade() -> None:
    op.create_table(
        "recording_names",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=401), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recording_names_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "name", name=op.f("pk_recording_names")),
    )  # fmt: skip
    for column, length in COLUMNS.items():
        op.add_column("dataset_entries", sa.Column(column, sa.String(length), nullable=False, server_default=EMPTY))
    _fill(op.get_bind())
    for column in ("name", "place"):
        op.create_index(op.f(f"ix_recording_names_{column}"), "recording_names", [column])
    for column in COLUMNS:
        op.create_index(op.f(f"ix_dataset_entries_{column}"), "dataset_entries", [column])


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(op.f(f"ix_dataset_entries_{column}"), "dataset_entries")
        op.drop_column("dataset_entries", column)
    op.drop_table("recording_names")


def _fill(connection: sa.Connection) -> None:
    recordings = sa.table("recordings", *map(sa.column, ("id", "file_name", "name", "record_id")))
    names = sa.table("recording_names", *map(sa.column, ("recording_id", "name", "place")))
    rows = connection.execute(sa.select(recordings)).all()
    for start in range(0, len(rows), AT_ONCE):
        new = [
            {"recording_id": row.id, "name": name, "place": f"{folder}/{name}"}
            for row in rows[start : start + AT_ONCE]
            for name, folder in places_of(Named(*row))
        ]
        connection.execute(sa.insert(names), new)
    entries = sa.table("dataset_entries", *map(sa.column, ("id", "file_name", *COLUMNS)))
    change = sa.update(entries).where(entries.c.id == sa.bindparam("of"))
    labels = connection.execute(sa.select(entries.c.id, entries.c.file_name)).all()
    for start in range(0, len(labels), AT_ONCE):
        places = [(row.id, *place_of(row.file_name)) for row in labels[start : start + AT_ONCE]]
        connection.execute(
            change, [{"of": id_, "stem": stem, "place": f"{folder}/{stem}"} for id_, stem, folder in places]
        )
