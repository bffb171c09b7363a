"""`web` and `ready`: one process in the foreground, as containers want it, and whether it can work."""

import os
import socket
from dataclasses import asdict
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, show
from backend.cli.processes import web_command
from backend.settings import get_settings


@command("web")
def web() -> None:
    """Become the web process: page and API, in the foreground, without workers."""
    arguments = web_command()
    os.execv(arguments[0], arguments)  # noqa: S606 - the command is our own; signals then reach the server itself


@command("ready")
def ready(
    worker: Annotated[bool, typer.Option(help="Ask whether a worker of this machine lives, and nothing else.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say whether database, queue, storage and workers work. Ends with exit code 1 where requests would fail."""
    found = _worker_here() if worker else _parts()
    lines = [found["status"], *(f"{name}: {part['detail']}" for name, part in found.items() if _is_wrong(part))]
    show(found, as_json, "\n".join(lines))
    if found["status"] == "unready":
        raise typer.Exit(1)


def _parts() -> dict[str, Any]:
    from backend.services.readiness import readiness

    parts = readiness(get_settings())
    return {"status": parts.status} | asdict(parts)


def _worker_here() -> dict[str, Any]:
    from sqlalchemy.exc import SQLAlchemyError

    from backend.db.session import read_session
    from backend.services import jobs

    try:
        with read_session(get_settings().resolved_database_url) as session:
            here = [one.name for one in jobs.living_workers(session) if one.name.endswith(f"@{socket.gethostname()}")]
    except SQLAlchemyError:
        here = []
    return {"status": "ready" if here else "unready", "workers": here}


def _is_wrong(part: object) -> bool:
    return isinstance(part, dict) and not part["ok"]
