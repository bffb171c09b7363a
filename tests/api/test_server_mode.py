"""The application itself in server mode: walls between wards, users, members, keys, the log of who did what."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from backend.api.access import NEEDS
from backend.api.routes import Routes
from backend.db.session import write_session
from backend.services import audit, users
from tests.accounts import PASSWORD, House
from tests.api_calls import Api, refusal
from tests.samples import csv_file

NOWHERE = "f" * 32
SILENT = ("get_health", "health", "ready", "metrics", "get_account", "openapi", "_docs", "_page")


@pytest.fixture
def wards(house: House) -> tuple[str, str]:
    """Two projects."""
    return house.project("Ward A"), house.project("Ward B")


def test_a_foreign_project_is_not_told_from_one_that_does_not_exist(
    house: House, wards: tuple[str, str], application: FastAPI
) -> None:
    """Every route of a project, through the application: the same status and the same words."""
    mine, foreign = wards
    person = house.user("eva", **{mine: "admin"})
    with house.client(house.by_session(person)) as api:
        for route in Routes(application).all:
            if "{project_id}" not in route.path:
                continue
            method = next(iter(route.methods))
            said = []
            for project in (foreign, NOWHERE):
                path = re.sub(r"\{\w+\}", "1", route.path.replace("{project_id}", project))
                answer = api.client.request(method, path)
                said.append(refusal(answer, 404, "NotFoundError").replace(project, "…"))
            assert said[0] == said[1], route.path
        assert [one["id"] for one in api.client.get("/api/v1/projects").json()] == [mine]


OPEN = (
    "sign_in", "sign_out", "choose_password", "begin_provider_sign_in", "finish_provider_sign_in", "provider_sign_out",
)  # fmt: skip
"""What one who is nobody yet asks for in order to become somebody."""


def test_nothing_is_answered_to_nobody(house: House, wards: tuple[str, str], application: FastAPI) -> None:
    with house.client() as api:
        for route in Routes(application).all:
            if route.operation in (*SILENT, *OPEN):
                continue
            path = re.sub(r"\{\w+\}", wards[0], route.path)
            refusal(api.client.request(next(iter(route.methods)), path), 401, "NotSignedInError")


def test_too_small_a_role_is_refused_before_anything_is_done(
    house: House, wards: tuple[str, str], application: FastAPI
) -> None:
    viewer = house.by_session(house.user("eva", **{wards[0]: "viewer"}))
    with house.client(viewer) as api:
        for route in Routes(application).all:
            need = NEEDS[route.operation]
            if need.kind == "project" and need.role != "viewer":
                path = re.sub(r"\{\w+\}", "1", route.path.replace("{project_id}", wards[0]))
                text = refusal(api.client.request(next(iter(route.methods)), path), 403, "ForbiddenError")
                assert f"“{need.role}”" in text
        assert api.client.get(f"/api/v1/projects/{wards[0]}").status_code == 200


def test_who_makes_a_project_is_its_admin_and_alone_in_it(house: House) -> None:
    eva, otto = house.user("eva"), house.user("otto")
    with house.client(house.by_session(eva)) as api:
        api.upload({"a.csv": csv_file()})
        assert api.get("/members")[0] | {"created_at": ""} == {
            "user_id": eva, "name": "eva", "role": "admin", "created_at": "",
        }  # fmt: skip
        with house.client(house.by_session(otto)) as other:
            other.project = api.project
            refusal(other.client.get(other.url("/recordings")), 404, "NotFoundError")
            answer = api.client.put(api.url("/members"), json={"name": " Otto ", "role": "viewer"})
            assert answer.json()["role"] == "viewer"
            assert other.get("/recordings")["total"] == 1
            refusal(other.send({"b.csv": csv_file(1)}), 403, "ForbiddenError")
            assert api.client.delete(api.url(f"/members/{otto}")).status_code == 204
            refusal(other.client.get(other.url("/recordings")), 404, "NotFoundError")


def test_an_admin_adds_a_user_who_chooses_a_password_once(house: House) -> None:
    root = house.user("root", is_admin=True)
    with house.client(house.by_session(root)) as api, house.client() as new:
        made = api.client.post("/api/v1/users", json={"name": "Eva@hospital.example"})
        path, _, token = made.json()["link"]["path"].partition("#")
        assert (made.status_code, path, made.json()["user"]["has_password"]) == (201, "/welcome", False)
        body = {"token": token, "password": PASSWORD}
        answer = new.client.post("/api/v1/account/password-by-link", json=body)
        assert answer.json()["name"] == "eva@hospital.example"
        assert new.client.get("/api/v1/projects").json() == []
        refusal(new.client.post("/api/v1/account/password-by-link", json=body), 404, "NotFoundError")
        user_id = made.json()["user"]["id"]
        key = new.client.post(
            "/api/v1/api-keys", json={"name": "Cart"}, headers={"X-CSRF-Token": answer.json()["csrf_token"]}
        ).json()["secret"]
        by_key = {"Authorization": f"Bearer {key}"}
        assert api.client.patch(f"/api/v1/users/{user_id}", json={"disabled": True}).json()["disabled_at"]
        refusal(new.client.get("/api/v1/projects"), 401, "NotSignedInError")
        with house.client(by_key) as program:
            refusal(program.client.get("/api/v1/projects"), 401, "NotSignedInError")
        assert api.client.patch(f"/api/v1/users/{user_id}", json={"disabled": False}).json()["disabled_at"] is None
        refusal(api.client.patch(f"/api/v1/users/{root}", json={"is_admin": False}), 409, "ConflictError")
        link = api.client.post(f"/api/v1/users/{user_id}/link").json()["path"]
        refusal(new.client.post("/api/v1/account/password-by-link", json=body), 404, "NotFoundError")
        again = {"token": link.partition("#")[2], "password": "quite another password"}
        assert new.client.post("/api/v1/account/password-by-link", json=again).status_code == 200


def test_a_key_is_shown_once_expires_and_can_be_taken_back(house: House, wards: tuple[str, str]) -> None:
    from datetime import timedelta

    from backend.db.tables import ApiKey, utc_now

    eva = house.user("eva", **{wards[0]: "trainer", wards[1]: "trainer"})
    with house.client(house.by_session(eva)) as api:
        made = api.client.post(
            "/api/v1/api-keys", json={"name": "Cart", "role": "annotator", "project_id": wards[0], "days": 30}
        )
        secret, key_id = made.json()["secret"], made.json()["key"]["id"]
        assert secret.startswith(made.json()["key"]["prefix"])
        assert secret not in api.client.get("/api/v1/api-keys").text
        with house.client({"Authorization": f"Bearer {secret}"}) as cart:
            cart.project = wards[0]
            assert cart.upload({"a.csv": csv_file()})["imported"] == 1
            refusal(cart.client.get(f"/api/v1/projects/{wards[1]}"), 404, "NotFoundError")
            refusal(cart.client.get("/api/v1/api-keys"), 403, "ForbiddenError")
            refusal(cart.client.post("/api/v1/projects", json={"name": "A"}), 403, "ForbiddenError")
            assert [one["id"] for one in cart.client.get("/api/v1/projects").json()] == [wards[0]]
            assert api.client.get(f"/api/v1/api-keys/{key_id}").json()["last_used_at"]
            with write_session(house.settings.resolved_database_url) as session:
                session.get_one(ApiKey, key_id).expires_at = utc_now() - timedelta(seconds=1)
            refusal(cart.client.get("/api/v1/projects"), 401, "NotSignedInError")
        other = house.user("otto")
        with house.client(house.by_session(other)) as stranger:
            refusal(stranger.client.delete(f"/api/v1/api-keys/{key_id}"), 404, "NotFoundError")
        assert api.client.delete(f"/api/v1/api-keys/{key_id}").status_code == 204
        assert api.client.get("/api/v1/api-keys").json() == []


def test_a_key_in_the_wrong_place_opens_nothing(house: House, wards: tuple[str, str]) -> None:
    key = house.key(house.user("root", is_admin=True))
    for headers in (
        {"Authorization": f"Basic {key}"}, {"Authorization": key}, {"Cookie": f"exchangeai={key}"}, {"X-Api-Key": key},
    ):  # fmt: skip
        with house.client(headers) as api:
            refusal(api.client.get("/api/v1/projects"), 401, "NotSignedInError")


def test_what_cannot_be_recorded_is_not_shown(
    house: House, wards: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.client(house.by_session(house.user("eva", **{wards[0]: "admin"}))) as api:
        api.project = wards[0]
        api.upload({"secret.csv": csv_file()})

        def fails(*_args: Any, **_kwargs: Any) -> None:
            raise OSError(28, "no room")

        monkeypatch.setattr(audit, "append", fails)
        answer = api.client.get(api.url("/recordings"))
        refusal(answer, 503, "UnavailableError")
        assert "secret.csv" not in answer.text
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_page_the_docs_and_health_are_for_everybody(house: House) -> None:
    with house.client() as api:
        assert api.client.get("/api/v1/health").status_code == 200
        assert api.client.get("/openapi.json").status_code == 200
        assert not api.client.get("/api/v1/account").json()["signed_in"]
        assert api.client.get("/api/v1/nothing").status_code == 404
        assert api.client.delete("/api/v1/health").status_code == 405


def test_in_local_mode_nothing_of_it_is_in_the_way(api: Api) -> None:
    from backend.db.tables import AuditEntry
    from backend.settings import get_settings

    api.upload({"a.csv": csv_file()})
    assert api.get("/members") == []
    refusal(api.client.post("/api/v1/api-keys", json={"name": "A"}), 409, "ConflictError")
    with write_session(get_settings().resolved_database_url) as session:
        assert session.query(AuditEntry).count() == 0


def test_while_there_is_no_admin_the_log_says_how_to_make_one_and_holds_no_link(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    assert _told_at_the_start(house, caplog)
    eva = house.user("eva", is_admin=True)
    assert _told_at_the_start(house, caplog)  # she has not chosen a password yet
    assert users.LINK_PATH not in caplog.text
    with write_session(house.settings.resolved_database_url) as session:
        users.set_password(session, users.get(session, eva), PASSWORD)
    assert not _told_at_the_start(house, caplog)


def _told_at_the_start(house: House, caplog: pytest.LogCaptureFixture) -> bool:
    caplog.clear()
    with house.client():
        return "users add NAME --admin" in caplog.text
