"""Originals in a table of their own; deaths of workers counted apart from attempts; what is being deleted or made."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "originals",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_originals_recording_id_recordings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", "position", name=op.f("pk_originals")),
    )
    _out_of_recordings(op.get_bind())
    op.create_index(op.f("ix_originals_key"), "originals", ["key"])
    op.drop_column("recordings", "originals")
    op.create_index(op.f("ix_recordings_signal_key"), "recordings", ["signal_key"])
    op.add_column("jobs", sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("datasets", sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("projects", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("projects", "deleted_at")
    op.drop_column("datasets", "complete")
    op.drop_column("jobs", "deaths")
    op.drop_index(op.f("ix_recordings_signal_key"), "recordings")
    op.add_column("recordings", sa.Column("originals", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    _into_recordings(op.get_bind())
    op.drop_table("originals")


def _out_of_recordings(connection: sa.Connection) -> None:
    recordings = sa.table("recordings", sa.column("id"), sa.column("originals", sa.JSON()))
    originals = sa.table("originals", *map(sa.column, ("recording_id", "position", "name", "key", "size")))
    rows = connection.execute(
        sa.select(recordings.c.id, recordings.c.originals), execution_options={"yield_per": AT_ONCE}
    )
    for some in rows.partitions():
        files = [
            {"recording_id": row.id, "position": position} | {name: item[name] for name in ("name", "key", "size")}
            for row in some
            for position, item in enumerate(row.originals)
        ]
        if files:
            connection.execute(sa.insert(originals), files)


def _into_recordings(connection: sa.Connection) -> None:
    files = connection.execute(sa.text('SELECT * FROM originals ORDER BY recording_id, "position"')).mappings().all()
    of_recording: dict[str, list[dict[str, object]]] = {}
    for row in files:
        item = {name: row[name] for name in ("name", "key", "size")}
        of_recording.setdefault(row["recording_id"], []).append(item)
    for recording_id, items in of_recording.items():
        values = {"id": recording_id, "originals": json.dumps(items)}
        connection.execute(sa.text("UPDATE recordings SET originals = :originals WHERE id = :id"), values)
