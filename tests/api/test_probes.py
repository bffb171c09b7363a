"""What supervisors ask: alive, ready, figures; request ids, lines for programs, answers made small."""

import json
import logging
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from backend.api.description import operations
from backend.db.session import engine_for, write_session
from backend.db.tables import Job, Worker, utc_now
from backend.logs import OCCASION, configure_logging
from backend.services import jobs
from backend.services.readiness import readiness
from backend.settings import Settings
from tests.accounts import House
from tests.api_calls import Api
from tests.installation import installation
from tests.samples import csv_file
from tests.servers import free_port

WORKER = "quick@here"


@pytest.fixture
def one_worker(installed: Settings) -> Settings:
    with write_session(installed.resolved_database_url) as session:
        session.add(Worker(name=WORKER, queues=["predict", "ingest"]))
    return installed


def _figures(api: Api) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = api.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def _figure(api: Api, name: str, **labels: str) -> float:
    return _figures(api)[name, frozenset(labels.items())]


def test_a_living_process_says_so_and_asks_nothing_of_the_database(api: Api, installed: Settings) -> None:
    (installed.data_dir / "exchangeai.sqlite").write_bytes(b"no database any more")
    assert api.client.get("/health").json() == {"status": "ok"}


def test_in_server_mode_who_signed_in_still_has_page_and_probes_when_the_database_is_away(house: House) -> None:
    headers = house.by_session(house.user("eva"))
    with house.client(headers) as api:
        engine_for(house.settings.resolved_database_url).dispose()
        (house.settings.data_dir / "exchangeai.sqlite").write_bytes(b"no database any more" * 1000)
        assert api.client.get("/health").status_code == 200
        assert api.client.get("/ready").json()["status"] == "unready"
        assert api.client.get("/metrics").status_code == 200
        assert api.client.get("/").status_code in (200, 404)  # 404: the page is not built


def test_an_installation_with_workers_is_ready(one_worker: Settings, api: Api) -> None:
    answer = api.client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_without_workers_requests_still_come_here_and_what_is_missing_is_named(api: Api) -> None:
    answer = api.client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "No worker" in answer.json()["workers"]["detail"]


def test_a_worker_that_is_silent_does_not_count(one_worker: Settings, api: Api) -> None:
    _silence(one_worker, jobs.WORKER_SILENCE_S + 5)
    assert api.client.get("/ready").json()["status"] == "degraded"
    assert _figure(api, "exchangeai_workers", queue="predict") == 0


def test_without_a_database_no_requests_should_come_here(api: Api, installed: Settings) -> None:
    engine_for(installed.resolved_database_url).dispose()
    (installed.data_dir / "exchangeai.sqlite").write_bytes(b"no database any more" * 1000)
    answer = api.client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert not answer.json()["database"]["ok"]
    assert _figure(api, "exchangeai_database_up") == 0


def test_without_its_queue_or_its_folder_an_installation_is_not_ready(tmp_path: Path, migrated_sqlite: Path) -> None:
    database = f"sqlite:///{migrated_sqlite}"
    with installation(tmp_path, database_url=database, redis_url=f"redis://:secret@127.0.0.1:{free_port()}/0") as gone:
        found = readiness(gone)
        assert (found.status, found.queue.ok, found.database.ok) == ("unready", False, True)
        assert "secret" not in str(found)
    with installation(tmp_path / "data", database_url=database) as settings:
        shutil.rmtree(settings.data_dir, ignore_errors=True)
        assert not readiness(settings).storage.ok


def test_the_row_of_a_dead_worker_goes_and_that_of_a_living_one_stays(one_worker: Settings) -> None:
    with write_session(one_worker.resolved_database_url) as session:
        session.add(Worker(name="killed@here", queues=["predict"]))
    for silent, left in ((jobs.WORKER_GONE_S - 30, 2), (jobs.WORKER_GONE_S + 30, 1)):
        _silence(one_worker, silent, "killed@here")
        with write_session(one_worker.resolved_database_url) as session:
            jobs.forget_silent_workers(session)
            assert session.query(Worker).count() == left


