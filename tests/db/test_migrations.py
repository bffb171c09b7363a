"""Migrations give exactly the tables of `backend.db.tables`, on SQLite and on Postgres."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from backend.db.migrate import alembic_config, upgrade
from backend.db.session import engine_for
from backend.db.tables import Table


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "postgres":
        yield request.getfixturevalue("empty_postgres")
        return
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    yield url
    engine_for(url).dispose()


def test_upgrading_from_nothing_gives_exactly_the_present_tables(empty: str) -> None:
    upgrade(empty)
    with engine_for(empty).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    assert set(inspect(engine_for(empty)).get_table_names()) == {*Table.metadata.tables, "alembic_version"}


def test_downgrading_removes_every_table_and_upgrading_brings_them_back(empty: str) -> None:
    upgrade(empty)
    config = alembic_config()
    with engine_for(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine_for(empty)).get_table_names() == ["alembic_version"]
    upgrade(empty)
    assert "recordings" in inspect(engine_for(empty)).get_table_names()


def test_several_processes_may_migrate_at_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty] * 4))
    assert "jobs" in inspect(engine_for(empty)).get_table_names()


def test_upgrading_what_is_present_changes_nothing(empty: str) -> None:
    upgrade(empty)
    upgrade(empty)
    assert "jobs" in inspect(engine_for(empty)).get_table_names()
