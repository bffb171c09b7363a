"""Erasing a patient on Postgres: afterwards none of the server's files for the database holds their names any more."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.services import patients
from tests.api_calls import Api
from tests.installation import installation
from tests.samples import csv_file

FILE, PATIENT = "visit-of-jane-doe.csv", "Jane Doe 1951"


@pytest.fixture
def api(drawn_ids: None, tmp_path: Path, migrated_postgres: str, application: FastAPI) -> Iterator[Api]:
    with (
        installation(tmp_path / "data", database_url=migrated_postgres),
        TestClient(application, base_url="http://127.0.0.1:8000") as client,
    ):
        yield Api(client)


@pytest.mark.parametrize("others", [0, 2], ids=["the only patient", "one of several"])
def test_no_name_of_the_patient_is_left_in_a_file_of_the_server(api: Api, migrated_postgres: str, others: int) -> None:
    api.upload({FILE: csv_file(0)} | {f"other-{n}.csv": csv_file(n) for n in range(1, others + 1)})
    table = "".join(f"other-{n}.csv,AFIB,somebody {n}\n" for n in range(1, others + 1))
    api.dataset(f"file_name,label,patient_id\n{FILE},NORM,{PATIENT}\n{table}")
    (row,) = api.recordings(search="visit")
    pseudonym = patients.pseudonym_of(api.project, PATIENT) or ""
    needles = {text.encode() for text in (FILE, row["id"], pseudonym)}
    with psycopg.connect(migrated_postgres, autocommit=True) as server:
        server.execute("ANALYZE")  # as the server does from time to time: samples of columns, for its plans
        before = _holding(server, needles)
        assert {"recordings", "dataset_entries", "pg_statistic"} <= before  # so it would be found, whatever were left
        erased = api.client.post(api.url("/patients/erase"), json={"patient": PATIENT})
        assert erased.status_code == 200, erased.text
        assert _holding(server, needles) == set()
    assert len(api.recordings()) == others


def _holding(server: psycopg.Connection, needles: set[bytes]) -> set[str]:
    """Return the tables, indexes and catalogues that have one of the texts in their file on the disk."""
    server.execute("CHECKPOINT")
    files = server.execute(
        "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class "
        "WHERE pg_relation_filepath(oid) IS NOT NULL"
    )
    return {name for name, data in files if any(needle in data for needle in needles)}
