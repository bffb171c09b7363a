"""`exchangeai users`, `audit` and `erase`: accounts, the log and erasure from the shell."""

import json
from pathlib import Path

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Member, User
from backend.services import logins, projects, users
from tests.accounts import PASSWORD, House
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained


def test_from_nobody_to_a_first_admin_a_member_and_a_key(house: House) -> None:
    assert "There is no user yet" in run("users", "ls").output
    made = run_json("users", "add", "Eva", "--admin")
    assert isinstance(made, dict)
    assert (made["name"], made["is_admin"], made["has_password"]) == ("eva", True, False)
    address, _, token = made["link"].partition("#")
    assert address == "http://127.0.0.1:8000/welcome"
    with write_session(house.settings.resolved_database_url) as session:
        users.choose_password(session, token, PASSWORD)
        project = projects.create(session, "Ward").id
    assert "There is a user 'eva' already" in fault("users", "add", "EVA")
    assert run_json("users", "role", "eva", "--project", "Ward", "--role", "trainer")["role"] == "trainer"
    key = run_json("users", "key", "eva", "--role", "viewer", "--days", "7")
    with read_session(house.settings.resolved_database_url) as session:
        assert session.get_one(Member, (project, made["id"])).role == "trainer"
        person = logins.of_key(session, key["secret"])
        assert person is not None
        assert (person.name, person.most) == ("eva", "viewer")
    run_json("users", "role", "eva", "--project", "Ward", "--role", "none")
    assert "There is no role 'chief'" in fault("users", "role", "eva", "-p", "Ward", "--role", "chief")
    assert "last admin" in fault("users", "change", "eva", "--disable")
    assert "There is no user 'otto'" in fault("users", "link", "otto")


def test_every_command_that_works_on_the_data_is_in_the_log(house: House, tmp_path: Path) -> None:
    run("projects")
    (line,) = house.lines()
    assert (line["via"], line["action"], line["status"]) == ("shell", "shell projects", 0)
    shown = run_json("audit", "ls", "--newest", "1")
    assert [one["action"] for one in shown] == ["shell audit ls"]
    verdict = run_json("audit", "verify")
    assert (verdict["holds"], verdict["number"]) == (True, 3)
    run("audit", "export", str(tmp_path / "log.ndjson"))
    assert len((tmp_path / "log.ndjson").read_text().splitlines()) == 4
    assert json.loads(run("audit", "export", "--action", "shell projects").stdout)["number"] == 1
    assert "another than the one that was written down" in fault("audit", "verify", "--expected", f"1:{'0' * 64}")
    assert "number of a line and its seal" in fault("audit", "verify", "--expected", "nonsense")


def test_a_patient_is_erased_only_when_it_is_said_twice(trained: Trained) -> None:
    asked = run_json("erase", "sim-0012", "--project", trained.project_id)
    assert (asked["erased"], asked["n_recordings"] >= 1) == (False, True)
    done = run_json("erase", "sim-0012", "--project", trained.project_id, "--yes")
    assert (done["erased"], done["n_recordings"]) == (True, asked["n_recordings"])
    assert "neither recordings nor labels" in fault("erase", "sim-0012", "--project", trained.project_id)
    assert "Say whom to erase" in fault("erase")
    assert run_json("erase", "--rewrite") == {"rewritten": True}


def test_a_link_has_the_name_under_which_others_reach_the_house(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.settings import get_settings

    monkeypatch.setenv("EXCHANGEAI_ALLOWED_HOSTS", "ecg.hospital.example, web")
    monkeypatch.setenv("EXCHANGEAI_TRUSTED_PROXY", "10.0.0.1")
    get_settings.cache_clear()
    made = run_json("users", "add", "eva")
    assert made["link"].startswith("https://ecg.hospital.example/welcome#")
    with read_session(house.settings.resolved_database_url) as session:
        assert session.query(User).count() == 1


def test_a_user_of_the_machine_without_a_name_is_a_number_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that is started as a user whom its image does not know."""

    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 10017")

    monkeypatch.setattr("getpass.getuser", fail)
    monkeypatch.setattr("os.getuid", lambda: 10017)
    run("projects")
    assert [line["person"] for line in house.lines()] == ["10017"]
