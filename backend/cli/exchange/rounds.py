"""`exchange round start | join | contribute | merge | undo | status`: training together, without sharing data."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.datasets import find_dataset
from backend.cli.exchange.group import ExchangeArgument, ItemArgument, OwnProject, group, read_anew
from backend.cli.follow import follow
from backend.cli.runs import train_model
from backend.cli.settings import settings_of
from backend.db.session import read_session, write_session
from backend.db.tables import Model
from backend.errors import InvalidInputError
from backend.exchange.rounds import Round
from backend.ml.federated.privacy import composed, epsilon_at
from backend.ml.federated.rules import Rules
from backend.services import exchanges, models, projects, round_jobs, round_start, rounds, runs
from backend.services.round_shown import round_json
from backend.settings import get_settings

round_group = typer.Typer(help="Federated rounds: sites train, weights are averaged, data stay.", rich_markup_mode=None)
group.add_typer(round_group, name="round", no_args_is_help=True)

RoundArgument = Annotated[str, typer.Argument(help="Its place, such as afib-detector/3: the model and the round.")]
DEFAULTS = Rules()


@command("start", round_group)
def start(
    exchange: ExchangeArgument,
    item: ItemArgument,
    title: Annotated[str, typer.Option(help="What the round is about.")] = "",
    coordinator: Annotated[str, typer.Option(help="Your name in it; default: the one you publish under.")] = "",
    deadline: Annotated[str, typer.Option(help="Until when sites may contribute, such as 2030-01-31.")] = "",
    clip_norm: Annotated[float, typer.Option(help="Longest change that a site may make.")] = DEFAULTS.clip_norm,
    largest_share: Annotated[float, typer.Option(help="Most that one site counts.")] = DEFAULTS.largest_share,
    fewest_sites: Annotated[int, typer.Option(help="Sites without which nothing is merged.")] = DEFAULTS.fewest_sites,
    keep_odd: Annotated[bool, typer.Option("--keep-odd", help="Count contributions that look odd, too.")] = False,
    noise: Annotated[float, typer.Option(help="Gaussian noise, in sensitivities (2·clip-norm).")] = DEFAULTS.noise,
    noise_at: Annotated[str, typer.Option(help="site, or coordinator: hidden from users alone.")] = "site",
    epsilon: Annotated[float | None, typer.Option(help="Instead of --noise: the budget of all rounds.")] = None,
    delta: Annotated[float, typer.Option(help="With which probability the budget may fail.")] = DEFAULTS.delta,
    planned: Annotated[int, typer.Option(help="Rounds that --epsilon is to last for.")] = 10,
    invite: Annotated[list[str] | None, typer.Option(help="Key of a site that may take part; none: everybody.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="A training setting of the sites.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Start a round from a published model that is here, too; you are its coordinator."""
    rules = Rules.from_dict({
        "clip_norm": clip_norm, "largest_share": largest_share, "fewest_sites": fewest_sites,
        "leave_out_odd": not keep_odd, "noise": noise, "noise_at": noise_at, "delta": delta,
    })  # fmt: skip
    request = round_start.Start(
        item=item, title=title, coordinator=coordinator, deadline=deadline, rules=rules, epsilon=epsilon,
        rounds=planned, training=settings_of(settings or []), invited=tuple(invite or ()),
    )  # fmt: skip
    url = database()
    read_anew(url, exchange)
    _show(round_start.start(get_settings(), _exchange(url, exchange), request), as_json)


