"""Training runs: what is asked for is checked in full before a job is made of it, so that mistakes show at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Model, Recording, Run
from backend.ecg.preprocess import Preprocessing, preset
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.architectures import architecture as find_architecture
from backend.ml.config import TrainingConfig
from backend.ml.data import TrainingData, check_parts, check_trainable
from backend.ml.split import PARTS, Split, split, split_from_column
from backend.services import datasets, jobs


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks to train; everything but the dataset has a default."""

    dataset_id: str
    name: str = ""
    labels: Sequence[str] | None = None
    architecture: str = "inception_time"
    architecture_config: Mapping[str, Any] | None = None
    preprocessing: Mapping[str, Any] | None = None
    split: Mapping[str, Any] | None = None
    training: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled recording."""

    recording_id: str
    file_name: str
    signal_key: str
    rate: float
    unit: str
    missing_leads: tuple[str, ...]
    labels: tuple[str, ...]
    patient_id: str | None
    part: str | None


def create(session: Session, project_id: str, request: Request) -> Run:
    """Check a training and queue it.

    Raises NotFoundError, SettingError, PreprocessingError, TrainingImpossibleError, SplitError or InvalidInputError,
    each saying which setting or label stands in the way.
    """
    dataset = datasets.get(session, project_id, request.dataset_id)
    network = find_architecture(request.architecture)
    config = TrainingConfig.from_json(dict(request.training or {}))
    preprocessing = preprocessing_from(request.preprocessing or {})
    labels = _chosen_labels(dataset, request.labels)
    examples, notes = _choose(_examples(session, dataset), labels, dataset.task)
    _check_units(examples, preprocessing)
    y = one_hot(examples, labels)
    check_trainable(y, labels, dataset.task)  # type: ignore[arg-type]  # the two words of Task are all it can hold
    patients = tuple(example.patient_id for example in examples)
    parts = _split(examples, y, patients, dict(request.split or {}), config.seed)
    check_parts(TrainingData(x=np.zeros((len(y), 12, 1), np.float32), y=y, split=parts), labels)
    job = jobs.create(session, project_id, "runs.train", {})
    run = Run(
        project_id=project_id,
        dataset_id=dataset.id,
        job_id=job.id,
        name=request.name.strip() or f"{network.title} on {dataset.name}",
        architecture=network.name,
        settings={
            "architecture_config": network.complete(request.architecture_config or {}),
            "preprocessing": asdict(preprocessing),
            "split": dict(request.split or {"kind": "random"}),
            "training": config.to_dict(),
        },
        split={name: [examples[index].recording_id for index in getattr(parts, name)] for name in PARTS},
        facts={
            "task": dataset.task,
            "labels": labels,
            "codes": dataset.codes,
            "dataset": dataset.name,
            "counts": {name: _counts(y[getattr(parts, name)], labels) for name in PARTS},
            "n_patients": len(set(patients) - {None}),
            "data_hash": _data_hash(examples, parts),
            "notes": [*notes, *parts.notes],
        },
    )
    session.add(run)
    session.flush()
    job.payload = {"run_id": run.id}
    return run


def get(session: Session, project_id: str, run_id: str) -> Run:
    """Return a run of a project. Raises NotFoundError."""
    run = session.get(Run, run_id)
    if run is None or run.project_id != project_id:
        raise NotFoundError(f"There is no training run {run_id} in this project.")
    return run


def list_runs(session: Session, project_id: str) -> Sequence[Run]:
    """Return the runs of a project, the newest first."""
    return session.scalars(select(Run).where(Run.project_id == project_id).order_by(Run.created_at.desc())).all()


def model_ids(session: Session, run_ids: Sequence[str]) -> dict[str, str]:
    """Return the model each run has made, where it has."""
    rows = session.execute(select(Model.run_id, Model.id).where(Model.run_id.in_(run_ids)))
    return {run_id: model_id for run_id, model_id in rows if run_id is not None}


def delete(session: Session, run: Run) -> None:
    """Delete a run that has ended; its model stays. Raises ConflictError while it runs."""
    if run.job.status not in jobs.FINISHED:
        raise ConflictError("The training is still going on. Cancel it first, then delete it.")
    session.delete(run.job)


def split_examples(session: Session, run: Run) -> tuple[list[Example], Split]:
    """Return the recordings of a run and their parts, as they were when it was asked for.

    Raises ConflictError where recordings have been deleted since, or their labels changed.
    """
    labels = set(run.facts["labels"])
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this run has been deleted. Start a new training.")
    by_id = {example.recording_id: example for example in _examples(session, dataset) if not example.missing_leads}
    examples: list[Example] = []
    indices: dict[str, NDArray[np.intp]] = {}
    for name in PARTS:
        ids = run.split[name]
        missing = [recording_id for recording_id in ids if recording_id not in by_id]
        if missing:
            raise ConflictError(
                f"{len(missing)} recordings of this run have been deleted since it was asked for, or read anew without "
                "some leads. Start a new training."
            )
        indices[name] = np.arange(len(examples), len(examples) + len(ids), dtype=np.intp)
        examples.extend(by_id[recording_id] for recording_id in ids)
    if not all(labels.issuperset(example.labels) or run.facts["task"] == "multi_label" for example in examples):
        raise ConflictError("The labels of this run's recordings have changed. Start a new training.")
    return examples, Split(indices["train"], indices["validation"], indices["test"])


def one_hot(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return (N, L) float32 of 0 and 1: which of `labels` each example has."""
    column = {label: index for index, label in enumerate(labels)}
    y = np.zeros((len(examples), len(labels)), np.float32)
    for row, example in enumerate(examples):
        for label in example.labels:
            if label in column:
                y[row, column[label]] = 1
    return y


