"""What an exchange offers: its listing as it was read last, searched and filtered, beside what is here already."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Exchange, Json, Model, Project, utc_now
from backend.ecg.leads import LEADS
from backend.errors import NotFoundError
from backend.exchange.bare_onnx import BareModel, describe_bare
from backend.exchange.errors import ExchangeError
from backend.exchange.index import Row, read_catalogue
from backend.exchange.listing import Listing
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.ml.spec import ModelSpec
from backend.services import exchanges
from backend.services.person import current
from backend.settings import Settings

Signature = Literal["trusted", "new", "another key", "refused", "unsigned"]
Order = Literal["best", "newest", "name", "smallest"]
MOST_BARE: Final = 500


@dataclass(frozen=True, slots=True)
class Here:
    """A model of this installation that is the same file."""

    project_id: str
    project_name: str
    model_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A version of a model in an exchange; `listing` is None of a bare ONNX file, which `bare` then describes."""

    place: str  # slug/version, or the name of the ONNX file
    listing: Listing | None
    bare: BareModel | None
    fingerprint: str
    withdrawn: str
    signature: Signature
    versions: int  # of the same model, this one among them
    newest: bool  # of those that are not withdrawn
    here: list[Here]

    @property
    def score(self) -> float | None:
        """How good it says it was on its own test: macro AUROC, or mean R² of values."""
        if self.listing is None:
            return None
        wanted = "macro_r2" if self.listing.task == "regression" else "macro_auroc"
        return next((one.value for one in self.listing.metrics if one.name == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; each that is given must fit. `lineage` is the hash of a model it was made from."""

    text: str = ""
    task: str = ""
    label: str = ""
    architecture: str = ""
    licence: str = ""
    lead: str = ""
    lineage: str = ""
    most_bytes: int | None = None
    least_score: float | None = None
    withdrawn: bool = False
    old_versions: bool = False
    order: Order = "best"


def read(folder: Folder, before: Sequence[Json]) -> tuple[list[Json], list[str]]:
    """Read what is published in a folder; return it as it is kept, and what could not be read.

    Of bare ONNX files that have not changed since (`before`) the metadata are not read again.
    """
    catalogue = read_catalogue(folder)
    kept: list[Json] = [_kept(row) for row in catalogue.rows]
    known = {(one["bare"]["name"], one["bare"]["size"], one["bare"]["etag"]): one for one in before if "bare" in one}
    notes = list(catalogue.notes)
    entries = [one for one in folder.list() if not one.is_folder and one.name.lower().endswith(".onnx")]
    if len(entries) > MOST_BARE:
        notes.append(f"There are {len(entries):,} ONNX files; the first {MOST_BARE} are listed.")
    for entry in entries[:MOST_BARE]:
        same = known.get((entry.name, entry.size or 0, entry.etag)) if entry.etag else None
        try:
            kept.append(same or {"bare": _bare_json(describe_bare(folder, entry.name))})
        except ExchangeError as problem:
            notes.append(f"{entry.name}: {problem}")
    return kept, notes


def refresh(settings: Settings, exchange_id: str, *, timeout: float = 30, attempts: int = 4) -> list[str]:
    """Read the list of an exchange and keep it; return what could not be read. No session is open meanwhile."""
    url = settings.resolved_database_url
    with read_session(url) as session:
        before = stored(session, exchange_id)
    kept, notes = exchanges.in_folder(
        settings, exchange_id, lambda folder: read(folder, before), timeout=timeout, attempts=attempts
    )
    with write_session(url) as session:
        keep(session, exchange_id, kept)
    return notes


def keep(session: Session, exchange_id: str, kept: list[Json]) -> Exchange:
    """Keep what was read of an exchange."""
    row = exchanges.get(session, exchange_id)
    row.listing, row.listed_at = kept, utc_now()
    session.flush()
    return row


def stored(session: Session, exchange_id: str) -> list[Json]:
    """Return what was kept when the exchange was last read. Raises NotFoundError."""
    row = exchanges.get(session, exchange_id)
    return session.scalar(select(Exchange.listing).where(Exchange.id == row.id)) or []


def search(session: Session, exchange: Exchange, query: Query) -> list[Item]:
    """Return what of the listing fits, in the order asked for."""
    return sorted((one for one in items(session, exchange) if _fits(one, query)), key=_order(query.order))


def find(session: Session, exchange: Exchange, place: str) -> Item:
    """Return an item by its place (slug/version or file), or the newest version of a slug or name.

    Raises NotFoundError.
    """
    found = items(session, exchange)
    for one in found:
        if one.place == place:
            return one
    named = [one for one in found if one.listing and place in (one.listing.slug, one.listing.name)]
    if named:
        return max(named, key=lambda one: (not one.withdrawn, one.listing.version if one.listing else 0))
    raise NotFoundError(
        f"There is no {place[:120]!r} in the exchange “{exchange.name}”, as far as it was read. Read its list again."
    )


def items(session: Session, exchange: Exchange) -> list[Item]:
    """Return all that was listed when the exchange was last read."""
    trust = exchanges.trust_of(session, exchange.id)
    rows = [_row(one) for one in stored(session, exchange.id)]
    versions: dict[str, list[tuple[bool, int]]] = {}
    for row in rows:
        if isinstance(row, Row):
            versions.setdefault(row.listing.slug, []).append((not row.withdrawn, row.listing.version))
    here = _here(session)
    return [
        Item(
            place=f"{row.listing.slug}/{row.listing.version}", listing=row.listing, bare=None,
            fingerprint=row.fingerprint, withdrawn=row.withdrawn, versions=len(versions[row.listing.slug]),
            newest=(not row.withdrawn, row.listing.version) == max(versions[row.listing.slug]),
            signature=signature_of(trust, row.listing.publisher, row.fingerprint),
            here=here.get(row.listing.model_sha256, []),
        )
        if isinstance(row, Row)
        else Item(
            place=row.name, listing=None, bare=row, fingerprint="", withdrawn="", signature="unsigned", versions=1,
            newest=True, here=[],
        )
        for row in rows
    ]  # fmt: skip


def signature_of(trust: Trust, publisher: str, fingerprint: str) -> Signature:
    """Say what is known of a key under the name of a publisher."""
    if fingerprint in trust.refused:
        return "refused"
    known = trust.known.get(publisher)
    if not known:
        return "new"
    return "trusted" if fingerprint in known else "another key"


def _here(session: Session) -> Mapping[str, list[Here]]:
    """Return where models are kept here, by their file: in the projects that are there for whoever asks."""
    found: dict[str, list[Here]] = {}
    mine = current().projects
    rows = session.execute(
        select(Model.onnx_key, Project.id, Project.name, Model.id, Model.name)
        .join(Project, Project.id == Model.project_id)
        .where(Project.deleted_at.is_(None), true() if mine is None else Project.id.in_(mine))
    )
    for key, *one in rows:
        found.setdefault(key, []).append(Here(*one))
    return found


def _fits(item: Item, query: Query) -> bool:
    told, bare = item.listing, item.bare
    spec = bare.spec if bare else None
    labels = told.labels + told.label_names if told else spec.labels + spec.label_names if spec else ()
    leads = told.leads if told else LEADS
    words = " ".join(
        [item.place, *labels]
        + ([told.name, told.notes, told.publisher, told.intended_use, told.architecture] if told else [])
    ).casefold()
    ancestors = {one.sha256 for one in told.lineage} | {told.model_sha256} if told else set()
    score = item.score
    return (
        all(word in words for word in query.text.casefold().split())
        and (not query.task or query.task == (told.task if told else spec.task if spec else ""))
        and (not query.label or query.label.casefold() in {label.casefold() for label in labels})
        and (not query.architecture or query.architecture.casefold() in (told.architecture.casefold() if told else ""))
        and (not query.licence or query.licence.casefold() in (told.licence.casefold() if told else ""))
        and (not query.lead or query.lead in leads)
        and (not query.lineage or query.lineage in ancestors)
        and (query.most_bytes is None or (told.size if told else bare.size if bare else 0) <= query.most_bytes)
        and (query.least_score is None or (score is not None and score >= query.least_score))
        and (query.withdrawn or not item.withdrawn)
        and (query.old_versions or item.newest)
    )


def _order(order: Order) -> Callable[[Item], tuple[Any, ...]]:
    def name(item: Item) -> str:
        return (item.listing.name if item.listing else item.place).casefold()

    def key(item: Item) -> tuple[Any, ...]:
        told = item.listing
        match order:
            case "best":
                score = item.score
                return (score is None, told is not None and told.task == "regression", -(score or 0), name(item))
            case "newest":
                return (told is None, _reversed(told.published if told else ""), name(item))
            case "smallest":
                return (told.size if told else item.bare.size if item.bare else 0, name(item))
        return (name(item), -(told.version if told else 0))

    return key


def _reversed(text: str) -> tuple[int, ...]:
    return tuple(-ord(sign) for sign in text)


def _kept(row: Row) -> Json:
    return {"listing": row.listing.to_json().decode(), "fingerprint": row.fingerprint, "withdrawn": row.withdrawn}


def _bare_json(one: BareModel) -> Json:
    spec = None if one.spec is None else one.spec.to_json()
    return {"name": one.name, "size": one.size, "etag": one.etag, "spec": spec, "why": one.why, "read": one.read}


def _row(stored: Json) -> Row | BareModel:
    if "bare" in stored:
        said = dict(stored["bare"])
        spec = said.pop("spec")
        return BareModel(**said, spec=None if spec is None else ModelSpec.from_json(spec))
    return Row(
        listing=Listing.from_json(stored["listing"].encode()), fingerprint=stored["fingerprint"],
        withdrawn=stored["withdrawn"],
    )  # fmt: skip
