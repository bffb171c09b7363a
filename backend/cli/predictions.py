"""`predict`: files straight from the shell, or the recordings of a project; answers as text and as CSV."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli import files
from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.cli.datasets import find_dataset
from backend.cli.follow import follow
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.errors import NotFoundError
from backend.ml.data.seen_list import SeenByModel, from_bytes
from backend.ml.evaluation.routes import in_words
from backend.ml.inference.answers import Answer
from backend.ml.inference.decisions import hedged
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.package import read_package
from backend.ml.spec import ModelSpec
from backend.services import model_library, models, prediction_results, predictions, projects, seen
from backend.services.csv_line import csv_line
from backend.services.evaluation_numbers import apart
from backend.services.seen import Seen
from backend.settings import get_settings


@command("predict")
def predict(
    model: Annotated[str, typer.Argument(help="An ONNX file or package, or name or id of a model of the project.")],
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; none: the project.")] = None,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")] = "",
    dataset: Annotated[str, typer.Option(help="Only the recordings of this dataset.")] = "",
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    raw: files.Raw = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the predictions to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict files at once, or the recordings of a project as a job, and print or write the results."""
    if paths:
        options = files.options(rate, units_per_mv, arbitrary, leads, False, raw)
        predictor, chain, project_id = _model(model, project)
        given = list(predictions.predict_files(predictor, files.batches(paths, options), project_id))
        said = seen.look_up(chain, [one.identity for one in given if one.identity])
        answers = [_as_json(predictor.spec, one, said) for one in given]
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
        dataset_id = find_dataset(session, project_id, dataset).id if dataset else None
        row = predictions.create(
            session, project_id, model_library.find_usable(session, project_id, model).id, dataset_id
        )
        prediction_id, job_id = row.id, row.job_id
    follow(url, project_id, job_id)
    with read_session(url) as session:
        row = predictions.get(session, project_id, prediction_id)
        text = "".join(prediction_results.to_csv(session, row))
        beside = [one.to_dict() for one in prediction_results.cautions_of(row)]
        n, n_errors, counts = predictions.summary(session, row)
        result: dict[str, Any] = {
            "prediction_id": row.id,
            "n": n,
            "n_errors": n_errors,
            "counts": counts,
            "evaluation": row.evaluation,
            "seen": row.seen,
            "cautions": beside,
            "routes": row.routes,
        }
    if output is not None:
        output.write_text(text, encoding="utf-8", newline="")
    show(result, as_json, f"{counted(n, 'recording')} predicted, {n_errors} with an error." if output else text)
    for text in (f"caution: {one['text']}" for one in beside) if not as_json else ():
        people.print(text, markup=False, soft_wrap=True)
    for line in in_words(result["routes"]) if result["routes"] and not as_json else ():
        people.print(line, markup=False, soft_wrap=True)


def _as_json(spec: ModelSpec, one: predictions.FileAnswer, said: Mapping[str, Seen]) -> dict[str, Any]:
    if one.answer is None or one.identity is None:
        return {"file_name": one.file_name, "error": one.error}
    known = said[one.identity.recording_id]
    return {
        "file_name": one.file_name,
        "predicted": one.answer.predicted,
        _kind(spec): dict(zip(spec.labels, map(float, one.answer.outputs), strict=True)),
        "notes": [*one.answer.notes, *([known.text[:1].upper() + known.text[1:] + "."] if known.text else [])],
        "seen": known.status,
    } | _hedges(spec, one.answer)


def _hedges(spec: ModelSpec, answer: Answer) -> dict[str, Any]:
    """Return intervals of probabilities, thresholds and the labels left open, of models that have them."""
    intervals = zip(spec.labels, hedged(spec, answer.outputs), strict=True)
    found: dict[str, Any] = {"intervals": {label: list(one) for label, one in intervals if one is not None}}
    if not found["intervals"]:
        del found["intervals"]
    if spec.task == "multi_label":
        found["thresholds"] = dict(zip(spec.labels, map(float, spec.thresholds), strict=True))
    return found | ({} if spec.abstention is None else {"undecided": answer.undecided})


