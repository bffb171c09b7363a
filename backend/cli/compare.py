"""`compare`: which model suits a dataset?"""

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, cast

import typer
from sqlalchemy.orm import Session

from backend.cli import by_source
from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.cli.datasets import find_dataset
from backend.cli.follow import JobFailedError, follow, some_worker
from backend.cli.more_data import more_data
from backend.db.session import read_session, write_session
from backend.db.tables import Comparison
from backend.errors import InvalidInputError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.folds import FOLDS
from backend.services import (
    candidates,
    comparison_results,
    comparisons,
    model_library,
    projects,
    runs,
    shipped,
    sources,
)
from backend.services.candidates import Candidate, Question
from backend.services.comparison_results import NAMES, Found
from backend.services.sources import FoldsBy


@command("compare")
def compare(
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")],
    dataset: Annotated[str, typer.Option(help="Name or id of the dataset; default: the newest.")] = "",
    labels: Annotated[str, typer.Option(help="Labels to learn, separated by commas; default: all.")] = "",
    candidate: Annotated[
        list[str] | None,
        typer.Option(
            "--candidate", "-c",
            help="What to compare, again for each: a network (xresnet1d18), or a model and a method (cardx:head). "
            "Default: usual ones, as many as the minutes allow.",
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="For the usual ones.")] = 5.0,
    folds_by: Annotated[
        str,
        typer.Option(
            help="What a fold is: a share of the patients by lot (patient), or what comes from one device, folder, "
            "format or import, tested by a model that has learned from the others."
        ),
    ] = "patient",
    folds: Annotated[int, typer.Option(help="Parts of the cross-validation, by patient.")] = FOLDS,
    repeats: Annotated[int, typer.Option(help="How often all is divided anew.")] = 1,
    split_seed: Annotated[int, typer.Option(help="Draws the folds.")] = 1,
    name: Annotated[str, typer.Option(help="Name of the comparison.")] = "",
    of: Annotated[
        str,
        typer.Option(
            "--more-data",
            help="Name or id of a comparison that is done: say what twice the data would bring the model that it "
            "recommends, or the one that --candidate names by its title, instead of comparing anew.",
        ),
    ] = "",
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what would be done, and how long.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Compare models by cross-validation in the same folds, and say which one to use; each is trained and kept."""
    url = database()
    sources.check(folds_by)
    with read_session(url) as session:
        project_id = projects.find(session, project).id
    if of:
        named = [*(candidate or []), ""]
        more_data(url, project_id, of, named[0], only_estimate=estimate, as_json=as_json)
        return
    with read_session(url) as session:
        dataset_id = find_dataset(session, project_id, dataset).id
        wanted = [_candidate(session, project_id, text) for text in candidate] if candidate else None
        question = Question(
            dataset_id=dataset_id, name=name, labels=[one.strip() for one in labels.split(",")] if labels else None,
            candidates=wanted, minutes=minutes, folds_by=cast(FoldsBy, folds_by), folds=folds,
            repeats=repeats, split_seed=split_seed,
        )  # fmt: skip
        expected = candidates.expected(session, project_id, question)
    if estimate:
        show([asdict(one) for one in expected], as_json, "\n".join(_expected(expected)))
        return
    for line in _expected(expected):
        people.print(line, markup=False)
    with write_session(url) as session:
        row = comparisons.create(session, storage(), project_id, question)
        comparison_id, job_ids = row.id, [(one.title, one.run.job_id) for one in row.candidates if one.run]
    with some_worker(url, "runs.train"):  # one for all: that of a job might have begun with the next as it ends
        for title, job_id in job_ids:
            people.print(f"{title}:", markup=False)
            with suppress(JobFailedError):  # told in the table
                follow(url, project_id, job_id)
    with read_session(url) as session:
        row = comparisons.get(session, project_id, comparison_id)
        found = comparison_results.found(session, row)
        told = runs.models_of(session, [one.run_id for one in row.candidates if one.run_id])
        show(_as_json(row, found, told), as_json, "\n".join(_table(session, row, found)))
    if found is None:
        raise JobFailedError("Fewer than two candidates are done, so that nothing can be compared.")


def _candidate(session: Any, project_id: str, text: str) -> Candidate:
    """Return what `xresnet1d18`, `cardx` or `cardx:head` ask for."""
    first, _, method = text.partition(":")
    if first in ARCHITECTURES and (not method or method == "scratch") and first not in shipped.shipped():
        return Candidate(architecture=first)
    if method == "scratch":
        return Candidate(architecture=first)
    if method and method not in candidates.METHODS:
        raise InvalidInputError(f"There is no method {method!r}; use {', '.join(candidates.METHODS)} or scratch.")
    base = first if first in shipped.shipped() else model_library.find_usable(session, project_id, first).id
    return Candidate(base_model_id=base, training={"method": method} if method else {})


def _expected(expected: list[candidates.Expected]) -> list[str]:
    lines = [
        f"  {one.title:<42} about {max(1, round(one.seconds))} s"
        if one.included
        else f"  {one.title:<42} not compared: {one.why_not}"
        for one in expected
    ]
    total = sum(one.seconds for one in expected if one.included)
    return [*lines, f"About {max(1, round(total / 60))} min in all."]


def _table(session: Session, row: Comparison, found: Found | None) -> list[str]:
    lines = [f"Comparison {row.name} ({row.id})"]
    scores = dict(zip(found.places, found.paired.scores, strict=True)) if found else {}
    for one in row.candidates:
        job = one.run.job if one.run else None
        if job is not None and job.status == "done":
            score = scores.get(one.place)
            said = f"{NAMES[found.measure]} {score:.3f}" if found and score is not None else "no score"
            lines.append(f"  {one.title:<42} {said}, trained in {comparison_results.seconds_of(session, one):.0f} s")
        else:
            lines.append(
                f"  {one.title:<42} {job.status if job else 'deleted'}{f': {job.error}' if job and job.error else ''}"
            )
    for one_pair in found.paired.differences if found else ():
        value, low, high = one_pair.estimate.value, one_pair.estimate.low, one_pair.estimate.high
        if found is None or value is None or low is None or high is None or one_pair.p is None:
            continue
        a, b = found.titles[one_pair.first], found.titles[one_pair.second]
        lines.append(f"  {a} − {b}: {value:+.3f} ({low:+.3f} to {high:+.3f}), p {one_pair.p:.3f}")
    if found is not None and found.sources:
        by = row.settings.get("folds_by", "patient")
        lines += ["", f"{NAMES[found.measure]} by {by}:", *by_source.lines(by, found.sources, found.titles), ""]
    return [*lines, *(found.text if found else ())]


def _as_json(row: Comparison, found: Found | None, told: dict[str, tuple[str, int]]) -> dict[str, Any]:
    return {
        "comparison_id": row.id,
        "candidates": [
            {
                "title": one.title,
                "run_id": one.run_id,
                "model_id": told[one.run_id][0] if one.run_id in told else None,
                "status": one.run.job.status if one.run else "deleted",
            }
            for one in row.candidates
        ],
        "result": None if found is None else asdict(found),
    }
