"""`audit ls | verify | export`: who has seen or changed what."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.app import JsonOption, app, command, database, show
from backend.db.session import read_session
from backend.errors import ConflictError
from backend.services import audit
from backend.settings import get_settings

group = typer.Typer(help="The audit log: who has seen or changed what.", rich_markup_mode=None)
app.add_typer(group, name="audit", no_args_is_help=True)
PersonOption = Annotated[str, typer.Option(help="Name of the person.")]
ActionOption = Annotated[str, typer.Option(help="Operation of the API, such as get_recording.")]
ProjectOption = Annotated[str, typer.Option("--project", "-p", help="Id of the project.")]
RecordingOption = Annotated[str, typer.Option(help="Id of the recording.")]
SinceOption = Annotated[datetime | None, typer.Option(help="Not before this time (UTC).")]
UntilOption = Annotated[datetime | None, typer.Option(help="Before this time (UTC).")]


@command("ls", group)
def ls(
    person: PersonOption = "",
    action: ActionOption = "",
    project: ProjectOption = "",
    recording: RecordingOption = "",
    since: SinceOption = None,
    until: UntilOption = None,
    newest: Annotated[int, typer.Option(help="So many lines at most.", min=1, max=10_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List lines of the audit log, the newest first."""
    query = _query(person, action, project, recording, since, until)
    with read_session(database()) as session:
        rows, total = audit.page(session, query, 1, newest)
    shown = [audit.content(row) | {"seal": row.seal} for row in rows]
    lines = [
        f"{row.number}  {row.at:%Y-%m-%d %H:%M:%S}  {row.person or 'nobody'} ({row.via})  {row.action}  "
        f"{row.status or ''}  {row.project_id}"
        for row in rows
    ]
    rest = [f"… and {total - len(rows)} older lines"] if total > len(rows) else []
    show(shown, as_json, "\n".join([*lines, *rest]) or "The audit log has no such line.")


@command("verify", group)
def verify(
    expected: Annotated[
        str, typer.Option(help="number:seal of a line, as this command printed them some time ago.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Go through the whole log: was a line changed, added, moved or dropped?"""
    verdict = audit.verify(database(), get_settings().resolved_secret_key, expected)
    if verdict.fault:
        raise ConflictError(f"The audit log does not hold: {verdict.fault}")
    shown = {"holds": True, "number": verdict.number, "seal": verdict.seal}
    text = f"All {verdict.number} lines hold. Write this down elsewhere: {verdict.number}:{verdict.seal}"
    show(shown, as_json, text)


@command("export", group)
def export(
    into: Annotated[Path | None, typer.Argument(help="File to write; default: standard output.")] = None,
    person: PersonOption = "",
    action: ActionOption = "",
    project: ProjectOption = "",
    recording: RecordingOption = "",
    since: SinceOption = None,
    until: UntilOption = None,
) -> None:
    """Write the lines of the audit log, the oldest first, each a JSON object with its seal."""
    lines = audit.export(database(), _query(person, action, project, recording, since, until))
    if into is None:
        sys.stdout.writelines(lines)
        return
    with into.open("x", encoding="utf-8") as file:
        file.writelines(lines)


def _query(
    person: str, action: str, project: str, recording: str, since: datetime | None, until: datetime | None
) -> audit.Query:
    return audit.Query(
        person=person, action=action, project_id=project, recording_id=recording, since=since, until=until
    )
