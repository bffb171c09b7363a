"""Who may call, how much may be sent, and what a browser may do with the answers."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.testclient import TestClient

from tests.api_calls import Api, refusal
from tests.installation import installation
from tests.samples import csv_file

LIMIT = 100_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Api]:
    """An installation that takes at most 100 kB at once."""
    from backend.main import create_app

    with (
        installation(tmp_path / "data", upload_bytes=str(LIMIT)),
        TestClient(create_app(), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client,
    ):
        yield Api(client)


def test_a_request_over_the_size_limit_is_a_413_in_the_wire_form(small: Api) -> None:
    refusal(small.send({"large.csv": b"1" * (LIMIT + 1)}), 413, "LimitError")
    assert small.get("/recordings")["total"] == 0


def test_a_request_that_hides_its_size_is_cut_off_with_a_413_too(small: Api) -> None:
    boundary = "b"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'.encode()

    def parts() -> Iterator[bytes]:
        yield head
        for _ in range(20):
            yield b"1" * 10_000
        yield f"\r\n--{boundary}--\r\n".encode()

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = small.client.post(small.url("/recordings"), content=parts(), headers=headers)
    refusal(answer, 413, "LimitError")
    assert small.get("/recordings")["total"] == 0


def test_a_request_within_the_limit_is_taken(small: Api) -> None:
    assert small.upload({"a.csv": csv_file()})["imported"] == 1


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1.evil.example:8000"]
)
def test_a_page_of_another_origin_can_change_nothing(api: Api, origin: str) -> None:
    answer = api.client.post("/api/v1/projects", json={"name": "A"}, headers={"Origin": origin})
    refusal(answer, 403, "ForbiddenError")
    assert api.client.get("/api/v1/projects").json() == []


def test_the_own_page_can(api: Api) -> None:
    answer = api.client.post("/api/v1/projects", json={"name": "A"}, headers={"Origin": "http://127.0.0.1:8000"})
    assert answer.status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "[::2]"])
def test_a_foreign_host_name_is_refused_even_for_reading(api: Api, host: str) -> None:
    refusal(api.client.get("/api/v1/projects", headers={"Host": host}), 403, "ForbiddenError")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:1234", "[::1]:8000", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_served(api: Api, host: str) -> None:
    assert api.client.get("/api/v1/health", headers={"Host": host}).status_code == 200


def test_an_installation_for_others_answers_to_the_names_that_are_set(tmp_path: Path) -> None:
    from backend.main import create_app

    names = "ecg.hospital, ecg2.hospital"
    with installation(tmp_path / "data", mode="server", host="0.0.0.0", allowed_hosts=names):
        app = create_app()
        for name, status in (("ecg.hospital", 200), ("ECG2.hospital:8000", 200), ("evil.example", 403)):
            with TestClient(app, base_url="http://127.0.0.1:8000") as page:
                assert page.get("/api/v1/health", headers={"Host": name}).status_code == status
                answer = page.post("/api/v1/account/sign-out", headers={"Origin": "http://evil.example"})
                refusal(answer, 403, "ForbiddenError")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "ecg.hospital"])
def test_in_local_mode_no_other_machine_is_let_in(tmp_path: Path, host: str) -> None:
    with (
        pytest.raises(ValidationError, match="set EXCHANGEAI_MODE=server, where people sign in"),
        installation(tmp_path / "data", host=host),
    ):
        pass
    with installation(tmp_path / "data", host=host, mode="server") as settings:
        assert settings.host == host


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_comes_from_elsewhere_changes_nothing(api: Api, site: str) -> None:
    answer = api.client.post("/api/v1/projects", json={"name": "A"}, headers={"Sec-Fetch-Site": site})
    refusal(answer, 403, "ForbiddenError")
    mine = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8000"}
    assert api.client.post("/api/v1/projects", json={"name": "A"}, headers=mine).status_code == 201


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/health", 200), ("/api/v1/projects/x", 404), ("/docs", None), ("/api/v1/nothing", 404), ("/", None)],
)
def test_every_answer_has_the_security_headers(api: Api, path: str, status: int | None) -> None:
    answer = api.client.get(path)
    assert status in (None, answer.status_code)
    _check_headers(answer)


def test_refusals_at_the_door_and_faults_have_them_too(
    api: Api, small: Api, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = api.client.get("/api/v1/health", headers={"Host": "evil.example"})
    assert foreign.status_code == 403
    large = small.client.post(small.url("/recordings"), content=b"1" * (LIMIT + 1))
    assert large.status_code == 413
    monkeypatch.setattr("backend.services.projects.list_projects", lambda _session: 1 / 0)
    fault = api.client.get("/api/v1/projects")
    refusal(fault, 500, "InternalError")
    for answer in (foreign, large, fault):
        _check_headers(answer)


def _check_headers(answer: httpx.Response) -> None:
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "script-src" not in policy  # so it is that of default-src: files of the platform, nothing in a page
    assert "access-control-allow-origin" not in headers


def test_answers_of_the_api_are_not_kept_by_caches(api: Api) -> None:
    assert api.client.get("/api/v1/projects").headers["Cache-Control"] == "no-store"


def test_nothing_is_kept_in_cookies(api: Api) -> None:
    api.upload({"a.csv": csv_file()})
    assert not api.client.cookies
