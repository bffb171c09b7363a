"""The audit log: every access to a patient's data is in it, nothing of the patient is, and no line goes unnoticed."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import AuditEntry, AuditHead
from backend.services import audit
from backend.services.person import LOCAL
from tests.accounts import House
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import Trained

SECRET = b"of this test"
IDS = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Done:
    """What was asked, by whom, and which recordings the answer names or the path."""

    person: str
    status: int
    named: frozenset[str]


def test_two_hundred_random_accesses_are_all_in_the_log(trained_house: House, trained: Trained) -> None:
    house, project, draw = trained_house, trained.project_id, Random(7)
    people = {
        name: house.by_session(house.user(name, **{project: role}))
        for name, role in (("vera", "viewer"), ("anna", "annotator"), ("ada", "admin"))
    }
    stranger = {"mallory": house.by_session(house.user("mallory"))}
    done: list[Done] = []
    with house.client() as api:
        api.project = project
        ids = _recordings(house)
        for n in range(200):
            who = draw.choice([*people, *people, "mallory"])
            headers = (people | stranger)[who]
            answer, named = draw.choice(ACTIONS)(api, headers, ids, draw, n, trained)
            done.append(Done(who, answer.status_code, frozenset(_named(answer, ids) | named)))
            ids = _recordings(house)
    lines = house.lines()
    assert len(lines) == 200
    assert sum(one.status < 400 for one in done) > 100
    assert sum(bool(one.named) for one in done) > 80
    for one, line in zip(done, lines, strict=True):
        assert (line["person"], line["status"], line["project_id"]) == (one.person, one.status, project)
        if one.status < 400:
            assert one.named <= set(line["subject"].get("recordings", [])) | {line["subject"].get("recording_id")}, line
    assert audit.verify(house.settings.resolved_database_url, house.settings.resolved_secret_key).fault == ""
    said = json.dumps(lines)
    assert "simulated_0" not in said  # names of files
    assert "p-" not in said  # pseudonyms


def _recordings(house: House) -> list[str]:
    """Look behind the API, which would write lines of its own."""
    with write_session(house.settings.resolved_database_url) as session:
        return sorted(session.scalars(text("SELECT id FROM recordings")))


def _named(answer: Any, ids: list[str]) -> set[str]:
    """Return the recordings that an answer tells something of; the ids of neighbours alone tell nothing."""
    if answer.status_code >= 400:
        return set()
    told = re.sub(r'"(previous|next)_id":"\w+"', "", answer.text)
    return set(IDS.findall(told)) & set(ids)


Action = Callable[[Api, dict[str, str], list[str], Random, int, Trained], tuple[Any, frozenset[str]]]


def _get(path: str, **query: Any) -> Action:
    def act(api: Api, headers: dict[str, str], ids: list[str], draw: Random, _n: int, _t: Trained) -> Any:
        one = draw.choice(ids)
        answer = api.client.get(api.url(path.format(one)), params=query, headers=headers)
        return answer, frozenset({one} if "{}" in path else ())

    return act


def _upload(api: Api, headers: dict[str, str], _ids: list[str], _draw: Random, n: int, _t: Trained) -> Any:
    files = [("files", (f"new{n}.csv", csv_file(n)))]
    declared = {"rate": "500", "units_per_mv": "1000"}
    answer = api.client.post(api.url("/recordings"), files=files, data=declared, headers=headers)
    made = answer.json()["outcomes"][0]["recording_ids"] if answer.status_code == 200 else []
    return answer, frozenset(made)


def _delete(api: Api, headers: dict[str, str], ids: list[str], draw: Random, _n: int, _t: Trained) -> Any:
    one = draw.choice(ids)
    return api.client.delete(api.url(f"/recordings/{one}"), headers=headers), frozenset({one})


def _predict(api: Api, headers: dict[str, str], ids: list[str], draw: Random, _n: int, trained: Trained) -> Any:
    one = draw.choice(ids)
    path = api.url(f"/models/{trained.model_id}/predict")
    return api.client.post(path, json={"recording_id": one}, headers=headers), frozenset({one})


def _label(api: Api, headers: dict[str, str], _ids: list[str], _draw: Random, n: int, _t: Trained) -> Any:
    table = f"file_name,label\nsimulated_00001.ecg,NORM\nsimulated_00002.ecg,L{n}\n".encode()
    files = {"file": (f"t{n}.csv", table)}
    return api.client.post(api.url("/datasets"), files=files, headers=headers), frozenset()


ACTIONS: tuple[Action, ...] = (
    _get("/recordings", size=7), _get("/recordings", search="simulated_0000"), _get("/recordings/{}"),
    _get("/recordings/{}/signal"), _get("/recordings/{}/download", format="csv"), _get("/recordings/{}/original"),
    _get("/recordings/{}/measurements"), _get("/datasets"), _get("/imports"), _get("/runs"), _get("/predictions"),
    _upload, _upload, _delete, _predict, _label,
)  # fmt: skip


@pytest.fixture
def chain(house: House) -> House:
    """A log of 30 lines."""
    with write_session(house.settings.resolved_database_url) as session:
        for n in range(30):
            audit.append(session, SECRET, LOCAL, "get_recording", project_id="a" * 32, subject={"n": n}, status=200)
    return house


def _change(session: Session, **values: Any) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.number == 12).values(**values))


def _swap(session: Session) -> None:
    for old, new in ((12, 99), (13, 12), (99, 13)):
        session.execute(update(AuditEntry).where(AuditEntry.number == old).values(number=new))


def _cut(session: Session, number: int, seal: str | None = None) -> None:
    """Cut off the end, and have the head point at what is left."""
    session.execute(delete(AuditEntry).where(AuditEntry.number > number))
    left = session.get(AuditEntry, number)
    session.execute(update(AuditHead).values(number=number, seal=left.seal if left else ""))


FORGERIES: dict[str, Callable[[Session], Any]] = {
    "person": lambda session: _change(session, person="nobody"),
    "status": lambda session: _change(session, status=404),
    "subject": lambda session: _change(session, subject={"n": 13}),
    "project": lambda session: _change(session, project_id="b" * 32),
    "action": lambda session: _change(session, action="get_signal"),
    "time": lambda session: session.execute(text("UPDATE audit_entries SET at='2020-01-01' WHERE number=12")),
    "dropped": lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number == 12)),
    "swapped": _swap,
    "cut off": lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number > 20)),
    "cut off, with a new end": lambda session: _cut(session, 20),
    "all cut off": lambda session: _cut(session, 0),
    "last dropped": lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number == 30)),
}


def test_an_untouched_log_holds(chain: House) -> None:
    verdict = audit.verify(chain.settings.resolved_database_url, SECRET)
    assert (verdict.number, verdict.fault) == (30, "")
    assert audit.verify(chain.settings.resolved_database_url, b"another").fault


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_line_that_was_changed_or_dropped_is_noticed(chain: House, forgery: str) -> None:
    with write_session(chain.settings.resolved_database_url) as session:
        FORGERIES[forgery](session)
    if forgery != "all cut off":
        assert audit.verify(chain.settings.resolved_database_url, SECRET).fault
    else:  # an empty log looks like that of the first day: what was written down elsewhere tells them apart
        assert audit.verify(chain.settings.resolved_database_url, SECRET, f"30:{'0' * 64}").fault


def test_a_line_of_another_history_does_not_fit_in(chain: House) -> None:
    """Each line is sealed with the one before: one that was truly written, in a past that was undone, is noticed."""
    url = chain.settings.resolved_database_url
    with write_session(url) as session:
        head = session.get_one(AuditHead, 1)
        before = {"number": head.number, "seal": head.seal, "closed": head.closed}
        undone = audit.append(session, SECRET, LOCAL, "get_recording", status=200)
        kept = {name: getattr(undone, name) for name in ("at", "action", "seal")}
    with write_session(url) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == 31))
        session.execute(update(AuditHead).values(**before))
    with write_session(url) as session:
        for action in ("get_signal", "get_original"):
            audit.append(session, SECRET, LOCAL, action, status=200)
            session.flush()
    assert audit.verify(url, SECRET).fault == ""
    with write_session(url) as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 31).values(**kept))
    assert audit.verify(url, SECRET).fault


def test_an_older_end_that_was_put_back_is_noticed_by_what_was_written_down(chain: House) -> None:
    url = chain.settings.resolved_database_url
    with write_session(url) as session:
        head = session.get_one(AuditHead, 1)
        old = {"number": head.number, "seal": head.seal, "closed": head.closed}
        audit.append(session, SECRET, LOCAL, "get_recording", status=200)
    later = audit.verify(url, SECRET)
    with write_session(url) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == 31))
        session.execute(update(AuditHead).values(**old))
    assert audit.verify(url, SECRET).fault == ""  # nothing in the database can tell
    assert "written down" in audit.verify(url, SECRET, f"{later.number}:{later.seal}").fault


def test_an_admin_searches_verifies_and_exports_the_log(house: House) -> None:
    root = house.by_session(house.user("root", is_admin=True))
    eva = house.by_session(house.user("eva"))
    with house.client() as api:
        project = api.client.post("/api/v1/projects", json={"name": "A"}, headers=eva).json()["id"]
        where = f"/api/v1/projects/{project}/recordings"
        files = [("files", ("a.csv", csv_file()))]
        sent = api.client.post(where, files=files, data={"rate": "500", "units_per_mv": "1000"}, headers=eva)
        recording = sent.json()["outcomes"][0]["recording_ids"][0]
        api.client.get(f"{where}/{recording}", headers=eva)
        for query, actions in (
            ({"person": "eva"}, ["get_recording", "upload_recordings", "create_project"]),
            ({"recording_id": recording}, ["get_recording", "upload_recordings"]),
            ({"action": "get_recording", "project_id": project}, ["get_recording"]),
            ({"until": "2020-01-01T00:00:00Z"}, []),
        ):
            answer = api.client.get("/api/v1/audit", params=query, headers=root)
            assert [one["action"] for one in answer.json()["items"]] == actions
        assert api.client.post("/api/v1/audit/verify", headers=root).json()["holds"]
        lines = api.client.get("/api/v1/audit/export", params={"person": "eva"}, headers=root).text.splitlines()
        assert [json.loads(line)["action"] for line in lines][:2] == ["create_project", "upload_recordings"]
        for path in ("/api/v1/audit", "/api/v1/audit/export"):
            refusal(api.client.get(path, headers=eva), 403, "ForbiddenError")
    assert "list_audit_entries" in {line["action"] for line in house.lines()}  # who reads the log is in it too


def test_signing_in_and_failing_to_is_in_the_log_without_what_was_typed(house: House) -> None:
    with house.client() as api:
        body = {"name": "hunter2 by mistake", "password": "wrong"}
        api.client.post("/api/v1/account/sign-in", json=body)
    (line,) = house.lines()
    assert (line["action"], line["status"], line["via"]) == ("sign_in", 401, "nobody")
    assert "hunter2" not in json.dumps(line)


def test_what_somebody_types_into_a_path_is_not_kept(house: House) -> None:
    with house.client(house.by_session(house.user("eva", is_admin=True))) as api:
        api.client.get("/api/v1/projects/Doe-John/recordings/Doe-John-1950")
    assert "Doe" not in json.dumps(house.lines())


def test_a_log_that_cannot_be_written_shows_nothing_and_hides_no_reason(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise OSError("no room for a line")

    def failing(*_: object) -> None:
        raise ValueError("the true reason")

    root = house.by_session(house.user("root", is_admin=True))
    with house.client() as api:
        where = f"/api/v1/projects/{house.project('Ward')}"
        monkeypatch.setattr("backend.api.gate._append", away)
        refusal(api.client.get(f"{where}/recordings", headers=root), 503, "UnavailableError")
        monkeypatch.setattr("backend.services.recording_lists.list_recordings", failing)
        caplog.clear()
        refusal(api.client.get(f"{where}/recordings", headers=root), 500, "InternalError")
    told = [type(one.exc_info[1]) for one in caplog.records if one.exc_info and one.name == "backend.api.errors"]
    assert told == [ValueError]
