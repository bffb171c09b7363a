"""`explain`: what a model looks at in the ECGs of files, each map beside its control."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn

from backend.cli import files
from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.db.session import read_session
from backend.ecg.recording import Recording
from backend.errors import InvalidInputError, NotFoundError, UserError
from backend.ml.explanations.explained import WAYS, Explained, Gradients, Way, explain, or_reason
from backend.ml.explanations.waves import SEGMENTS
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.package import read_package
from backend.ml.patient import encode
from backend.ml.spec import ModelSpec
from backend.pseudonym import kept_age
from backend.services import ingest, model_library, models, projects
from backend.settings import get_settings

HINT = "A map is a hint about the model, never a finding about the patient."


@command("explain")
def explain_files(
    model: Annotated[str, typer.Argument(help="An ONNX file or package, or name or id of a model of the project.")],
    paths: files.Paths,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")] = "",
    label: Annotated[str, typer.Option(help="One of the model's; none: the one that it tells.")] = "",
    way: Annotated[list[str] | None, typer.Option(help=f"{', '.join(WAYS)}; may be repeated; none: all.")] = None,
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    raw: files.Raw = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a model looks at in each ECG. A map that fails its control is named, and its numbers are not shown."""
    ways = _ways(way)
    predictor, onnx, weights = _model(model, project)
    options = files.options(rate, units_per_mv, arbitrary, leads, False, raw)
    gradients = or_reason(partial(_gradients, predictor.spec, weights)) if "gradients" in ways else ""
    found: list[dict[str, Any]] = []
    for name, recording in list(_read(files.batches(paths, options))):  # one bar at a time
        if isinstance(recording, str):
            found.append({"file_name": name, "error": recording})
        else:
            found.append({"file_name": name} | _explained(predictor, onnx, recording, label, ways, gradients))
        if not as_json:
            show(found[-1], False, text_of(found[-1]))
    if as_json:
        show(found, True, "")
    else:
        people.print(HINT, markup=False)
    if all("error" in one for one in found):
        raise typer.Exit(1)


def _ways(asked: list[str] | None) -> list[Way]:
    unknown = sorted(set(asked or ()) - set(WAYS))
    if unknown:
        raise InvalidInputError(f"There is no way of looking “{unknown[0][:40]}”; there are {', '.join(WAYS)}.")
    return [one for one in WAYS if not asked or one in asked]


def _read(batches: Any) -> Iterator[tuple[str, Recording | str]]:
    """Yield each recording, or in words why there is none."""
    for result in chain.from_iterable(batches):
        if not isinstance(result, ingest.ReadSet):
            yield result.name, str(result.error)
            continue
        if result.error:
            yield result.files.name, result.error
        for recording in result.recordings:
            yield recording.name, recording


def _explained(
    predictor: Predictor, onnx: bytes, one: Recording, label: str, ways: list[Way], gradients: Gradients | str
) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=people, transient=True) as bar:
        task = bar.add_task(f"Comparing with random weights: {one.name}", total=1.0)
        try:
            found: Explained = explain(
                predictor, onnx, one.signal, one.rate, label=label or None, ways=ways,
                patient=encode(kept_age(one.patient.age), one.patient.sex), missing=one.missing,
                gradients=gradients, on_step=lambda share: bar.update(task, completed=share),
            )  # fmt: skip
        except UserError as problem:
            return {"error": str(problem)}
    return found.to_dict()


def text_of(one: dict[str, Any]) -> str:
    """Return an explanation as lines for people; the numbers of a map are there only where it passes its control."""
    if "error" in one:
        return f"{one['file_name']}: not explained: {one['error']}"
    output = f"{one['output']:.4g}" if one["regression"] else f"{100 * one['output']:.0f} %"
    lines = [f"{one['file_name']}: {one['label_name']} ({output})"]
    for found in one["maps"]:
        said = found["control"]
        lines.append(f"  {found['method']}: {found['text'] if said['evidence'] else said['text']}")
        if said["evidence"]:
            lines += [f"    {line}" for line in _table(found, one)]
    lines += [f"  {note}" for note in (*one["notes"], *one["missing"].values())]
    return "\n".join(lines)


def _table(found: dict[str, Any], one: dict[str, Any]) -> Iterator[str]:
    """Yield effects by lead and wave, in log-odds, as columns of equal width."""
    cells = found["cells"] or [[value] for value in found["totals"]]
    columns = [name for name in SEGMENTS if name in one["waves"]] if found["cells"] else ["lead"]
    yield "".join(f"{name:>8}" for name in ("", *columns))
    for lead, row in zip(one["leads"], cells, strict=True):
        yield f"{lead:>8}" + "".join(f"{value:>+8.2f}" if value is not None else f"{'-':>8}" for value in row)


def _gradients(spec: ModelSpec, weights: bytes | None) -> Gradients:
    from backend.ml.explanations.gradients import of_weights  # torch, which is loaded where it is asked for

    return of_weights(spec, weights)


def _model(model: str, project: str) -> tuple[Predictor, bytes, bytes | None]:
    """Return a model with its ONNX file and, where they are known, its named weights."""
    path, settings = Path(model), get_settings()
    weights: bytes | None = None
    if path.is_file() and path.suffix.lower() == ".zip":
        with path.open("rb") as file:
            package = read_package(file, settings.model_bytes)
        onnx, weights = package.onnx, package.weights
    elif path.is_file():
        onnx = path.read_bytes()
    elif not project:
        raise NotFoundError(f"There is no file {model}. To use a model of a project, name the project with --project.")
    else:
        with read_session(database()) as session:
            row = model_library.find_usable(session, projects.find(session, project).id, model)
            models.check_offered(row)
            onnx = storage().checked_path(row.onnx_key).read_bytes()
            weights = models.weights_path(storage(), row).read_bytes() if row.weights_key else None
    return Predictor.from_bytes(onnx, threads=settings.threads_for_prediction), onnx, weights
