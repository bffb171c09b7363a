"""Models pushed into a real WebDAV folder and pulled out of it: verified first, kept only then, refused with reason."""

import io
import json
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import DatasetEntry, Job, Model, Recording
from backend.errors import ConflictError, InvalidInputError
from backend.services import exchange_push, exchanges, models, transfers
from backend.settings import get_settings
from backend.storage import storage_of
from tests.shared_folder import (
    USE,
    SharedFolder,
    begin_pull,
    describe,
    n_models,
    new_project,
    published,
    pull,
    push,
    read_list,
    transfer,
)
from tests.trained import Trained
from workers import exchanges as worker
from workers.lifecycle import run


def test_a_model_goes_to_and_fro_and_answers_the_same(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared, notes="First of its kind")
    assert place == "tiny/1"
    (item,) = read_list(settings, exchange_id)
    assert item.listing is not None
    assert (item.listing.notes, item.listing.publisher, item.listing.licence) == (
        "First of its kind", "Ward 3", "CC BY 4.0",
    )  # fmt: skip
    assert (item.signature, [here.model_id for here in item.here]) == ("new", [trained.model_id])
    other = new_project(settings)
    done = pull(settings, other, exchange_id, "tiny", trust=item.fingerprint)
    assert (done.job.status, done.quarantined) == ("done", None), done.job.error
    with read_session(settings.resolved_database_url) as session:
        mine, theirs = session.get_one(Model, trained.model_id), models.get(session, other, str(done.model_id))
        assert theirs.manifest["exchange"]["fingerprint"] == item.fingerprint
        assert any("signed with the key" in note for note in theirs.manifest["notes"])
        assert (theirs.licence, theirs.intended_use, theirs.origin) == ("CC BY 4.0", USE, "imported")
        assert theirs.onnx_key == mine.onnx_key
        predictors = [models.predictor(storage_of(get_settings()), model) for model in (mine, theirs)]
        (key,) = exchanges.keys(session, exchange_id)
        assert (key.status, key.publisher, key.public_key.startswith("-----BEGIN PUBLIC KEY")) == (
            "trusted", "Ward 3", True,
        )  # fmt: skip
    ecg = np.random.default_rng(1).normal(0, 0.3, (1, 12, 5000)).astype(np.float32)
    answers = [predictor.probabilities(ecg, 500) for predictor in predictors]
    assert float(np.abs(answers[0] - answers[1]).max()) <= 1e-6
    assert not transfers.place_of(settings.data_dir, done.id).exists()


def test_the_signing_key_and_the_secret_are_for_their_owner_alone(trained: Trained, shared: SharedFolder) -> None:
    settings, *_ = published(trained, shared)
    path = settings.data_dir / exchange_push.KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    private = path.read_bytes()
    for name in shared.files():
        assert private not in (shared.path / name).read_bytes()
    assert exchange_push.signing_key(settings).to_pem().strip() == private.strip()


def test_what_is_published_tells_nothing_of_the_recordings(trained: Trained, shared: SharedFolder) -> None:
    """Neither ids nor names nor pseudonyms of any recording are in any byte that leaves the platform."""
    settings, *_ = published(trained, shared)
    with read_session(settings.resolved_database_url) as session:
        rows = session.query(Recording).filter_by(project_id=trained.project_id).all()
        tokens = {text for row in rows for text in (row.id, row.file_name, row.signal_key, row.patient_id) if text}
        tokens |= {one.patient_id for one in session.query(DatasetEntry) if one.patient_id}
        tokens |= {trained.project_id, trained.dataset_id, trained.run_id}
    assert len(tokens) > 120
    for name in shared.files():
        data = (shared.path / name).read_bytes()
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert "seen.json" not in archive.namelist()
                data = b"".join(archive.read(one) for one in archive.namelist())
        assert [one for one in tokens if one.encode() in data] == []


