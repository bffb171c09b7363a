"""Trainings side by side: in which settings they differ, how they went, and how good their models are.

Figures of several runs stand in one table whatever they were measured on, so what may be compared is said beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Job, JobEvent, Model, Run
from backend.errors import InvalidInputError, NotFoundError
from backend.ml.evaluation.estimate import Estimate
from backend.ml.spec import Task
from backend.services.job_events import Epoch
from backend.services.run_settings import SettingRow, is_cross_validated, rows_of

FEWEST, MOST = 2, 5
Tested = Literal["same", "different", "not_known"]

OVERALL: Final[Mapping[bool, tuple[str, ...]]] = {  # whether values are estimated -> means over labels or values
    False: (
        "macro_auroc", "macro_average_precision", "macro_f1", "macro_recall", "macro_specificity", "macro_precision",
    ),
    True: ("macro_r2", "macro_pearson"),
}  # fmt: skip
OF_EACH: Final[Mapping[bool, tuple[str, ...]]] = {False: ("auroc", "f1"), True: ("mae", "r2")}


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """One measure of all runs, over all labels or of one; None where a run has no such figure."""

    regression: bool
    measure: str
    label: str | None
    estimates: tuple[Estimate | None, ...]


@dataclass(frozen=True, kw_only=True)
class RunBeside:
    """A run in the table. `no_figures` and `no_epochs` say why there are none; empty where there are."""

    id: str
    name: str
    task: Task
    job: Job
    model_id: str | None
    cross_validated: bool
    n_tested: int | None
    n_patients: int | None
    no_figures: str
    no_epochs: str
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Runs in the order asked for; `gone` are the ids of those that are not there, or not any more.

    `tested`: whether all that have figures were tested on the same recordings; None of fewer than two.
    """

    runs: tuple[RunBeside, ...]
    gone: tuple[str, ...]
    settings: tuple[SettingRow, ...]
    figures: tuple[FigureRow, ...]
    tested: Tested | None
    text: tuple[str, ...]


def find(session: Session, project_id: str, name_or_id: str) -> Run:
    """Return the run of a project with this id, or the newest with this name. Raises NotFoundError."""
    run = session.get(Run, name_or_id)
    if run is not None and run.project_id == project_id:
        return run
    named = select(Run).where(Run.project_id == project_id, Run.name == name_or_id).order_by(Run.created_at.desc())
    run = session.scalars(named.limit(1)).first()
    if run is None:
        raise NotFoundError(f"There is no training run {name_or_id} in this project.")
    return run


def side_by_side(session: Session, project_id: str, run_ids: Sequence[str]) -> SideBySide:
    """Set two to five runs of a project beside each other. Raises InvalidInputError for fewer or more."""
    wanted = list(dict.fromkeys(run_ids))
    if not FEWEST <= len(wanted) <= MOST:
        raise InvalidInputError(
            f"{FEWEST} to {MOST} trainings are set side by side, not {len(wanted)}. Choose as many, each once."
        )
    asked = select(Run).where(Run.project_id == project_id, Run.id.in_(wanted))
    found = {run.id: run for run in session.scalars(asked)}
    rows = [found[one] for one in wanted if one in found]
    models = {str(one.run_id): one for one in session.scalars(select(Model).where(Model.run_id.in_(found)))}
    results = [_result(models.get(run.id)) for run in rows]
    tested, text = _comparable(rows, results)
    return SideBySide(
        runs=tuple(
            _beside(run, models.get(run.id), result, _epochs(session, run))
            for run, result in zip(rows, results, strict=True)
        ),
        gone=tuple(one for one in wanted if one not in found),
        settings=tuple(rows_of(rows)),
        figures=tuple(_figures(results)),
        tested=tested,
        text=tuple(text),
    )


def _result(model: Model | None) -> dict[str, Any] | None:
    return (model.evaluation or None) if model is not None else None


def _epochs(session: Session, run: Run) -> tuple[Epoch, ...]:
    """Return the epochs in order; one that was told again after a resumption counts once, as it was told last."""
    told = select(JobEvent.payload).where(JobEvent.job_id == run.job_id, JobEvent.kind == "epoch")
    by_number = {one["epoch"]: one for one in session.scalars(told.order_by(JobEvent.number))}
    return tuple(Epoch(**by_number[number]) for number in sorted(by_number))


