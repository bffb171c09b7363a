"""`exchange push | withdraw | index | key`: publishing models of this installation."""

from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.cli.exchange.group import ExchangeArgument, OwnProject, done_by_job, group
from backend.cli.follow import follow
from backend.counted import counted
from backend.db.session import write_session
from backend.services import exchange_jobs, exchange_push, exchanges, models, projects
from backend.settings import get_settings


@command("push", group)
def push(
    exchange: ExchangeArgument,
    model: Annotated[str, typer.Argument(help="Name or id of a model of the project.")],
    project: OwnProject,
    notes: Annotated[str, typer.Option(help="What is new in this version.")] = "",
    publisher: Annotated[str, typer.Option(help="Name of the publisher; default: the one used last.")] = "",
    licence: Annotated[str, typer.Option(help="Under which others may use it; kept with the model.")] = "",
    intended_use: Annotated[str, typer.Option(help="What it is meant for; kept with the model.")] = "",
    slug: Annotated[str, typer.Option(help="Model in the exchange that this is the next version of.")] = "",
    also_onnx: Annotated[
        bool, typer.Option("--also-onnx", help="Lay the bare ONNX file beside it, for the original platform.")
    ] = False,
    with_seen: Annotated[
        bool, typer.Option("--with-seen", help="Send along salted hashes of the recordings that it has seen.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what stands in the way.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish a model: what tells of single patients is left out, the rest is signed with the key of this place."""
    settings, url = get_settings(), database()
    with write_session(url) as session:
        project_id = projects.find(session, project).id
        row = models.find(session, project_id, model)
        row.licence, row.intended_use = licence or row.licence, intended_use or row.intended_use
        where = exchanges.find(session, exchange)
        if check:
            said = exchange_push.publication(session, storage(), settings, row, where, slug)
            session.rollback()
            _show_check(said, as_json)
            return
        request = exchange_push.Request(
            model_id=row.id, publisher=publisher, notes=notes, slug=slug, also_onnx=also_onnx,
            with_seen=with_seen,
        )  # fmt: skip
        job_id = exchange_push.create(session, settings, project_id, where, request).job_id
    done = follow(url, project_id, job_id)
    people.print(f"Signed with the key {done['fingerprint']}: tell it to those who use the model.", soft_wrap=True)
    show(done, as_json, f"Published {done['item']}")


def _show_check(said: exchange_push.Publication, as_json: bool) -> None:
    lines = [f"It would be {said.slug}/{max(said.versions, default=0) + 1}, signed with {said.fingerprint}."]
    lines += [f"  missing: {text}" for text in said.missing]
    lines += [f"  {'left out' if one.mended else 'MUST GO'}: {one.place}: {one.reason}" for one in said.findings]
    lines += [f"  advice: {text}" for text in said.advice]
    findings = [{"place": one.place, "reason": one.reason, "mended": one.mended} for one in said.findings]
    result = {
        "slug": said.slug, "versions": said.versions, "ready": said.ready, "missing": said.missing,
        "findings": findings, "advice": said.advice, "fingerprint": said.fingerprint,
    }  # fmt: skip
    show(result, as_json, "\n".join(lines))
    if not said.ready:
        raise typer.Exit(1)


@command("withdraw", group)
def withdraw(
    exchange: ExchangeArgument,
    item: Annotated[str, typer.Argument(help="Place of the version, such as afib-detector/2.")],
    reason: Annotated[str, typer.Option(help="Why; others read it.")],
    as_json: JsonOption = False,
) -> None:
    """Withdraw a version that was published from here; its card stays, with the reason."""
    done_by_job(database(), exchange, exchange_jobs.Request(kind="withdraw", item=item, reason=reason))
    show({"withdrawn": item, "reason": reason}, as_json, f"Withdrew {item}.")


@command("index", group)
def index(exchange: ExchangeArgument, as_json: JsonOption = False) -> None:
    """Make the index of an exchange anew from the models in it, each verified."""
    made = done_by_job(database(), exchange, exchange_jobs.Request(kind="index"))
    n, notes = made["n_versions"], made["notes"]
    show({"n": n, "notes": notes}, as_json, f"The index names {counted(n, 'version')}.")


@command("key", group)
def key(as_json: JsonOption = False) -> None:
    """Print the public key with which this installation signs what it publishes."""
    public = exchange_push.signing_key(get_settings()).public
    show({"fingerprint": public.fingerprint, "public_key": public.pem}, as_json, f"{public.fingerprint}\n{public.pem}")
