"""The client on a bad line: a server that is busy, breaks off, redirects or is none at all."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import exchangeai as ex
from exchangeai.connection import Connection, JsonBody

Answer = Callable[[BaseHTTPRequestHandler], None]
MADE = {"id": "1", "name": "Ward"}


class Scripted:
    """A server that answers request after request as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                outer.script.pop(0)(self)

            do_GET = do_POST = _any  # noqa: N815 - of the standard library

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.server.shutdown()
    made.server.server_close()


def says(value: Any, status: int = 200, **headers: str) -> Answer:
    def answer(to: BaseHTTPRequestHandler) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        to.send_response(status)
        for name, one in (
            {"Content-Length": str(len(data))} | {key.replace("_", "-"): one for key, one in headers.items()}
        ).items():
            to.send_header(name, one)
        to.end_headers()
        to.wfile.write(data)

    return answer


def busy(error: str = "BusyError", seconds: str = "7") -> Answer:
    return says({"error": error, "detail": "More to do than it can."}, 503, Retry_After=seconds)


def hangs_up(to: BaseHTTPRequestHandler) -> None:
    to.connection.close()


def _connection(scripted: Scripted, slept: list[float], retries: int = 3) -> Connection:
    return Connection(scripted.url, "secret", 5, retries, slept.append)


def test_a_busy_platform_is_asked_again_when_it_says(scripted: Scripted) -> None:
    slept: list[float] = []
    scripted.script = [busy(), busy(seconds="2"), says(MADE)]
    assert _connection(scripted, slept).json("POST", "/projects", JsonBody({"name": "Ward"})) == MADE
    assert slept == [7, 2]
    assert [body for *_, body in scripted.asked] == [b'{"name": "Ward"}'] * 3


def test_one_that_stays_busy_is_left_in_its_own_words(scripted: Scripted) -> None:
    scripted.script = [busy()] * 3
    with pytest.raises(ex.BusyError, match="More to do") as found:
        _connection(scripted, [], retries=2).json("GET", "/projects")
    assert (found.value.status, found.value.retry_after) == (503, 7)


def test_what_may_have_been_begun_is_not_sent_twice(scripted: Scripted) -> None:
    for fault, kind in ((hangs_up, ex.UnreachableError), (busy("UnavailableError"), ex.BusyError)):
        scripted.script, scripted.asked = [fault, says(MADE)], []
        with pytest.raises(kind):
            _connection(scripted, []).json("POST", "/runs", JsonBody({}))
        assert len(scripted.asked) == 1
        scripted.script = [fault, says(MADE)]
        assert _connection(scripted, []).json("GET", "/runs") == MADE


def test_an_upload_that_breaks_is_sent_again_from_its_beginning(scripted: Scripted, tmp_path: Path) -> None:
    (tmp_path / 'a "b".csv').write_bytes(b"x" * 100_000)
    report = {"import_id": "i", "outcomes": [], "imported": 1, "duplicate": 0, "updated": 0, "refused": 0}
    scripted.script = [hangs_up, says(report)]
    heard: list[int] = []
    project = ex.Project(_connection(scripted, []), "p")
    assert project.upload(tmp_path, rate=500, progress=lambda done, _: heard.append(done))["imported"] == 1
    bodies = [body for *_, body in scripted.asked]
    assert bodies[0] == bodies[1]
    assert b'filename="a %22b%22.csv"' in bodies[0]
    assert heard[-1] == max(heard) == 100_000


def test_the_key_goes_to_the_platform_and_nowhere_else(scripted: Scripted) -> None:
    scripted.script = [says(b"", 302, Location="http://127.0.0.1:9/elsewhere"), says({"status": "ok"})]
    connection = _connection(scripted, [])
    with pytest.raises(ex.UnreachableError, match="redirects to http://127"):
        connection.json("GET", "/health")
    assert scripted.asked[0][2]["Authorization"] == "Bearer secret"
    assert "secret" not in repr(ex.Client(scripted.url, "secret"))
    assert connection.json("GET", "/health")


def test_what_is_no_platform_is_named_so(scripted: Scripted) -> None:
    for page in (b"<html>", b'{"error": 1}', b"[]"):
        scripted.script = [says(page, 404)]
        with pytest.raises(ex.NotFoundError, match="not as a platform does"):
            _connection(scripted, []).json("GET", "/health")
    scripted.script = [says(b"<html>it works</html>")]
    with pytest.raises(ex.UnreachableError, match="no platform"):
        _connection(scripted, []).json("GET", "/health")


def test_a_download_that_is_cut_off_leaves_nothing(scripted: Scripted, tmp_path: Path) -> None:
    scripted.script = [says(b"half", Content_Length="4000")]
    with pytest.raises(ex.UnreachableError):
        ex.Project(_connection(scripted, []), "p").download_model("m", tmp_path / "model.zip")
    assert list(tmp_path.iterdir()) == []


def _event(number: int) -> bytes:
    said = {"kind": "log", "number": number, "created_at": "2026-01-01T00:00:00Z", "payload": {"text": f"{number}"}}
    return f": still here\n\nid: {number}\nevent: log\ndata: {json.dumps(said)}\n\n".encode()


def test_events_go_on_where_the_line_broke(scripted: Scripted) -> None:
    scripted.script = [
        says(_event(1) + _event(2) + b'id: 3\nevent: log\ndata: {"kin'),
        hangs_up,
        says(_event(3) + b"event: job\ndata: {}\n\n" + b"event: end\ndata: {}\n\n"),
    ]
    job = ex.Job(_connection(scripted, []), "p", "j")
    assert [event.number for event in job.events()] == [1, 2, 3]
    assert [headers["Last-Event-Id"] for _, _, headers, _ in scripted.asked] == ["0", "2", "2"]


def test_events_that_do_not_come_back_are_missed_aloud(scripted: Scripted) -> None:
    scripted.script = [says(b"")] * 3
    with pytest.raises(ex.UnreachableError, match="broke off"):
        list(ex.Job(_connection(scripted, [], retries=2), "p", "j").events())


def test_a_file_that_changes_while_it_is_sent_is_named(scripted: Scripted, tmp_path: Path) -> None:
    from exchangeai.uploads import Form, LocalFile

    (tmp_path / "a").write_bytes(b"12345")
    for size in (3, 9):
        with pytest.raises(ex.RefusedError, match="changed"):
            list(Form([LocalFile(tmp_path / "a", "a", size)]).chunks())
    form = Form([LocalFile(tmp_path / "a", "a", 5)], "file", {"rate": 5.0, "leads": None, "raw": True})
    assert form.size == len(b"".join(form.chunks()))
