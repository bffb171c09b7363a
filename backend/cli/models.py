"""`models`: list, import, export and describe the models of a project, and the networks that can be trained."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, app, command, database, guarded, people, show, storage
from backend.db.session import read_session, write_session
from backend.db.tables import Model
from backend.errors import InvalidInputError, NotFoundError, UnavailableError
from backend.services import model_import, models, projects, seen, shipped
from backend.services.model_declared import Declared
from backend.settings import get_settings

group = typer.Typer(help="The models of a project, and the networks that can be trained.", rich_markup_mode=None)
app.add_typer(group, name="models", invoke_without_command=True)

OwnProject = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]
ModelArgument = Annotated[str, typer.Argument(help="Name or id of the model.")]


@group.callback()
@guarded
def models_of(context: typer.Context, project: OwnProject = "", as_json: JsonOption = False) -> None:
    """List the models of a project; the commands below import, export and describe them."""
    if context.invoked_subcommand is None:
        _list(_named(project), as_json)


@command("list", group)
def list_models(context: typer.Context, project: OwnProject = "", as_json: JsonOption = False) -> None:
    """List the models of a project."""
    _list(_project(context, project), as_json)


@command("zoo", group)
def zoo(as_json: JsonOption = False) -> None:
    """List the networks that can be trained: parameters, and FLOPs (2·MAC) of one answer for 10 s."""
    try:
        from backend.ml.architectures import cost  # loads torch
    except ModuleNotFoundError:
        raise UnavailableError("Counting needs torch. Install the parts for training: exchangeai[train].") from None
    from backend.ml.architectures import ARCHITECTURES, RECOMMENDED

    people.print("Building and counting each network")
    rows = [asdict(cost.cost_of(name)) for name in ARCHITECTURES]
    lines = [f"{'name':<16} {'parameters':>12} {'published':>12} {'samples':>8} {'MFLOPs':>10}  network"]
    lines += [
        f"{row['name']:<16} {row['parameters']:>12,} {_thousands(row['published_parameters']):>12} "
        f"{row['n_samples']:>8,} {row['flops'] / 1e6:>10,.1f}  "
        f"{row['title']}{' (recommended)' if row['name'] == RECOMMENDED else ''}"
        for row in rows
    ]
    lines.append("FLOPs are two for each multiplication with its addition (2·MAC), of one answer for 10 s.")
    show(rows, as_json, "\n".join(lines))


@command("import", group)
def import_model(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A package (.zip), ONNX file, or weights (.safetensors, .pt).")],
    project: OwnProject = "",
    name: Annotated[str, typer.Option(help="Name of the model; default: that of the package or file.")] = "",
    labels: Annotated[str, typer.Option(help="Labels in the order of the outputs, separated by commas.")] = "",
    task: Annotated[str, typer.Option(help="single_label, multi_label or regression.")] = "",
    preset: Annotated[str, typer.Option(help="Preprocessing that the network wants.")] = "",
    rate: Annotated[float | None, typer.Option(help="Hz that the network wants.")] = None,
    units_per_mv: Annotated[float | None, typer.Option(help="Of its input: 1 for mV, 1000 for µV.")] = None,
    architecture: Annotated[str, typer.Option(help="Network that the weights are of.")] = "",
    architecture_config: Annotated[str, typer.Option(help="Its settings, as JSON.")] = "",
    licence: Annotated[str, typer.Option(help="Under which licence the model was given.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Take in a model; options are for what its file does not say itself."""
    url = database()
    with read_session(url) as session:
        project_id = projects.find(session, _project(context, project)).id
    declared = Declared.parse(
        labels=labels, task=task, preset=preset, rate=rate, units_per_mv=units_per_mv, architecture=architecture,
        architecture_config=architecture_config, licence=licence,
    )  # fmt: skip
    with file.open("rb") as opened:
        checked = model_import.check(opened, file.name, declared, get_settings())
    with write_session(url) as session:
        row = model_import.keep(session, storage(), project_id, name, checked)
    shown = _shown(row)
    title = f"Imported {row.name} ({row.id}): {', '.join(row.spec['labels'])}"
    show(shown, as_json, "\n".join([title, *shown["notes"]]))