def test_hashes_of_what_it_has_seen_go_along_only_where_that_is_asked_for(
    trained: Trained, shared: SharedFolder
) -> None:
    _, _, place = published(trained, shared, with_seen=True)
    with zipfile.ZipFile(shared.path / "models" / place / "package.zip") as archive:
        assert json.loads(archive.read("seen.json"))["models"]


def test_a_model_is_offered_for_what_was_chosen_when_it_was_fetched(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    other = new_project(settings)
    done = pull(settings, other, exchange_id, place, trust=item.fingerprint, for_training=False, name="Theirs")
    with read_session(settings.resolved_database_url) as session:
        model = models.get(session, other, str(done.model_id))
    assert (model.name, model.for_prediction, model.for_training) == ("Theirs", True, False)


def test_an_untrusted_key_is_asked_about_first_and_a_wrong_fingerprint_does_not_do(
    trained: Trained, shared: SharedFolder
) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    other = new_project(settings)
    with pytest.raises(ConflictError, match=item.fingerprint):
        begin_pull(settings, other, exchange_id, place)
    with pytest.raises(ConflictError, match="not the one you have named"):
        begin_pull(settings, other, exchange_id, place, trust="0000 0000")
    with write_session(settings.resolved_database_url) as session:
        exchanges.decide(session, exchange_id, "Ward 3", "another", "trusted")
    with pytest.raises(ConflictError, match="do not go on"):
        begin_pull(settings, other, exchange_id, place)
    with write_session(settings.resolved_database_url) as session:
        exchanges.decide(session, exchange_id, "Ward 3", item.fingerprint, "refused")
    with pytest.raises(ConflictError, match="was refused here"):
        begin_pull(settings, other, exchange_id, place, trust=item.fingerprint)
    assert n_models(settings, other) == 0


def test_the_same_model_is_not_published_twice_and_a_changed_one_is_the_next_version(
    trained: Trained, shared: SharedFolder
) -> None:
    settings, exchange_id, _ = published(trained, shared)
    again = push(settings, trained.project_id, exchange_id, trained.model_id)
    assert again.job.status == "failed"
    assert "published already" in str(again.job.error)
    describe(settings, trained.model_id, intended_use="Adults and children")
    assert push(settings, trained.project_id, exchange_id, trained.model_id).item == "tiny/2"
    items = {item.place: item.newest for item in read_list(settings, exchange_id)}
    assert items == {"tiny/1": False, "tiny/2": True}


def test_what_a_model_must_say_is_asked_for_before_it_ispublished(trained: Trained, shared: SharedFolder) -> None:
    settings = get_settings()
    exchange_id = shared.add(settings)
    with pytest.raises(InvalidInputError, match=r"licence.*intended use"):
        push(settings, trained.project_id, exchange_id, trained.model_id)
    describe(settings, trained.model_id)
    with pytest.raises(InvalidInputError, match="under which name"):
        push(settings, trained.project_id, exchange_id, trained.model_id, publisher=" ")
    with write_session(settings.resolved_database_url) as session:
        row = exchanges.get(session, exchange_id)
        exchanges.change(session, settings, row, exchanges.Request(access="read"))
    with pytest.raises(ConflictError, match="read-only"):
        push(settings, trained.project_id, exchange_id, trained.model_id)
    assert shared.files() == []


def test_a_withdrawn_version_says_why_and_is_not_taken_in(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    with read_session(settings.resolved_database_url) as session:
        connection = exchanges.connection(settings, exchanges.get(session, exchange_id))
    waiting = begin_pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    with connection.folder() as folder:
        exchange_push.withdraw_version(folder, settings, place, "Wrong labels in two clinics")
    run(waiting.job_id, worker.pull)  # asked for before it was withdrawn
    late = transfer(settings, waiting.project_id, waiting.id)
    assert (late.job.status, late.model_id) == ("failed", None)
    assert "Wrong labels in two clinics" in str(late.job.error)
    (item,) = read_list(settings, exchange_id)
    assert item.withdrawn == "Wrong labels in two clinics"
    with pytest.raises(ConflictError, match="Wrong labels"):
        begin_pull(settings, new_project(settings, "Third"), exchange_id, place, trust=item.fingerprint)


def test_a_pull_that_is_killed_goes_on_from_what_it_had_fetched(trained: Trained, shared: SharedFolder) -> None:
    """The first worker dies in mid-download; the next one asks the server for the rest only."""
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    other = new_project(settings)
    row = begin_pull(settings, other, exchange_id, place, trust=item.fingerprint)
    folder = transfers.place_of(settings.data_dir, row.id)
    size = (shared.path / "models" / place / "package.zip").stat().st_size
    died = subprocess.run([sys.executable, "-m", "tests.dying_worker", row.job_id, str(size // 3)], check=False)
    assert died.returncode == 9
    left = sum(path.stat().st_size for path in folder.rglob("*.part"))
    assert size // 3 < left <= size
    assert n_models(settings, other) == 0
    with write_session(settings.resolved_database_url) as session:  # its lease runs out
        session.get_one(Job, row.job_id).status = "queued"
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        told = worker.progress_of
        patch.setattr(worker, "progress_of", lambda job, share: _noting(asked, told(job, share)))
        run(row.job_id, worker.pull)
    done = transfer(settings, other, row.id)
    assert done.job.status == "done", done.job.error
    assert min(asked) >= left - 1 or left == size  # nothing was fetched twice
    assert n_models(settings, other) == 1


def _noting(asked: list[int], tell: object) -> object:
    def note(done: int, total: int) -> None:
        asked.append(done)
        tell(done, total)  # type: ignore[operator]

    return note


def test_a_cancelled_pull_leaves_nothing(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    other = new_project(settings)
    row = begin_pull(settings, other, exchange_id, place, trust=item.fingerprint)

    def cancelled(_job: object, _share: float) -> object:
        def tell(_done: int, _total: int) -> None:
            raise worker.JobCancelledError

        return tell

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "progress_of", cancelled)
        run(row.job_id, worker.pull)
    assert transfer(settings, other, row.id).job.status == "cancelled"
    assert not transfers.place_of(settings.data_dir, row.id).exists()
    assert n_models(settings, other) == 0


def test_a_server_that_is_down_is_waited_for(
    trained: Trained, shared: SharedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, exchange_id, place = published(trained, shared)
    (item,) = read_list(settings, exchange_id)
    row = begin_pull(settings, new_project(settings), exchange_id, place, trust=item.fingerprint)
    shared.server.kill()
    pauses: list[float] = []

    def waited(job: object) -> None:
        if not pauses:
            pauses.append(1)
            shared.server.start()

    monkeypatch.setattr(worker, "PATIENCE_S", (0.1, 5.0, 5.0))
    monkeypatch.setattr("workers.lifecycle.RunningJob.check", waited)
    run(row.job_id, worker.pull)
    done = transfer(settings, row.project_id, row.id)
    assert (done.job.status, pauses) == ("done", [1]), done.job.error


def test_a_push_that_died_after_it_had_published_does_not_publish_again(trained: Trained, shared: SharedFolder) -> None:
    settings, exchange_id, place = published(trained, shared)
    request = exchange_push.Request(model_id=trained.model_id, publisher="Ward 3", slug="tiny")
    with write_session(settings.resolved_database_url) as session:
        row = exchange_push.create(session, settings, trained.project_id, exchanges.get(session, exchange_id), request)
        session.get_one(Job, row.job_id).attempt = 1  # it has been taken up before
    run(row.job_id, worker.push)
    done = transfer(settings, trained.project_id, row.id)
    assert (done.job.status, done.item) == ("done", place)
    assert [one.place for one in read_list(settings, exchange_id)] == [place]
