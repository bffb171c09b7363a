"""`train`: from labelled recordings to a model, fresh or fine-tuned; `runs`: the trainings that there are."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from backend.cli import training_settings
from backend.cli.app import JsonOption, ProjectOption, app, command, database, show, storage
from backend.cli.datasets import find_dataset
from backend.cli.follow import follow
from backend.cli.models import write_model
from backend.cli.results import beside, show_model
from backend.cli.settings import settings_of
from backend.cli.side_by_side import as_json as beside_as_json
from backend.cli.side_by_side import lines as beside_lines
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.db.tables import Model, Run
from backend.errors import InvalidInputError, NotFoundError
from backend.ml.data.source_folds import title
from backend.services import (
    how_tested,
    model_library,
    models,
    out_of_fold_cells,
    projects,
    runs,
    runs_side_by_side,
    shipped,
    source_results,
)

group = typer.Typer(help="The trainings of a project.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(group, name="runs")


@command("list", group)
def list_runs(project: ProjectOption, as_json: JsonOption = False) -> None:
    """List the trainings of a project, the newest first."""
    with read_session(database()) as session:
        rows = runs.list_runs(session, projects.find(session, project).id)
        told = [
            {"id": one.id, "name": one.name, "status": one.job.status, "created_at": one.created_at.isoformat()}
            for one in rows
        ]
    lines = [f"{one['id']}  {one['created_at'][:16]}  {one['status']:<9}  {one['name']}" for one in told]
    show(told, as_json, "\n".join(lines) or "No training yet.")


@command("side-by-side", group)
def side_by_side(
    run: Annotated[list[str], typer.Argument(help="Names or ids of two to five trainings.")],
    project: ProjectOption,
    every: Annotated[bool, typer.Option("--all", help="Also the settings in which they do not differ.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set trainings side by side: settings that differ, and figures with what may be compared of them."""
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        ids = [runs_side_by_side.find(session, project_id, one).id for one in run]
        found = runs_side_by_side.side_by_side(session, project_id, ids)
        show(beside_as_json(found), as_json, "\n".join(beside_lines(found, every)))


