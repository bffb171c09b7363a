"""`exchange pull | verify`: fetching models, and seeing whether all that lies in an exchange is what it says it is."""

from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.exchange.group import ExchangeArgument, ItemArgument, done_by_job, group, read_anew
from backend.cli.follow import follow
from backend.db.session import read_session, write_session
from backend.services import exchange_jobs, exchange_pull, exchanges, models, projects


@command("pull", group)
def pull(
    exchange: ExchangeArgument,
    item: ItemArgument,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project; a new one is made.")],
    name: Annotated[str, typer.Option(help="Name of the model here; default: its own.")] = "",
    trust: Annotated[str, typer.Option(help="Fingerprint of a new key that is to be trusted from now on.")] = "",
    unverified: Annotated[bool, typer.Option("--unverified", help="Take an ONNX file that nobody has signed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch a model into a project: verified, tried in a limited process, and only then kept."""
    url = database()
    for note in read_anew(url, exchange):
        people.print(note, markup=False, soft_wrap=True)
    with write_session(url) as session:
        row = exchanges.find(session, exchange)
        project_id = projects.find_or_create(session, project).id
        request = exchange_pull.Request(item=item, name=name, trust=trust, unverified=unverified)
        job_id = exchange_pull.create(session, project_id, row, request).job_id
    model_id = follow(url, project_id, job_id)["model_id"]
    with read_session(url) as session:
        model = models.get(session, project_id, model_id)
        notes = models.facts(model)["notes"]
    shown = {"model_id": model.id, "name": model.name, "labels": model.spec["labels"], "sha256": model.onnx_key}
    show(shown | {"notes": notes}, as_json, "\n".join([f"Took in {model.name} ({model.id}).", *notes]))


@command("verify", group)
def verify(
    exchange: ExchangeArgument,
    item: Annotated[str, typer.Argument(help="Its place; none: all that is listed and not withdrawn.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Fetch models and verify sizes, hashes, signatures and contents; nothing is kept. Exit code 1 if one fails."""
    url = database()
    if item:
        read_anew(url, exchange)
    made = done_by_job(url, exchange, exchange_jobs.Request(kind="verify", item=item))
    rows, notes = made["models"], made["notes"]
    lines = [f"{row['place']}  {row['verdict']}" for row in rows]
    show({"models": rows, "notes": notes}, as_json, "\n".join([*lines, *notes]) or "Nothing is listed.")
    if any(not row["sound"] for row in rows):
        raise typer.Exit(1)
