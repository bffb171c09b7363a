"""Webhooks: results are sent signed, again where nobody takes them, and once for a request that comes twice."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.api_calls import Api, refusal
from tests.dicom_objects import DICOM, dicom_ecg
from tests.servers import free_port
from workers import webhooks
from workers.lifecycle import run


class Receiver:
    """A hospital's own server: keeps what comes, and answers with the statuses it is given, then with 200."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.received.append(({key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(owner.answers.pop(0) if owner.answers else 200)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/results?ward=3"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with made.server:
        thread = threading.Thread(target=made.server.serve_forever)
        thread.start()
        yield made
        made.server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "PAUSES_S", (0, 0, 0))


def _hook(api: Api, url: str, form: str = "json") -> str:
    made = api.client.put(api.url("/webhook"), json={"url": url, "form": form})
    assert made.status_code == 200, made.text
    secret: str = made.json()["secret"]
    return secret


def _send(api: Api, **headers: str):
    query = {"model_id": api.get("/models")[0]["id"], "deliver": "webhook", "reference": "order 17"}
    sent = {"Content-Type": DICOM} | headers
    return api.client.post(api.url("/intake"), params=query, content=dicom_ecg(), headers=sent)


def _deliver(api: Api) -> dict:
    answer = _send(api)
    assert answer.status_code == 202, answer.text
    job = answer.json()["job"]["id"]
    assert api.client.get(answer.headers["location"]).json()["status"] == "queued"
    run(job, webhooks.deliver)
    shown: dict = api.get(f"/jobs/{job}")
    return shown


def _is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """What a receiver does, as docs/api.md tells it."""
    moment, _, given = headers["x-exchangeai-signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given, expected)


def test_results_are_delivered_and_signed(trained_api: Api, receiver: Receiver) -> None:
    secret = _hook(trained_api, receiver.url)
    job = _deliver(trained_api)
    assert job["status"] == "done"
    ((headers, body),) = receiver.received
    assert _is_signed(headers, body, secret)
    assert not _is_signed(headers, body + b" ", secret)
    assert headers["x-exchangeai-delivery"] == job["id"]
    said = json.loads(body)
    assert (said["reference"], len(said["results"]), len(said["results"][0]["labels"])) == ("order 17", 1, 5)
    assert b"Meier" not in body


def test_a_project_may_have_its_results_as_fhir(trained_api: Api, receiver: Receiver) -> None:
    _hook(trained_api, receiver.url, "fhir")
    assert _deliver(trained_api)["status"] == "done"
    headers, body = receiver.received[0]
    assert headers["content-type"] == "application/fhir+json"
    assert len(Bundle.model_validate_json(body).entry) == 1


def test_a_receiver_that_is_away_is_asked_again(trained_api: Api, receiver: Receiver) -> None:
    _hook(trained_api, receiver.url)
    receiver.answers = [503, 429]
    job = _deliver(trained_api)
    assert (job["status"], len(receiver.received)) == ("done", 3)
    bodies = {body for _, body in receiver.received}
    assert len(bodies) == 1
    said = [event["payload"]["text"] for event in trained_api.events(job["id"], "log")]
    assert [text for text in said if "503" in text]


def test_a_receiver_that_stays_away_is_told_of_and_the_job_fails(trained_api: Api) -> None:
    _hook(trained_api, f"http://127.0.0.1:{free_port()}/")
    job = _deliver(trained_api)
    assert job["status"] == "failed"
    assert "does not answer" in job["error"]


@pytest.mark.parametrize("status", [302, 400, 401])
def test_a_receiver_that_refuses_is_not_asked_again_nor_followed(
    trained_api: Api, receiver: Receiver, status: int
) -> None:
    _hook(trained_api, receiver.url)
    receiver.answers = [status]
    job = _deliver(trained_api)
    assert (job["status"], len(receiver.received)) == ("failed", 1)
    assert str(status) in job["error"]


def test_a_request_that_comes_twice_is_delivered_once(trained_api: Api, receiver: Receiver) -> None:
    _hook(trained_api, receiver.url)
    first, again = (_send(trained_api, **{"Idempotency-Key": "17"}) for _ in range(2))
    assert first.json()["job"]["id"] == again.json()["job"]["id"]
    assert first.headers["location"] == again.headers["location"]
    assert len([job for job in trained_api.get("/jobs") if job["kind"] == "webhooks.deliver"]) == 1


def test_a_secret_is_shown_once_and_lies_nowhere_in_clear(trained_api: Api, trained) -> None:
    secret = _hook(trained_api, "https://example.org/results")
    assert _hook(trained_api, "https://example.org/results") != secret
    secret = _hook(trained_api, "https://example.org/results")
    shown = trained_api.client.get(trained_api.url("/webhook"))
    assert shown.json()["url"] == "https://example.org/results"
    assert secret not in shown.text
    kept = [path for path in trained.folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert not kept
    assert trained_api.client.delete(trained_api.url("/webhook")).status_code == 204
    refusal(trained_api.client.get(trained_api.url("/webhook")), 404, "NotFoundError")


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://", "https://anna:secret@example.org/", "results"])
def test_an_address_that_is_none_is_refused(trained_api: Api, url: str) -> None:
    answer = trained_api.client.put(trained_api.url("/webhook"), json={"url": url})
    assert "secret" not in refusal(answer, 422, "InvalidInputError")
