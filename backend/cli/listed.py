"""`recordings`: the recordings of a project, filtered and sorted as on the page."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, cast

import typer

from backend.cli.app import JsonOption, ProjectOption, command, database, show
from backend.counted import counted
from backend.db.session import read_session
from backend.db.tables import Recording
from backend.errors import InvalidInputError
from backend.services import projects, recording_lists, recordings
from backend.services.evaluation_rows import CELLS, Cell
from backend.services.recording_filters import Filter
from backend.services.seen import STATUSES

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the recording, included.")]


@command("recordings")
def list_recordings(
    project: ProjectOption,
    search: Annotated[str, typer.Option(help="Part of file name, patient, device or format, or a label.")] = "",
    table: Annotated[str, typer.Option(help="Id of a table of labels: those that it has a row for.")] = "",
    label: Annotated[str, typer.Option(help="In that table, or else in the newest table of labels.")] = "",
    and_label: Annotated[str, typer.Option(help="A second label beside the first.")] = "",
    findings_only: Annotated[bool, typer.Option("--findings", help="Only those with findings.")] = False,
    finding: Annotated[str, typer.Option(help="Code of a finding, such as flat_lead.")] = "",
    quality: Annotated[str, typer.Option(help="good, or doubtful: with a finding about the signal.")] = "",
    file_format: Annotated[str, typer.Option("--format", help="Format of the file, such as dicom.")] = "",
    device: Annotated[str, typer.Option(help="Name of the device, whole.")] = "",
    rate: Annotated[float | None, typer.Option(help="Sampling rate in Hz.")] = None,
    sex: Annotated[str, typer.Option(help="F or M.")] = "",
    age_min: Annotated[float | None, typer.Option(help="Years.")] = None,
    age_max: Annotated[float | None, typer.Option(help="Years.")] = None,
    recorded_from: Day = None,
    recorded_until: Day = None,
    prediction: Annotated[str, typer.Option(help="Id of a prediction: those that it is of.")] = "",
    predicted: Annotated[str, typer.Option(help="Label that the prediction tells.")] = "",
    disagreement: Annotated[
        bool, typer.Option("--disagreement", help="The prediction differs from the table.")
    ] = False,
    evaluation: Annotated[str, typer.Option(help="Id of an evaluation: those in a cell of it.")] = "",
    run: Annotated[str, typer.Option(help="Id of a cross-validated training: those in a cell of it.")] = "",
    evaluated_label: Annotated[str, typer.Option(help="A label of its model.")] = "",
    cell: Annotated[str, typer.Option(help=f"Of that label: {', '.join(CELLS)}.")] = "",
    predicted_label: Annotated[str, typer.Option(help="In place of a cell, in the matrix of all classes.")] = "",
    seen_by: Annotated[str, typer.Option(help="Id of a model: those that it has seen.")] = "",
    seen: Annotated[str, typer.Option(help=f"In what: {', '.join(STATUSES)}.")] = "training",
    sort: Annotated[str, typer.Option(help=f"One of {', '.join(recording_lists.SORTS)}.")] = "file_name",
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
    page: Annotated[int, typer.Option(min=1, help="Page of the list.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=500, help="Recordings of a page.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List recordings, filtered and sorted as on the page, a page at a time."""
    if sex not in ("", "F", "M"):
        raise InvalidInputError(f"Sex is F or M, not {sex!r}.")
    if quality not in ("", "good", "doubtful"):
        raise InvalidInputError(f"Quality is good or doubtful, not {quality!r}.")
    if seen not in STATUSES:
        raise InvalidInputError(f"--seen is one of {', '.join(STATUSES)}, not {seen!r}.")
    if cell not in ("", *CELLS):
        raise InvalidInputError(f"--cell is one of {', '.join(CELLS)}, not {cell!r}.")
    asked = Filter(
        search=search, dataset_id=table, label=label, and_label=and_label, findings_only=findings_only, finding=finding,
        quality=cast("Literal['', 'good', 'doubtful']", quality), format=file_format, device=device, rate=rate,
        sex=cast("Literal['', 'F', 'M']", sex), age_min=age_min, age_max=age_max,
        recorded_from=recorded_from and recorded_from.replace(tzinfo=UTC),
        recorded_until=recorded_until and recorded_until.replace(tzinfo=UTC) + timedelta(days=1),
        prediction_id=prediction, predicted=predicted, disagreement=disagreement, evaluation_id=evaluation,
        run_id=run, evaluated_label=evaluated_label, cell=cast("Cell | None", cell or None),
        predicted_label=predicted_label, seen_by=seen_by, seen=seen,
    )  # fmt: skip
    if (predicted or disagreement) and not prediction:
        raise InvalidInputError("Name the prediction that is meant: --prediction ID.")
    query = recording_lists.Query(asked, sort, descending, page, size)
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        rows, total, about = recording_lists.list_recordings(session, project_id, query)
        labels = recordings.labels_of(session, project_id, [row.id for row in rows])
        found = [_as_json(row) | {"labels": labels[row.id].labels, "values": labels[row.id].values} for row in rows]
    lines = [f"{'about ' if about else ''}{counted(total, 'recording')}"] + [_as_line(one) for one in found]
    if total > page * size:
        lines.append(f"… and {'about ' if about else ''}{total - page * size} more: --page {page + 1}")
    show({"total": total, "about": about, "items": found}, as_json, "\n".join(lines))


def _as_json(row: Recording) -> dict[str, Any]:
    return {
        "id": row.id, "file_name": row.file_name, "format": row.format, "rate": row.rate,
        "duration_s": row.n_samples / row.rate, "patient_id": row.patient_id, "age": row.age, "sex": row.sex,
        "device": row.device, "recorded_at": row.recorded_at and row.recorded_at.isoformat(),
        "findings": row.findings,
    }  # fmt: skip


def _as_line(one: dict[str, Any]) -> str:
    person = [None if one["age"] is None else f"{one['age']:.0f}", one["sex"]]
    parts = [one["file_name"], ", ".join(one["labels"]), " ".join(filter(None, person)), one["device"]]
    parts += [(one["recorded_at"] or "")[:10], ", ".join(finding["code"] for finding in one["findings"])]
    return "  ".join(part for part in parts if part)