def _beside(run: Run, model: Model | None, result: dict[str, Any] | None, epochs: tuple[Epoch, ...]) -> RunBeside:
    crossed, job = is_cross_validated(run), run.job
    none, no_epochs = "", ""
    if result is None:
        if job.status in ("queued", "running"):
            none = "The training is still going on."
        elif job.status == "failed":
            none = f"The training has failed. {job.error or ''}".strip()
        elif job.status == "cancelled":
            none = "The training was cancelled."
        else:
            none = "Its model has been deleted." if model is None else "It was not tested."
    if not epochs:
        no_epochs = (
            "A cross-validation is many trainings, of which no curve is kept: its page shows its folds."
            if crossed
            else "There is no epoch yet."
            if job.status in ("queued", "running")
            else "It ended before its first epoch."
        )
    return RunBeside(
        id=run.id, name=run.name, task=run.facts["task"], job=job, model_id=model.id if model else None,
        cross_validated=crossed, n_tested=result["n"] if result else None,
        n_patients=_patients(result) if result else None, no_figures=none, no_epochs=no_epochs, epochs=epochs,
    )  # fmt: skip


def _patients(result: Mapping[str, Any]) -> int | None:
    """Return of how many patients a result is; None where patients are not known."""
    if result["drawn_by"] != "patient":
        return None
    if result["task"] == "regression":
        return max((one.get("n_patients") or 0 for one in result["targets"]), default=0) or None
    return result.get("n_patients")


def _figures(results: Sequence[Mapping[str, Any] | None]) -> list[FigureRow]:
    """Return the figures that any of the runs has: first over all labels, then of each."""
    rows: list[FigureRow] = []
    for regression in (False, True):
        mine = [one if one and (one["task"] == "regression") == regression else None for one in results]
        if not any(mine):
            continue
        rows += [
            _figure(regression, measure, None, [one.get(measure) if one else None for one in mine])
            for measure in OVERALL[regression]
        ]
        part = "targets" if regression else "classes"
        each = [{row["label"]: row for row in one[part]} if one else {} for one in mine]
        for label in dict.fromkeys(name for one in each for name in one):
            for measure in OF_EACH[regression]:
                told = [one[label].get(measure) if label in one else None for one in each]
                rows.append(_figure(regression, measure, label, told))
    return [row for row in rows if any(row.estimates)]


def _figure(regression: bool, measure: str, label: str | None, told: Sequence[dict[str, Any] | None]) -> FigureRow:
    estimates = tuple(Estimate(**one) if one else None for one in told)
    return FigureRow(regression=regression, measure=measure, label=label, estimates=estimates)


def _comparable(runs: Sequence[Run], results: Sequence[Mapping[str, Any] | None]) -> tuple[Tested | None, list[str]]:
    """Say of the runs that have figures whether these may be compared, and why not."""
    done = [(run, result) for run, result in zip(runs, results, strict=True) if result]
    if len(done) < FEWEST:
        return None, []
    listed = [_tested(run) for run, _ in done]
    if any(len(ids) != result["n"] for ids, (_, result) in zip(listed, done, strict=True)):
        tested: Tested = "not_known"
        text = [
            "It is no longer known which recordings each was tested on: some have been deleted since, or could not be "
            "prepared. So do not compare their figures."
        ]
    elif any(ids != listed[0] for ids in listed):
        tested, common, every = "different", len(frozenset.intersection(*listed)), len(frozenset.union(*listed))
        text = [
            f"They were tested on different recordings: of {counted(every, 'recording')} in all, {common} are common "
            "to them. Do not compare their figures: they differ by the recordings as well as by the model."
        ]
    else:
        tested = "same"
        text = [f"All were tested on the same {counted(len(listed[0]), 'recording')}."]
    if len({run.facts["task"] == "regression" for run, _ in done}) > 1:
        text.append(
            "Some tell labels, others estimate values: these are different questions, with figures of their own."
        )
    elif len({tuple(sorted(run.facts["labels"])) for run, _ in done}) > 1:
        text.append("They have learned different labels: a mean over labels is of others in each.")
    if len({run.dataset_id or run.facts.get("dataset") for run, _ in done}) > 1:
        text.append("What is right comes from different label tables.")
    if tested == "same":
        text.append(
            "Overlapping intervals do not show that two models are equally good: only a paired comparison does."
        )
    return tested, text


def _tested(run: Run) -> frozenset[str]:
    """Return the recordings that tested a run: of a cross-validation all."""
    return frozenset(run.split.get("train" if "folds" in run.split else "test", ()))
