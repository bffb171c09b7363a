"""`exchange add | ls | show | keys | trust | remove`: which exchanges there are, what they offer, whom they trust."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.exchange.group import ExchangeArgument, ItemArgument, group, read_anew, with_folder
from backend.db.session import read_session, write_session
from backend.errors import InvalidInputError, UserError
from backend.exchange.webdav import Folder
from backend.services import exchange_card, exchange_listing, exchange_push, exchanges
from backend.services.exchange_listing import Item, Query
from backend.settings import get_settings


@command("add", group)
def add(
    name: Annotated[str, typer.Argument(help="Under which name the exchange is to be known here.")],
    address: Annotated[str, typer.Argument(help="Its WebDAV folder, a share link, or the folder in a cloud's page.")],
    user: Annotated[str, typer.Option(help="User name; a share link needs none.")] = "",
    password_from: Annotated[
        str, typer.Option(help="File whose first line is the password, - for standard input; else it is asked for.")
    ] = "",
    write: Annotated[bool, typer.Option(help="Publish there too; else it is only read.")] = False,
    authority: Annotated[Path | None, typer.Option(help="PEM file of the server's own certificate authority.")] = None,
    plain_http: Annotated[bool, typer.Option(help="Let the password travel readable, over http.")] = False,
    check: Annotated[bool, typer.Option(help="Try it first; one that does not answer is not added.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Add an exchange; its password is kept sealed."""
    settings, url = get_settings(), database()
    request = exchanges.Request(
        name=name, url=address, username=user, password=_password(user, password_from) or None,
        access="read_write" if write else "read", plain_http=plain_http,
        certificate="" if authority is None else authority.read_text(errors="replace"),
    )  # fmt: skip
    with write_session(url) as session:
        exchange_id = exchanges.add(session, settings, request).id
    notes: list[str] = []
    if check:
        try:
            with_folder(url, exchange_id, lambda folder: _try(folder, write))
            notes = read_anew(url, exchange_id)
        except UserError:
            with write_session(url) as session:
                exchanges.remove(session, exchanges.get(session, exchange_id))
            raise
    with read_session(url) as session:
        row = exchanges.get(session, exchange_id)
        n = len(exchange_listing.search(session, row, Query()))
        shown = _exchange(row) | {"n_models": n, "notes": notes}
    show(shown, as_json, "\n".join([f"Added {row.name} ({row.url}): {n} models.", *notes]))


@command("ls", group)
def ls(
    exchange: Annotated[str, typer.Argument(help="Whose models are listed; none: the exchanges.")] = "",
    text: Annotated[str, typer.Option(help="Words in name, labels, notes, publisher or use.")] = "",
    task: Annotated[str, typer.Option(help="single_label, multi_label or regression.")] = "",
    label: Annotated[str, typer.Option(help="A label that it tells.")] = "",
    architecture: Annotated[str, typer.Option(help="Its network.")] = "",
    licence: Annotated[str, typer.Option(help="Part of its licence.")] = "",
    lead: Annotated[str, typer.Option(help="A lead that it needs.")] = "",
    lineage: Annotated[str, typer.Option(help="sha256 of a model it is, or was made from.")] = "",
    most_mb: Annotated[float | None, typer.Option(help="Largest package in MB.")] = None,
    least_score: Annotated[float | None, typer.Option(help="Least macro AUROC, or mean R², of its own test.")] = None,
    order: Annotated[str, typer.Option(help="best, newest, name or smallest.")] = "best",
    all_versions: Annotated[bool, typer.Option("--all", help="Old and withdrawn versions too.")] = False,
    refresh: Annotated[bool, typer.Option(help="Read the list from the server first.")] = True,
    as_json: JsonOption = False,
) -> None:
    """List the exchanges, or what one of them offers."""
    url = database()
    if not exchange:
        with read_session(url) as session:
            rows = [_exchange(row) for row in exchanges.list_exchanges(session)]
        lines = [f"{row['name']}  {row['url']}  {row['access'].replace('_', '-')}" for row in rows]
        show(rows, as_json, "\n".join(lines) or "There is no exchange yet. Add one: exchangeai exchange add")
        return
    if order not in ("best", "newest", "name", "smallest"):
        raise InvalidInputError(f"There is no order {order!r}: best, newest, name or smallest.")
    for note in read_anew(url, exchange) if refresh else ():
        people.print(note, markup=False, soft_wrap=True)
    query = Query(
        text=text, task=task, label=label, architecture=architecture, licence=licence, lead=lead, lineage=lineage,
        most_bytes=None if most_mb is None else int(most_mb * 1e6), least_score=least_score, withdrawn=all_versions,
        old_versions=all_versions, order=order,  # type: ignore[arg-type]  # it is one of the four
    )  # fmt: skip
    with read_session(url) as session:
        row = exchanges.find(session, exchange)
        found = exchange_listing.search(session, row, query)
        nothing = "Nothing fits." if exchange_listing.items(session, row) else "There is no model in it yet."
    show([as_json_item(one) for one in found], as_json, "\n".join(map(_line, found)) or nothing)


