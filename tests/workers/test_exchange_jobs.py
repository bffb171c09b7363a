"""Long work in an exchange, in a real WebDAV folder: verified with a verdict each, indexed, withdrawn, and stopped."""

from pathlib import Path
from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Exchange, Job
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services import exchange_jobs, exchanges, jobs
from backend.services.exchange_jobs import Request
from backend.settings import Settings, get_settings
from tests.shared_folder import SharedFolder, describe, published, push, read_list
from tests.trained import Trained
from workers import exchange_jobs as worker
from workers import exchanges as transfer_worker
from workers.lifecycle import JobCancelledError, run


def _queued(settings: Settings, exchange_id: str, kind: str, **said: str) -> str:
    with write_session(settings.resolved_database_url) as session:
        return exchange_jobs.create(session, exchanges.get(session, exchange_id), Request(kind=kind, **said)).id  # type: ignore[arg-type]


def _done(settings: Settings, exchange_id: str, kind: str, **said: str) -> tuple[str, str | None, dict[str, Any]]:
    """Do it in this process as a worker does; return status, error and result."""
    job_id = _queued(settings, exchange_id, kind, **said)
    run(job_id, getattr(worker, kind))
    with read_session(settings.resolved_database_url) as session:
        row = jobs.get_of_exchange(session, exchange_id, job_id)
        results = [event.payload for event in jobs.events(session, job_id) if event.kind == "result"]
        return row.status, row.error, results[0] if results else {}


def _damage(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])


def test_each_model_gets_a_verdict_and_nothing_is_kept(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, _ = published(trained, shared, also_onnx=True)
    describe(settings, trained.model_id, intended_use="Adults and children")
    assert push(settings, trained.project_id, exchange_id, trained.model_id).item == "tiny/2"
    _damage(shared.path / "models" / "tiny" / "2" / "package.zip")
    status, _, result = _done(settings, exchange_id, "verify")
    assert status == "done"
    verdicts = {one["place"]: one for one in result["models"]}
    assert {place: one["sound"] for place, one in verdicts.items()} == {
        "tiny/1": True, "tiny/2": False, "tiny.onnx": True,
    }  # fmt: skip
    assert "sound, signed by Ward 3 with your key" in verdicts["tiny/1"]["verdict"]
    assert "SHA-256 differs" in verdicts["tiny/2"]["verdict"]
    assert "nobody has signed it" in verdicts["tiny.onnx"]["verdict"]
    assert list((settings.data_dir / "quarantine").glob("verify-*")) == []
    status, _, result = _done(settings, exchange_id, "verify", item="tiny/1")
    assert [one["place"] for one in result["models"]] == ["tiny/1"]


def test_a_lost_index_is_made_anew_and_a_version_withdrawn(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (shared.path / "index.json").unlink()
    assert _done(settings, exchange_id, "index") == ("done", None, {"n_versions": 1, "notes": []})
    assert (shared.path / "index.json").exists()
    assert _done(settings, exchange_id, "withdraw", item=place, reason="Wrong labels") == (
        "done", None, {"item": place, "notes": []},
    )  # fmt: skip
    (item,) = read_list(settings, exchange_id)
    assert item.withdrawn == "Wrong labels"
    assert not (shared.path / "models" / place / "package.zip").exists()
    again = _done(settings, exchange_id, "withdraw", item=place, reason="Wrong labels")  # killed before it said so
    assert again[0] == "done"


def test_the_version_of_another_key_is_not_withdrawn(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (settings.data_dir / "signing.key").unlink()  # a key of its own is made anew
    status, error, _ = _done(settings, exchange_id, "withdraw", item=place, reason="Not ours")
    assert status == "failed"
    assert "Only its publisher can withdraw it" in str(error)
    assert (shared.path / "models" / place / "package.zip").exists()


@pytest.mark.parametrize("kind", ["verify", "index"])
def test_it_stops_where_a_person_asks_and_leaves_nothing(
    trained: Trained, shared: SharedFolder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    settings, exchange_id, _ = published(trained, shared)
    before = (shared.path / "index.json").read_bytes()

    def stopped(_job: object, _fraction: float, _message: str) -> None:
        raise JobCancelledError

    monkeypatch.setattr("workers.lifecycle.RunningJob.progress", stopped)
    status, _, result = _done(settings, exchange_id, kind)
    assert (status, result) == ("cancelled", {})
    assert list((settings.data_dir / "quarantine").glob("verify-*")) == []
    assert (shared.path / "index.json").read_bytes() == before
    assert [name for name in shared.files() if "probe" in name] == []


def test_a_server_that_is_down_is_waited_for_and_then_told_of(
    trained: Trained, shared: SharedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, exchange_id, place = published(trained, shared)
    monkeypatch.setattr(transfer_worker, "PATIENCE_S", (0.1,))
    monkeypatch.setattr("backend.exchange.connection._LONGEST_PAUSE", 0.05)
    shared.server.kill()
    status, error, _ = _done(settings, exchange_id, "withdraw", item=place, reason="x")
    shared.server.start()
    assert (status, "Nothing answers" in str(error)) == ("failed", True)


def test_what_cannot_be_done_is_refused_when_it_is_asked_for(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    with pytest.raises(InvalidInputError, match="Say why"):
        _queued(settings, exchange_id, "withdraw", item=place)
    with pytest.raises(InvalidInputError, match="no version"):
        _queued(settings, exchange_id, "withdraw", item="../1", reason="x")
    with pytest.raises(NotFoundError, match="nobody/7"):
        _queued(settings, exchange_id, "verify", item="nobody/7")
    _queued(settings, exchange_id, "index")
    with pytest.raises(ConflictError, match="being done already"):
        _queued(settings, exchange_id, "index")
    with write_session(settings.resolved_database_url) as session:
        row = exchanges.get(session, exchange_id)
        with pytest.raises(ConflictError, match="going on in this exchange"):
            exchanges.remove(session, row)
        exchanges.change(session, settings, row, exchanges.Request(access="read"))
    with pytest.raises(ConflictError, match="read-only"):
        _queued(settings, exchange_id, "withdraw", item=place, reason="x")


def test_a_job_of_an_exchange_is_in_no_project_and_goes_with_the_exchange(
    trained: Trained, shared: SharedFolder
) -> None:
    settings = get_settings()
    exchange_id = shared.add(settings)
    other = shared.add(settings, name="Other")
    job_id = _queued(settings, exchange_id, "verify")
    url = settings.resolved_database_url
    with write_session(url) as session:
        for get, owner in ((jobs.get, trained.project_id), (jobs.get_of_exchange, other)):
            with pytest.raises(NotFoundError):
                get(session, owner, job_id)
        jobs.request_cancel(session, jobs.get_of_exchange(session, exchange_id, job_id))
        exchanges.remove(session, session.get_one(Exchange, exchange_id))
    with read_session(url) as session:
        assert session.get(Job, job_id) is None
