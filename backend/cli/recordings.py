"""`import`: files into a project."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from backend.cli import files
from backend.cli.app import JsonOption, ProjectOption, command, database, show, storage
from backend.counted import counted
from backend.db.session import write_session
from backend.errors import InvalidInputError
from backend.services import imports, ingest, projects


@command("import")
def import_files(
    paths: files.Paths,
    project: ProjectOption,
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    partial: files.Partial = False,
    raw: files.Raw = False,
    keep_originals: Annotated[bool, typer.Option(help="For a new project: keep the files too.")] = True,
    report: Annotated[Path | None, typer.Option(help="Write what became of each file to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read ECGs and store them in a project, which is created where there is none of that name."""
    options = files.options(rate, units_per_mv, arbitrary, leads, partial, raw)
    if report is not None and not report.parent.is_dir():
        raise InvalidInputError(f"There is no folder {report.parent} for the report. Make it first.")
    url = database()
    with write_session(url) as session:
        project_id = projects.find_or_create(session, project, keep_originals=keep_originals).id
    batches = files.batches(paths, options)
    import_id, outcomes = imports.read_and_store(url, storage(), project_id, None, batches, options)
    if report is not None:
        report.write_text("".join(imports.as_csv(outcomes)), encoding="utf-8", newline="")
    _report({"project_id": project_id, "import_id": import_id}, outcomes, as_json)


def _report(ids: dict[str, str | None], outcomes: list[ingest.Outcome], as_json: bool) -> None:
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("imported", "duplicate", "updated", "refused")
    }
    n = sum(len(outcome.recording_ids) for outcome in outcomes if outcome.status == "imported")
    lines = [f"{counted(n, 'recording')} imported from {counted(counts['imported'], 'file')}, "
             f"{counts['duplicate']} already there, {counts['updated']} read anew, "
             f"{counts['refused']} refused."]  # fmt: skip
    for outcome in outcomes:
        if outcome.status == "refused":
            lines.append(f"Refused {outcome.file_name}: {outcome.detail.removeprefix(f'{outcome.file_name}: ')}")
        lines.extend(f"Look at {outcome.file_name}: {finding['message']}" for finding in outcome.findings)
    shown = lines if len(lines) <= 60 else [*lines[:60], f"… and {len(lines) - 60} more; --json has them all."]
    result = ids | {"outcomes": [asdict(outcome) for outcome in outcomes]} | counts
    show(result, as_json, "\n".join(shown))
    if counts["refused"] and counts["refused"] == len(outcomes):
        raise typer.Exit(1)
