"""`erase`: a patient, for good."""

from dataclasses import asdict
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.counted import counted
from backend.db.rewrite import rewrite as rewrite_database
from backend.db.session import read_session
from backend.errors import InvalidInputError
from backend.services import erasure, projects


@command("erase")
def erase(
    patient: Annotated[str, typer.Argument(help="Identifier as it stands in files or tables, or a pseudonym.")] = "",
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, but erase.")] = False,
    rewrite: Annotated[bool, typer.Option("--rewrite", help="Only rewrite the database without old copies.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a patient from a project: recordings, originals, labels, predictions. Models that learned are flagged."""
    url = database()
    if rewrite:
        rewrite_database(url)
        show({"rewritten": True}, as_json, "The database keeps nothing of what was deleted.")
        return
    if not patient or not project:
        raise InvalidInputError("Say whom to erase, and where: exchangeai erase PATIENT --project NAME.")
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        found = erasure.look(session, project_id, patient)
    if not yes:
        learned = f"; learned from by {', '.join(found.models)}" if found.models else ""
        what = f"{counted(found.n_recordings, 'recording')} and {counted(found.n_labels, 'row')} of labels{learned}"
        people.print(f"This would erase {what}. It cannot be undone; --yes does it.", markup=False, soft_wrap=True)
        show(asdict(found) | {"erased": False}, as_json, "")
        return
    report = erasure.erase(url, storage(), project_id, patient)
    shown = asdict(report) | {"erased": True}
    text = f"Erased {counted(report.n_recordings, 'recording')} and {counted(report.n_files, 'file')}."
    flagged = f" These models have learned from them and are flagged: {', '.join(report.models)}."
    show(shown, as_json, text + (flagged if report.models else ""))
