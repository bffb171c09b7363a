"""`demo`, `train`, `predict`: from labelled recordings to a model, and from a model to answers."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from backend.cli import reading
from backend.cli.answers import as_line, notes_of, predict_files, write_csv
from backend.cli.app import JsonOption, ProjectOption, command, database, people, show, storage
from backend.cli.follow import follow
from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, Model
from backend.errors import InvalidInputError, NotFoundError
from backend.ml.config import DEMO
from backend.ml.package import read_package
from backend.ml.predict import Predictor
from backend.services import datasets, models, predictions, projects, runs
from backend.settings import get_settings

DEMO_RECORDINGS = 400


@command("demo")
def demo(
    n: Annotated[int, typer.Option("--recordings", "-n", min=50, max=5000, help="Simulated ECGs.")] = DEMO_RECORDINGS,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Do the whole job on simulated ECGs: simulate, label, train, evaluate, export; print the metrics."""
    started = time.monotonic()
    url = database()
    with write_session(url) as session:
        project, job = projects.create_demo(session, "Demo: simulated ECGs", n, seed)
    people.print(f"Simulating {n} ECGs of five classes")
    dataset_id = follow(url, project.id, job.id)["dataset_id"]
    request = runs.Request(dataset_id, "Demo", training=DEMO.to_dict() | {"seed": seed})
    model = _train(url, project.id, request)
    _show_model(model, as_json, {"project_id": project.id, "seconds": round(time.monotonic() - started, 1)})