@command("show", group)
def show_item(exchange: ExchangeArgument, item: ItemArgument, as_json: JsonOption = False) -> None:
    """Print the card of a model in an exchange, verified by its signature, and who has signed it."""
    url = database()
    read_anew(url, exchange)
    with read_session(url) as session:
        row = exchanges.find(session, exchange)
        found = exchange_listing.find(session, row, item)
        trust = exchanges.trust_of(session, row.id)
    told = found.listing
    card = ""
    if told is not None:
        described = with_folder(
            url, exchange, lambda folder: exchange_card.described(folder, told.slug, told.version, trust)
        )
        card = described.card
        with read_session(url) as session:
            found = exchange_card.item(session, exchanges.find(session, exchange), described)
    show(as_json_item(found) | {"card": card}, as_json, "\n".join([_line(found), *_who(found), "", card]).rstrip())


@command("keys", group)
def keys(exchange: ExchangeArgument, as_json: JsonOption = False) -> None:
    """List the keys that are trusted or refused in an exchange."""
    with read_session(database()) as session:
        rows = [
            {"fingerprint": one.fingerprint, "publisher": one.publisher, "status": one.status}
            for one in exchanges.keys(session, exchanges.find(session, exchange).id)
        ]
    lines = [f"{row['fingerprint']}  {row['status']}  {row['publisher']}" for row in rows]
    show(rows, as_json, "\n".join(lines) or "No key has been decided on yet.")


@command("trust", group)
def trust(
    exchange: ExchangeArgument,
    fingerprint: Annotated[str, typer.Argument(help="Of the key, as its publisher tells it.")],
    publisher: Annotated[str, typer.Option(help="Whose key it is.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Take in nothing that it signs.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget what was decided: it is new again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Trust a key as that of a publisher, refuse it, or forget what was decided."""
    with write_session(database()) as session:
        row = exchanges.find(session, exchange)
        if forget:
            exchanges.forget(session, row.id, fingerprint)
            show({"fingerprint": fingerprint, "status": None}, as_json, f"Forgot the key {fingerprint}.")
            return
        if not publisher and not refuse:
            raise InvalidInputError("Say whose key it is with --publisher, as the list of the exchange names them.")
        status: Literal["trusted", "refused"] = "refused" if refuse else "trusted"
        exchanges.decide(session, row.id, publisher, fingerprint, status)
    said = {"fingerprint": fingerprint, "publisher": publisher, "status": status}
    show(said, as_json, f"The key {fingerprint} is {status}.")


@command("remove", group)
def remove(exchange: ExchangeArgument, as_json: JsonOption = False) -> None:
    """Forget an exchange, its password and its keys; models that came from it stay."""
    with write_session(database()) as session:
        row = exchanges.find(session, exchange)
        name = row.name
        exchanges.remove(session, row)
    show({"removed": name}, as_json, f"Removed {name}.")


def as_json_item(one: Item) -> dict[str, Any]:
    """Return what is listed of a model for programs."""
    told: dict[str, Any] = {} if one.listing is None else asdict(one.listing)
    if one.bare is not None:
        spec = one.bare.spec
        told = {
            "name": one.bare.name, "size": one.bare.size, "labels": list(spec.labels) if spec else [],
            "task": spec.task if spec else None, "why": one.bare.why,
        }  # fmt: skip
    return told | {
        "place": one.place, "bare": one.bare is not None, "fingerprint": one.fingerprint, "signature": one.signature,
        "withdrawn": one.withdrawn, "score": one.score, "here": [asdict(here) for here in one.here],
    }  # fmt: skip


def _line(one: Item) -> str:
    shown = as_json_item(one)
    score = "no test" if one.score is None else f"{one.score:.3f}"
    size = f"{shown['size'] / 1e6:.1f} MB"
    labels = ", ".join(shown["labels"][:6]) + (" …" if len(shown["labels"]) > 6 else "")
    told = [one.place, str(shown["name"]), score, size, labels or shown.get("why", "")]
    told += ["unverified" if one.bare else f"{shown['licence']}, by {shown['publisher']} ({_key(one)})"]
    told += [f"withdrawn: {one.withdrawn}"] if one.withdrawn else []
    return "  ".join(told)


def _who(one: Item) -> list[str]:
    return [f"Key: {one.fingerprint} ({_key(one)})"] if one.fingerprint else ["Nobody has signed it."]


def _key(one: Item) -> str:
    """Say what is known of the key of a model; what was published from here is signed with nobody's new key."""
    own = one.fingerprint == exchange_push.signing_key(get_settings()).public.fingerprint
    return "your key" if own else one.signature if one.signature == "another key" else f"{one.signature} key"


def _exchange(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "name", "url", "username", "access", "listed_at")}


def _try(folder: Folder, write: bool) -> None:
    folder.list()
    if write:
        folder.check_writable()


def _password(user: str, source: str) -> str:
    if source == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if source:
        with Path(source).open() as file:
            return file.readline().rstrip("\r\n")
    if user and sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, default="", show_default=False, err=True))
    return ""
