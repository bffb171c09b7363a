"""The tables. Every row belongs to a project; deleting the project deletes it.

projects ─┬─ recordings ──────────────┐
          ├─ imports ── import_outcomes (what became of each file of a batch)
          ├─ datasets ── dataset_entries (labels of a recording, as one table of labels gives them)
          ├─ jobs ── job_events       │
          ├─ runs (training) ── models│
          └─ predictions ── prediction_results
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.base import Json, Table, new_id, owner, row_id, utc_now

__all__ = [
    "Dataset",
    "DatasetEntry",
    "Import",
    "ImportOutcome",
    "Job",
    "JobEvent",
    "Json",
    "Model",
    "Prediction",
    "PredictionResult",
    "Project",
    "Recording",
    "Run",
    "Table",
    "Worker",
    "new_id",
    "utc_now",
]


class Project(Table):
    """A wall around recordings, labels, runs and models."""

    __tablename__ = "projects"
    id: Mapped[str] = row_id()
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    keep_originals: Mapped[bool] = mapped_column(Boolean, default=True)
    simulated: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Recording(Table):
    """One stored 12-lead ECG: `index` counts the recordings read from one set of files (`source_sha256`)."""

    __tablename__ = "recordings"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    source_sha256: Mapped[str] = mapped_column(String(64))
    index: Mapped[int] = mapped_column(Integer, default=0)
    file_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(40))
    rate: Mapped[float] = mapped_column(Float)  # Hz
    n_samples: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(20), default="mV")
    derived_leads: Mapped[list[str]] = mapped_column(default=list)
    missing_leads: Mapped[list[str]] = mapped_column(default=list)  # of a partial recording, which is only looked at
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    age: Mapped[float | None] = mapped_column(Float)  # years, 90 at most
    sex: Mapped[str | None] = mapped_column(String(1))
    device: Mapped[str | None] = mapped_column(Text)
    device_facts: Mapped[Json] = mapped_column(default=dict)  # as backend.ecg.recording.DeviceFacts
    recorded_at: Mapped[datetime | None] = mapped_column()
    declared: Mapped[Json] = mapped_column(default=dict)  # what the uploader declared: rate, units_per_mv, unit, leads
    left_open: Mapped[list[str]] = mapped_column(default=list)  # what the file itself did not say: rate, unit, leads
    notes: Mapped[list[str]] = mapped_column(default=list)
    findings: Mapped[list[Any]] = mapped_column(default=list)  # [{code, message}]
    signal_key: Mapped[str] = mapped_column(String(64))
    originals: Mapped[list[Any]] = mapped_column(default=list)  # [{name, key, size}]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (
        UniqueConstraint("project_id", "source_sha256", "index"),
        Index("ix_recordings_project_file", "project_id", "file_name"),
        Index("ix_recordings_project_created", "project_id", "created_at"),
    )


class Import(Table):
    """A batch of files sent together, in one request or many."""

    __tablename__ = "imports"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    declared: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ImportOutcome(Table):
    """What became of one set of files of an import, numbered from 1 within it."""

    __tablename__ = "import_outcomes"
    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))  # imported | duplicate | updated | refused
    detail: Mapped[str] = mapped_column(Text, default="")
    recording_ids: Mapped[list[str]] = mapped_column(default=list)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    n_findings: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("ix_import_outcomes_status", "import_id", "status", "n_findings"),)


class Dataset(Table):
    """A table of labels attached to a project: what the recordings show, for whom, in which part of a split."""

    __tablename__ = "datasets"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    name: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(Text)
    task: Mapped[str] = mapped_column(String(20))  # single_label | multi_label | regression
    labels: Mapped[list[str]] = mapped_column(default=list)
    codes: Mapped[Json] = mapped_column(default=dict)  # label -> ICD-10 code, where the table gives one
    split_column: Mapped[str | None] = mapped_column(String(20))  # "split" | "fold" where the table has one
    notes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    entries: Mapped[list["DatasetEntry"]] = relationship(passive_deletes=True, order_by="DatasetEntry.row")


class DatasetEntry(Table):
    """One row of a table of labels; `recording_id` is empty where no recording has that file name (yet)."""

    __tablename__ = "dataset_entries"
    id: Mapped[str] = row_id()
    dataset_id: Mapped[str] = owner("datasets.id")
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="SET NULL"), index=True)
    row: Mapped[int] = mapped_column(Integer)  # line of the table, from 1, the header not counted
    file_name: Mapped[str] = mapped_column(Text)
    labels: Mapped[list[str]] = mapped_column(default=list)
    values: Mapped[list[Any]] = mapped_column(
        default=list
    )  # of a regression: number or None, one a label of the dataset
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    part: Mapped[str | None] = mapped_column(Text)  # value of the split or fold column


class Job(Table):
    """A long task. The row is the truth: whatever the queue forgets is found here again."""

    __tablename__ = "jobs"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    kind: Mapped[str] = mapped_column(String(40))  # name of the task, such as runs.train
    status: Mapped[str] = mapped_column(String(20), default="queued", index=True)
    progress: Mapped[float] = mapped_column(Float, default=0.0)  # 0 to 1
    message: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    worker: Mapped[str | None] = mapped_column(Text)
    cancel_requested_at: Mapped[datetime | None] = mapped_column()
    enqueued_at: Mapped[datetime] = mapped_column(default=utc_now)
    heartbeat_at: Mapped[datetime | None] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    payload: Mapped[Json] = mapped_column(default=dict)


class JobEvent(Table):
    """What a job said, append-only, numbered from 1 within the job."""

    __tablename__ = "job_events"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Run(Table):
    """One training: what was asked for, and what came of it."""

    __tablename__ = "runs"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    base_model_id: Mapped[str | None] = mapped_column(  # the model that is fine-tuned; None: a fresh network
        ForeignKey("models.id", ondelete="SET NULL", use_alter=True), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    architecture: Mapped[str] = mapped_column(String(60))
    settings: Mapped[Json] = mapped_column(default=dict)  # architecture config, preprocessing, split, training
    split: Mapped[Json] = mapped_column(default=dict, deferred=True)  # part -> ids of its recordings
    facts: Mapped[Json] = mapped_column(default=dict)  # labels, task, data hash, counts of each part, notes
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped[Job] = relationship(lazy="joined")


class Model(Table):
    """A network, trained here or brought along: its ONNX file, its weights by name, and what is known of it.

    `manifest` holds what the package of the model says beyond the columns: training_data, lineage, versions, graph,
    and for an imported model source (the kind of file) and notes.
    """

    __tablename__ = "models"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    base_model_id: Mapped[str | None] = mapped_column(ForeignKey("models.id", ondelete="SET NULL"), index=True)
    origin: Mapped[str] = mapped_column(String(20), default="trained")  # trained | imported
    name: Mapped[str] = mapped_column(String(200))
    architecture: Mapped[str] = mapped_column(String(60))
    spec: Mapped[Json] = mapped_column(default=dict)
    evaluation: Mapped[Json] = mapped_column(default=dict)
    parity: Mapped[float | None] = mapped_column(Float)  # largest |ONNX - torch| of the logits at export
    parameters: Mapped[int] = mapped_column(BigInteger, default=0)
    onnx_key: Mapped[str] = mapped_column(String(64))
    onnx_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    weights_key: Mapped[str | None] = mapped_column(String(64))  # safetensors; None where only the graph is known
    weights_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    manifest: Mapped[Json] = mapped_column(default=dict)
    for_prediction: Mapped[bool] = mapped_column(Boolean, default=True)  # offered where one predicts
    for_training: Mapped[bool] = mapped_column(Boolean, default=True)  # offered where one chooses what to fine-tune
    licence: Mapped[str] = mapped_column(Text, default="")
    intended_use: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Prediction(Table):
    """One application of a model to a dataset, or to all recordings of a project."""

    __tablename__ = "predictions"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    model_id: Mapped[str] = owner("models.id")
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    evaluation: Mapped[Json | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    job: Mapped[Job] = relationship(lazy="joined")
    model: Mapped[Model] = relationship(lazy="joined")


class PredictionResult(Table):
    """What the model says of one recording, or why it could say nothing."""

    __tablename__ = "prediction_results"
    prediction_id: Mapped[str] = mapped_column(ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    probabilities: Mapped[list[Any]] = mapped_column(default=list)
    predicted: Mapped[list[str]] = mapped_column(default=list)
    error: Mapped[str | None] = mapped_column(Text)
    recording: Mapped[Recording] = relationship()


class Worker(Table):
    """A living worker process; its row is refreshed every few seconds."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    queues: Mapped[list[str]] = mapped_column(default=list)
    heartbeat_at: Mapped[datetime] = mapped_column(default=utc_now)
