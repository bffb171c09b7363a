"""`projects`: what is here."""

from backend.cli.app import JsonOption, command, database, show
from backend.counted import counted
from backend.db.session import read_session
from backend.services import projects


@command("projects")
def list_projects(as_json: JsonOption = False) -> None:
    """List the projects."""
    with read_session(database()) as session:
        rows = projects.list_projects(session)
        counts = projects.counts(session, [row.id for row in rows])
    shown = [{"id": row.id, "name": row.name, "created_at": row.created_at} | counts[row.id] for row in rows]
    text = "\n".join(
        f"{row['id']}  {row['name']}  ({counted(int(str(row['n_recordings'])), 'recording')})" for row in shown
    )
    show(shown, as_json, text or "There is no project yet.")
