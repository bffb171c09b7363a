"""Wire shapes of jobs. What the kinds of events carry is defined where they are written, in `services.job_events`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from backend.api.schemas.base import Schema, Sentence
from backend.ml.pretraining.events import Measured
from backend.ml.training.events import LrFound
from backend.services.job_events import Epoch, Fold, JobResult, JobStatus, Line, StatusChange
from backend.services.job_tray import Thing


class JobState(Schema):
    """Where a long task stands, whoever it belongs to."""

    id: str
    kind: str
    status: JobStatus
    progress: float
    message: Sentence
    error: Sentence | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    stop_requested_at: datetime | None = Field(description="A training was asked to stop and keep its best epoch.")


class Job(JobState):
    """A long task of a project and where it stands."""

    project_id: str


class ExchangeJob(JobState):
    """Long work in an exchange, which belongs to no project, and where it stands."""

    exchange_id: str


class _Event(Schema):
    number: int = Field(description="From 1 within the job.")
    created_at: datetime


class StatusEvent(_Event):
    """The job is queued, taken up by a worker, or has ended."""

    kind: Literal["status"]
    payload: StatusChange


class LogEvent(_Event):
    """A line of the log."""

    kind: Literal["log"]
    payload: Line


class NoteEvent(_Event):
    """Something about the recordings that is worth knowing afterwards too."""

    kind: Literal["note"]
    payload: Line


class LearningRateEvent(_Event):
    """The learning rate of a training has been found."""

    kind: Literal["learning_rate"]
    payload: LrFound


class EpochEvent(_Event):
    """A training has finished an epoch."""

    kind: Literal["epoch"]
    payload: Epoch


class FoldEvent(_Event):
    """A fold of a cross-validation was tested."""

    kind: Literal["fold"]
    payload: Fold


class PretrainingEvent(_Event):
    """A pre-training has written a checkpoint and measured its losses."""

    kind: Literal["pretraining"]
    payload: Measured


class ResultEvent(_Event):
    """The job has made what it was for."""

    kind: Literal["result"]
    payload: JobResult


Event = StatusEvent | LogEvent | NoteEvent | LearningRateEvent | EpochEvent | FoldEvent | PretrainingEvent | ResultEvent


class JobEvent(RootModel[Annotated[Event, Field(discriminator="kind")]]):
    """One thing a job said; `kind` tells what its payload is."""

    model_config = ConfigDict(from_attributes=True)


class TrayJob(Job):
    """A job as it is followed from everywhere: with its project, what it is about, and what can be done with it."""

    project_name: str
    thing: Thing
    thing_id: str = Field(description="Id of the run, prediction …; empty where it has none of its own.")
    title: str = Field(description="Name of the training, or of the model that predicts, is evaluated or travels.")
    seconds_left: float | None = Field(
        description="Learned from this job's own speed and from earlier ones of this machine; null: not known yet."
    )
    can_keep: bool = Field(description="A training with a best epoch: it can be stopped and its model kept.")
    can_resume: bool = Field(description="It has failed or was cancelled, and goes on from what it has kept.")