@command("train")
def train(
    project: ProjectOption,
    dataset: Annotated[str, typer.Option(help="Name or id of the dataset; default: the newest.")] = "",
    labels: Annotated[str, typer.Option(help="Labels to learn, separated by commas; default: all.")] = "",
    name: Annotated[str, typer.Option(help="Name of the run and its model.")] = "",
    base: Annotated[str, typer.Option(help="Name or id of the model to fine-tune; default: a fresh network.")] = "",
    method: Annotated[
        str, typer.Option(help="scratch; with --base head, all or head_then_all (the default there).")
    ] = "",
    architecture: Annotated[
        str, typer.Option(help="Network, see 'exchangeai models zoo'; default: the recommended one.")
    ] = "",
    preset: Annotated[
        str, typer.Option(help="Preprocessing: clinical (default), st_preserving, exchangeai or paper.")
    ] = "",
    split: Annotated[str, typer.Option(help="random (by patient) or column (the table's split or fold).")] = "random",
    test_fold: Annotated[int | None, typer.Option(help="With --split column; default: the highest.")] = None,
    validation_fold: Annotated[int | None, typer.Option(help="With --split column; default: the next.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A training setting, such as max_epochs=30 (docs/models.md).")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the model to this file: .zip, .onnx or .safetensors.")
    ] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say how long it would take.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Train or fine-tune a network on a labelled dataset and print how good it is on the test part."""
    if export is not None:
        models.check_writable(export)  # not only after an hour of training
    url = database()
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        dataset_id = _dataset(session, project_id, dataset).id
        base_id = models.find(session, project_id, base).id if base else None
    parts: dict[str, Any] = {"kind": split}
    if split == "column":
        parts |= {"test_fold": test_fold, "validation_fold": validation_fold}
    elif split != "random":
        raise InvalidInputError(f"There is no split {split!r}; use random or column.")
    request = runs.Request(
        dataset_id, name, [label.strip() for label in labels.split(",")] if labels else None, base_id,
        architecture or None, preprocessing={"preset": preset} if preset else None, split=parts,
        training=_settings(settings or []) | ({"method": method} if method else {}),
    )  # fmt: skip
    if estimate:
        with read_session(url) as session:
            told = runs.estimate(session, project_id, request)
        show(
            asdict(told),
            as_json,
            "\n".join([f"About {_time(told.seconds)}; at most {_time(told.most_seconds)}.", *told.notes]),
        )
        return
    model = _train(url, project_id, request)
    if export is not None:
        models.write_file(storage(), model, export)
    _show_model(model, as_json, {"project_id": project_id, "export": export and str(export)})


@command("predict")
def predict(
    model: Annotated[str, typer.Argument(help="An ONNX file or package, or name or id of a model of the project.")],
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; none: the project.")] = None,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")] = "",
    dataset: Annotated[str, typer.Option(help="Only the recordings of this dataset.")] = "",
    rate: reading.Rate = None,
    units_per_mv: reading.UnitsPerMv = None,
    arbitrary: reading.Arbitrary = False,
    leads: reading.Leads = "",
    raw: reading.Raw = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the predictions to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict files at once, or the recordings of a project as a job, and print or write the results."""
    if paths:
        options = reading.options(rate, units_per_mv, arbitrary, leads, False, raw)
        answers = predict_files(_predictor(model, project), paths, options)
        show(answers, as_json, "\n".join(map(as_line, answers)))
        for note in notes_of(answers) if not as_json else ():
            people.print(note, markup=False, soft_wrap=True)
        if output is not None:
            write_csv(output, answers)
        if all("error" in answer for answer in answers):
            raise typer.Exit(1)
        return
    url = database()
    with write_session(url) as session:
        project_id = projects.find(session, project).id
        dataset_id = _dataset(session, project_id, dataset).id if dataset else None
        row = predictions.create(session, project_id, models.find(session, project_id, model).id, dataset_id)
        prediction_id, job_id = row.id, row.job_id
    follow(url, project_id, job_id)
    with read_session(url) as session:
        row = predictions.get(session, project_id, prediction_id)
        text = "".join(predictions.to_csv(session, row))
        n, n_errors, counts = predictions.summary(session, row)
        result = {"prediction_id": row.id, "n": n, "n_errors": n_errors, "counts": counts, "evaluation": row.evaluation}
    if output is not None:
        output.write_text(text, encoding="utf-8", newline="")
    show(result, as_json, f"{n} recordings predicted, {n_errors} with an error." if output else text)


def _train(url: str, project_id: str, request: runs.Request) -> Model:
    with write_session(url) as session:
        job_id = runs.create(session, project_id, request).job_id
    model_id = follow(url, project_id, job_id)["model_id"]
    with read_session(url) as session:
        return models.get(session, project_id, model_id)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _dataset(session: Session, project_id: str, name_or_id: str) -> Dataset:
    rows = datasets.list_datasets(session, project_id)
    found = [row for row in rows if not name_or_id or name_or_id in (row.id, row.name)]
    if not found:
        raise NotFoundError(
            f"There is no dataset {name_or_id!r} in this project." if rows else
            "The project has no labels yet. Attach a table with 'exchangeai labels'."
        )  # fmt: skip
    return found[0]


def _settings(pairs: list[str]) -> dict[str, Any]:
    """Parse name=value pairs; "augmentation.noise=0" reaches into a group. Values are JSON, or else text."""
    result: dict[str, Any] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found:
            raise InvalidInputError(f"A setting is given as name=value, not as {pair!r}.")
        group = result
        *groups, key = name.strip().split(".")
        for part in groups:
            group = group.setdefault(part, {})
        try:
            group[key] = json.loads(value)
        except ValueError:
            group[key] = value
    return result


def _predictor(model: str, project: str) -> Predictor:
    path = Path(model)
    settings = get_settings()
    if path.is_file() and path.suffix.lower() == ".zip":
        with path.open("rb") as file:
            package = read_package(file, settings.model_bytes)
        return Predictor.from_bytes(package.onnx, threads=settings.threads_for_prediction)
    if path.is_file():
        return Predictor.from_path(path, threads=settings.threads_for_prediction)
    if not project:
        raise NotFoundError(f"There is no file {model}. To use a model of a project, name the project with --project.")
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        return models.predictor(storage(), models.find(session, project_id, model))


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _show_model(model: Model, as_json: bool, extra: dict[str, Any]) -> None:
    evaluation = model.evaluation
    lines = [f"Model {model.name} ({model.id}), {evaluation['n']} test recordings:"]
    if evaluation["task"] == "regression":
        lines += [
            f"  {entry['label']:<12} mean absolute error {_interval(entry['mae'])}, R² {_interval(entry['r2'])}, "
            f"{entry['support']} recordings"
            for entry in evaluation["targets"]
        ]
    else:
        for key, title in (("macro_f1", "macro F1"), ("weighted_f1", "weighted F1"), ("macro_auroc", "macro AUROC")):
            lines.append(f"  {title:<12} {_interval(evaluation[key])}")
        lines += [
            f"  {entry['label']:<12} F1 {_number(entry['f1']['value'])}, AUROC {_interval(entry['auroc'])}, "
            f"{entry['support']} recordings"
            for entry in evaluation["classes"]
        ]
    lines += [f"  {key}: {value}" for key, value in extra.items() if value is not None]
    result = {"model_id": model.id, "name": model.name, "evaluation": evaluation} | extra
    show(result, as_json, "\n".join(lines))


def _interval(estimate: dict[str, float | None]) -> str:
    if estimate["low"] is None:
        return _number(estimate["value"])
    return f"{_number(estimate['value'])} ({_number(estimate['low'])} to {_number(estimate['high'])})"
