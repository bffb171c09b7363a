"""The table of who may call what: it knows every route, and the gate does what it says, for every route and everybody.

The cases are made from the routes of the application. What the gate lets through is answered by a stand-in, so that
nothing is deleted on the way; tests/api/test_server_mode.py asks the application itself.
"""

import asyncio
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from backend.api.access import NEEDS
from backend.api.gate import Gate
from backend.api.routes import Route, Routes
from backend.services.person import ROLES, Role
from tests import page_needs
from tests.accounts import BASE, House

THROUGH = 299
NOWHERE = "f" * 32
RANK = {"viewer": 1, "annotator": 2, "trainer": 3, "admin": 4}
IN_PERSON = {"list_users", "add_user", "change_password", "list_api_keys", "add_api_key", "list_audit_entries"}


def _routes(application: FastAPI) -> list[Route]:
    return [route for route in Routes(application).all if route.path.startswith("/api/")]


def test_every_route_has_a_line_and_every_line_a_route(application: FastAPI) -> None:
    operations = [route.operation for route in Routes(application).all]
    assert len(operations) == len(set(operations))
    assert set(operations) == set(NEEDS)


def test_a_route_is_of_a_project_exactly_where_its_path_is(application: FastAPI) -> None:
    for route in _routes(application):
        need = NEEDS[route.operation]
        assert (need.kind == "project") == ("{project_id}" in route.path), route.operation
        changes = not route.methods <= {"GET", "HEAD"}
        assert not (changes and need.kind == "everybody" and not need.recorded), route.operation


def test_what_nobody_need_sign_in_for_is_this_and_no_more() -> None:
    free = {name for name, need in NEEDS.items() if need.kind == "everybody"}
    assert free == {
        "get_health", "get_account", "openapi", "_docs", "health", "metrics", "ready", "_page", "sign_in", "sign_out",
        "choose_password", "begin_provider_sign_in", "finish_provider_sign_in", "provider_sign_out",
    }  # fmt: skip


def test_the_description_says_of_each_operation_what_it_takes_and_the_page_knows_it(application: FastAPI) -> None:
    described = application.openapi()
    said = {one["operationId"]: one["x-takes"] for path in described["paths"].values() for one in path.values()}
    assert said["create_run"] == {"of": "project", "role": "trainer"}
    assert said["add_user"] == {"of": "installation", "in_person": True}
    assert said["list_projects"] == {"of": "signed in"}
    assert {name: one["of"] for name, one in said.items()} == {name: NEEDS[name].kind for name in said}
    assert page_needs.PAGE.read_text() == page_needs.text(described), "make openapi"


def test_every_route_of_recordings_is_recorded(application: FastAPI) -> None:
    silent = {route.operation for route in _routes(application) if not NEEDS[route.operation].recorded}
    of_projects = {name for name in silent if NEEDS[name].kind == "project"}
    assert of_projects == {"list_jobs", "get_job", "list_job_events", "stream_job"}


def test_deleting_and_publishing_take_an_admin() -> None:
    """An oracle that is not the table: what cannot be taken back, and what leaves the house."""
    for name in ("delete_project", "delete_recording", "push_model", "contribute_to_round", "set_member"):
        assert NEEDS[name].role == "admin", name
    for name in ("upload_recordings", "create_dataset"):
        assert NEEDS[name].role == "annotator", name
    assert NEEDS["create_run"].role == "trainer"
    assert all(NEEDS[name].in_person for name in IN_PERSON)


class _Asked:
    """Somebody who asks: how, with which rank in the own project, and whether as admin of the installation."""

    def __init__(self, name: str, headers: dict[str, str], rank: int, *, root: bool = False, key: bool = False) -> None:
        self.name, self.headers, self.rank, self.root, self.key = name, headers, rank, root, key
        self.wide = True
        self.most = 4


