"""Erasing a patient: afterwards no byte of them is found, in whatever file of the data folder one looks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, Evaluation, Job, Model, Recording, Run, Table
from backend.ecg.synthesize import simulate_set
from backend.errors import ConflictError, NotFoundError
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Identity
from backend.ml.data.split import PARTS
from backend.pseudonym import normal_form
from backend.services import erasure, evaluations, patients, predictions, seen
from backend.services.erasure_rules import RULES
from backend.settings import Settings, get_settings
from backend.storage import storage_of
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.stores import blobs_of
from tests.trained import Trained

FILE = "visit-of-jane-doe.csv"


def test_every_table_has_a_line() -> None:
    """A table without one is a table in which patients are forgotten to be erased."""
    assert set(RULES) == set(Table.metadata.tables)


def test_a_table_of_recordings_is_never_one_that_is_left_alone() -> None:
    for name, table in Table.metadata.tables.items():
        if {"recording_id", "patient_id", "file_name"} & {column.name for column in table.columns}:
            assert not isinstance(RULES[name], str), name


@pytest.fixture
def jane(trained: Trained, trained_api: Api) -> str:
    """A patient of the training, with a visit more, predictions and an evaluation; returns her identifier."""
    with read_session(get_settings().resolved_database_url) as session:
        run = session.get_one(Run, trained.run_id)
        name = session.get_one(Recording, run.split["train"][0]).file_name
    simulated = list(simulate_set(60, seed=1))
    identifier = simulated[int(name.removesuffix(".ecg").rpartition("_")[2]) - 1].patient_id
    assert identifier is not None
    trained_api.upload({FILE: csv_file(7), "other.csv": csv_file(8)}, rate="500")
    trained_api.upload({FILE: csv_file(7)}, rate="500")  # a duplicate: an outcome of its own
    trained_api.dataset(f"file_name,label,patient_id\n{FILE},NORM,{identifier}\nother.csv,AFIB,somebody\n")
    return identifier


def _predict_and_evaluate(trained: Trained, settings: Settings) -> None:
    from workers import evaluations as evaluating
    from workers import predictions as predicting
    from workers.lifecycle import run

    with write_session(settings.resolved_database_url) as session:
        newest = session.scalars(select(Dataset).order_by(Dataset.created_at.desc())).first()
        assert newest is not None
        asked = predictions.create(session, trained.project_id, trained.model_id, None)
        chosen = evaluations.Settings(include_seen=True)
        other = evaluations.create(session, trained.project_id, trained.model_id, trained.dataset_id, chosen)
        waiting = ((asked.job_id, predicting.predict), (other.job_id, evaluating.evaluate))
    for job_id, function in waiting:
        run(job_id, function)


def _needles(settings: Settings, project_id: str, identifier: str) -> dict[str, bytes]:
    """Everything by which somebody could find the patient again: names, pseudonyms, ids, keys, samples."""
    storage = storage_of(settings)
    alike = patients.pseudonym_of(project_id, normal_form(identifier))
    found = {"identifier": identifier, "pseudonym": patients.pseudonym_of(project_id, identifier), "alike": alike}
    texts = {name: (text or "").encode() for name, text in found.items()}
    with read_session(settings.resolved_database_url) as session:
        for row in session.scalars(select(Recording)):
            if row.file_name == FILE or row.patient_alike == alike or row.patient_id == found["pseudonym"]:
                for name in ("id", "file_name", "signal_key", "source_sha256", "fingerprint"):
                    texts[f"{name} of {row.file_name}"] = (getattr(row, name) or "").encode()
                signal = storage.get(row.signal_key)
                texts[f"signal of {row.file_name}"] = signal[len(signal) // 2 : len(signal) // 2 + 64]
    texts["samples of the original"] = csv_file(7)[2000:2100]
    return {name: text for name, text in texts.items() if text}


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _where(folder: Path, needles: dict[str, bytes]) -> set[tuple[str, str]]:
    """Return which needle is in which file; the key of a blob is its name."""
    found = set()
    for path in _files(folder):
        data = path.read_bytes()
        for name, text in needles.items():
            named = str(path.relative_to(folder)).replace("/", "").encode()
            if text in data or text in named or text.hex().encode() in data:
                found.add((name, path.suffix or "blob"))
    for key, data in blobs_of(storage_of(get_settings())).items():  # where they are not in the folder
        found |= {(name, "blob") for name, text in needles.items() if text in data or text in key.encode()}
    return found


def test_no_byte_of_the_patient_is_left(trained: Trained, trained_api: Api, jane: str) -> None:
    settings = get_settings()
    _predict_and_evaluate(trained, settings)
    needles = _needles(settings, trained.project_id, jane)
    before = {name for name, _ in _where(settings.data_dir, needles)}
    assert before == set(needles)  # so it would be found, whatever were left

    found = trained_api.client.post(trained_api.url("/patients/find"), json={"patient": jane.lower()}).json()
    assert found["n_recordings"] >= 2
    assert found["models"] == ["Tiny"]
    erased = trained_api.client.post(trained_api.url("/patients/erase"), json={"patient": f" {jane} "})
    assert erased.status_code == 200, erased.text
    assert erased.json()["rows"]["recordings"] == found["n_recordings"]
    assert {"dataset_entries", "import_outcomes", "prediction_results", "evaluation_rows", "models", "runs"} <= set(
        erased.json()["rows"]
    )

    assert _where(settings.data_dir, needles) == set()
    shown = trained_api.get(f"/models/{trained.model_id}")
    assert shown["n_erased"] >= 1
    assert "erased" in {one["kind"] for one in shown["cautions"]}
    assert {one["file_name"] for one in trained_api.recordings(search="other")} == {"other.csv"}
    refusal(trained_api.client.post(trained_api.url("/patients/erase"), json={"patient": jane}), 404, "NotFoundError")
    for path in ("/runs", "/models", "/datasets", "/predictions", "/evaluations", "/imports"):
        assert trained_api.client.get(trained_api.url(path)).status_code == 200


def test_others_stay_as_they_were(trained: Trained, trained_api: Api, jane: str) -> None:
    with read_session(get_settings().resolved_database_url) as session:
        known = {one.recording_id: one for one in seen.identities(session, trained.project_id)}
        seen_before = _seen(session, trained, list(known.values()))
    before = set(known)
    found = trained_api.client.post(trained_api.url("/patients/find"), json={"patient": jane}).json()
    trained_api.client.post(trained_api.url("/patients/erase"), json={"patient": jane})
    after = {one["id"] for one in trained_api.recordings(size=500)}
    assert after < before
    assert len(before - after) == found["n_recordings"]
    for one in after:
        assert trained_api.client.get(trained_api.url(f"/recordings/{one}/signal")).status_code == 200
    with read_session(get_settings().resolved_database_url) as session:
        run = session.get_one(Run, trained.run_id)
        assert not set(run.split["train"]) & (before - after)
        seen_after = _seen(session, trained, list(known.values()))
    for which in ("run", "model"):  # what was learned of the patient is not known any more, and of all others still is
        assert seen_after[which] == {key: part for key, part in seen_before[which].items() if key in after}
        assert set(seen_before[which]) - after


def _seen(session: Session, trained: Trained, identities: list[Identity]) -> dict[str, dict[str, int]]:
    """Return in which part a run and its model have seen each recording, of those that they have."""
    kept = {"run": session.get_one(Run, trained.run_id).seen, "model": session.get_one(Model, trained.model_id).seen}
    told = {}
    for which, data in kept.items():
        found = seen_list.find(seen_list.from_bytes(data or b""), seen_list.keys_of(identities), len(identities))
        told[which] = {
            one.recording_id: int(part) for one, part in zip(identities, found.part, strict=True) if part < len(PARTS)
        }
    return told


def test_nobody_is_erased_while_a_job_may_hold_them(trained: Trained, trained_api: Api, jane: str) -> None:
    settings = get_settings()
    with write_session(settings.resolved_database_url) as session:
        session.add(Job(project_id=trained.project_id, kind="runs.train", status="running"))
    storage = storage_of(settings)
    with pytest.raises(ConflictError, match="Cancel it or wait"):
        erasure.erase(settings.resolved_database_url, storage, trained.project_id, jane)


def test_a_patient_of_another_project_is_not_found(trained: Trained, trained_api: Api, jane: str) -> None:
    other = trained_api.new_project(name="Other")
    with read_session(get_settings().resolved_database_url) as session, pytest.raises(NotFoundError):
        erasure.look(session, other, jane)


def test_an_evaluation_of_another_project_forgets_the_patient_too(
    trained: Trained, trained_api: Api, jane: str
) -> None:
    from workers import evaluations as evaluating
    from workers.lifecycle import run

    settings = get_settings()
    other = trained_api.new_project(name="Other")
    with write_session(settings.resolved_database_url) as session:
        chosen = evaluations.Settings(include_seen=True)
        row = evaluations.create(
            session, other, trained.model_id, trained.dataset_id, chosen, dataset_project_id=trained.project_id
        )
        evaluation_id, job_id = row.id, row.job_id
    run(job_id, evaluating.evaluate)
    needles = _needles(settings, trained.project_id, jane)
    trained_api.client.post(trained_api.url("/patients/erase", trained.project_id), json={"patient": jane})
    assert _where(settings.data_dir, needles) == set()
    with read_session(settings.resolved_database_url) as session:
        assert session.get_one(Evaluation, evaluation_id).result is not None
