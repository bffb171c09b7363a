"""The live stream of a job, over a real socket: replayed after a break, ended with the job, leaking nothing."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import psutil
import pytest

from backend.api import job_news
from backend.db.session import write_session
from backend.db.tables import Job
from backend.services import jobs
from backend.settings import get_settings
from tests.api_calls import refusal
from tests.installation import installation
from tests.platform_process import Platform, running_platform, until


class Message(NamedTuple):
    """One server-sent event."""

    event: str
    number: int | None
    data: dict


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("stream")
    with running_platform(folder, "--no-workers") as up, installation(folder / "data"):
        up.api.project = up.api.new_project()
        yield up


@pytest.fixture
def job_id(platform: Platform) -> str:
    """A job with ten lines of log behind its first event."""
    with write_session(get_settings().resolved_database_url) as session:
        job = jobs.create(session, platform.api.project, "projects.demo", {})
        for number in range(10):
            jobs.add_event(session, job.id, "log", {"text": f"line {number}"})
        return job.id


def _change(job_id: str, **values: object) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        job = session.get_one(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


def _finish(job_id: str, status: str = "done") -> None:
    with write_session(get_settings().resolved_database_url) as session:
        jobs.finish(session, session.get_one(Job, job_id), status)


def _messages(platform: Platform, job_id: str, last: int | None = None) -> Iterator[Message]:
    """Read the stream by the rules of the HTML standard."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with platform.client.stream("GET", platform.api.url(f"/jobs/{job_id}/stream"), headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if not line and "data" in fields:
                number = int(fields["id"]) if "id" in fields else None
                yield Message(fields.get("event", "message"), number, json.loads(fields["data"]))
                fields = {}
            elif line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value


def test_a_stream_tells_all_events_in_order_then_the_job_then_the_end(platform: Platform, job_id: str) -> None:
    _finish(job_id)
    told = list(_messages(platform, job_id))
    numbered = [message for message in told if message.number is not None]
    assert [message.number for message in numbered] == list(range(1, 13))
    assert [message.event for message in numbered] == ["status", *["log"] * 10, "status"]
    assert all(message.data["number"] == message.number for message in numbered)
    assert [message.event for message in told[-2:]] == ["job", "end"]
    assert told[-2].data["status"] == "done"


def test_after_a_break_only_what_is_new_is_told(platform: Platform, job_id: str) -> None:
    _finish(job_id)
    numbers = [message.number for message in _messages(platform, job_id, last=8) if message.number]
    assert numbers == [9, 10, 11, 12]
    assert [message.event for message in _messages(platform, job_id, last=12)] == ["job", "end"]


def test_what_happens_while_one_listens_is_told_soon(platform: Platform, job_id: str) -> None:
    def happen() -> None:
        time.sleep(0.6)
        _change(job_id, status="running", progress=0.5, message="Half-way")
        time.sleep(0.6)
        _finish(job_id, "failed")

    thread = threading.Thread(target=happen)
    thread.start()
    started = time.monotonic()
    told = list(_messages(platform, job_id))
    thread.join()
    assert time.monotonic() - started < 120  # it ends when the job does
    shown = [(message.data["status"], message.data["progress"]) for message in told if message.event == "job"]
    assert shown == [("queued", 0), ("running", 0.5), ("failed", 0.5)]
    assert told[-1].event == "end"


def test_a_job_deleted_while_one_listens_ends_the_stream(platform: Platform, job_id: str) -> None:
    told = []
    for message in _messages(platform, job_id):
        told.append(message.event)
        if message.event == "job":
            with write_session(get_settings().resolved_database_url) as session:
                session.delete(session.get_one(Job, job_id))
    assert told[-1] == "end"


def test_the_events_can_be_asked_for_without_a_stream(platform: Platform, job_id: str) -> None:
    shown = platform.client.get(platform.api.url(f"/jobs/{job_id}/events"), params={"after": 9}).json()
    assert [event["number"] for event in shown] == [10, 11]
    answer = platform.client.get(platform.api.url(f"/jobs/{job_id}/events"), params={"after": -1})
    refusal(answer, 422, "InvalidInputError")


def test_errors_of_a_stream_have_the_wire_form(platform: Platform, job_id: str) -> None:
    refusal(platform.client.get(platform.api.url("/jobs/nobody/stream")), 404, "NotFoundError")
    headers = {"Last-Event-ID": "yesterday"}
    answer = platform.client.get(platform.api.url(f"/jobs/{job_id}/stream"), headers=headers)
    refusal(answer, 422, "InvalidInputError")


