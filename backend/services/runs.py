"""Training runs: what is asked for is checked in full before a job is made of it, so that mistakes show at once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset, Model, Run
from backend.errors import ConflictError, NotFoundError, UnavailableError
from backend.ml.data.folds import Folds
from backend.ml.data.split import PARTS, Split, value_groups
from backend.ml.data.training_data import check_trainable
from backend.services import cautions, datasets, estimates, examples, how_tested, jobs, run_division, seen
from backend.services.cautions import Caution
from backend.services.division import Division, grouped
from backend.services.estimates import Estimate
from backend.services.examples import Example
from backend.services.how_tested import HowTested
from backend.services.known_truth import truth
from backend.services.run_plan import Plan, Request, plan, preprocessing_for, to_run
from backend.services.spellings import Question, questions
from backend.settings import INSTALL_TORCH, can_train

__all__ = ["Estimate", "Example", "Request", "create", "delete", "estimate", "get", "list_runs", "preprocessing_for"]


def create(session: Session, project_id: str, request: Request) -> Run:
    """Check a training and queue it.

    Raises NotFoundError, SettingError, PreprocessingError, TrainingImpossibleError, SplitError or InvalidInputError,
    each saying which setting or label stands in the way, or UnavailableError where nobody can train.
    """
    check_trainer(session)
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
        settings=to_run(chosen, learnt.wanted),
        split=run_division.kept([one.recording_id for one in learnt.examples], learnt.parts, learnt.folds),
        facts={
            "task": dataset.task,
            "labels": learnt.labels,
            "columns": list(dataset.labels),  # whose values the examples of a regression have, in this order
            "codes": dataset.codes,
            "dataset": dataset.name,
            "base": chosen.base and {"id": chosen.base.id, "name": chosen.base.name},
            "how_tested": asdict(learnt.how),
            "counts": {
                name: counts_of(learnt.y[getattr(learnt.parts, name)], learnt.labels, dataset.task)
                for name in (PARTS if learnt.folds is None else PARTS[:1])
            },
            "n_patients": len({example.patient_id for example in learnt.examples} - {None}),
            "data_hash": data_hash(learnt.examples, learnt.parts, learnt.folds),
            "notes": [*learnt.notes, *learnt.parts.notes],
            "left_out": [asdict(one) for one in learnt.divided.left_out],
            "not_checked": learnt.divided.not_checked,
            "questions": [asdict(one) for one in learnt.questions],
            "cautions": [one.to_dict() for one in learnt.cautions],
        },
        seen=learnt.divided.seen,
    )
    session.add(run)
    session.flush()
    job.payload = {"run_id": run.id}
    return run


def estimate(session: Session, project_id: str, request: Request) -> Estimate:
    """Say how long a training would take and what is to be known before it. Raises what `create` raises."""
    chosen = plan(session, project_id, request)
    learnt = _gather(session, datasets.get(session, project_id, request.dataset_id), request, chosen)
    parts, divided, how, n = learnt.parts, learnt.divided, learnt.how, len(learnt.examples)
    if learnt.folds is None:
        time = estimates.estimate(session, chosen, len(parts.train), len(parts.validation), n)
        counts = {name: len(getattr(parts, name)) for name in PARTS}
    else:
        time = estimates.of_folds(session, chosen, n, how.folds, how.repeats, how_tested.only_head(chosen))
        counts = {"train": n, "validation": 0, "test": len(learnt.folds.tested)}
    return replace(
        time,
        notes=[*time.notes, *learnt.notes, *parts.notes],
        how_tested=how,
        parts=counts,
        left_out=divided.left_out,
        not_checked=divided.not_checked,
        questions=learnt.questions,
        cautions=learnt.cautions,
    )


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
    return {run_id: model_id for run_id, (model_id, _) in models_of(session, run_ids).items()}


def models_of(session: Session, run_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return id and number of parameters of the model each run has made, where it has."""
    rows = session.execute(select(Model.run_id, Model.id, Model.parameters).where(Model.run_id.in_(run_ids)))
    return {run_id: (model_id, parameters) for run_id, model_id, parameters in rows if run_id is not None}


def delete(session: Session, run: Run) -> None:
    """Delete a run that has ended; its model stays. Raises ConflictError while it runs."""
    if run.job.status not in jobs.FINISHED:
        raise ConflictError("The training is still going on. Cancel it first, then delete it.")
    for model in session.scalars(select(Model).where(Model.run_id == run.id)):
        seen.keep(session, model)
    session.delete(run.job)


