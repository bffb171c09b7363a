"""`export`: a whole project as one zip."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.app import JsonOption, ProjectOption, command, database, show, storage
from backend.db.session import read_session
from backend.errors import InvalidInputError
from backend.services import project_export, projects


@command("export")
def export(
    to: Annotated[Path, typer.Argument(help="File to write, such as ward.zip.")],
    project: ProjectOption,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write everything of a project to one zip: originals, signals, labels, readings, models, evaluations."""
    url = database()
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        project_export.note_everything(session, project_id)
    if to.exists() and not force:
        raise InvalidInputError(f"“{to}” is there already. Name another file, or add --force.")
    if to.is_dir() or not to.absolute().parent.is_dir():
        raise InvalidInputError(f"“{to}” is no file in a folder that is there. Make the folder, or choose another.")
    unfinished = to.with_name(f"{to.name}.part")
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
            file.writelines(project_export.export(url, storage(), project_id))
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    size = to.stat().st_size
    told = f"Wrote {to} ({size / 2**20:,.1f} MiB). It holds patients' data: keep it encrypted."
    show({"file": str(to), "bytes": size}, as_json, told)
