"""Imports and their outcomes; missing leads, device facts, what a file left open; pseudonyms instead of patient ids.

What is written over here, identifiers and ages above 89, does not come back with a downgrade: that is its purpose.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from alembic import op

from backend.pseudonym import OLDEST, project_key, pseudonym
from backend.settings import get_settings

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NEW_COLUMNS = {"missing_leads": "[]", "device_facts": "{}", "left_open": "[]"}


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_imports_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_project_id"), "imports", ["project_id"])
    op.create_table(
        "import_outcomes",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recording_ids", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("n_findings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_outcomes_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_outcomes")),
    )
    op.create_index("ix_import_outcomes_status", "import_outcomes", ["import_id", "status", "n_findings"])
    for name, default in NEW_COLUMNS.items():
        op.add_column("recordings", sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{default}'")))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete=ON")  # nothing of what is written over stays behind in the file
    _hide_patients(op.get_bind())


def downgrade() -> None:
    for name in NEW_COLUMNS:
        op.drop_column("recordings", name)
    op.drop_index("ix_import_outcomes_status", "import_outcomes")
    op.drop_table("import_outcomes")
    op.drop_index(op.f("ix_imports_project_id"), "imports")
    op.drop_table("imports")


def _hide_patients(connection: sa.Connection) -> None:
    tables = sa.MetaData()
    recordings = sa.Table(
        "recordings", tables, sa.Column("id"), sa.Column("project_id"), sa.Column("patient_id"), sa.Column("age"),
        sa.Column("notes", sa.JSON()),
    )  # fmt: skip
    datasets = sa.Table("datasets", tables, sa.Column("id"), sa.Column("project_id"))
    entries = sa.Table("dataset_entries", tables, sa.Column("id"), sa.Column("dataset_id"), sa.Column("patient_id"))
    hide = _pseudonyms()
    named = sa.select(recordings.c.id, recordings.c.project_id, recordings.c.patient_id)
    _change(connection, recordings, {
        row.id: {"patient_id": hide(row.project_id, row.patient_id)}
        for row in connection.execute(named.where(recordings.c.patient_id.is_not(None)))
    })  # fmt: skip
    labelled = sa.select(entries.c.id, datasets.c.project_id, entries.c.patient_id)
    labelled = labelled.join(datasets, datasets.c.id == entries.c.dataset_id).where(entries.c.patient_id.is_not(None))
    _change(connection, entries, {
        row.id: {"patient_id": hide(row.project_id, row.patient_id)} for row in connection.execute(labelled)
    })  # fmt: skip
    old = sa.select(recordings.c.id, recordings.c.notes).where(recordings.c.age > OLDEST - 1)
    _change(connection, recordings, {
        row.id: {"age": OLDEST, "notes": [*row.notes, "Ages above 89 are kept as 90."]}
        for row in connection.execute(old)
    })  # fmt: skip


def _pseudonyms() -> Callable[[str, str], str]:
    keys: dict[str, bytes] = {}

    def hide(project_id: str, patient_id: str) -> str:
        if project_id not in keys:
            keys[project_id] = project_key(get_settings().resolved_secret_key, project_id)
        return pseudonym(keys[project_id], patient_id)

    return hide


def _change(connection: sa.Connection, table: sa.Table, changes: dict[str, dict[str, object]]) -> None:
    if changes:
        names = next(iter(changes.values()))
        values = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
        rows = [{"row_id": key} | {f"new_{name}": value for name, value in new.items()} for key, new in changes.items()]
        connection.execute(sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(values), rows)
