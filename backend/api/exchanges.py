"""Routes of exchanges: what there is, what they offer, whose keys are trusted. Passwords go in and never out."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Path, Query

from backend.api.deps import ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.exchange_shown import exchange_shown, model_shown
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.exchanges import (
    Exchange,
    ExchangeCheck,
    ExchangeIn,
    ExchangeListing,
    ExchangeModel,
    ExchangeModelDetail,
    ExchangePatch,
    Key,
    KeyIn,
    OwnKey,
    Withdrawal,
)
from backend.api.schemas.transfers import Transfer
from backend.api.turns import in_turn
from backend.db.session import read_session
from backend.exchange.index import rebuild
from backend.exchange.webdav import Folder
from backend.services import exchange_card, exchange_listing, exchange_push, exchanges, transfers
from backend.settings import Settings

router = APIRouter(prefix="/exchanges", tags=["exchanges"])
ExchangeId = Annotated[str, Path(min_length=1, max_length=64)]
Slug = Annotated[str, Path(min_length=1, max_length=60)]
Version = Annotated[int, Path(ge=1, le=10**9)]
T = TypeVar("T")
TIMEOUT_S, ATTEMPTS = 10.0, 2  # somebody waits at the page


@router.get("", operation_id="list_exchanges", responses=responses())
def list_exchanges(session: ReadDep, page: ArrayPageDep) -> list[Exchange]:
    """List all exchanges of this installation by name."""
    return [exchange_shown(session, row) for row in page.of(exchanges.list_exchanges(session))]


@router.post("", operation_id="add_exchange", status_code=201, responses=responses(409))
def add_exchange(session: WriteDep, settings: SettingsDep, body: ExchangeIn, location: LocationDep) -> Exchange:
    """Add an exchange; nothing is asked of its server yet (see `check_exchange`)."""
    row = exchanges.add(session, settings, _request(body))
    location.says("get_exchange", exchange_id=row.id)
    return exchange_shown(session, row)


@router.get("/own-key", operation_id="get_own_key", responses=responses())
def get_own_key(session: ReadDep, settings: SettingsDep) -> OwnKey:
    """Return the public key with which this installation signs, for others to compare."""
    public, publisher = exchange_push.signing_key(settings).public, exchange_push.usual_publisher(session, settings)
    return OwnKey(fingerprint=public.fingerprint, public_key=public.pem, publisher=publisher)


@router.get("/{exchange_id}", operation_id="get_exchange", responses=responses(404))
def get_exchange(session: ReadDep, exchange_id: ExchangeId) -> Exchange:
    """Return one exchange."""
    return exchange_shown(session, exchanges.get(session, exchange_id))


@router.patch("/{exchange_id}", operation_id="change_exchange", responses=responses(404, 409))
def change_exchange(session: WriteDep, settings: SettingsDep, exchange_id: ExchangeId, body: ExchangePatch) -> Exchange:
    """Change an exchange."""
    row = exchanges.get(session, exchange_id)
    exchanges.change(session, settings, row, _request(body))
    return exchange_shown(session, row)


@router.delete("/{exchange_id}", operation_id="remove_exchange", status_code=204, responses=responses(404, 409))
def remove_exchange(session: WriteDep, exchange_id: ExchangeId) -> None:
    """Forget an exchange, its password and the keys trusted in it; models that came from it stay."""
    exchanges.remove(session, exchanges.get(session, exchange_id))


@router.post("/{exchange_id}/check", operation_id="check_exchange", responses=responses(404, 409, 507))
async def check_exchange(settings: SettingsDep, exchange_id: ExchangeId) -> ExchangeCheck:
    """Try whether an exchange answers, knows the user and, where that is wanted, can be written to."""
    return await in_turn("exchange", _check, settings, exchange_id)


def _check(settings: Settings, exchange_id: str) -> ExchangeCheck:
    with read_session(settings.resolved_database_url) as session:
        writing = exchanges.get(session, exchange_id).access == "read_write"

    def look(folder: Folder) -> ExchangeCheck:
        n = len(folder.list())
        if writing:
            folder.check_writable()
        quota = folder.quota()
        return ExchangeCheck(writable=writing or None, free_bytes=None if quota is None else quota.free, n_entries=n)

    return _with_folder(settings, exchange_id, look)


@router.post("/{exchange_id}/listing", operation_id="read_exchange", responses=responses(404))
async def read_exchange(settings: SettingsDep, exchange_id: ExchangeId) -> ExchangeListing:
    """Read the list of an exchange anew."""
    return await in_turn("exchange", _read, settings, exchange_id, False)


@router.post(
    "/{exchange_id}/index", operation_id="rebuild_exchange_index", deprecated=True, responses=responses(404, 409, 507)
)
async def rebuild_exchange_index(settings: SettingsDep, exchange_id: ExchangeId) -> ExchangeListing:
    """Make the index anew while the request waits; `start_exchange_job` does so however long it takes."""
    return await in_turn("exchange", _read, settings, exchange_id, True)


def _read(settings: Settings, exchange_id: str, anew: bool) -> ExchangeListing:
    notes: list[str] = []
    if anew:
        with read_session(settings.resolved_database_url) as session:
            exchanges.check_writable(exchanges.get(session, exchange_id))
        notes += _with_folder(settings, exchange_id, rebuild).notes
    more = exchange_listing.refresh(settings, exchange_id, timeout=TIMEOUT_S, attempts=ATTEMPTS)
    notes += [note for note in more if note not in notes]
    with read_session(settings.resolved_database_url) as session:
        shown = exchange_shown(session, exchanges.get(session, exchange_id))
    return ExchangeListing(exchange=shown, notes=notes)


@router.get("/{exchange_id}/models", operation_id="list_exchange_models", responses=responses(404))
def list_exchange_models(
    session: ReadDep,
    exchange_id: ExchangeId,
    page: PageDep,
    text: Annotated[str, Query(max_length=200, description="Words in name, labels, notes, publisher or use.")] = "",
    task: Literal["single_label", "multi_label", "regression"] | None = None,
    label: Annotated[str, Query(max_length=200)] = "",
    architecture: Annotated[str, Query(max_length=100)] = "",
    licence: Annotated[str, Query(max_length=200, description="Part of it.")] = "",
    lead: Annotated[str, Query(max_length=10)] = "",
    lineage: Annotated[str, Query(max_length=64, description="sha256 of a model it is, or was made from.")] = "",
    most_bytes: Annotated[int | None, Query(ge=0)] = None,
    least_score: Annotated[float | None, Query(ge=-1, le=1, description="Macro AUROC, or mean R² of values.")] = None,
    withdrawn: bool = False,
    old_versions: bool = False,
    order: Literal["best", "newest", "name", "smallest"] = "best",
) -> Page[ExchangeModel]:
    """Page what an exchange offers, as its list was last read."""
    query = exchange_listing.Query(
        text=text, task=task or "", label=label, architecture=architecture, licence=licence, lead=lead, lineage=lineage,
        most_bytes=most_bytes, least_score=least_score, withdrawn=withdrawn, old_versions=old_versions, order=order,
    )  # fmt: skip
    found = exchange_listing.search(session, exchanges.get(session, exchange_id), query)
    shown = found[page.start : page.start + page.size]
    return Page(items=[model_shown(one) for one in shown], total=page.tell(len(found)))


@router.get("/{exchange_id}/models/{slug}/{version}", operation_id="get_exchange_model", responses=responses(404, 409))
async def get_exchange_model(
    settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, version: Version
) -> ExchangeModelDetail:
    """Return a version with its card, read from the exchange and verified by its signature; its package is not read."""
    return await in_turn("exchange", _describe, settings, exchange_id, slug, version)


def _describe(settings: Settings, exchange_id: str, slug: str, version: int) -> ExchangeModelDetail:
    with read_session(settings.resolved_database_url) as session:
        trust = exchanges.trust_of(session, exchange_id)
    told = _with_folder(settings, exchange_id, lambda folder: exchange_card.described(folder, slug, version, trust))
    with read_session(settings.resolved_database_url) as session:
        item = exchange_card.item(session, exchanges.get(session, exchange_id), told)
    return ExchangeModelDetail(model=model_shown(item), card=told.card, verified=True)


@router.post(
    "/{exchange_id}/models/{slug}/{version}/withdraw",
    operation_id="withdraw_model",
    deprecated=True,
    responses=responses(404, 409),
)
async def withdraw_model(
    settings: SettingsDep, exchange_id: ExchangeId, slug: Slug, version: Version, body: Withdrawal
) -> ExchangeListing:
    """Withdraw a version while the request waits; `start_exchange_job` does so however long the server takes."""

    def go() -> ExchangeListing:
        with read_session(settings.resolved_database_url) as session:
            exchanges.check_writable(exchanges.get(session, exchange_id))
        place = f"{slug}/{version}"
        _with_folder(
            settings, exchange_id, lambda folder: exchange_push.withdraw_version(folder, settings, place, body.reason)
        )
        return _read(settings, exchange_id, False)

    return await in_turn("exchange", go)


@router.get("/{exchange_id}/keys", operation_id="list_exchange_keys", responses=responses(404))
def list_exchange_keys(session: ReadDep, exchange_id: ExchangeId, page: ArrayPageDep) -> list[Key]:
    """List the keys that were trusted or refused in an exchange."""
    found = exchanges.keys(session, exchanges.get(session, exchange_id).id)
    return [Key.model_validate(key) for key in page.of(found)]


@router.put("/{exchange_id}/keys", operation_id="decide_exchange_key", responses=responses(404))
def decide_exchange_key(session: WriteDep, exchange_id: ExchangeId, body: KeyIn) -> Key:
    """Trust a key as that of a publisher, or refuse all that it signs."""
    row = exchanges.get(session, exchange_id)
    return Key.model_validate(exchanges.decide(session, row.id, body.publisher, body.fingerprint, body.status))


@router.delete(
    "/{exchange_id}/keys/{fingerprint}", operation_id="forget_exchange_key", status_code=204, responses=responses(404)
)
def forget_exchange_key(session: WriteDep, exchange_id: ExchangeId, fingerprint: str) -> None:
    """Forget what was decided of a key: it is asked for again."""
    exchanges.forget(session, exchanges.get(session, exchange_id).id, fingerprint)


@router.get("/{exchange_id}/transfers", operation_id="list_exchange_transfers", responses=responses(404))
def list_exchange_transfers(
    session: ReadDep,
    exchange_id: ExchangeId,
    page: PageDep,
) -> Page[Transfer]:
    """Page the models that came from an exchange or went into it, of all projects, the newest first."""
    rows, total = transfers.page_of_exchange(session, exchanges.get(session, exchange_id).id, page.page, page.size)
    return Page(items=[Transfer.model_validate(row) for row in rows], total=page.tell(total))


def _with_folder(settings: Settings, exchange_id: str, do: Callable[[Folder], T]) -> T:
    """Do something in the folder of an exchange while somebody waits."""
    return exchanges.in_folder(settings, exchange_id, do, timeout=TIMEOUT_S, attempts=ATTEMPTS)


def _request(body: ExchangeIn | ExchangePatch) -> exchanges.Request:
    said = body.model_dump()
    said["password"] = None if body.password is None else body.password.get_secret_value()
    return exchanges.Request(**said)