@command("join", round_group)
def join(
    exchange: ExchangeArgument,
    place: RoundArgument,
    site: Annotated[str, typer.Option(help="Your name in it; default: the one you publish under.")] = "",
    trust: Annotated[str, typer.Option(help="The coordinator's key, where it is met for the first time.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Take part in a round."""
    url = database()
    one = rounds.join(get_settings(), _exchange(url, exchange), *_place(place), site, trust)
    _show(one, as_json)


@command("contribute", round_group)
def contribute(
    exchange: ExchangeArgument,
    place: RoundArgument,
    project: OwnProject,
    model: Annotated[str, typer.Option(help="A model that was fine-tuned here from the base of the round.")] = "",
    dataset: Annotated[str, typer.Option(help="Instead: train one on this dataset, as the round asks.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Take back what was contributed before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send what your training has changed in the base model: weights and counts, nothing else."""
    if bool(model) == bool(dataset):
        raise InvalidInputError("Name the model to contribute with --model, or the dataset to train on with --dataset.")
    url, settings, (slug, number) = database(), get_settings(), _place(place)
    exchange_id = _exchange(url, exchange)
    row = _trained(url, project, rounds.read(settings, exchange_id, slug, number), dataset) if dataset else None
    if again:  # only now: a training may fail
        rounds.take_back(settings, exchange_id, slug, number)
    with write_session(url) as session:
        project_id = projects.find(session, project).id
        chosen = row or models.find(session, project_id, model)
        where = exchanges.get(session, exchange_id)
        job_id = round_jobs.contribute(session, project_id, where, slug, number, chosen.id).id
    done = follow(url, project_id, job_id)
    show(done | {"model_id": chosen.id}, as_json, f"Contributed “{chosen.name}” to {slug}, round {number}.")


@command("merge", round_group)
def merge(
    exchange: ExchangeArgument,
    place: RoundArgument,
    project: OwnProject,
    judge: Annotated[
        str,
        typer.Option(help="Your model of this round: its recordings give thresholds and results."),
    ] = "",
    leave_out: Annotated[list[str] | None, typer.Option(help="Key of a site that does not count, =reason.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="Key of a site that counts although it looks odd.")] = None,
    publisher: Annotated[str, typer.Option(help="Name of the publisher; default: the one used last.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Average what the sites have sent into the next version, and publish it."""
    url, settings, (slug, number) = database(), get_settings(), _place(place)
    left_out = {
        key.strip(): reason.strip() or "left out" for key, _, reason in (s.partition("=") for s in leave_out or ())
    }
    with write_session(url) as session:
        project_id = projects.find(session, project).id
        where = exchanges.find(session, exchange)
        exchange_id = where.id
        model_id = models.find(session, project_id, judge).id if judge else None
        job = round_jobs.merge(
            session, settings, project_id, where, slug, number, leave_out=left_out, keep_odd=keep or (),
            model_id=model_id, publisher=publisher,
        )  # fmt: skip
        job_id = job.id
    done = follow(url, project_id, job_id)
    read_anew(url, exchange)
    _show(rounds.read(settings, exchange_id, slug, number), as_json, done)


@command("undo", round_group)
def undo(
    exchange: ExchangeArgument,
    place: RoundArgument,
    reason: Annotated[str, typer.Option(help="Why; the other sites read it.")],
    as_json: JsonOption = False,
) -> None:
    """Undo a round that you coordinate; a model that came of it is withdrawn."""
    url = database()
    one = rounds.undo(get_settings(), _exchange(url, exchange), *_place(place), reason)
    read_anew(url, exchange)
    _show(one, as_json)


@command("status", round_group)
def status(
    exchange: ExchangeArgument,
    place: Annotated[str, typer.Argument(help="A round, such as afib-detector/3; none: all of them.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show the rounds of an exchange: who takes part, what was sent, what became of it."""
    url, settings = database(), get_settings()
    exchange_id = _exchange(url, exchange)
    if place:
        _show(rounds.read(settings, exchange_id, *_place(place)), as_json)
        return
    found, notes = rounds.read_all(settings, exchange_id)
    lines = [_line(one) for one in found] or ["There is no round yet."]
    show({"rounds": [round_json(one) for one in found], "notes": notes}, as_json, "\n".join([*lines, *notes]))


def _trained(url: str, project: str, one: Round, dataset: str) -> Model:
    """Train the base of a round on a dataset, as the coordinator asks."""
    base = one.terms.base
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        dataset_id = find_dataset(session, project_id, dataset).id
        base_id = rounds.held(session, base.model_sha256).id
    people.print(f"Training as round {one.number} asks: {json.dumps(dict(one.terms.training))}", soft_wrap=True)
    return train_model(url, project_id, runs.Request(
        dataset_id, f"{base.name}, round {one.number}", list(base.labels), base_id, training=one.terms.training,
        split={"method": "holdout"},  # the coordinator may judge by its test part
    ))  # fmt: skip


def _exchange(url: str, name: str) -> str:
    with read_session(url) as session:
        return exchanges.find(session, name).id


def _place(text: str) -> tuple[str, int]:
    slug, _, number = text.strip().rpartition("/")
    if not slug or not number.isdecimal() or len(number) > 6:
        raise InvalidInputError(f"“{text[:80]}” is no round. Write model/number, such as afib-detector/3.")
    return slug, int(number)


def _line(one: Round) -> str:
    sent = sum(site.facts is not None for site in one.sites)
    until = f" until {one.terms.deadline}" if one.terms.deadline and one.state == "open" else ""
    became = f" -> {one.outcome.slug}/{one.outcome.version}" if one.outcome else ""
    return f"{one.slug}/{one.number}  {one.state}{until}{became}  {sent} of {len(one.sites)} sites  {one.terms.title}"


def _show(one: Round, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    rules = one.terms.rules
    lines = [_line(one), f"Coordinated by {one.terms.coordinator}, key {one.fingerprint}."]
    lines.append(f"Base: {one.terms.base.slug}/{one.terms.base.version}; changes are clipped at {rules.clip_norm:g}.")
    if rules.noise:
        once = epsilon_at(rules.delta, composed([rules.noise]))
        lines.append(f"Noise at the {rules.noise_at}: ε = {once:.3g} a round at δ = {rules.delta:g}.")
    fates = one.outcome.sites if one.outcome else {}
    for site in one.sites:
        sent = f"{site.facts.recordings:,} recordings" if site.facts else site.fault or "has joined"
        fate = fates.get(site.fingerprint)
        share = "" if fate is None else f"; {fate['left_out'] or format(fate['share'], '.0%') + ' of the mean'}"
        lines.append(f"  {site.name or '?'}  {site.fingerprint}  {sent}{share}")
    if one.outcome and one.outcome.epsilon is not None:
        lines.append(f"Spent by a site in all rounds so far: ε = {one.outcome.epsilon:.3g} at δ = {rules.delta:g}.")
    if one.undone:
        lines.append(f"Undone: {one.undone.reason}")
    show(round_json(one) | dict(more or {}), as_json, "\n".join([*lines, *one.notes]))
