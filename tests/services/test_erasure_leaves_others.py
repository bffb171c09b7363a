"""Whoever is erased, and however their files are called: nothing of others changes, and nothing of them is left."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import (
    Dataset,
    DatasetEntry,
    Import,
    ImportOutcome,
    Job,
    JobEvent,
    LabelSet,
    Model,
    Project,
    Recording,
    Run,
    SavedView,
    Table,
)
from backend.services import erasure
from backend.settings import get_settings
from backend.storage import storage_of
from tests.erasure_world import empty_database, recording

WORDS = [
    "AFIB", "NORM", "test", "train", "done", "failed", "queued", "200", "1200", "runs", "seen", "folds", "kind", "text",
    "status", "labels", "counts", "train.csv", "label",
]  # fmt: skip
"""What recordings are called that is a label, a kind, a state, a key or a number elsewhere."""
TELLING = ("zimmermann", "jane-doe", "MRN-77", "40689238", "visit of lee")
SHARED = "exams.hdf5"

Rows = dict[str, dict[str, dict[str, Any]]]


class World:
    """A project of twelve patients, each of whose rows bears who is named in it."""

    def __init__(self, session: Session, seed: int) -> None:
        self.draw = Random(seed)
        project = Project(name="Project", description="AFIB of 200 in test and train")
        session.add(project)
        session.flush()
        self.project_id = project.id
        self.recordings: dict[str, str] = {}  # id -> patient
        self.names: dict[str, set[str]] = {}  # id -> what tells of it
        for n in range(24):
            self._recording(session, n)
        self._shared_rows(session)

    def _recording(self, session: Session, n: int) -> None:
        patient = f"p-{n // 2:016x}"
        word = TELLING[n // 2 % 5] if self.draw.random() < 0.4 else self.draw.choice(WORDS)
        how = self.draw.choice(["own", "own", "bare", "folder", "shared"])
        file_name = {"own": f"{word}.csv", "bare": word, "folder": f"{word}/{n}.csv", "shared": SHARED}[how]
        name = f"exams[{n}]" if how == "shared" else word
        record_id = self.draw.choice([None, word, *WORDS])
        one = recording(session, self.project_id, n, name, patient, file_name=file_name, record_id=record_id)
        self.recordings[one] = patient
        self.names[one] = {file_name, name, word, record_id or name} & {*TELLING, *(f"{t}.csv" for t in TELLING)}

    def _shared_rows(self, session: Session) -> None:
        mine = {"project_id": self.project_id}
        ids = list(self.recordings)
        batch = Import(**mine, declared={"rate": 500, "labels": WORDS})
        table = Dataset(
            **mine, name="AFIB, test and train", file_name="train.csv", task="multi_label", labels=["NORM", "AFIB"],
            codes={"AFIB": "I48", "NORM": "test"}, choice={"labels": WORDS}, notes=["200 rows of test have AFIB"],
        )  # fmt: skip
        job = Job(**mine, kind="runs.train", status="done", message="Predicted 200 of 1200 test recordings", payload={})
        session.add_all([batch, table, job])
        session.flush()
        keys = {word: {"n": n, "label": word} for n, word in enumerate(WORDS)}
        session.add_all(
            [
                LabelSet(**mine, name="test", task="multi_label", labels=[{"name": one} for one in WORDS]),
                SavedView(**mine, name="AFIB in test", query={"label": "AFIB", "format": "test", "search": "train"}),
                Model(
                    **mine, name="test", architecture="train", onnx_key="e" * 64,
                    spec={"labels": ["NORM", "AFIB"], "codes": {"AFIB": "done"}, "thresholds": [0.5, 0.4]},
                    evaluation={"per_label": keys, "labels": WORDS}, manifest={"notes": ["AFIB of 1200"]},
                ),
                *(self._run(table.id, job.id, ids[:n], name) for n, name in ((24, "test"), (9, "train"))),
            ]
        )  # fmt: skip
        for n, one in enumerate(ids):
            row = session.get_one(Recording, one)
            text = f"{row.file_name}: {row.name} ({one}) is flat for 200 ms"
            told = {"text": text, "kind": "seen", "labels": WORDS, "counts": keys, "recordings": [one]}
            session.add(JobEvent(job_id=job.id, number=n + 1, kind="note", payload=told))
            session.add(
                DatasetEntry(
                    dataset_id=table.id, recording_id=one, row=n + 1, file_name=row.file_name,
                    labels=self.draw.sample(["NORM", "AFIB"], 1), patient_id=row.patient_id,
                )
            )  # fmt: skip
            if row.file_name != SHARED:
                outcome = ImportOutcome(number=n + 1, import_id=batch.id, file_name=row.file_name, status="imported")
                outcome.recording_ids, outcome.detail = [one], text
                session.add(outcome)
        of_many = [one for one in ids if session.get_one(Recording, one).file_name == SHARED]
        session.add(
            ImportOutcome(number=99, import_id=batch.id, file_name=SHARED, status="done", recording_ids=of_many)
        )

    def _run(self, dataset_id: str, job_id: str, ids: list[str], name: str) -> Run:
        folds = [[self.draw.randrange(3) for _ in ids] for _ in range(2)]
        split = {"train": ids, "validation": [], "test": [], "folds": folds, "groups": list(range(len(ids)))}
        facts = {"labels": ["NORM", "AFIB"], "counts": {word: {"n": 1} for word in WORDS}, "task": "multi_label"}
        settings = {word: word for word in WORDS}
        return Run(
            project_id=self.project_id, dataset_id=dataset_id, job_id=job_id, name=name, architecture="test",
            settings=settings, split=split, facts=facts,
        )  # fmt: skip


def _rows(url: str) -> Rows:
    """Return every row of every table by its key, as plain JSON."""
    found: Rows = {}
    with read_session(url) as session:
        for name, table in Table.metadata.tables.items():
            for row in session.execute(select(table)).mappings():
                key = " ".join(str(row[column.name]) for column in table.primary_key)
                found.setdefault(name, {})[key] = json.loads(json.dumps(dict(row), default=str))
    return found


def _expected(before: Rows, gone: set[str]) -> Rows:
    """Return what has to be there afterwards but for texts that are of the erased: told from the rows alone."""
    after: Rows = {}
    for name, rows in before.items():
        for key, row in rows.items():
            if key in gone or row.get("recording_id") in gone:
                continue
            if name == "import_outcomes":
                row = row | {"recording_ids": [one for one in row["recording_ids"] if one not in gone]}
                if not row["recording_ids"]:
                    continue
            if name == "runs":
                stays = [n for n, one in enumerate(row["split"]["train"]) if one not in gone]
                split = {part: [row["split"][part][n] for n in stays] for part in ("train", "groups")}
                split |= {"folds": [[line[n] for n in stays] for line in row["split"]["folds"]]}
                n_gone = len(row["split"]["train"]) - len(stays)
                facts = row["facts"] | ({"n_erased": n_gone} if n_gone else {})
                row = row | {"split": row["split"] | split, "facts": facts}
            if name == "job_events" and set(row["payload"]["recordings"]) & gone:
                row = row | {"payload": row["payload"] | {"recordings": [], "text": "of the erased"}}
            after.setdefault(name, {})[key] = row
    return after


@pytest.mark.parametrize("way", ["patients", "recordings"])
@pytest.mark.parametrize("seed", range(8))
def test_nothing_of_others_changes_and_nothing_of_the_erased_is_left(tmp_path: Path, seed: int, way: str) -> None:
    with empty_database(tmp_path) as url:
        with write_session(url) as session:
            world = World(session, seed)
        before = _rows(url)
        if way == "patients":
            patients = world.draw.sample(sorted(set(world.recordings.values())), 3)
            gone = {one for one, patient in world.recordings.items() if patient in patients}
            for patient in patients:
                erasure.erase(url, storage_of(get_settings()), world.project_id, patient)
        else:
            gone = set(world.draw.sample(sorted(world.recordings), 5))
            with write_session(url) as session:
                erasure.erase_recordings(session, world.project_id, sorted(gone))
        after = _rows(url)
    left = json.dumps(after)
    whose = {world.recordings[one] for one in world.recordings if one not in gone}
    marks = gone | {world.recordings[one] for one in gone} - whose
    marks |= {before["recordings"][one][key] for one in gone for key in ("signal_key", "source_sha256")}
    assert [mark for mark in marks if mark in left] == []
    stay = json.dumps([before["recordings"][one] for one in world.recordings if one not in gone])
    assert [name for one in gone for name in world.names[one] if name not in stay and name in left] == []
    for key, row in after["job_events"].items():
        if not row["payload"]["recordings"]:  # what is said of the erased says so, and keeps its measure
            assert row["payload"]["text"].endswith("(erased)) is flat for 200 ms"), key
            row["payload"]["text"] = "of the erased"
    assert after == _expected(before, gone)
