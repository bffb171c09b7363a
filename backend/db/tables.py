"""The tables. Every row but those of exchanges, accounts and audit belongs to a project, and goes with it.

projects ─┬─ recordings ─┬─ originals (the uploaded files)
          │              └─ recording_names (by which tables of labels find them)
          ├─ imports ── import_outcomes (what became of each file of a batch)
          ├─ saved_views (lists of recordings that are kept under a name)
          ├─ datasets ── dataset_entries (labels of a recording, as one table of labels gives them)
          ├─ label_sets ── readings, reveals (backend.db.annotation_tables)
          ├─ jobs ── job_events (backend.db.job_tables)
          ├─ runs (training) ── models, out_of_fold_rows (backend.db.out_of_fold_table)
          ├─ predictions ── prediction_results
          ├─ evaluations ── evaluation_rows (backend.db.evaluation_tables), stress_tests (backend.db.stress_table)
          ├─ drift_checks ── drift_check_rows (backend.db.drift_tables)
          ├─ comparisons ── compared_runs (backend.db.comparison_tables)
          ├─ explanations (backend.db.explanation_table), kept_figures (backend.db.figures_table)
          ├─ transfers (backend.db.exchange_tables), retention_rules, _holds, _notices (backend.db.retention_tables)
          └─ webhooks, answered_requests (backend.db.hospital_tables)
exchanges ── publisher_keys (backend.db.exchange_tables)
users ── members (of projects), login_sessions, api_keys, one_time_links, identities (backend.db.account_tables)
login_failures; housekeeping; audit_entries, audit_heads (backend.db.audit_tables)
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.account_tables import ApiKey, LoginFailure, LoginSession, Member, OneTimeLink, User
from backend.db.annotation_tables import LabelSet, Reading, Reveal
from backend.db.audit_tables import AuditEntry, AuditHead
from backend.db.base import Json, Table, new_id, owner, row_id, utc_now
from backend.db.comparison_tables import ComparedRun, Comparison
from backend.db.drift_tables import DriftCheck, DriftCheckRow
from backend.db.evaluation_tables import Evaluation, EvaluationRow
from backend.db.exchange_tables import Exchange, PublisherKey, Transfer
from backend.db.explanation_table import Explanation
from backend.db.figures_table import KeptFigure
from backend.db.hospital_tables import AnsweredRequest, Webhook
from backend.db.identity_table import Identity
from backend.db.job_tables import Job, JobEvent, Worker
from backend.db.out_of_fold_table import OutOfFoldRow
from backend.db.retention_tables import Housekeeping, RetentionHold, RetentionNotice, RetentionRule
from backend.db.stress_table import StressTest

__all__ = [
    "AnsweredRequest", "ApiKey", "AuditEntry", "AuditHead", "ComparedRun", "Comparison", "Dataset", "DatasetEntry",
    "DriftCheck", "DriftCheckRow", "Evaluation", "EvaluationRow", "Exchange", "Explanation", "Housekeeping", "Identity",
    "Import", "ImportOutcome", "Job", "JobEvent", "Json", "KeptFigure", "LabelSet", "LoginFailure", "LoginSession",
    "Member", "Model", "OneTimeLink", "Original", "OutOfFoldRow", "Prediction", "PredictionResult", "Project",
    "PublisherKey", "Reading", "Recording", "RecordingName", "RetentionHold", "RetentionNotice", "RetentionRule",
    "Reveal", "Run", "SavedView", "StressTest", "Table", "Transfer", "User", "Webhook", "Worker", "new_id", "utc_now",
]  # fmt: skip


class Project(Table):
    """A wall around recordings, labels, runs and models."""

    __tablename__ = "projects"
    id: Mapped[str] = row_id()
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    keep_originals: Mapped[bool] = mapped_column(Boolean, default=True)
    simulated: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None] = mapped_column()  # it is being deleted, and nobody sees it any more


class Recording(Table):
    """One stored 12-lead ECG: `index` counts the recordings read from one set of files (`source_sha256`)."""

    __tablename__ = "recordings"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    source_sha256: Mapped[str] = mapped_column(String(64))
    index: Mapped[int] = mapped_column(Integer, default=0)
    file_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(Text)  # by which the file itself knows it: exam_id, ecg_id …
    format: Mapped[str] = mapped_column(String(40))
    rate: Mapped[float] = mapped_column(Float)  # Hz
    n_samples: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(20), default="mV")
    derived_leads: Mapped[list[str]] = mapped_column(default=list)
    missing_leads: Mapped[list[str]] = mapped_column(default=list)  # of a partial recording, which is only looked at
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    patient_alike: Mapped[str | None] = mapped_column(Text)  # that of all spellings of the identifier
    patient_written: Mapped[str | None] = mapped_column(Text)  # in words, how the identifier is written
    age: Mapped[float | None] = mapped_column(Float)  # years, 90 at most
    sex: Mapped[str | None] = mapped_column(String(1))
    device: Mapped[str | None] = mapped_column(Text)
    device_facts: Mapped[Json] = mapped_column(default=dict)  # as backend.ecg.recording.DeviceFacts
    recorded_at: Mapped[datetime | None] = mapped_column()
    declared: Mapped[Json] = mapped_column(default=dict)  # what the uploader declared: rate, units_per_mv, unit, leads
    file_labels: Mapped[Json] = mapped_column(default=dict)  # what the file itself declares to be labels, by name
    left_open: Mapped[list[str]] = mapped_column(default=list)  # what the file itself did not say: rate, unit, leads
    notes: Mapped[list[str]] = mapped_column(default=list)
    findings: Mapped[list[Any]] = mapped_column(default=list)  # [{code, message}]
    signal_key: Mapped[str] = mapped_column(String(64), index=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))  # of the signal; None: imported before there were any
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    originals: Mapped[list["Original"]] = relationship(viewonly=True, order_by="Original.position")

    __table_args__ = (
        UniqueConstraint("project_id", "source_sha256", "index"),
        Index("ix_recordings_project_file", "project_id", "file_name", "index", "id"),  # the order of lists
        Index("ix_recordings_project_created", "project_id", "created_at"),
        Index("ix_recordings_project_patient", "project_id", "patient_id"),
        Index("ix_recordings_project_recorded", "project_id", "recorded_at"),
    )


class SavedView(Table):
    """Filters and order of a list of recordings under a name, `query` as the address of the page has them."""

    __tablename__ = "saved_views"
    id: Mapped[str] = row_id()
    project_id: Mapped[str] = owner("projects.id")
    name: Mapped[str] = mapped_column(String(200))
    query: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (UniqueConstraint("project_id", "name"),)


class Original(Table):
    """One of the uploaded files that a recording was read from, the main file first; several may share its bytes."""

    __tablename__ = "originals"
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)  # bytes


class RecordingName(Table):
    """A name by which rows of labels may call a recording (`backend.services.waiting_labels`), also with its folder."""

    __tablename__ = "recording_names"
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    place: Mapped[str] = mapped_column(String(401), index=True)  # last folder/name


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
    # which column means what, or where the labels come from: {"in_files": [names]}, {"label_set": {id, name, version}}
    choice: Mapped[Json] = mapped_column(default=dict)
    complete: Mapped[bool] = mapped_column(Boolean, default=True)  # all its rows are here; nobody sees it before
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
    values: Mapped[list[Any]] = mapped_column(default=list)  # of a regression: number or None, one a label
    patient_id: Mapped[str | None] = mapped_column(Text)  # a pseudonym
    patient_alike: Mapped[str | None] = mapped_column(Text)
    patient_written: Mapped[str | None] = mapped_column(Text)
    part: Mapped[str | None] = mapped_column(Text)  # value of the split or fold column
    sex: Mapped[str | None] = mapped_column(String(1))  # F | M, as the table says
    age: Mapped[float | None] = mapped_column(Float)  # years
    stem: Mapped[str] = mapped_column(String(200), default="", index=True)  # by which a row that waits is found, or by
    place: Mapped[str] = mapped_column(String(401), default="", index=True)  # last folder/stem


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
    # part -> ids of its recordings; of a cross-validation all train, and `folds`, `groups` are as in ml.data.folds
    split: Mapped[Json] = mapped_column(default=dict, deferred=True)
    facts: Mapped[Json] = mapped_column(default=dict)  # labels, task, data hash, counts of each part, notes
    seen: Mapped[bytes | None] = mapped_column(deferred=True)  # as of the model it makes
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
    origin: Mapped[str] = mapped_column(String(20), default="trained")  # trained | imported | merged
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
    seen: Mapped[bytes | None] = mapped_column(deferred=True)  # backend.ml.data.seen_list; None: not known
    profile: Mapped[bytes | None] = mapped_column(deferred=True)  # backend.ml.evaluation.drift; None: not known
    n_erased: Mapped[int] = mapped_column(Integer, default=0)  # recordings it learned from that have been erased
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
    seen: Mapped[Json | None] = mapped_column()  # how many of the recordings the model has seen, by part
    routes: Mapped[Json | None] = (
        mapped_column()
    )  # of a sparse model, by predicted label (backend.ml.evaluation.routes)
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
    routes: Mapped[list[Any] | None] = mapped_column()  # share of each expert of a sparse model
    recording: Mapped[Recording] = relationship()
