"""Rewriting a database, so that its files keep nothing of rows that were deleted."""

import logging
import sqlite3

import psycopg
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from backend.db.session import engine_for
from backend.errors import UnavailableError

log = logging.getLogger(__name__)


def rewrite(url: str) -> None:
    """Have the database keep nothing of what was deleted: free pages, old versions of rows, samples for its plans.

    Raises UnavailableError where somebody else works in it without a pause.
    """
    engine = engine_for(url)
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            # Past SQLAlchemy, which would begin a transaction, within which nothing can be rewritten.
            driver = connection.connection.driver_connection
            if isinstance(driver, psycopg.Connection):
                _rewrite_postgres(driver)
            elif isinstance(driver, sqlite3.Connection):
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        log.warning("The database could not be rewritten: %s", type(error).__name__)
        raise UnavailableError(
            "The rows are deleted, but the database is busy or has no room to be rewritten, so that its file may still "
            "hold old copies of them. Run 'exchangeai erase --rewrite' when less is going on."
        ) from None


def _rewrite_postgres(connection: psycopg.Connection) -> None:
    """Take new samples of all columns, which Postgres keeps in pg_statistic for its plans, then rewrite all tables.

    ANALYZE takes none of a table that is empty, and leaves the old ones: there a change of each column's type to what
    it is drops them (PostgreSQL's manual, ALTER TABLE, notes on SET DATA TYPE).
    """
    sampled = connection.execute(
        "SELECT tablename, attname, format_type(atttypid, atttypmod) FROM pg_stats JOIN pg_attribute USING (attname) "
        "JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' "  # samples of an index go with its table's column
        "WHERE schemaname = current_schema() AND attrelid = format('%I.%I', schemaname, tablename)::regclass"
    ).fetchall()
    for table, column, kind in sampled:
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column), "kind": sql.SQL(kind)}
        if connection.execute(sql.SQL("SELECT FROM {table} LIMIT 1").format(**names)).fetchone() is None:
            connection.execute(sql.SQL("ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}").format(**names))
    connection.execute("ANALYZE")
    connection.execute("VACUUM (FULL)")
