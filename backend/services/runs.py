"""Training runs: what is asked for is checked in full before a job is made of it, so that mistakes show at once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Model, Run
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.data import TrainingData, check_parts, check_trainable
from backend.ml.split import PARTS, Split, split, split_from_column, value_groups
from backend.services import datasets, estimates, examples, jobs
from backend.services.estimates import Estimate
from backend.services.examples import Example
from backend.services.run_plan import Plan, Request, plan, preprocessing_for, to_run

__all__ = ["Estimate", "Example", "Request", "create", "delete", "estimate", "get", "list_runs", "preprocessing_for"]


def create(session: Session, project_id: str, request: Request) -> Run:
    """Check a training and queue it.

    Raises NotFoundError, SettingError, PreprocessingError, TrainingImpossibleError, SplitError or InvalidInputError,
    each saying which setting or label stands in the way.
    """
    dataset = datasets.get(session, project_id, request.dataset_id)
    chosen = plan(session, project_id, request)
    learnt = _gather(session, dataset, request, chosen)
    job = jobs.create(session, project_id, "runs.train", {})
    run = Run(
        project_id=project_id,
        dataset_id=dataset.id,
        base_model_id=chosen.base.id if chosen.base else None,
        job_id=job.id,
        name=request.name.strip() or f"{chosen.title} on {dataset.name}"[:200],
        architecture=chosen.architecture,
        settings=to_run(chosen, request.split),
        split={name: [learnt.examples[row].recording_id for row in getattr(learnt.parts, name)] for name in PARTS},
        facts={
            "task": dataset.task,
            "labels": learnt.labels,
            "columns": list(dataset.labels),  # whose values the examples of a regression have, in this order
            "codes": dataset.codes,
            "dataset": dataset.name,
            "base": chosen.base and {"id": chosen.base.id, "name": chosen.base.name},
            "counts": {
                name: _counts(learnt.y[getattr(learnt.parts, name)], learnt.labels, dataset.task) for name in PARTS
            },
            "n_patients": len({example.patient_id for example in learnt.examples} - {None}),
            "data_hash": _data_hash(learnt.examples, learnt.parts),
            "notes": [*learnt.notes, *learnt.parts.notes],
        },
    )
    session.add(run)
    session.flush()
    job.payload = {"run_id": run.id}
    return run


def estimate(session: Session, project_id: str, request: Request) -> Estimate:
    """Say how long a training would take, without starting it. Raises what `create` raises."""
    chosen = plan(session, project_id, request)
    learnt = _gather(session, datasets.get(session, project_id, request.dataset_id), request, chosen)
    parts = learnt.parts
    return estimates.estimate(session, chosen, len(parts.train), len(parts.validation), len(learnt.examples))


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
    by_id = {example.recording_id: example for example in examples.load(session, dataset) if not example.missing_leads}
    chosen: list[Example] = []
    indices: dict[str, NDArray[np.intp]] = {}
    for name in PARTS:
        ids = run.split[name]
        missing = [recording_id for recording_id in ids if recording_id not in by_id]
        if missing:
            raise ConflictError(
                f"{len(missing)} recordings of this run have been deleted since it was asked for, or read anew without "
                "some leads. Start a new training."
            )
        indices[name] = np.arange(len(chosen), len(chosen) + len(ids), dtype=np.intp)
        chosen.extend(by_id[recording_id] for recording_id in ids)
    if run.facts["task"] == "single_label" and not all(labels.issuperset(example.labels) for example in chosen):
        raise ConflictError("The labels of this run's recordings have changed. Start a new training.")
    return chosen, Split(indices["train"], indices["validation"], indices["test"])


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What a training learns from."""

    labels: list[str]
    examples: list[Example]
    y: NDArray[np.float32]  # (N, L)
    parts: Split
    notes: list[str]


def _gather(session: Session, dataset: Dataset, request: Request, chosen: Plan) -> _Learnt:
    """Return the recordings to learn from, labelled and divided, all checked."""
    labels = examples.chosen_labels(dataset, request.labels)
    found, notes = examples.choose(examples.load(session, dataset), labels, dataset.labels, dataset.task)
    examples.check_units(found, chosen.preprocessing)
    y = examples.truth(found, labels, dataset.labels, dataset.task)
    check_trainable(y, labels, dataset.task)  # type: ignore[arg-type]  # the words of Task are all it can hold
    patients = tuple(example.patient_id for example in found)
    groups = value_groups(y) if dataset.task == "regression" else y
    parts = _split(found, groups, patients, dict(request.split or {}), chosen.config.seed)
    check_parts(TrainingData(x=np.zeros((len(y), 12, 1), np.float32), y=y, split=parts), labels, dataset.task)  # type: ignore[arg-type]
    return _Learnt(labels, found, y, parts, notes)


def _split(
    found: Sequence[Example],
    y: NDArray[np.float32],
    patients: Sequence[str | None],
    wanted: dict[str, Any],
    seed: int,
) -> Split:
    if wanted.get("kind", "random") == "random":
        fractions = (wanted.get("train", 0.7), wanted.get("validation", 0.1), wanted.get("test", 0.2))
        return split(y, patients, seed=seed, fractions=fractions)
    values = [example.part or "" for example in found]
    if not any(values):
        raise InvalidInputError("The dataset has no split or fold column. Choose a random split, or add the column.")
    return split_from_column(
        values, y=y, patients=patients, seed=seed,
        test_fold=wanted.get("test_fold"), validation_fold=wanted.get("validation_fold"),
    )  # fmt: skip


def _counts(y: NDArray[np.float32], labels: Sequence[str], task: str) -> dict[str, Any]:
    if task == "regression":
        return {"n": len(y), "labels": dict(zip(labels, (~np.isnan(y)).sum(axis=0).tolist(), strict=True))}
    per_label = y.sum(axis=0).astype(int).tolist()
    return {"n": len(y), "labels": dict(zip(labels, per_label, strict=True))}


def _data_hash(found: Sequence[Example], parts: Split) -> str:
    rows = [
        [name, found[index].signal_key, sorted(found[index].labels), *found[index].values]
        for name in PARTS
        for index in getattr(parts, name)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
