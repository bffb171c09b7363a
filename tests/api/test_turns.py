"""Under load: floods of one request are in nobody else's way, and what cannot be answered now is told to come again."""

import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx2 as httpx
import pytest
from sqlalchemy.exc import TimeoutError as NoConnectionError

from backend.api import turns
from backend.services import ingest, projects, recording_lists
from backend.storage import FULL
from tests.api_calls import Api, refusal
from tests.samples import csv_file


def test_a_hundred_lists_at_once_are_all_answered_and_others_meanwhile(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is held while its request waits for a thread stopped all of them for half a minute once."""
    api.new_project()
    at_once: list[int] = [0]
    most = [0]
    lock = threading.Lock()
    listed = projects.list_projects

    def slowly(session: object) -> object:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        rows = listed(session)
        with lock:
            at_once[0] -= 1
        return rows

    monkeypatch.setattr(projects, "list_projects", slowly)
    with ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(api.client.get, "/api/v1/projects") for _ in range(100)]
        health = pool.submit(api.client.get, "/api/v1/system").result()
        before = sum(not answer.done() for answer in answers)
        assert {answer.result().status_code for answer in answers} == {200}
    assert health.status_code == 200
    assert before > 0  # the other request did not wait for all of them
    assert most[0] <= turns.ALIKE


def test_a_request_whose_turn_does_not_come_is_told_to_come_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.2)
    going = threading.Event()
    monkeypatch.setattr(projects, "list_projects", lambda _session: going.wait(20) and [])
    with ThreadPoolExecutor(turns.ALIKE) as pool:
        held = [pool.submit(api.client.get, "/api/v1/projects") for _ in range(turns.ALIKE)]
        time.sleep(0.5)
        answer = api.client.get("/api/v1/projects")
        going.set()
        assert {one.result().status_code for one in held} == {200}
    refusal(answer, 503, "BusyError")
    assert int(answer.headers["Retry-After"]) > 0


def test_who_waits_is_answered_as_long_as_the_queue_moves_however_long_it_is(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred on a busy machine took longer than the patience with a single one; thirty were refused."""
    monkeypatch.setattr(turns, "PATIENCE_S", 1.0)
    monkeypatch.setattr(projects, "list_projects", lambda _session: time.sleep(0.25) or [])
    n = 30  # the last of them waits for ten times a quarter of a second
    start = time.monotonic()
    with ThreadPoolExecutor(n) as pool:
        answers = list(pool.map(lambda _: api.client.get("/api/v1/projects"), range(n)))
    assert time.monotonic() - start > 2 * turns.PATIENCE_S
    assert {answer.status_code for answer in answers} == {200}


def test_a_queue_that_is_full_refuses_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 5)
    going = threading.Event()
    monkeypatch.setattr(projects, "list_projects", lambda _session: going.wait(20) and [])
    n = turns.ALIKE + turns.MOST_WAITING + 4
    with ThreadPoolExecutor(n) as pool:
        asked = [pool.submit(api.client.get, "/api/v1/projects") for _ in range(n)]
        refused = [one.result() for one in wait(asked, 10, FIRST_COMPLETED).done]
        going.set()
        statuses = Counter(one.result().status_code for one in asked)
    refusal(refused[0], 503, "BusyError")
    assert statuses == {200: turns.ALIKE + turns.MOST_WAITING, 503: 4}


def test_uploads_wait_for_their_turn_without_keeping_others_waiting(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.url()
    reading, going = threading.Semaphore(0), threading.Event()
    read = ingest.read_in_turn

    def slowly(*args: object) -> object:
        reading.release()
        going.wait(20)
        return read(*args)

    monkeypatch.setattr(ingest, "read_in_turn", slowly)
    n = 50
    with ThreadPoolExecutor(n) as pool:
        sent = [pool.submit(api.send, {f"{i}.csv": csv_file(i, n=50)}, rate="100") for i in range(n)]
        assert reading.acquire(timeout=20)
        for _ in range(5):
            assert api.get("/recordings")["total"] == 0
        assert not any(one.done() for one in sent)
        going.set()
        assert {one.result().status_code for one in sent} == {200}
    assert api.get("/recordings")["total"] == n


@pytest.mark.parametrize(
    ("broken", "status", "error"),
    [
        (NoConnectionError("QueuePool limit reached"), 503, "UnavailableError"),
        (OSError(FULL[0], "No space left on device"), 507, "DiskFullError"),
    ],
)
def test_what_passes_is_refused_in_words_and_says_when_to_come_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, broken: Exception, status: int, error: str
) -> None:
    def raising(*_: object) -> None:
        raise broken

    api.url()
    monkeypatch.setattr(recording_lists, "list_recordings", raising)
    answer = api.client.get(api.url("/recordings"))
    refusal(answer, status, error)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_disk_that_is_full_while_files_are_received_is_said(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.requests import Request

    def full(self: Request, **_: object) -> None:
        raise OSError(FULL[0], "No space left on device")

    api.url()
    monkeypatch.setattr(Request, "form", full)
    answer: httpx.Response = api.send({"a.csv": csv_file()})
    assert "Make room" in refusal(answer, 507, "DiskFullError")
