"""`import` and `labels`: files and tables of labels into a project."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy.orm import Session

from backend.cli.app import JsonOption, ProjectOption, command, database, people, show, storage
from backend.db.session import read_session, write_session
from backend.db.tables import Project
from backend.ecg.readers import ReadOptions, Refusal, SourceFile
from backend.ecg.recording import Unit
from backend.errors import InvalidInputError, NotFoundError
from backend.services import datasets, imports, ingest, projects
from backend.settings import get_settings


@command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files, zips or folders of ECGs.")],
    project: ProjectOption,
    rate: Annotated[float | None, typer.Option(help="Hz, for formats that do not state it; default 500.")] = None,
    units_per_mv: Annotated[
        float | None, typer.Option(help="File units per mV, for formats that do not state it; default 1000 (µV).")
    ] = None,
    arbitrary: Annotated[bool, typer.Option(help="The values are normalised and have no mV scale.")] = False,
    leads: Annotated[str | None, typer.Option(help="Order of unnamed leads, separated by commas.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Keep recordings that lack leads, for viewing.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Files without a header hold int16 samples.")] = False,
    keep_originals: Annotated[bool, typer.Option(help="For a new project: keep the files too.")] = True,
    report: Annotated[Path | None, typer.Option(help="Write what became of each file to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read ECGs and store them in a project, which is created where there is none of that name."""
    order = tuple(lead.strip() for lead in leads.split(",")) if leads else None
    unit: Unit = "arbitrary" if arbitrary else "mV"
    options = ReadOptions(rate=rate, units_per_mv=units_per_mv, unit=unit, leads=order, partial=partial, raw=raw)
    if report is not None and not report.parent.is_dir():
        raise InvalidInputError(f"There is no folder {report.parent} for the report. Make it first.")
    url = database()
    with write_session(url) as session:
        project_id = _find_or_create(session, project, keep_originals).id
    import_id: str | None = None
    outcomes: list[ingest.Outcome] = []
    for batch in read_batches(paths, options):
        with write_session(url) as session:
            row = projects.get(session, project_id)
            import_id, stored = imports.store(session, storage(), row, import_id, batch, options)
        outcomes += stored
    if report is not None:
        report.write_text("".join(imports.as_csv(outcomes)), encoding="utf-8", newline="")
    _report({"project_id": project_id, "import_id": import_id}, outcomes, as_json)


def read_batches(paths: list[Path], options: ReadOptions) -> Iterator[list[ingest.ReadSet | Refusal]]:
    """Read files, zips and folders with a progress bar. Raises InvalidInputError for a path that is not there."""
    files = list(_files(paths))
    limits = ingest.limits_from(get_settings())
    with Progress(console=people, transient=True) as bar:
        task = bar.add_task("Reading", total=len(files))

        def opened() -> Iterator[SourceFile]:
            for path, name in files:
                yield SourceFile(name, path.read_bytes())
                bar.advance(task)

        yield from ingest.read_all(opened(), options, limits)


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


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with the name it is stored under: relative to the folder that was named."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not file.name.startswith("."):
                    yield file, file.relative_to(path).as_posix()
        elif path.is_file():
            yield path, path.name
        else:
            raise InvalidInputError(f"There is no file or folder {path}.")


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
            lines.append(f"Refused {outcome.file_name}: {outcome.detail}")
        lines.extend(f"Look at {outcome.file_name}: {finding['message']}" for finding in outcome.findings)
    shown = lines if len(lines) <= 60 else [*lines[:60], f"… and {len(lines) - 60} more; --json has them all."]
    result = ids | {"outcomes": [asdict(outcome) for outcome in outcomes]} | counts
    show(result, as_json, "\n".join(shown))
    if counts["refused"] and counts["refused"] == len(outcomes):
        raise typer.Exit(1)
