"""Runs that learn from a share: a cross-validation that is done, once more, in the very same folds, from less."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Run
from backend.errors import ConflictError
from backend.ml.data import seen_list
from backend.ml.data.folds import Folds
from backend.ml.data.shares import SHARES, WORDS, learning, share_of
from backend.ml.data.split import PARTS, Split, value_groups
from backend.ml.errors import SplitError
from backend.services import estimates, how_tested, jobs, run_division, runs, seen
from backend.services.division import SPLIT_SEED
from backend.services.examples import Example
from backend.services.known_truth import truth
from backend.services.run_plan import Plan, from_run


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """What a run that is done has learned from and tested on, as it was then.

    `n` and `n_patients` are those from which a fold learns, on average.
    """

    run: Run
    labelled: Sequence[Example]
    y: NDArray[np.float32]  # (N, L)
    folds: Folds
    n: int
    n_patients: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A share of a run's learners; `folds` are None where it is too small, and `why_not` says of what."""

    share: float
    folds: Folds | None = None
    n: int = 0
    n_patients: int = 0
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """The newest run of each share of a run, and why others are left out."""

    runs: dict[float, Run] = field(default_factory=dict)
    left_out: dict[float, str] = field(default_factory=dict)


def whole(session: Session, run: Run) -> Whole:
    """Return what a cross-validated run has learned from. Raises ConflictError where it is not as it was."""
    labelled, parts = runs.split_examples(session, run)
    folds = run_division.folds_of(run)
    if folds is None:
        raise ConflictError("This training has one test part. A learning curve takes a cross-validation.")
    if runs.data_hash(labelled, parts, folds) != run.facts["data_hash"]:
        raise ConflictError(
            "Labels or signals have changed since this training, so that the same from less data could not be compared "
            "with it. Start a new comparison."
        )
    if run.facts.get("base") is not None and run.base_model_id is None:
        raise ConflictError(f"The base model “{run.facts['base']['name']}” has been deleted. Start a new comparison.")
    y = truth(labelled, run.facts["labels"], _columns(run), run.facts["task"]).astype(np.float32)
    return Whole(run, labelled, y, folds, *learning(folds))


def drawn(of: Whole) -> list[Drawn]:
    """Return every share, the smallest first. Raises SplitError where not even half is enough to be trained on."""
    values = of.run.facts["task"] == "regression"
    marks, labels = (value_groups(of.y), None) if values else (of.y, of.run.facts["labels"])
    found: list[Drawn] = []
    for share in SHARES:
        try:
            folds = share_of(of.folds, marks, share, seed=_seed(of.run), labels=labels)
            how_tested.check_inside(folds, marks, _seed(of.run), chosen(of.run), not values)
        except SplitError as problem:
            if share == SHARES[-1]:
                raise
            found.append(Drawn(share, why_not=str(problem)))
        else:
            found.append(Drawn(share, folds, *learning(folds)))
    return found


def create(session: Session, of: Whole, one: Drawn, title: str, left_out: Sequence[Drawn]) -> Run:
    """Queue the training of a share. Its model is for the curve, and is not offered. `left_out` are kept with it.

    Whoever it learns from trains; all others are in its validation part, as calibration and thresholds are chosen on
    all that was tested. So whoever asks what the model has seen is told both.
    """
    assert one.folds is not None
    learn = one.folds.learns(0, -1)
    order = np.concatenate([learn, np.setdiff1d(np.arange(len(of.labelled)), learn)])
    labelled, y, folds = [of.labelled[row] for row in order.tolist()], of.y[order], one.folds.some(order)
    rows = np.arange(len(order), dtype=np.intp)
    parts = Split(rows[: len(learn)], rows[len(learn) :], rows[:0])
    ids = {name: [labelled[row].recording_id for row in getattr(parts, name).tolist()] for name in PARTS}
    facts, job = of.run.facts, jobs.create(session, of.run.project_id, "runs.train", {})
    run = Run(
        project_id=of.run.project_id,
        dataset_id=of.run.dataset_id,
        base_model_id=of.run.base_model_id,
        job_id=job.id,
        name=f"{title}, {WORDS[one.share]} of the patients"[:200],
        architecture=of.run.architecture,
        settings=of.run.settings,
        split=ids | run_division.kept_folds(folds),
        facts=facts
        | {
            "counts": {
                name: runs.counts_of(y[getattr(parts, name)], facts["labels"], facts["task"]) for name in PARTS[:2]
            },
            "n_patients": len({example.patient_id for example in labelled[: len(learn)]} - {None}),
            "data_hash": runs.data_hash(labelled, parts, folds),
            "notes": [*facts["notes"], _note(one.share)],
            "share": {
                "of": of.run.id, "share": one.share, "n": one.n, "n_patients": one.n_patients, "n_whole": of.n,
                "n_patients_whole": of.n_patients,
                "left_out": [{"share": other.share, "why": other.why_not} for other in left_out],
            },
        },
        seen=_seen(session, of.run, ids),
    )  # fmt: skip
    session.add(run)
    session.flush()
    job.payload = {"run_id": run.id}
    return run


def made(session: Session, run: Run) -> Made:
    """Return the runs that learn from shares of a run."""
    mine = (Run.project_id == run.project_id, Run.facts["share"]["of"].as_string() == run.id)
    found = Made()
    for one in session.scalars(select(Run).where(*mine).order_by(Run.created_at, Run.id)):
        found.runs[one.facts["share"]["share"]] = one
        found.left_out.update({other["share"]: other["why"] for other in one.facts["share"]["left_out"]})
    return found


def seconds(session: Session, run: Run, took: float, share: float) -> float:
    """Return how long the training of a share will take, where that of all `took` so many seconds."""
    how, n = run.facts["how_tested"], sum(part["n"] for part in run.facts["counts"].values())
    head, plan = how_tested.only_head(chosen(run)), chosen(run)
    less, all_ = (
        estimates.of_folds(session, plan, n, how["folds"], how["repeats"], head, one).seconds for one in (share, 1.0)
    )
    return took * less / all_


def chosen(run: Run) -> Plan:
    """Return what a run trains, but for its base."""
    preprocessing, config, window_s = from_run(run.settings)
    return Plan(run.name, run.architecture, run.settings["architecture_config"], preprocessing, config, window_s)


def _note(share: float) -> str:
    return (
        f"A point of a learning curve: each fold learns from {WORDS[share]} of the patients who could teach it, and is "
        "tested on the same recordings as ever."
    )


def _seen(session: Session, run: Run, ids: dict[str, list[str]]) -> bytes | None:
    """Return what the model of a share will have seen, itself first, then what its base has."""
    if run.seen is None:
        return None
    _, *chain = seen_list.from_bytes(run.seen)
    return seen_list.to_bytes([seen.of_parts(session, run.project_id, "", ids), *chain])


def _columns(run: Run) -> list[str]:
    columns: list[str] = run.facts.get("columns") or run.facts["labels"]
    return columns


def _seed(run: Run) -> int:
    given: dict[str, Any] = run.settings["split"]
    return int(given.get("split_seed", SPLIT_SEED))
