"""Pre-training as a job: killed in the middle it goes on to the same losses, and trainings start from its model."""

from pathlib import Path

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Job
from backend.services import jobs, pretrainings, projects, runs
from backend.settings import Settings
from tests.trained import QUICK, result_of
from workers.lifecycle import RunningJob, run
from workers.pretrainings import pretrain
from workers.projects import demo
from workers.runs import train

SMALL = {"width": 8}  # of the network that is exported the quickest
SETTINGS = {"passes": 96, "batch_size": 16, "threads": 1, "checkpoint_minutes": 0.01, "objectives": {"rlign": 1}}
MEASURED = "pretraining"


class _Killed(BaseException):
    """What no edge of the worker catches: the row stays as a killed process leaves it."""


def _queued(url: str, project_id: str) -> str:
    with write_session(url) as session:
        request = pretrainings.Request("Small", "xresnet1d18", SMALL, SETTINGS)
        return pretrainings.create(session, project_id, request).id


def _losses(url: str, job_id: str) -> list[dict[str, object]]:
    """What was measured, without how long it took; the same step measured twice is kept once."""
    with read_session(url) as session:
        told = [event.payload for event in jobs.events(session, job_id) if event.kind == MEASURED]
    by_step = {one["steps"]: {key: value for key, value in one.items() if key != "seconds"} for one in told}
    return [by_step[step] for step in sorted(by_step)]


def test_a_killed_job_goes_on_to_the_same_losses_and_a_training_starts_from_its_model(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = installed.resolved_database_url
    with write_session(url) as session:
        project, job = projects.create_demo(session, "Simulated", 100, 1)
    run(job.id, demo)
    dataset_id = result_of(installed, job.id)["dataset_id"]

    whole = _queued(url, project.id)
    with monkeypatch.context() as patch:
        patch.setattr("workers.pretrainings._finish", lambda *_: "not exported")
        run(whole, pretrain)
    wanted = _losses(url, whole)
    assert wanted[-1]["passes"] == 96

    killed = _queued(url, project.id)
    with monkeypatch.context() as patch:
        _dies_at_its_first_measurement(patch, killed)
    with write_session(url) as session:
        row = session.get_one(Job, killed)
        assert row.status == "running"
        row.heartbeat_at = row.created_at.replace(year=2000)  # silent for long: its lease is over
    assert (installed.data_dir / "checkpoints" / f"{killed}.pt").exists()
    run(killed, pretrain)
    with read_session(url) as session:
        said = [event.payload.get("text", "") for event in jobs.events(session, killed)]
    assert any("resumed after" in text for text in said), said
    assert _losses(url, killed)[-1] == wanted[-1]
    assert list((installed.data_dir / "checkpoints").iterdir()) == []

    base = result_of(installed, killed)["model_id"]
    request = runs.Request(dataset_id, "From it", base_model_id=base, training={**QUICK, "method": "head"})
    with write_session(url) as session:
        row = runs.create(session, project.id, request)
    run(row.job_id, train)
    assert result_of(installed, row.job_id)["model_id"]


def _dies_at_its_first_measurement(monkeypatch: pytest.MonkeyPatch, job_id: str) -> None:
    say = RunningJob.say

    def dying(job: RunningJob, kind: str, **payload: object) -> None:
        say(job, kind, **payload)
        if kind == MEASURED:
            raise _Killed

    monkeypatch.setattr(RunningJob, "say", dying)
    with pytest.raises(_Killed):
        run(job_id, pretrain)


def test_cancelled_it_keeps_neither_model_nor_checkpoint(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    url = installed.resolved_database_url
    with write_session(url) as session:
        project, job = projects.create_demo(session, "Simulated", 100, 1)
    run(job.id, demo)
    job_id = _queued(url, project.id)
    progress = RunningJob.progress

    def cancelling(self: RunningJob, fraction: float, message: str, *, always: bool = False) -> None:
        if "passed" in message:
            self._cancelled.set()
        progress(self, fraction, message, always=always)

    monkeypatch.setattr(RunningJob, "progress", cancelling)
    run(job_id, pretrain)
    with read_session(url) as session:
        assert session.get_one(Job, job_id).status == "cancelled"
    assert [path for folder in ("checkpoints", "prepared") for path in _files(installed.data_dir / folder)] == []


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
