"""What a base and its ancestors have learned from is never in the test part, however a fine-tuning is asked for."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, DatasetEntry, Model, Recording, Run, new_id
from backend.ecg.readers import FileSet, ReadOptions, SourceFile
from backend.ecg.recording import Patient
from backend.ecg.signal_file import decode_signal, encode_signal
from backend.isolation import model_check
from backend.ml.errors import TrainingImpossibleError
from backend.services import (
    datasets,
    ingest,
    model_import,
    models,
    prediction_results,
    predictions,
    projects,
    runs,
    seen,
)
from backend.services.model_declared import Declared
from backend.settings import get_settings
from backend.storage import Storage, storage_of
from tests.trained import QUICK, Trained, result_of
from workers.lifecycle import run as run_job
from workers.predictions import predict
from workers.runs import train


def _url() -> str:
    return get_settings().resolved_database_url


def _storage() -> Storage:
    return storage_of(get_settings())


def _names(session, project_id) -> dict[str, str]:
    return dict(
        session.execute(select(Recording.id, Recording.file_name).where(Recording.project_id == project_id)).all()
    )


def _by_lot(session, project_id, seed, **columns) -> str:
    """Attach a table of labels drawn by lot, which names no patients; the first table of the project does."""
    lot = np.random.default_rng(seed)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["file_name", "label", *columns])
    for number, name in enumerate(sorted(_names(session, project_id).values())):
        rows.writerow([name, "abc"[lot.integers(3)], *(column(number) for column in columns.values())])
    return datasets.create(session, project_id, text.getvalue().encode(), "lot.csv").id


def _things(session, ids) -> dict[str, set[str]]:
    rows = session.scalars(select(Recording).where(Recording.id.in_(ids))).all()
    return {
        "id": {row.id for row in rows},
        "patient": {row.patient_id for row in rows} - {None},
        "signal": {row.signal_key for row in rows},
    }


def _assert_clean(session, run: Run, *ancestors: Run) -> None:
    tested = _things(session, run.split["test"])
    for one in (run, *ancestors):
        learnt = _things(session, [*one.split["train"], *one.split["validation"]])
        for kind, things in learnt.items():
            assert not things & tested[kind], (one.name, kind)


@pytest.mark.parametrize("method", ["head", "all", "head_then_all"])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"training": {"seed": 99}},
        {"split": {"split_seed": 99}},
        {"split": {"train": 0.4, "validation": 0.2, "test": 0.4, "split_seed": 7}},
        {"labels": ["a", "b"]},
    ],
    ids=str,
)
def test_no_request_brings_what_the_base_learned_from_into_the_test(trained: Trained, method: str, asked: dict) -> None:
    with write_session(_url()) as session:
        dataset_id = _by_lot(session, trained.project_id, seed=5)
        training = QUICK | {"method": method} | asked.get("training", {})
        split = {"method": "holdout"} | asked.get("split", {})
        request = runs.Request(
            dataset_id, base_model_id=trained.model_id, **asked | {"training": training, "split": split}
        )
        row = runs.create(session, trained.project_id, request)
        _assert_clean(session, row, session.get_one(Run, trained.run_id))
        assert len(row.split["test"]) >= 5


def test_what_is_kept_out_of_the_test_is_counted_named_and_explained(trained: Trained) -> None:
    with write_session(_url()) as session:
        request = runs.Request(
            trained.dataset_id,
            base_model_id=trained.model_id,
            split={"method": "holdout", "split_seed": 99},
            training=QUICK | {"method": "head"},
        )
        left_out = runs.create(session, trained.project_id, request).facts["left_out"]
        assert {one["kind"] for one in left_out} == {"seen"}
        said = "kept out of the test part: in the training of “Tiny” was this recording"
        assert any(said in one["text"] for one in left_out)
        names = set(_names(session, trained.project_id).values())
        for one in left_out:
            assert one["n"] >= len(one["files"]) > 0
            assert set(one["files"]) <= names
        told = runs.estimate(session, trained.project_id, request)
        assert [one.n for one in told.left_out] == [one["n"] for one in left_out]


def test_folds_that_a_table_declares_are_followed_less_what_the_base_has_seen(trained: Trained) -> None:
    with write_session(_url()) as session:
        base = session.get_one(Run, trained.run_id)
        dataset_id = _by_lot(session, trained.project_id, 5, fold=lambda number: number % 3)
        request = runs.Request(
            dataset_id, base_model_id=trained.model_id, split={"kind": "column"}, training=QUICK | {"method": "head"}
        )
        with pytest.raises(TrainingImpossibleError, match=r"to test on, .* choose another base model, or train from"):
            runs.create(session, trained.project_id, request)
        known = {*base.split["train"], *base.split["validation"]}
        for entry in session.get_one(Dataset, dataset_id).entries:
            entry.part = "0" if entry.recording_id in known and entry.row % 3 else "2" if entry.row % 5 else "1"
        session.flush()
        row = runs.create(session, trained.project_id, request)
        _assert_clean(session, row, base)
        folds = dict(session.execute(select(DatasetEntry.recording_id, DatasetEntry.part)).all())
        assert {folds[one] for one in row.split["test"]} == {"2"}
        assert row.facts["left_out"][-1]["kind"] == "seen"


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_check, "check_native", lambda onnx, weights: 0.0)
    monkeypatch.setattr(model_check, "methods_of", lambda onnx: (["head"], []))


@pytest.mark.usefixtures("untried")
@pytest.mark.parametrize("with_list", [True, False])
def test_the_package_of_a_base_says_in_another_project_what_it_has_seen(trained: Trained, with_list: bool) -> None:
    """There patients have other pseudonyms; with the list or, on the same platform, without it, signals tell."""
    with write_session(_url()) as session:
        model, split = session.get_one(Model, trained.model_id), session.get_one(Run, trained.run_id).split
        told = seen.for_package(session, model)
        data = b"".join(models.package(_storage(), model, told if with_list else None))
        assert not any(row.signal_key.encode() in data for row in session.scalars(select(Recording)))
        other = projects.create(session, "Elsewhere").id
        new = {}
        for row in session.scalars(select(Recording).where(Recording.project_id == trained.project_id)).all():
            copy = {column.name: getattr(row, column.name) for column in Recording.__table__.columns}
            new[row.id] = new_id()
            session.add(
                Recording(**copy | {"id": new[row.id], "project_id": other, "patient_id": None, "patient_alike": None})
            )
        session.flush()
        dataset_id = _by_lot(session, other, 5)
    checked = model_import.check(io.BytesIO(data), "base.zip", Declared(), get_settings())
    with write_session(_url()) as session:
        here = model_import.keep(session, _storage(), other, "", checked)
        said = seen.seen_by(session, here, other, list(new.values()))
        for part, status in (("train", "training"), ("validation", "validation")):
            assert {said[new[one]].status for one in split[part]} == {status}
        request = runs.Request(
            dataset_id,
            base_model_id=here.id,
            split={"method": "holdout", "split_seed": 99},
            training=QUICK | {"method": "head"},
        )
        row = runs.create(session, other, request)
        learnt = {new[one] for one in (*split["train"], *split["validation"])}
        assert not learnt & set(row.split["test"])
        assert any("other pseudonyms" in text for text in row.facts["not_checked"])


def _store(session, project_id, recording, name) -> str:
    files = FileSet((SourceFile(name, encode_signal(recording) + name.encode()),))
    project = projects.get(session, project_id)
    (outcome,) = ingest.store(session, _storage(), project, [ingest.ReadSet(files, (recording,))], ReadOptions())
    return outcome.recording_ids[0]


def _copy_of(session, row, noise=0.005, patient=None):
    from backend.ecg.recording import Recording as Read

    signal, rate = decode_signal(_storage().get(row.signal_key))
    noisy = (signal * 1.01 + np.random.default_rng(1).normal(0, noise, signal.shape)).astype(np.float32)
    return Read(signal=noisy, rate=rate, name="copy", format="npy", patient=Patient(id=patient))


def test_a_noisy_copy_of_a_recording_is_on_its_side_and_known_to_the_model(trained: Trained) -> None:
    with write_session(_url()) as session:
        base = session.get_one(Run, trained.run_id)
        copies = {}
        for part in ("train", "validation", "test"):
            row = session.get_one(Recording, base.split[part][0])
            copies[_store(session, trained.project_id, _copy_of(session, row), f"{part}.npy")] = part
        said = seen.seen_by(session, session.get_one(Model, trained.model_id), trained.project_id, list(copies))
        assert {one: said[one].how for one in copies} == dict.fromkeys(copies, "copy")
        dataset_id = _by_lot(session, trained.project_id, 3)
        row = runs.create(
            session, trained.project_id, runs.Request(dataset_id, split={"method": "holdout"}, training=QUICK)
        )
        moved = any("were moved" in note for run in (base, row) for note in run.facts["notes"])
        for copy, part in copies.items():
            (side,) = [name for name, ids in row.split.items() if copy in ids]
            assert base.split[part][0] in row.split[side]
            # from scratch, with other labels: a side is another one only where a part would have lacked a label
            assert side == part or moved


def test_identifiers_written_differently_count_as_one_patient_and_are_asked_about(trained: Trained) -> None:
    with write_session(_url()) as session:
        rows = session.scalars(select(Recording).limit(2)).all()
        written = {}
        for patient, row in zip(("P001", "p-001 "), rows, strict=True):
            read = replace(_copy_of(session, row, noise=3.0), patient=Patient(id=patient))
            written[_store(session, trained.project_id, read, f"{patient.strip()}.npy")] = patient
        dataset_id = _by_lot(session, trained.project_id, 3)
        sides = {}
        for spellings in ("same", "different"):
            split = {"method": "holdout", "spellings": spellings, "split_seed": 4}
            row = runs.create(session, trained.project_id, runs.Request(dataset_id, split=split, training=QUICK))
            sides[spellings] = [part for one in written for part in row.split if one in row.split[part]]
            (question,) = row.facts["questions"]
            assert set(question["files"]) == {"P001.npy", "p-001.npy"}
            assert question["written"] == ["capital letters, zeros in front", "small letters, “-”, zeros in front"]
            assert "P001 " not in question["text"].replace("P001.npy", "")
        assert len(set(sides["same"])) == 1


def test_a_fine_tuned_model_passes_on_what_its_base_has_seen_and_its_predictions_say_so(trained: Trained) -> None:
    """One real training: the head alone, then a prediction of what it was trained on."""
    with write_session(_url()) as session:
        request = runs.Request(
            trained.dataset_id,
            "Tuned",
            base_model_id=trained.model_id,
            split={"method": "holdout"},
            training=QUICK | {"method": "head"},
        )
        job_id = runs.create(session, trained.project_id, request).job_id
    run_job(job_id, train)
    model_id = result_of(get_settings(), job_id)["model_id"]
    with write_session(_url()) as session:
        models.delete(session, _storage(), session.get_one(Model, trained.model_id))  # it is remembered all the same
    with write_session(_url()) as session:
        chain = seen.list_of(session, session.get_one(Model, model_id))
        assert [one.name for one in chain] == ["Tuned", "Tiny"]
        assert all(one.known and one.sha256 for one in chain)
        row = predictions.create(session, trained.project_id, model_id, trained.dataset_id)
        prediction_id, prediction_job = row.id, row.job_id
    run_job(prediction_job, predict)
    with read_session(_url()) as session:
        row = predictions.get(session, trained.project_id, prediction_id)
        base = session.get_one(Run, trained.run_id)
        assert row.seen == {
            "training": len(base.split["train"]), "validation": len(base.split["validation"]),
            "test": len(base.split["test"]),
        }  # fmt: skip
        assert "this is no result" in prediction_results.cautions_of(row)[0].text
        lines = list(csv.DictReader(io.StringIO("".join(prediction_results.to_csv(session, row)))))
        labels = {
            entry.file_name: ";".join(entry.labels) for entry in session.get_one(Dataset, trained.dataset_id).entries
        }
        assert {line["file_name"]: line["known"] for line in lines} == labels
        assert sum(line["seen"] == "training" for line in lines) == len(base.split["train"])
