"""`import` and `labels`: files and tables of labels into a project."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from backend.cli import reading
from backend.cli.app import JsonOption, ProjectOption, command, database, show, storage
from backend.db.session import read_session, write_session
from backend.db.tables import Project
from backend.errors import InvalidInputError, NotFoundError
from backend.services import datasets, imports, ingest, projects


@command("import")
def import_files(
    paths: reading.Paths,
    project: ProjectOption,
    rate: reading.Rate = None,
    units_per_mv: reading.UnitsPerMv = None,
    arbitrary: reading.Arbitrary = False,
    leads: reading.Leads = "",
    partial: reading.Partial = False,
    raw: reading.Raw = False,
    keep_originals: Annotated[bool, typer.Option(help="For a new project: keep the files too.")] = True,
    report: Annotated[Path | None, typer.Option(help="Write what became of each file to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read ECGs and store them in a project, which is created where there is none of that name."""
    options = reading.options(rate, units_per_mv, arbitrary, leads, partial, raw)
    if report is not None and not report.parent.is_dir():
        raise InvalidInputError(f"There is no folder {report.parent} for the report. Make it first.")
    url = database()
    with write_session(url) as session:
        project_id = _find_or_create(session, project, keep_originals).id
    import_id: str | None = None
    outcomes: list[ingest.Outcome] = []
    for batch in reading.batches(paths, options):
        with write_session(url) as session:
            row = projects.get(session, project_id)
            import_id, stored = imports.store(session, storage(), row, import_id, batch, options)
        outcomes += stored
    if report is not None:
        report.write_text("".join(imports.as_csv(outcomes)), encoding="utf-8", newline="")
    _report({"project_id": project_id, "import_id": import_id}, outcomes, as_json)


@command("labels")
def labels(
    table: Annotated[Path, typer.Argument(help="CSV: file_name,label[,ICD-10], one-hot, patient_id, split or fold.")],
    project: ProjectOption,
    name: Annotated[str, typer.Option(help="Name of the dataset; default: that of the file.")] = "",
    file_name: Annotated[
        list[str] | None,
        typer.Option(help="Builds the file name from columns, such as 'stack[{row}]'; the first with all values wins."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Attach a table of labels to the recordings of a project and report what it matches."""
    if not table.is_file():
        raise NotFoundError(f"There is no file {table}.")
    url = database()
    with write_session(url) as session:
        row = projects.find(session, project)
        dataset = datasets.create(session, row.id, table.read_bytes(), table.name, name, file_name or ())
        report = datasets.report(session, dataset)
    lines = [
        f"Dataset {dataset.name} ({dataset.task.replace('_', '-')}): {report.n_rows} rows, {report.n_matched} with a "
        f"recording, {report.n_unmatched} without; {report.n_unlabelled} recordings without a label.",
        *[f"  {count['label']}: {count['n_recordings']} of {count['n_rows']}" for count in report.counts],
        *[f"{report.n_partial} recordings lack leads and are left out of training."][: report.n_partial],
        *[f"Note: {note}" for note in dataset.notes],
    ]
    if report.unmatched:
        lines.append(
            f"Without a recording: {', '.join(report.unmatched[:10])}{' …' if report.n_unmatched > 10 else ''}"
        )
    show(
        {"dataset_id": dataset.id, "name": dataset.name, "task": dataset.task} | asdict(report),
        as_json,
        "\n".join(lines),
    )


@command("projects")
def list_projects(as_json: JsonOption = False) -> None:
    """List the projects."""
    with read_session(database()) as session:
        rows = projects.list_projects(session)
        counts = projects.counts(session, [row.id for row in rows])
    shown = [{"id": row.id, "name": row.name, "created_at": row.created_at} | counts[row.id] for row in rows]
    text = "\n".join(f"{row['id']}  {row['name']}  ({row['n_recordings']} recordings)" for row in shown)
    show(shown, as_json, text or "There is no project yet.")


def _find_or_create(session: Session, name: str, keep_originals: bool) -> Project:
    try:
        return projects.find(session, name)
    except NotFoundError:
        return projects.create(session, name, keep_originals=keep_originals)


def _report(ids: dict[str, str | None], outcomes: list[ingest.Outcome], as_json: bool) -> None:
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("imported", "duplicate", "updated", "refused")
    }
    n = sum(len(outcome.recording_ids) for outcome in outcomes if outcome.status == "imported")
    lines = [f"{n} recordings imported from {counts['imported']} files, {counts['duplicate']} already there, "
             f"{counts['updated']} read anew, {counts['refused']} refused."]  # fmt: skip
    for outcome in outcomes:
        if outcome.status == "refused":
            lines.append(f"Refused {outcome.file_name}: {outcome.detail.removeprefix(f'{outcome.file_name}: ')}")
        lines.extend(f"Look at {outcome.file_name}: {finding['message']}" for finding in outcome.findings)
    shown = lines if len(lines) <= 60 else [*lines[:60], f"… and {len(lines) - 60} more; --json has them all."]
    result = ids | {"outcomes": [asdict(outcome) for outcome in outcomes]} | counts
    show(result, as_json, "\n".join(shown))
    if counts["refused"] and counts["refused"] == len(outcomes):
        raise typer.Exit(1)
