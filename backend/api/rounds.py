"""Routes of federated rounds: read from the folder of the exchange, and changed there; what takes long is a job."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.deps import ProjectWriteDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.jobs import Job
from backend.api.schemas.rounds import (
    ContributionIn,
    MergeIn,
    Round,
    RoundBase,
    RoundFate,
    RoundIn,
    RoundJob,
    RoundJoin,
    RoundList,
    RoundReason,
    RoundRules,
    RoundSite,
)
from backend.api.turns import in_turn
from backend.db import tables
from backend.db.session import read_session
from backend.errors import ConflictError
from backend.exchange import rounds as folder_rounds
from backend.ml.federated.privacy import composed, epsilon_at
from backend.ml.federated.rules import Rules
from backend.services import exchange_push, exchanges, round_jobs, round_start, rounds
from backend.settings import Settings

router = APIRouter(tags=["exchanges"])
ExchangeId = Annotated[str, Path(min_length=1, max_length=64)]
Slug = Annotated[str, Path(min_length=1, max_length=60)]
Number = Annotated[int, Path(ge=1, le=100_000)]
OF_EXCHANGE = "/exchanges/{exchange_id}/rounds"
ONE = OF_EXCHANGE + "/{slug}/{number}"
IN_PROJECT = "/projects/{project_id}" + ONE


@router.get(OF_EXCHANGE, operation_id="list_rounds", responses=responses(404))
async def list_rounds(settings: SettingsDep, exchange_id: ExchangeId, page: ArrayPageDep) -> RoundList:
    """Read the federated rounds of an exchange, the newest first."""

    def go() -> RoundList:
        found, notes = rounds.read_all(settings, exchange_id)
        return RoundList(rounds=[_shown(settings, one) for one in page.of(found)], notes=notes)

    return await in_turn("exchange", go)


@router.post(OF_EXCHANGE, operation_id="start_round", status_code=201, responses=responses(404, 409, 507))
async def start_round(settings: SettingsDep, exchange_id: ExchangeId, body: RoundIn, location: LocationDep) -> Round:
    """Start a round from a published model that is here with its weights; this installation is its coordinator."""
    said = body.model_dump(exclude={"rules"})
    request = round_start.Start(**said, rules=Rules.from_dict(body.rules.model_dump()))
    made = await _changed(settings, lambda: round_start.start(settings, exchange_id, request))
    location.says("get_round", slug=made.slug, number=str(made.number))
    return made


@router.get(ONE, operation_id="get_round", responses=responses(404, 409))
async def get_round(settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, number: Number) -> Round:
    """Read one round, verified by its signatures."""
    return await _changed(settings, lambda: rounds.read(settings, exchange_id, slug, number))


@router.post(ONE + "/join", operation_id="join_round", responses=responses(404, 409, 507))
async def join_round(
    settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, number: Number, body: RoundJoin
) -> Round:
    """Take part in a round; a coordinator's key that is new here is refused with 409 until `trust` names it."""
    return await _changed(settings, lambda: rounds.join(settings, exchange_id, slug, number, body.site, body.trust))


@router.delete(ONE + "/contribution", operation_id="take_back_contribution", responses=responses(404, 409))
async def take_back_contribution(settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, number: Number) -> Round:
    """Delete this installation's contribution to a round that is still open."""
    return await _changed(settings, lambda: rounds.take_back(settings, exchange_id, slug, number))


@router.post(ONE + "/undo", operation_id="undo_round", responses=responses(404, 409))
async def undo_round(
    settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, number: Number, body: RoundReason
) -> Round:
    """Undo a round that this installation coordinates; a model that came of it is withdrawn."""
    return await _changed(settings, lambda: rounds.undo(settings, exchange_id, slug, number, body.reason))


@router.post(
    IN_PROJECT + "/contribution", operation_id="contribute_to_round", status_code=202, responses=responses(404, 409)
)
def contribute_to_round(
    session: WriteDep, project: ProjectWriteDep, exchange_id: ExchangeId, slug: Slug, number: Number,
    body: ContributionIn, location: LocationDep,
) -> RoundJob:  # fmt: skip
    """Queue that what the training of a model of this project has changed is sent: weights and counts, no data."""
    exchange = exchanges.get(session, exchange_id)
    return _job(session, round_jobs.contribute(session, project.id, exchange, slug, number, body.model_id), location)


@router.post(IN_PROJECT + "/merge", operation_id="merge_round", status_code=202, responses=responses(404, 409))
def merge_round(
    session: WriteDep, settings: SettingsDep, project: ProjectWriteDep, exchange_id: ExchangeId, slug: Slug,
    number: Number, body: MergeIn, location: LocationDep,
) -> RoundJob:  # fmt: skip
    """Queue the merging of a round into the next version of its model, kept in this project and published."""
    exchange = exchanges.get(session, exchange_id)
    made = round_jobs.merge(session, settings, project.id, exchange, slug, number, **body.model_dump())
    return _job(session, made, location)


def _job(session: WriteDep, row: tables.Job, location: LocationDep) -> RoundJob:
    session.refresh(row)
    location.says("get_job", keep=("project_id",), job_id=row.id)
    return RoundJob(job=Job.model_validate(row))


async def _changed(settings: Settings, do: Callable[[], folder_rounds.Round]) -> Round:
    return await in_turn("exchange", lambda: _shown(settings, do()))


def _shown(settings: Settings, one: folder_rounds.Round) -> Round:
    """Return a round as it looks on the wire."""
    terms, outcome = one.terms, one.outcome
    own_key = exchange_push.signing_key(settings).public.fingerprint
    rules = terms.rules
    with read_session(settings.resolved_database_url) as session:
        try:
            held_by = rounds.held(session, terms.base.model_sha256).id
        except ConflictError:
            held_by = None
    return Round(
        slug=one.slug, number=one.number, state=one.state, title=terms.title, coordinator=terms.coordinator,
        fingerprint=one.fingerprint, own=one.fingerprint == own_key, created=terms.created, deadline=terms.deadline,
        base=RoundBase(
            **{name: getattr(terms.base, name) for name in RoundBase.model_fields if name not in ("labels", "held_by")},
            labels=list(terms.base.labels), held_by=held_by,
        ),
        rules=RoundRules.model_validate(rules.to_dict()), training=dict(terms.training), invited=list(terms.invited),
        epsilon_a_round=epsilon_at(rules.delta, composed([rules.noise])) if rules.noise else None,
        epsilon_spent=outcome.epsilon if outcome else None,
        merged=f"{outcome.slug}/{outcome.version}" if outcome else "",
        undone=one.undone.reason if one.undone else "",
        sites=[_site(one, site, own_key) for site in one.sites], notes=list(one.notes),
    )  # fmt: skip


def _site(one: folder_rounds.Round, site: folder_rounds.Site, own_key: str) -> RoundSite:
    facts = site.facts
    fate = one.outcome.sites.get(site.fingerprint) if one.outcome else None
    return RoundSite(
        fingerprint=site.fingerprint, name=site.name, joined=site.joined, has_contributed=facts is not None,
        recordings=facts.recordings if facts else None, patients=facts.patients if facts else None,
        labels=dict(facts.labels) if facts else {}, fault=site.fault,
        fate=None if fate is None else RoundFate.model_validate(dict(fate)), own=site.fingerprint == own_key,
    )  # fmt: skip