@command("export", group)
def export_model(
    context: typer.Context,
    model: ModelArgument,
    project: OwnProject = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to: .zip (the package), .onnx or .safetensors; default: a .zip."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a model to a file: whole as a package, or its ONNX file or named weights alone."""
    row = _find(context, project, model)
    path = output or Path(models.file_name(row, ".zip"))
    write_model(row, path)
    show(_shown(row) | {"output": str(path)}, as_json, f"Wrote {path}")


@command("card", group)
def card(context: typer.Context, model: ModelArgument, project: OwnProject = "", as_json: JsonOption = False) -> None:
    """Print the model card: what a model tells, how good it is, what it was made of."""
    try:
        row = _find(context, project, model)
    except NotFoundError:
        row = shipped.row(shipped.find(model), "")
    text = shipped.card(row)
    show({"id": row.id, "name": row.name, "card": text}, as_json, text)


@command("offer", group)
def offer(
    context: typer.Context,
    model: ModelArgument,
    project: OwnProject = "",
    prediction: Annotated[bool | None, typer.Option(help="Whether it is offered for predictions.")] = None,
    training: Annotated[bool | None, typer.Option(help="Whether it is offered as a base for trainings.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Choose what a model is offered for."""
    if prediction is None and training is None:
        raise InvalidInputError("Say what the model is offered for: --prediction or --no-prediction, --training …")
    row = _find(context, project, model)
    with write_session(database()) as session:
        row = models.get(session, row.project_id, row.id)
        models.offer(row, prediction, training)
    show(_shown(row), as_json, f"{row.name} is offered for {_offered(row)}.")


def write_model(model: Model, path: Path) -> None:
    """Write a model to a file, a package with what the model has seen."""
    with read_session(database()) as session:
        row = models.get(session, model.project_id, model.id)
        models.write_file(storage(), row, path, seen.for_package(session, row), row.profile)


def _project(context: typer.Context, project: str) -> str:
    """Return the project named after the command, or before it."""
    before = context.parent.params.get("project") if context.parent else None
    return _named(project or str(before or ""))


def _named(project: str) -> str:
    if not project:
        raise InvalidInputError("Name the project whose models are meant with --project.")
    return project


def _find(context: typer.Context, project: str, model: str) -> Model:
    with read_session(database()) as session:
        return models.find(session, projects.find(session, _project(context, project)).id, model)


def _list(project: str, as_json: bool) -> None:
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        rows, further = models.list_models(session, project_id), shipped.offered(session, project_id)
    lines = [f"{row.id}  {row.name}  {_score(row)}  {row.origin}, for {_offered(row)}" for row in rows]
    lines = lines or ["There is no model yet."]
    lines += [f"{row.id}  {row.name}  comes with the platform, for {_offered(row)}" for row in further]
    show([_shown(row) for row in (*rows, *further)], as_json, "\n".join(lines))


def _shown(row: Model) -> dict[str, Any]:
    columns = ("id", "name", "architecture", "origin", "base_model_id", "for_prediction", "for_training", "created_at")
    scores = ("macro_f1", "weighted_f1", "macro_auroc", "accuracy", "macro_r2")
    return (
        {name: getattr(row, name) for name in columns}
        | {"labels": row.spec["labels"], "task": row.spec["task"], "sha256": row.onnx_key}
        | {"methods": models.methods(row), "notes": models.facts(row)["notes"]}
        | {name: (row.evaluation.get(name) or {}).get("value") for name in scores}
    )


def _score(row: Model) -> str:
    name, title = ("macro_r2", "mean R²") if row.spec["task"] == "regression" else ("macro_f1", "macro F1")
    estimate = row.evaluation.get(name) or {}
    value = estimate.get("value")
    return f"{title} {estimate.get('withheld') or 'undefined' if value is None else f'{value:.3f}'}"


def _offered(row: Model) -> str:
    offered = [name for name, yes in (("prediction", row.for_prediction), ("training", row.for_training)) if yes]
    return " and ".join(offered) or "nothing"


def _thousands(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
