"""Bringing a database to the present tables, safely when several processes start at once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from backend.db.session import engine_for

log = logging.getLogger(__name__)

_PACKAGED = Path(__file__).parent.parent / "migrations"
_CHECKOUT = Path(__file__).parent.parent.parent / "migrations"
MIGRATIONS = _PACKAGED if _PACKAGED.exists() else _CHECKOUT
_ADVISORY_LOCK = 0x45434741  # any fixed number, the same in every process


def upgrade(url: str) -> None:
    """Apply the migrations that are missing; nothing happens to a database that has them all."""
    # Imported here: only processes that start need it, and it costs as much as the rest of them together.
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with _locked(url) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
        log.info("Migrating the database to revision %s", head)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def alembic_config() -> Any:
    """Return Alembic's configuration for the migrations of this project."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """Open a transaction that no other process's migration can overlap."""
    with engine_for(url).connect() as connection, _foreign_keys_checked_at_the_end(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        yield connection


@contextmanager
def _foreign_keys_checked_at_the_end(connection: Connection) -> Iterator[None]:
    """Hold a transaction in which SQLite may make a table anew: dropping the old one must not delete what refers to it.

    It takes the write lock. Source: sqlite.org/lang_altertable.html, section 7.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # before the transaction: within one it does nothing
    try:
        with connection.begin():
            yield
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("A migration would leave rows that refer to nothing; the database stays as it was.")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
