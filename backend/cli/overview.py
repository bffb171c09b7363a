"""`overview`: a project at a glance, and what the recordings of a table of labels are like."""

from dataclasses import asdict
from typing import Annotated, Final

import typer
from sqlalchemy.orm import Session

from backend.cli.app import JsonOption, ProjectOption, command, database, show
from backend.counted import counted
from backend.db.session import read_session
from backend.db.tables import Dataset
from backend.errors import NotFoundError
from backend.services import datasets, projects
from backend.services.dataset_statistics import Statistics, statistics
from backend.services.next_step import StepKind, Unfinished, UnfinishedKind
from backend.services.overview import Overview, overview

STEPS: Final[dict[StepKind, str]] = {
    "upload": "Import ECGs: exchangeai import FILES -p PROJECT.",
    "wait": "Wait: a job is at work.",
    "start_worker": "Start a worker: exchangeai up, or exchangeai worker. Jobs wait for one.",
    "label": "Attach labels: exchangeai labels TABLE -p PROJECT.",
    "read": "Go on reading the label set {id} on the page.",
    "freeze": "Make a dataset of the label set {id}: exchangeai annotations.",
    "match": "No row of the newest table finds a recording: attach it again with another column of names.",
    "train": "Train a model: exchangeai train -p PROJECT.",
    "retry": "The newest training failed: look at its log, and start it again.",
    "test": "Test the model {id} on recordings that it has not learned from: exchangeai evaluate.",
    "predict": "Ask the model {id} about new ECGs: exchangeai predict.",
}
UNFINISHED: Final[dict[UnfinishedKind, str]] = {
    "refused": "{n} of {total} files of the import {id} were refused.",
    "findings": "{n} of {total} files of the import {id} have findings.",
    "reading": "The label set {name} is read for {n} of {total} recordings.",
    "frozen": "The label set {name} is read, and no dataset has been made of it.",
    "running": "The training {name} is at {n} %.",
    "failed": "The training {name} failed.",
    "untested": "The model {name} has no test on recordings of elsewhere.",
    "unmatched": "{n} of {total} rows of the table {name} find no recording.",
}


@command("overview")
def show_overview(
    project: ProjectOption,
    labels: Annotated[
        str, typer.Option(help="Name or id of a table of labels: say what its recordings are like instead.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Say what a project holds, what is unfinished in it, and what is best done next."""
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        if labels:
            found = statistics(session, _dataset(session, project_id, labels))
            show(asdict(found), as_json, "\n".join(_like(found)))
            return
        at_a_glance = overview(session, project_id)
    show(asdict(at_a_glance), as_json, "\n".join(_words(at_a_glance)))


def _dataset(session: Session, project_id: str, name_or_id: str) -> Dataset:
    found = [one for one in datasets.list_datasets(session, project_id) if name_or_id in (one.id, one.name)]
    if not found:
        raise NotFoundError(
            f"There is no table of labels {name_or_id!r} in this project. The page lists those there are."
        )
    return found[0]


def _words(found: Overview) -> list[str]:
    held = found.counts
    counts = (
        f"{counted(held.n_recordings, 'recording')} of {counted(held.n_patients, 'patient')}, "
        f"{held.n_with_findings} with findings, {held.n_labelled} labelled.",
        f"{counted(held.n_datasets, 'table')} of labels, {counted(held.n_runs, 'training')}, "
        f"{counted(held.n_models, 'model')}, {counted(held.n_predictions, 'prediction')}, "
        f"{counted(held.n_evaluations, 'evaluation')}.",
    )
    open_ = [_unfinished(one) for one in found.unfinished]
    return [*counts, *open_, f"Next: {STEPS[found.next_step.kind].format(id=found.next_step.id)}"]


def _unfinished(one: Unfinished) -> str:
    return UNFINISHED[one.kind].format(id=one.id, name=one.name, n=one.n, total=one.total)


def _like(found: Statistics) -> list[str]:
    lines = [
        f"{counted(found.n_recordings, 'recording')} of {counted(found.n_patients, 'patient')}; "
        f"{found.n_good} of good quality, {found.n_doubtful} of doubtful quality."
    ]
    lines += [f"  {label}: {n}" for label, n in found.labels]
    lines += [f"  {pair.one} and {pair.other}: {pair.n}" for pair in found.pairs[:20]]
    sexes = {"F": "female", "M": "male", "": "sex not known"}
    lines += [f"  {sexes[value]}: {n}" for value, n in found.sex]
    for one in found.age:
        years = f"{one.low} years and more" if one.high is None else f"{one.low} to {one.high - 1} years"
        lines.append(f"  {years}: {one.female + one.male + one.unknown}")
    lines += [f"  {hz:g} Hz: {n}" for hz, n in found.rate]
    lines += [f"  {value or 'device not known'}: {n}" for value, n in found.device]
    return [*lines, *(f"  finding {code}: {n}" for code, n in found.finding)]