def _kind(spec: ModelSpec) -> str:
    return "values" if spec.task == "regression" else "probabilities"


def as_line(answer: dict[str, Any]) -> str:
    """Return an answer as one line for people: all values of a regression, or the most probable and the called labels.

    A called label that is not the most probable says from which threshold on it is called.
    """
    if "error" in answer:
        reason = answer["error"].removeprefix(f"{answer['file_name']}: ")
        return f"{answer['file_name']}: not predicted: {reason}"
    if "values" in answer:
        return f"{answer['file_name']}: " + ", ".join(f"{name} {value:.4g}" for name, value in answer["values"].items())
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])
    ranked = ranked[:5] + [item for item in ranked[5:] if item[0] in answer["predicted"]]
    lower = {label for label, _ in ranked[1:]} & set(answer["predicted"])
    limits = {label: limit for label, limit in answer.get("thresholds", {}).items() if label in lower}
    shown = ", ".join(f"{label} {_per_cent(value, answer, label, limits.get(label))}" for label, value in ranked)
    left_open = f"; left open: {', '.join(answer['undecided'])}" if answer.get("undecided") else ""
    return f"{answer['file_name']}: {'; '.join(answer['predicted']) or 'none'} ({shown}){left_open}"


def _per_cent(value: float, answer: dict[str, Any], label: str, threshold: float | None) -> str:
    """Return "71 %", or "71 % (64 to 77; threshold 60 %)" where the calibration says how well that is known."""
    interval = answer.get("intervals", {}).get(label)
    digits = 0 if threshold is None else apart(value, threshold)
    hedges = [f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f}"] if interval else []
    hedges += [] if threshold is None else [f"threshold {100 * threshold:.{digits}f} %"]
    return f"{100 * value:.{digits}f} %" + (f" ({'; '.join(hedges)})" if hedges else "")


def notes_of(answers: list[dict[str, Any]]) -> list[str]:
    """Return what is to be known about the answers, each note once, with the recordings that it is about."""
    about: dict[str, list[str]] = {}
    for answer in answers:
        for note in answer.get("notes", ()):
            about.setdefault(note, []).append(answer["file_name"])
    return [
        f"Look at {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {note}"
        for note, names in about.items()
    ]


def write_csv(path: Path, answers: list[dict[str, Any]]) -> None:
    """Write answers as CSV: file_name, predicted, a probability or a value a label, error, seen."""
    kind = "values" if any("values" in answer for answer in answers) else "probabilities"
    labels = next((list(answer[kind]) for answer in answers if kind in answer), [])
    columns = [f"{'value' if kind == 'values' else 'probability'}_{label}" for label in labels]
    abstains = any("undecided" in answer for answer in answers)
    lines = [["file_name", "predicted", *columns, "error", "seen", *(["undecided"] if abstains else [])]]
    for answer in answers:
        numbers = [f"{answer[kind][label]:.6f}" if "error" not in answer else "" for label in labels]
        last = [";".join(answer.get("undecided", []))] if abstains else []
        called, told = ";".join(answer.get("predicted", [])), [answer.get("error", ""), answer.get("seen", "")]
        lines.append([answer["file_name"], called, *numbers, *told, *last])
    path.write_text("".join(map(csv_line, lines)), encoding="utf-8", newline="")


def _model(model: str, project: str) -> tuple[Predictor, list[SeenByModel], str]:
    """Return a model, what it and its ancestors have seen as far as that is known, and the project it is of, if any."""
    path = Path(model)
    settings = get_settings()
    if path.is_file() and path.suffix.lower() == ".zip":
        with path.open("rb") as file:
            package = read_package(file, settings.model_bytes)
        chain = from_bytes(package.seen) if package.seen else []
        return Predictor.from_bytes(package.onnx, threads=settings.threads_for_prediction), chain, ""
    if path.is_file():
        return Predictor.from_path(path, threads=settings.threads_for_prediction), [], ""
    if not project:
        raise NotFoundError(f"There is no file {model}. To use a model of a project, name the project with --project.")
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        row = model_library.find_usable(session, project_id, model)
        return models.predictor(storage(), row), seen.list_of(session, row), project_id