@command("train")
def train(
    project: Annotated[
        str, typer.Option("--project", "-p", help="Name or id of the project; always needed but for --settings.")
    ] = "",
    dataset: Annotated[str, typer.Option(help="Name or id of the dataset; default: the newest.")] = "",
    labels: Annotated[str, typer.Option(help="Labels to learn, separated by commas; default: all.")] = "",
    name: Annotated[str, typer.Option(help="Name of the run and its model.")] = "",
    base: Annotated[str, typer.Option(help="Model to fine-tune, such as cardx; default: a fresh network.")] = "",
    method: Annotated[
        str, typer.Option(help="scratch; with --base head, all or head_then_all (the default there).")
    ] = "",
    architecture: Annotated[
        str, typer.Option(help="Network, see 'exchangeai models zoo'; default: the recommended one.")
    ] = "",
    preset: Annotated[
        str, typer.Option(help="Preprocessing: clinical (default), st_preserving, exchangeai or paper.")
    ] = "",
    split: Annotated[
        str,
        typer.Option(
            help="How it is tested: auto (cross-validation for few ECGs; the table's split or fold column where it has "
            "one), holdout (one test part), cross_validation, random (one test part, by patient, whatever the table "
            "says) or column."
        ),
    ] = "auto",
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="The same as --split cross_validation: every ECG is tested.")
    ] = False,
    folds_by: Annotated[
        str,
        typer.Option(
            help="Of cross-validation: a fold is a share of the patients by lot (patient), or what comes from one "
            "device, folder, format or import, tested by a model that has learned from the others."
        ),
    ] = "patient",
    folds: Annotated[int | None, typer.Option(help="Of cross-validation by patient; default: 5.")] = None,
    repeats: Annotated[
        int | None, typer.Option(help="Of cross-validation; default: 10 where only the head is fitted, else 1.")
    ] = None,
    split_seed: Annotated[
        int | None,
        typer.Option(help="Draws the parts of a random split; the same seed gives each patient the same part."),
    ] = None,
    spellings: Annotated[
        str, typer.Option(help="Patients written P001 and p-001: same (default) or different.")
    ] = "same",
    test_fold: Annotated[int | None, typer.Option(help="With --split column; default: the highest.")] = None,
    validation_fold: Annotated[int | None, typer.Option(help="With --split column; default: the next.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A training setting, such as max_epochs=30; see --settings.")
    ] = None,
    list_settings: Annotated[
        bool, typer.Option("--settings", help="Only list what can be set: meaning, range, default, when it matters.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write the model to this file: .zip, .onnx or .safetensors.")
    ] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say how long it would take.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Train or fine-tune a network on a labelled dataset and print how good it is on the test part."""
    if list_settings:
        show(training_settings.as_json(), as_json, training_settings.as_text())
        return
    if not project:
        raise typer.BadParameter("Name the project.", param_hint="'--project' / '-p'")
    if export is not None:
        models.check_writable(export)  # not only after an hour of training
    url = database()
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        dataset_id = find_dataset(session, project_id, dataset).id
        base_id = _base(session, project_id, base) if base else None
    if spellings not in ("same", "different"):
        raise InvalidInputError(f"Spellings are taken as same or different, not as {spellings!r}.")
    parts = _split("cross_validation" if cross_validate else split)
    if folds_by != "patient":
        parts["folds_by"] = folds_by
    parts |= {"split_seed": split_seed, "spellings": spellings, "folds": folds, "repeats": repeats}
    if split == "column":
        parts |= {"test_fold": test_fold, "validation_fold": validation_fold}
    request = runs.Request(
        dataset_id, name, [label.strip() for label in labels.split(",")] if labels else None, base_id,
        architecture or None, preprocessing={"preset": preset} if preset else None, split=parts,
        training=settings_of(settings or []) | ({"method": method} if method else {}),
    )  # fmt: skip
    if estimate:
        with read_session(url) as session:
            told = runs.estimate(session, project_id, request)
        show(
            asdict(told),
            as_json,
            "\n".join([f"About {_time(told.seconds)}; at most {_time(told.most_seconds)}.", *told.notes, *_plan(told)]),
        )
        return
    model = train_model(url, project_id, request)
    if export is not None:
        write_model(model, export)
    with read_session(url) as session:
        by_source, wrong = _by_source(session, model), _mistakes(session, model)
    show_model(model, as_json, {"project_id": project_id, "export": export and str(export)}, by_source, wrong)


def _split(name: str) -> dict[str, Any]:
    """Return what is asked of the division by the word of the shell. Raises InvalidInputError."""
    if name in ("random", "column"):
        return {"kind": name, "method": "holdout"}
    if name not in how_tested.METHODS:
        raise InvalidInputError(f"There is no split {name!r}; use {', '.join(how_tested.METHODS)}, random or column.")
    return {"method": name}


def train_model(url: str, project_id: str, request: runs.Request) -> Model:
    """Train in a job, follow it, and return the model it made."""
    with write_session(url) as session:
        if request.base_model_id is not None:
            base_id = shipped.keep(session, storage(), project_id, request.base_model_id)
            request = replace(request, base_model_id=base_id)
        job_id = runs.create(session, project_id, request).job_id
    model_id = follow(url, project_id, job_id)["model_id"]
    with read_session(url) as session:
        return models.get(session, project_id, model_id)


def _base(session: Session, project_id: str, name_or_id: str) -> str:
    """Return the id of a model that may be used in the project, or the name of one that comes with the platform."""
    try:
        return model_library.find_usable(session, project_id, name_or_id).id
    except NotFoundError:
        return shipped.find(name_or_id).name


def _run_of(session: Session, model: Model) -> Run | None:
    return session.get(Run, model.run_id) if model.run_id else None


def _by_source(session: Session, model: Model) -> source_results.SourceResults | None:
    """Return what a training found on each source, where its folds are sources."""
    run = _run_of(session, model)
    found = source_results.of_run(session, run) if run else None
    return found if found and found.sources else None


def _mistakes(session: Session, model: Model) -> out_of_fold_cells.Mistakes | None:
    """Return what a training told wrongly, where it was cross-validated."""
    run = _run_of(session, model)
    found = out_of_fold_cells.of_run(session, run) if run else None
    return found if found and found.n else None


def _plan(told: runs.Estimate) -> list[str]:
    how = told.how_tested
    reason = [how.reason] if how is not None and how.reason else []
    if how is not None and how.method == "cross_validation":
        kept, tested = told.parts["train"], told.parts["test"]
        each = [f"  tested {how.folds_by}: {title(one)}, {counted(one.n, 'recording')}" for one in how.sources]
        return [
            f"Cross-validation: {counted(how.folds, 'fold')}, {counted(how.repeats, 'repeat')}. {tested} recordings "
            f"are tested; the model that is kept learns from all {kept}.",
            *each,
            *reason,
            *beside(asdict(told)),
        ]
    parts = ", ".join(f"{n} {part}" for part, n in told.parts.items())
    return [f"Recordings: {parts}.", *reason, *beside(asdict(told))]


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