def _everybody(house: House, own: str, other: str) -> list[_Asked]:
    found = [_Asked("nobody", {}, 0), _Asked("a made-up key", {"Authorization": "Bearer exg_no"}, 0)]
    found.append(_Asked("a made-up session", {"Cookie": "exchangeai=no", "X-CSRF-Token": "no"}, 0))
    ids: dict[str, str] = {}
    for role in ROLES:
        ids[role] = house.user(role, **{own: role})
        found.append(_Asked(role, house.by_session(ids[role]), RANK[role]))
        found.append(_Asked(f"a key of {role}", house.by_key(ids[role]), RANK[role], key=True))
        weak = _Asked(f"a key of admin, as {role}", house.by_key(_admin(house, ids, own), role), RANK[role], key=True)
        weak.most = RANK[role]
        found.append(weak)
    stranger = house.user("stranger", **{other: "admin"})
    found.append(_Asked("stranger", house.by_session(stranger), 0))
    found.append(_Asked("a key of stranger", house.by_key(stranger), 0, key=True))
    narrow = _Asked("a key for another project", house.by_key(_admin(house, ids, own), "admin", other), 0, key=True)
    narrow.wide = False
    root = house.user("root", is_admin=True)
    return [*found, narrow, _Asked("root", house.by_session(root), 4, root=True)]


def _admin(house: House, ids: dict[str, str], own: str) -> str:
    if "of keys" not in ids:
        ids["of keys"] = house.user("owner of keys", **{own: "admin"})
    return ids["of keys"]


def _expected(route: Route, asks: _Asked) -> int:
    """What the answer should be, from the words of docs/security.md; 404: as if the project did not exist."""
    need = NEEDS[route.operation]
    known = asks.name != "nobody" and "made-up" not in asks.name
    if need.kind == "everybody":
        return THROUGH
    if not known:
        return 401
    if asks.key and (need.in_person or need.kind == "installation"):
        return 403
    if need.kind == "installation":
        return THROUGH if asks.root else 403
    if need.kind == "signed in":
        if asks.key and need.role == "admin" and (asks.most < 4 or not asks.wide):
            return 403
        return THROUGH
    if not asks.rank:
        return 404
    return THROUGH if asks.rank >= RANK[need.role] else 403


def test_every_route_for_every_role_by_session_key_and_none(house: House, application: FastAPI) -> None:
    own, other = house.project("Own"), house.project("Other")
    everybody = _everybody(house, own, other)
    gate = Gate(PlainTextResponse("", THROUGH), routes_of=application)

    async def ask() -> list[tuple[str, str, str, int, int]]:
        wrong = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url=BASE) as client:
            for route in _routes(application):
                method = next(iter(route.methods - {"HEAD"}))
                for asks in everybody:
                    both = "{project_id}" in route.path and asks.name in ("nobody", "admin", "a key of admin", "root")
                    for project in (own, NOWHERE) if both else (own,):
                        answer = await client.request(method, _filled(route.path, project), headers=asks.headers)
                        expected = _expected(route, asks)
                        if project == NOWHERE and expected in (403, THROUGH) and not asks.root:
                            expected = 404  # nobody is a member of what does not exist
                        if answer.status_code != expected:
                            wrong.append((route.operation, asks.name, project, answer.status_code, expected))
        return wrong

    assert asyncio.run(ask()) == []


def _filled(path: str, project: str) -> str:
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")]
        path = path.replace(f"{{{name}}}", {"project_id": project, "number": "1", "version": "1"}.get(name, NOWHERE))
    return path


def test_a_route_without_a_line_is_closed(house: House, application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    needs: dict[str, Any] = dict(NEEDS)
    del needs["get_system"]
    monkeypatch.setattr("backend.api.gate.NEEDS", needs)
    with house.client(house.by_session(house.user("root", is_admin=True))) as api:
        answer = api.client.get("/api/v1/system")
        assert (answer.status_code, answer.json()["error"]) == (403, "ForbiddenError")


@pytest.mark.parametrize("role", ROLES)
def test_a_key_never_does_more_than_its_person(house: House, role: Role) -> None:
    from backend.services.person import Person

    for most in ROLES:
        person = Person(id="a", name="a", via="key", roles={"p": role}, most=most)
        assert RANK[person.role_in("p") or ""] == min(RANK[role], RANK[most])
        assert Person(id="a", name="a", via="key", roles={"p": role}, most=most, only_project="q").role_in("p") is None