def preprocessing_from(values: Mapping[str, Any]) -> Preprocessing:
    """Return a preset (default "clinical") with any of its values changed. Raises PreprocessingError."""
    changes = {key: value for key, value in values.items() if key not in ("preset", "version")}
    name = values.get("preset", "clinical")
    return preset("exchangeai" if name == "custom" else str(name), **changes)


def _examples(session: Session, dataset: Dataset) -> list[Example]:
    rows = session.execute(
        select(
            Recording.id, Recording.file_name, Recording.signal_key, Recording.rate, Recording.unit,
            Recording.missing_leads, DatasetEntry.labels, DatasetEntry.patient_id, Recording.patient_id,
            DatasetEntry.part,
        )
        .join(DatasetEntry, DatasetEntry.recording_id == Recording.id)
        .where(DatasetEntry.dataset_id == dataset.id)
        .order_by(DatasetEntry.row)
    )  # fmt: skip
    return [
        Example(recording_id, name, key, rate, unit, tuple(missing), tuple(labels), patient or own_patient, part)
        for recording_id, name, key, rate, unit, missing, labels, patient, own_patient, part in rows
    ]


def _chosen_labels(dataset: Dataset, wanted: Sequence[str] | None) -> list[str]:
    if wanted is None:
        return list(dataset.labels)
    if not wanted:
        raise InvalidInputError(f"No label is chosen. Choose some of {', '.join(dataset.labels)}.")
    unknown = [label for label in wanted if label not in dataset.labels]
    if unknown:
        raise InvalidInputError(f"The dataset has no label {', '.join(unknown)}; it has {', '.join(dataset.labels)}.")
    return [label for label in dataset.labels if label in wanted]


def _choose(examples: Sequence[Example], labels: Sequence[str], task: str) -> tuple[list[Example], list[str]]:
    if not examples:
        raise InvalidInputError(
            "No row of the dataset has a recording here. Upload the recordings, or check the file names in the table."
        )
    complete = [example for example in examples if not example.missing_leads]
    if not complete:
        raise InvalidInputError(
            f"All {len(examples)} recordings of the dataset lack leads; networks need all twelve. Upload complete ones."
        )
    notes = []
    if partial := len(examples) - len(complete):
        notes.append(f"{partial} recordings that lack leads were left out.")
    if task == "multi_label":
        return complete, notes
    chosen = [example for example in complete if set(example.labels) & set(labels)]
    if others := len(complete) - len(chosen):
        notes.append(f"{others} recordings with other labels were left out.")
    return chosen, notes


def _check_units(examples: Sequence[Example], preprocessing: Preprocessing) -> None:
    unscaled = [example for example in examples if example.unit != "mV"]
    if unscaled and len(unscaled) < len(examples) and preprocessing.standardise == "none":
        raise InvalidInputError(
            f"{len(unscaled)} of {len(examples)} recordings (such as {unscaled[0].file_name}) have no mV scale, the "
            "others have. Choose a preprocessing that standardises each lead, such as 'clinical'."
        )


def _split(
    examples: Sequence[Example],
    y: NDArray[np.float32],
    patients: Sequence[str | None],
    wanted: dict[str, Any],
    seed: int,
) -> Split:
    if wanted.get("kind", "random") == "random":
        fractions = (wanted.get("train", 0.7), wanted.get("validation", 0.1), wanted.get("test", 0.2))
        return split(y, patients, seed=seed, fractions=fractions)
    values = [example.part or "" for example in examples]
    if not any(values):
        raise InvalidInputError("The dataset has no split or fold column. Choose a random split, or add the column.")
    return split_from_column(
        values, y=y, patients=patients, seed=seed,
        test_fold=wanted.get("test_fold"), validation_fold=wanted.get("validation_fold"),
    )  # fmt: skip


def _counts(y: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
    per_label = y.sum(axis=0).astype(int).tolist()
    return {"n": len(y), "labels": dict(zip(labels, per_label, strict=True))}


def _data_hash(examples: Sequence[Example], parts: Split) -> str:
    rows = [
        [name, examples[index].signal_key, sorted(examples[index].labels)]
        for name in PARTS
        for index in getattr(parts, name)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
