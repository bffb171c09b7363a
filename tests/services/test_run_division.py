"""A run whose recordings were erased is trained anew, not on: with folds of others, patients are on both sides."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, DatasetEntry, Job, Project, Recording, Run
from backend.errors import ConflictError
from backend.ml.data.folds import divide_into_folds
from backend.services import checkpoints, erasure, job_control, run_division, runs
from backend.settings import get_settings
from tests.erasure_world import empty_database, recording

METHODS = ("cross_validation", "holdout")


class World(NamedTuple):
    """A project with ten patients of two ECGs each, and a training of them that was cancelled."""

    url: str
    project_id: str
    ids: list[str]
    run_id: str
    job_id: str
    patients: dict[str, str]


@pytest.fixture(params=METHODS)
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with empty_database(tmp_path) as url:
        with write_session(url) as session:
            project = Project(name="Of ten patients")
            session.add(project)
            session.flush()
            patients = [f"p-{n // 2:016x}" for n in range(20)]
            ids = [recording(session, project.id, n, f"ecg-number-{n}", patients[n]) for n in range(20)]
            dataset = Dataset(
                project_id=project.id, name="d", file_name="t.csv", task="multi_label", labels=["AFIB"], complete=True
            )
            job = Job(project_id=project.id, kind="runs.train", payload={}, status="cancelled")
            session.add_all([dataset, job])
            session.flush()
            for n, one in enumerate(ids):
                session.add(
                    DatasetEntry(
                        dataset_id=dataset.id, recording_id=one, row=n + 1, file_name=f"ecg-number-{n}.csv",
                        labels=["AFIB"] if n % 4 < 2 else [], patient_id=patients[n],
                    )
                )  # fmt: skip
            run = Run(
                project_id=project.id, dataset_id=dataset.id, job_id=job.id, name="r", architecture="xresnet1d18",
                settings={}, split=_split(request.param, ids, patients), facts=_facts(request.param),
            )  # fmt: skip
            session.add(run)
            session.flush()
            made = World(url, project.id, ids, run.id, job.id, dict(zip(ids, patients, strict=True)))
        yield made


def _split(method: str, ids: list[str], patients: list[str]) -> dict[str, Any]:
    if method == "holdout":
        return {"train": ids[:12], "validation": ids[12:16], "test": ids[16:]}
    y = np.array([[n % 4 < 2] for n in range(20)])
    folds = divide_into_folds(y, patients, seed=1, folds=5, repeats=2)
    everybody = {"train": ids, "validation": [], "test": []}
    sources = [n // 4 for n in range(20)]
    return everybody | {"folds": folds.fold.tolist(), "groups": folds.group.tolist(), "sources": sources}


def _facts(method: str) -> dict[str, Any]:
    counts = {"train": 12, "validation": 4, "test": 4} if method == "holdout" else {"train": 20}
    return {"labels": ["AFIB"], "task": "multi_label", "counts": {part: {"n": n} for part, n in counts.items()}}


def _erase(world: World, ids: list[str]) -> None:
    with write_session(world.url) as session:
        erasure.erase_recordings(session, world.project_id, ids)


def test_a_training_goes_on_as_long_as_nothing_was_erased(world: World) -> None:
    with write_session(world.url) as session:
        job = session.get_one(Job, world.job_id)
        assert job_control.goes_on(session, job)
        assert len(runs.to_train(session, session.get_one(Run, world.run_id))[0]) == 20


@pytest.mark.parametrize("number", [0, 7, 19])
def test_a_training_of_which_a_recording_was_erased_is_neither_offered_to_go_on_nor_does_it(
    world: World, number: int
) -> None:
    _erase(world, [world.ids[number]])
    with write_session(world.url) as session:
        job = session.get_one(Job, world.job_id)
        assert not job_control.goes_on(session, job)
        with pytest.raises(ConflictError, match=r"1 recording of this run has been erased .* Start a new training"):
            job_control.resume(session, job)
        assert job.status == "cancelled"
        with pytest.raises(ConflictError, match="Start a new training"):  # what a worker asks for
            runs.to_train(session, session.get_one(Run, world.run_id))


def test_what_is_left_of_a_division_is_still_that_of_the_recordings_it_is_of(world: World) -> None:
    with read_session(world.url) as session:
        before = dict(session.get_one(Run, world.run_id).split)
    gone = {world.ids[0], world.ids[9], world.ids[18]}
    _erase(world, sorted(gone))
    with read_session(world.url) as session:
        after = session.get_one(Run, world.run_id).split
    assert set(after) == set(before)
    for part in ("train", "validation", "test"):
        assert after[part] == [one for one in before[part] if one not in gone]
    if "folds" in before:
        for name in ("groups", "sources"):
            was = dict(zip(before["train"], before[name], strict=True))
            assert dict(zip(after["train"], after[name], strict=True)) == {one: was[one] for one in after["train"]}
        for was_row, row in zip(before["folds"], after["folds"], strict=True):
            was = dict(zip(before["train"], was_row, strict=True))
            assert dict(zip(after["train"], row, strict=True)) == {one: was[one] for one in after["train"]}


def test_a_run_that_lost_ids_before_this_was_counted_does_not_go_on_either(world: World) -> None:
    """So an installation was left by older versions: the id is gone, and nothing says so."""
    with write_session(world.url) as session:
        run = session.get_one(Run, world.run_id)
        run.split = run.split | {"train": run.split["train"][1:]}
    with write_session(world.url) as session, pytest.raises(ConflictError, match="Start a new training"):
        job_control.resume(session, session.get_one(Job, world.job_id))


@pytest.mark.parametrize("beside", ["folds", "groups", "sources"])
def test_folds_that_do_not_fit_the_recordings_are_refused(world: World, beside: str) -> None:
    with write_session(world.url) as session:
        run = session.get_one(Run, world.run_id)
        if "folds" not in run.split:
            return
        rows = run.split[beside]
        run.split = run.split | {beside: [row[1:] for row in rows] if beside == "folds" else rows[1:]}
        with pytest.raises(ConflictError, match="do not fit"):
            run_division.folds_of(run)


def test_a_training_of_which_a_recording_was_deleted_says_so_before_it_is_queued(world: World) -> None:
    with write_session(world.url) as session:
        session.delete(session.get_one(Recording, world.ids[3]))
    with write_session(world.url) as session:
        job = session.get_one(Job, world.job_id)
        with pytest.raises(ConflictError, match="1 recording of this run has been deleted"):
            job_control.resume(session, job)
        assert job.status == "cancelled"


def test_nothing_that_a_training_would_go_on_from_is_left(world: World) -> None:
    folder = get_settings().data_dir
    kept = checkpoints.place(folder, world.run_id)
    fold = kept.with_name(f"{kept.stem}-0-1.pt")
    other, array = checkpoints.place(folder, "f" * 32), folder / "prepared" / f"{world.run_id}.npy"
    for file in (kept, fold, other, array):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"weights, or signals that a worker which died has left")
    _erase(world, [world.ids[0]])
    assert [file.exists() for file in (kept, fold, other, array)] == [False, False, True, False]


def test_an_erasure_of_what_a_run_has_not_seen_leaves_it_as_it_was(world: World) -> None:
    with write_session(world.url) as session:
        more = recording(session, world.project_id, 77, "later-ecg", "p-" + "7" * 16)
        run = session.get_one(Run, world.run_id)
        before = (dict(run.split), dict(run.facts))
    _erase(world, [more])
    with read_session(world.url) as session:
        run = session.get_one(Run, world.run_id)
        assert (run.split, run.facts) == before
        assert job_control.goes_on(session, session.get_one(Job, world.job_id))
