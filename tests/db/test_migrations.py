"""Migrations give exactly the tables of `backend.db.tables`, on SQLite and on Postgres."""

import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from backend.db import large
from backend.db.migrate import alembic_config, upgrade
from backend.db.session import engine_for
from backend.db.tables import Table
from tests.installation import installation


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
        differences = compare_metadata(context, Table.metadata)
        if connection.dialect.name == "sqlite":  # where the comparison does not see the keys of added columns in full
            assert _foreign_keys(connection) == _wanted_foreign_keys()
            differences = [one for one in differences if one[0] not in ("add_fk", "remove_fk")]
        if connection.dialect.name == "postgresql":  # of expressions, and so not part of the tables themselves
            only_there = {**large.INDEXES, **large.OF_TEXTS}
            made = set(connection.scalars(text("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'pg\\_%%'")))
            assert made & set(only_there) == set(only_there if large.has_trigrams(connection) else large.INDEXES)
            differences = [one for one in differences if one[0] != "remove_index" or one[1].name not in only_there]
        assert differences == []
    assert set(inspect(engine_for(empty)).get_table_names()) == {*Table.metadata.tables, "alembic_version"}


def _foreign_keys(connection: Connection) -> set[tuple[str, ...]]:
    """Return (table, column, other table, other column, on delete) of every foreign key, as SQLite itself says."""
    return {
        (table, row["from"], row["table"], row["to"], row["on_delete"])
        for table in Table.metadata.tables
        for row in connection.execute(text(f"PRAGMA foreign_key_list({table})")).mappings()
    }


def _wanted_foreign_keys() -> set[tuple[str, ...]]:
    return {
        (table.name, key.parent.name, key.column.table.name, key.column.name, key.ondelete or "NO ACTION")
        for table in Table.metadata.tables.values()
        for key in table.foreign_keys
    }


def test_upgrading_hides_the_patients_of_recordings_and_labels(empty: str, tmp_path: Path) -> None:
    """Identifiers become pseudonyms that agree within a project and not between two; ages above 89 become 90."""
    with installation(tmp_path / "data", secret_key=""):
        _go_to(empty, "0001")
        with engine_for(empty).begin() as connection:
            _fill_old_tables(connection)
        upgrade(empty)
        with engine_for(empty).connect() as connection:
            rows = connection.execute(text("SELECT id, patient_id, age, notes FROM recordings ORDER BY id")).all()
            labels = connection.execute(text("SELECT id, patient_id FROM dataset_entries ORDER BY id")).all()
            new = connection.execute(
                text("SELECT missing_leads, device_facts, left_open FROM recordings WHERE id = 'a1'")
            ).one()
        secret = (tmp_path / "data" / "secret.key").read_bytes()
    expected = {
        project: "p-" + hmac.digest(hmac.digest(secret, b"patients of the project " + project, "sha256"), b"Meier 7",
                                    "sha256").hex()[:16]
        for project in (b"A", b"B")
    }  # fmt: skip
    shown = {row.id: (row.patient_id, row.age, _json(row.notes)) for row in rows}
    assert shown == {
        "a1": (expected[b"A"], 90, ["before", "Ages above 89 are kept as 90."]), "a2": (None, 89, []),
        "b1": (expected[b"B"], None, []),
    }  # fmt: skip
    assert [row.patient_id for row in labels] == [expected[b"A"], None]
    assert [_json(value) for value in new] == [[], {}, []]


def test_a_database_without_patients_asks_for_no_secret(empty: str, tmp_path: Path) -> None:
    with installation(tmp_path / "data"):
        upgrade(empty)
    assert not list(tmp_path.rglob("secret.key"))


def _go_to(url: str, revision: str) -> None:
    config = alembic_config()
    with engine_for(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _fill_old_tables(connection: Connection) -> None:
    now = "2024-01-01 00:00:00+00:00"
    for project in "AB":
        connection.execute(
            text("INSERT INTO projects VALUES (:id, 'P', '', :no, :no, :now)"), {"id": project, "no": False, "now": now}
        )
    for recording_id, patient, age, notes in (
        ("a1", " Meier 7", 300, '["before"]'), ("a2", None, 89, "[]"), ("b1", "Meier 7", None, "[]"),
    ):  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO recordings (id, project_id, source_sha256, \"index\", file_name, name, format, rate, "
                "n_samples, unit, derived_leads, patient_id, age, declared, notes, findings, signal_key, originals, "
                "created_at) VALUES (:id, :project, :sha, 0, 'f', 'n', 'csv', 500, 5000, 'mV', '[]', :patient, :age, "
                "'{}', :notes, '[]', 'k', '[]', :now)"
            ),
            {"id": recording_id, "sha": recording_id, "project": recording_id[0].upper(), "patient": patient,
             "age": age, "notes": notes, "now": now},
        )  # fmt: skip
    connection.execute(
        text("INSERT INTO datasets (id, project_id, name, file_name, task, labels, codes, notes, created_at) "
             "VALUES ('d', 'A', 'd', 'd', 'single_label', '[]', '{}', '[]', :now)"), {"now": now},
    )  # fmt: skip
    for row, patient in enumerate(("Meier 7", None)):
        connection.execute(
            text("INSERT INTO dataset_entries (id, dataset_id, row, file_name, labels, patient_id) "
                 "VALUES (:id, 'd', :row, 'f', '[]', :patient)"), {"id": f"e{row}", "row": row, "patient": patient},
        )  # fmt: skip


def _json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


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


def test_a_table_that_is_made_anew_takes_nothing_with_it_and_foreign_keys_hold_afterwards(tmp_path: Path) -> None:
    """SQLite deletes what refers to a table that is dropped, as where a job's owner may be another one (0017)."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    config = alembic_config()
    with engine_for(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0016")
        now = "2026-01-01 00:00:00"
        connection.execute(
            text(
                "INSERT INTO projects (id, name, description, keep_originals, simulated, created_at)"
                " VALUES ('p', 'Ward', '', 1, 0, :now)"
            ),
            {"now": now},
        )
        connection.execute(
            text(
                "INSERT INTO jobs (id, project_id, kind, status, progress, message, attempt, deaths, enqueued_at,"
                " created_at, payload) VALUES ('j', 'p', 'runs.train', 'done', 1, '', 1, 0, :now, :now, '{}')"
            ),
            {"now": now},
        )
        connection.execute(
            text(
                "INSERT INTO job_events (job_id, number, kind, payload, created_at) VALUES ('j', 1, 'log', '{}', :now)"
            ),
            {"now": now},
        )
    upgrade(url)
    with engine_for(url).begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_events")).scalar() == 1
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        connection.execute(text("DELETE FROM projects"))
        assert connection.execute(text("SELECT count(*) FROM job_events")).scalar() == 0
    engine_for(url).dispose()
