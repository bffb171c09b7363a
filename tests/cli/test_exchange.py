"""`exchangeai exchange`: models shared from the shell, with no password on a command line and errors in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from backend.settings import get_settings
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.shared_folder import SharedFolder, new_project
from tests.shell_calls import fault, run, run_json, worker_here
from tests.trained import Trained

TERMS = ("--licence", "CC BY 4.0", "--intended-use", "12-lead ECGs of adults", "--publisher", "Ward 3")


@pytest.fixture
def added(trained: Trained, shared: SharedFolder, tmp_path: Path) -> Path:
    """The shared folder as the exchange Clinic; returns the file that holds its password."""
    path = tmp_path / "password.txt"
    path.write_text(f"{PASSWORD}\n")
    said = run_json(
        "exchange", "add", "Clinic", shared.url, "--user", USER, "--password-from", path, "--write",
    )  # fmt: skip
    assert (said["name"], said["access"], said["n_models"]) == ("Clinic", "read_write", 0)
    return path


def _worker_of(*arguments: str) -> dict:
    """Run a command that starts a worker of its own for its job."""
    done = subprocess.run(
        [Path(sys.executable).parent / "exchangeai", *arguments, "--json"], capture_output=True, text=True, timeout=300,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done in this process."""
    monkeypatch.setattr("backend.cli.follow.some_worker", worker_here)


def test_a_model_goes_out_and_comes_in_by_the_shell_alone(added: Path, at_once: None) -> None:
    checked = run("exchange", "push", "Clinic", "Tiny", "-p", "Simulated", "--check")
    assert checked.exit_code == 1
    assert "missing: State the licence" in checked.stdout
    done = _worker_of("exchange", "push", "Clinic", "Tiny", "-p", "Simulated", "--notes", "First", *TERMS)  # a real one
    assert done["item"] == "tiny/1"
    (listed,) = run_json("exchange", "ls", "Clinic")
    assert (listed["place"], listed["notes"], listed["signature"]) == ("tiny/1", "First", "new")
    shown = run_json("exchange", "show", "Clinic", "Tiny")
    assert "12-lead ECGs of adults" in shown["card"]
    assert shown["fingerprint"] == done["fingerprint"] == run_json("exchange", "key")["fingerprint"]
    (verified,) = run_json("exchange", "verify", "Clinic")["models"]
    assert verified["sound"]
    assert "in the project already" in fault("exchange", "pull", "Clinic", "tiny/1", "-p", "Simulated")
    other = new_project(get_settings(), "Other")
    assert listed["fingerprint"] in fault("exchange", "pull", "Clinic", "tiny", "-p", "Other")
    taken = run_json("exchange", "pull", "Clinic", "tiny", "-p", other, "--trust", listed["fingerprint"])
    assert any("signed with the key" in note for note in taken["notes"])
    index = run_json("exchange", "index", "Clinic")
    assert index["n"] == 1
    withdrawn = run_json("exchange", "withdraw", "Clinic", "tiny/1", "--reason", "Wrong labels")
    assert withdrawn["withdrawn"] == "tiny/1"
    assert run_json("exchange", "ls", "Clinic") == []
    (listed,) = run_json("exchange", "ls", "Clinic", "--all")
    assert listed["withdrawn"] == "Wrong labels"


def test_a_changed_package_is_named_by_verify_with_exit_code_1(
    added: Path, shared: SharedFolder, at_once: None
) -> None:
    run_json("exchange", "push", "Clinic", "Tiny", "-p", "Simulated", *TERMS)
    package = shared.path / "models" / "tiny" / "1" / "package.zip"
    data = package.read_bytes()
    package.write_bytes(data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    result = run("exchange", "verify", "Clinic", "tiny")
    assert result.exit_code == 1
    assert "REFUSED" in result.stdout


def test_an_exchange_that_does_not_answer_or_knows_nobody_is_not_added(
    trained: Trained, shared: SharedFolder, tmp_path: Path
) -> None:
    path = tmp_path / "password.txt"
    path.write_text("wrong\n")
    for arguments in (("http://127.0.0.1:9/",), (shared.url, "--user", USER, "--password-from", str(path))):
        assert len(fault("exchange", "add", "Clinic", *arguments)) > 30
    assert run_json("exchange", "ls") == []


def test_exchanges_are_listed_keys_decided_on_and_all_of_it_forgotten(added: Path) -> None:
    (listed,) = run_json("exchange", "ls")
    assert PASSWORD not in str(listed)
    assert "--publisher" in fault("exchange", "trust", "Clinic", "ab12 cd34")
    run_json("exchange", "trust", "Clinic", "ab12 cd34", "--publisher", "Ward")
    assert run_json("exchange", "keys", "Clinic")[0]["status"] == "trusted"
    run_json("exchange", "trust", "Clinic", "ab12 cd34", "--refuse")
    assert run_json("exchange", "keys", "Clinic")[0]["status"] == "refused"
    run_json("exchange", "trust", "Clinic", "ab12 cd34", "--forget")
    assert run_json("exchange", "keys", "Clinic") == []
    run_json("exchange", "remove", "Clinic")
    assert "no exchange named" in fault("exchange", "ls", "Clinic")
    assert "no exchange named" in fault("exchange", "show", "Clinic", "x")
