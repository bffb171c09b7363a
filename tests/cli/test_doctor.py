"""`exchangeai doctor`: what lies in quarantine is listed with its reason, and deleted when that is asked for."""

import os
import time
from pathlib import Path

from backend.db.session import write_session
from backend.services import quarantine
from backend.settings import Settings, get_settings
from tests.shared_folder import SharedFolder, begin_pull, new_project, published, pull, read_list, transfer
from tests.shell_calls import run, run_json
from tests.trained import Trained


def _refused(trained: Trained, shared: SharedFolder) -> tuple[Settings, str, Path]:
    """Have a changed package refused; return settings, its transfer's id and its folder in quarantine."""
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    package = shared.path / "models" / place / "package.zip"
    package.write_bytes(package.read_bytes()[:-100] + b"x" * 100)
    done = pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    assert done.quarantined is not None
    return settings, done.id, quarantine.place(settings.data_dir, done.id)


def test_a_refused_model_is_listed_with_reason_size_and_age_and_deleted_on_demand(
    trained: Trained, shared: SharedFolder
) -> None:
    settings, transfer_id, folder = _refused(trained, shared)
    before = time.time() - 3 * 86400
    for path in folder.iterdir():
        os.utime(path, (before, before))
    (listed,) = run_json("doctor")["quarantine"]
    assert (listed["name"], listed["exchange"], listed["folder"]) == ("Tiny", "Clinic", transfer_id)
    assert "SHA-256 differs" in listed["reason"]
    assert listed["size"] == sum(path.stat().st_size for path in folder.iterdir()) > 10_000
    told = run("doctor")
    assert told.exit_code == 0, told.output
    assert "“Tiny” from “Clinic”" in told.stdout
    assert "3 days old" in told.stdout
    assert "--clear-quarantine" in told.stdout
    (deleted,) = run_json("doctor", "--clear-quarantine")["quarantine"]
    assert deleted["deleted"] is True
    assert not folder.exists()
    assert run_json("doctor")["quarantine"] == []
    kept = transfer(settings, _project_of(settings, transfer_id), transfer_id)
    assert "SHA-256 differs" in str(kept.quarantined)


def test_what_a_transfer_is_working_on_is_left_alone_and_what_nobody_knows_is_not(
    trained: Trained, shared: SharedFolder
) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    waiting = begin_pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    for name in (waiting.id, f"round-{waiting.job_id}", "0" * 32, "verify-" + "1" * 32):
        folder = quarantine.place(get_settings().data_dir, name)
        folder.mkdir(parents=True)
        (folder / "package.zip.part").write_bytes(b"half")
    listed = {one["folder"]: one for one in run_json("doctor")["quarantine"]}
    assert set(listed) == {"0" * 32, "verify-" + "1" * 32}
    assert listed["0" * 32]["reason"] == quarantine.LEFT
    run_json("doctor", "--clear-quarantine")
    left = sorted(path.name for path in (settings.data_dir / "quarantine").iterdir())
    assert left == sorted([waiting.id, f"round-{waiting.job_id}"])


def _project_of(settings: Settings, transfer_id: str) -> str:
    from backend.db.tables import Transfer

    with write_session(settings.resolved_database_url) as session:
        return session.get_one(Transfer, transfer_id).project_id
