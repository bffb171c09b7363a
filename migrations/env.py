"""Alembic environment: migrations run on the connection that `backend.db.migrate` opens."""

from alembic import context

from backend.db.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
