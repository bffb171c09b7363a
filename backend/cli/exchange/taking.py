"""`exchange pull | verify`: fetching models, and seeing whether all that lies in an exchange is what it says it is."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.exchange.group import ExchangeArgument, ItemArgument, OwnProject, group, read_anew, with_folder
from backend.cli.follow import follow
from backend.db.session import read_session, write_session
from backend.errors import UserError
from backend.exchange.bare_onnx import fetch_bare
from backend.exchange.errors import QuarantinedError
from backend.exchange.fetch import fetch
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.services import exchange_listing, exchange_pull, exchanges, models, projects
from backend.services.exchange_listing import Item, Query
from backend.settings import get_settings


@command("pull", group)
def pull(
    exchange: ExchangeArgument,
    item: ItemArgument,
    project: OwnProject,
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
        project_id = projects.find(session, project).id
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
    notes = read_anew(url, exchange)
    with read_session(url) as session:
        row = exchanges.find(session, exchange)
        trust = exchanges.trust_of(session, row.id)
        found = (
            [exchange_listing.find(session, row, item)]
            if item
            else exchange_listing.search(session, row, Query(old_versions=True, order="name"))
        )
    rows = [
        with_folder(url, exchange, lambda folder, one=one: _verified(folder, one, trust))  # type: ignore[misc]
        for one in found
    ]
    lines = [f"{row['place']}  {row['verdict']}" for row in rows]
    show({"models": rows, "notes": notes}, as_json, "\n".join([*lines, *notes]) or "Nothing is listed.")
    if any(not row["sound"] for row in rows):
        raise typer.Exit(1)


def _verified(folder: Folder, one: Item, trust: Trust) -> dict[str, Any]:
    most = get_settings().model_bytes
    people.print(f"Verifying {one.place}", markup=False)
    with TemporaryDirectory(prefix="verify-") as place:
        try:
            if one.listing is None:
                fetch_bare(folder, one.place, Path(place), most=most)
                verdict = "can be read; nobody has signed it"
            else:
                got = fetch(folder, one.listing.slug, one.listing.version, Path(place), trust, most=most)
                known = "a new key" if got.is_new else "a trusted key"
                verdict = f"sound, signed by {got.listing.publisher} with {known}: {got.key.fingerprint}"
        except QuarantinedError as problem:
            return {"place": one.place, "sound": False, "verdict": f"REFUSED: {problem.reason}"}
        except UserError as problem:
            return {"place": one.place, "sound": False, "verdict": f"not verified: {problem}"}
    return {"place": one.place, "sound": True, "verdict": verdict}