def split_examples(session: Session, run: Run) -> tuple[list[Example], Split]:
    """Return the recordings of a run and their parts, as they were when it was asked for, but for what was erased.

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
                f"{counted(len(missing), 'recording of this run has', 'recordings of this run have')} been deleted "
                "since it was asked for, or read anew without some leads. Start a new training."
            )
        indices[name] = np.arange(len(chosen), len(chosen) + len(ids), dtype=np.intp)
        chosen.extend(by_id[recording_id] for recording_id in ids)
    if run.facts["task"] == "single_label" and not all(labels.issuperset(example.labels) for example in chosen):
        raise ConflictError("The labels of this run's recordings have changed. Start a new training.")
    return chosen, Split(indices["train"], indices["validation"], indices["test"])


def to_train(session: Session, run: Run) -> tuple[list[Example], Split, Folds | None]:
    """Return the recordings of a run, their parts, and their folds where it is a cross-validation, to train on.

    Raises ConflictError where anything of it is not as it was: it is trained anew, never on something else.
    """
    folds = run_division.folds_of(run)
    chosen, split = split_examples(session, run)
    return chosen, split, folds


def check_trainer(session: Session) -> None:
    """Raise UnavailableError where nobody can train."""
    trains = any(name.startswith("train") for worker in jobs.living_workers(session) for name in worker.queues)
    if not trains and not can_train():
        raise UnavailableError(
            f"No worker can train: PyTorch is not installed here. Install it with {INSTALL_TORCH}, start the platform "
            "again, and then ask for the training."
        )


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What a training learns from."""

    labels: list[str]
    examples: list[Example]
    y: NDArray[np.float32]  # (N, L)
    wanted: dict[str, Any]  # of the division, as it is done
    how: HowTested
    divided: Division
    folds: Folds | None
    notes: list[str]
    questions: list[Question]
    cautions: list[Caution]

    @property
    def parts(self) -> Split:
        return self.divided.parts


def _gather(session: Session, dataset: Dataset, request: Request, chosen: Plan) -> _Learnt:
    """Return the recordings to learn from, labelled and divided, all checked."""
    labels = examples.chosen_labels(dataset, request.labels)
    labelled, notes = examples.choose(examples.load(session, dataset), labels, dataset.labels, dataset.task)
    examples.check_units(labelled, chosen.preprocessing)
    y = truth(labelled, labels, dataset.labels, dataset.task).astype(np.float32)
    check_trainable(y, labels, dataset.task)  # type: ignore[arg-type]  # the words of Task are all it can hold
    groups = value_groups(y) if dataset.task == "regression" else y
    wanted = how_tested.complete(request.split, dataset)
    together = grouped(session, dataset.project_id, labelled, wanted, chosen.base)
    how, divided, folds = how_tested.decide(session, together, y, groups, labels, dataset, wanted, chosen)
    tested = divided.parts.test if folds is None else folds.tested
    ids = [example.recording_id for example in labelled]
    asked = questions(session, dataset.project_id, ids, wanted.get("spellings", "same") == "same")
    events = {} if dataset.task == "regression" else counts_of(y[tested], labels, dataset.task)["labels"]
    said = [
        *cautions.few_events(events, len(tested)),
        *cautions.of_patients([labelled[int(row)].patient_id for row in tested]),
        *cautions.of_amplitude(labels, labels, chosen.preprocessing.standardise),
        *cautions.of_scale(session, dataset.project_id, ids),
    ]
    done = wanted | {"method": how.method}
    if folds is not None and folds.source is None:  # folds that are sources are as many as there are
        done |= {"folds": how.folds, "repeats": how.repeats}
    return _Learnt(labels, labelled, y, done, how, divided, folds, notes, asked, said)


def counts_of(y: NDArray[np.float32], labels: Sequence[str], task: str) -> dict[str, Any]:
    """Return how many recordings are in a part with labels y (N, L), and how many have each label, or value."""
    if task == "regression":
        return {"n": len(y), "labels": dict(zip(labels, (~np.isnan(y)).sum(axis=0).tolist(), strict=True))}
    per_label = y.sum(axis=0).astype(int).tolist()
    return {"n": len(y), "labels": dict(zip(labels, per_label, strict=True))}


def data_hash(labelled: Sequence[Example], parts: Split, folds: Folds | None) -> str:
    """Return the hash of signals, labels, who is in which part or fold, and who learns of a share."""
    rows: list[Any] = [
        [name, labelled[index].signal_key, sorted(labelled[index].labels), *labelled[index].values]
        for name in PARTS
        for index in getattr(parts, name)
    ]
    if folds is not None:
        kept = run_division.kept_folds(folds)
        rows += [*kept["folds"], *kept.get("sources", []), *kept.get("learners", [])]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