def test_a_job_that_has_ended_cannot_be_cancelled(platform: Platform, job_id: str) -> None:
    cancel = platform.api.url(f"/jobs/{job_id}/cancel")
    assert platform.client.post(cancel).json()["status"] == "cancelled"
    refusal(platform.client.post(cancel), 409, "ConflictError")


def test_a_thousand_aborted_streams_leave_no_thread_and_no_connection(platform: Platform, job_id: str) -> None:
    (web,) = platform.processes("uvicorn")
    request = (
        f"GET {platform.api.url(f'/jobs/{job_id}/stream')} HTTP/1.1\r\nHost: 127.0.0.1:{platform.port}\r\n\r\n".encode()
    )

    def held(process: psutil.Process) -> int:
        return len([one for one in process.net_connections("tcp") if one.status != psutil.CONN_LISTEN])

    platform.client.get("/api/v1/health")
    threads = web.num_threads()
    for _ in range(10):
        opened = [socket.create_connection(("127.0.0.1", platform.port)) for _ in range(100)]
        for one in opened:
            one.sendall(request)
        assert b"200 OK" in opened[0].recv(100)
        for one in opened:
            one.close()
    until(lambda: held(web) <= 2, seconds=30)
    assert web.num_threads() <= max(threads, 60)
    started = time.monotonic()
    assert platform.client.get("/api/v1/projects").status_code == 200
    assert time.monotonic() - started < 60  # a line that hangs would take for ever
    assert "Traceback" not in (platform.folder / "data" / "logs" / "web.log").read_text()


def test_many_tabs_listen_and_the_page_still_answers(platform: Platform, job_id: str) -> None:
    request = (
        f"GET {platform.api.url(f'/jobs/{job_id}/stream')} HTTP/1.1\r\nHost: 127.0.0.1:{platform.port}\r\n\r\n".encode()
    )
    tabs = [socket.create_connection(("127.0.0.1", platform.port)) for _ in range(50)]
    try:
        for tab in tabs:
            tab.sendall(request)
        for tab in tabs:
            assert b"200 OK" in tab.recv(100)
        assert platform.client.get("/api/v1/projects").status_code == 200
    finally:
        for tab in tabs:
            tab.close()


def test_many_who_watch_many_jobs_cost_one_thread_and_one_connection(platform: Platform) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        ids = [jobs.create(session, platform.api.project, "projects.demo", {}).id for _ in range(40)]
    (web,) = platform.processes("uvicorn")
    database = str(get_settings().data_dir / "exchangeai.sqlite")
    platform.client.get("/api/v1/projects")
    before = web.num_threads()
    tabs = [socket.create_connection(("127.0.0.1", platform.port)) for _ in range(200)]
    try:
        for number, tab in enumerate(tabs):
            path = platform.api.url(f"/jobs/{ids[number % len(ids)]}/stream")
            tab.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{platform.port}\r\n\r\n".encode())
        for tab in tabs:
            tab.settimeout(20)
            text = b""
            while b"event: job" not in text:
                text += tab.recv(65536)
        assert web.num_threads() <= before + 5
        assert sum(file.path == database for file in web.open_files()) <= 12
        for job_id in ids:
            _finish(job_id)
        for tab in tabs:
            while b"event: end" not in text:
                text += tab.recv(65536)
            text = b""
    finally:
        for tab in tabs:
            tab.close()


def test_who_comes_late_misses_nothing_that_was_said_before(platform: Platform, job_id: str) -> None:
    with platform.client.stream("GET", platform.api.url(f"/jobs/{job_id}/stream")) as early:
        lines = early.iter_lines()
        first = next(lines)
        thread = threading.Timer(1.0, _finish, (job_id,))
        thread.start()
        numbers = [message.number for message in _messages(platform, job_id) if message.number]
        thread.join()
        rest = [line for line in (first, *lines) if line.startswith("id: ")]
    assert numbers == list(range(1, 13))
    assert [int(line.removeprefix("id: ")) for line in rest] == list(range(1, 13))


def test_a_stream_ends_so_that_rights_are_asked_for_again_and_goes_on_where_it_was(
    job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_news, "LIFE_S", 0.0)
    url = get_settings().resolved_database_url

    async def first(number: int) -> list[bytes]:
        return [event async for event in job_news.job_news(url).follow(job_id, number)]

    heard = asyncio.run(first(0))
    assert len(heard) == 1  # it breaks off, though the job goes on
    assert b"id: 1" in heard[0]
    assert b"id: 2" in asyncio.run(first(1))[0]