def test_requests_are_counted_by_their_route_and_never_by_what_they_name(api: Api) -> None:
    api.upload({"Meier.csv": csv_file()})
    api.client.get(api.url("/recordings"), params={"search": "Meier"})
    api.client.get("/api/v1/Meier/of/ward/3")
    api.client.request("MEIER", "/health")
    text = api.client.get("/metrics").text
    assert "Meier" not in text
    assert "MEIER" not in text
    assert api.project not in text
    route = "/api/v1/projects/{project_id}/recordings"
    for method in ("GET", "POST"):
        assert _figure(api, "exchangeai_http_requests_total", method=method, route=route, status="200") >= 1


def test_jobs_are_counted_by_kind_and_the_oldest_that_waits_is_told(api: Api, installed: Settings) -> None:
    api.new_project()
    api.client.post("/api/v1/projects/demo", json={"name": "Demo", "n_recordings": 100, "seed": 1})
    with write_session(installed.resolved_database_url) as session:
        session.query(Job).one().enqueued_at = utc_now() - timedelta(seconds=500)
    assert _figure(api, "exchangeai_jobs", kind="projects.demo", status="queued") == 1
    assert 500 <= _figure(api, "exchangeai_job_waiting_seconds", kind="projects.demo") < 600


def test_a_request_keeps_the_id_it_brings_and_gets_one_where_that_is_none(api: Api) -> None:
    for brought, kept in (("proxy-17.a", True), ("", False), ("x" * 65, False), ("a b", False), ("<b>", False)):
        given = api.client.get("/health", headers={"X-Request-ID": brought}).headers["x-request-id"]
        assert (given == brought) is kept
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given)


def test_logs_for_programs_hold_a_line_for_each_request_without_path_or_query(
    installed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    from backend.main import create_app

    with (
        installation(installed.data_dir, log_format="json", log_level="INFO"),
        TestClient(create_app(), base_url="http://127.0.0.1:8000") as client,
    ):
        client.get("/api/v1/projects/Meier", params={"search": "Meier"}, headers={"X-Request-ID": "seven"})
        said = capsys.readouterr().err
    configure_logging("WARNING")
    lines = [json.loads(line) for line in said.splitlines()]
    (line,) = [one for one in lines if one.get("request_id") == "seven"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/projects/{project_id}", 404)
    assert "Meier" not in said


def test_a_line_of_a_job_names_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    token = OCCASION.set(("job", "j7"))
    try:
        logging.getLogger("test").info("half of it is done")
    finally:
        OCCASION.reset(token)
        configure_logging("WARNING")
    assert json.loads(capsys.readouterr().err)["job_id"] == "j7"


def test_json_is_sent_small_and_signals_and_small_answers_as_they_are(api: Api) -> None:
    system = api.client.get("/api/v1/system")
    assert system.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in system.headers["vary"]
    recording = api.upload({"a.csv": csv_file()})["outcomes"][0]["recording_ids"][0]
    for path in (f"/recordings/{recording}/signal", ""):
        assert "content-encoding" not in api.client.get(api.url(path)).headers
    plain = api.client.get("/api/v1/system", headers={"Accept-Encoding": "identity"})
    assert plain.json() == system.json()


def test_what_supervisors_ask_is_not_part_of_the_api(api: Api) -> None:
    described = api.client.get("/openapi.json").json()
    assert not [path for path, _, _ in operations(described) if path in ("/health", "/ready", "/metrics")]


def _silence(settings: Settings, seconds: float, name: str = WORKER) -> None:
    with write_session(settings.resolved_database_url) as session:
        session.get_one(Worker, name).heartbeat_at = utc_now() - timedelta(seconds=seconds)
