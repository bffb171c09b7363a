"""Pulling a model from an exchange into a project: asked for, fetched into quarantine, verified, tried, kept.

Nothing of it is in the project before all of that is done. What is refused stays in quarantine, with the reason.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from backend.db.tables import Exchange, Json, Model, Transfer
from backend.ecg.errors import LimitError
from backend.errors import ConflictError, InvalidInputError, UserError
from backend.exchange.bare_onnx import fetch_bare
from backend.exchange.errors import QuarantinedError, ServerAnswerError
from backend.exchange.fetch import fetch
from backend.exchange.progress import Progress
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.ml.errors import MlError
from backend.services import exchange_listing, exchanges, jobs, model_import, models
from backend.services.exchange_listing import Item
from backend.services.model_declared import Declared
from backend.services.model_import import Checked
from backend.services.transfers import PULL
from backend.settings import Settings
from backend.storage import Storage

KIND = "exchanges.pull"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be pulled. `trust` is the fingerprint of a key that is met for the first time and to be trusted;
    `unverified` says that an ONNX file that nobody has signed is wanted all the same.
    """

    item: str
    name: str = ""
    trust: str = ""
    unverified: bool = False
    for_prediction: bool = True
    for_training: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """A model that is verified and tried, and where it comes from."""

    checked: Checked
    origin: Json


def create(session: Session, project_id: str, exchange: Exchange, request: Request) -> Transfer:
    """Queue the fetching of a model.

    Raises NotFoundError, ConflictError where it is withdrawn, here already, or signed by a key that nobody has trusted
    yet, and InvalidInputError where it is unsigned and that is not accepted; the message says what to compare.
    """
    item = exchange_listing.find(session, exchange, request.item)
    if item.withdrawn:
        raise ConflictError(f"“{item.place}” was withdrawn by its publisher: {item.withdrawn}")
    for here in item.here:
        if here.project_id == project_id:
            raise ConflictError(f"This model is in the project already, as “{here.name}”. Use that one.")
    _check_signature(session, exchange, item, request)
    job = jobs.create(session, project_id, KIND, {})
    row = Transfer(
        project_id=project_id, exchange_id=exchange.id, job_id=job.id, direction=PULL, exchange_name=exchange.name,
        name=(request.name.strip() or (item.listing.name if item.listing else item.place))[:200], item=item.place,
        settings=asdict(replace(request, item=item.place)) | {"bare": item.bare is not None},
    )  # fmt: skip
    session.add(row)
    session.flush()
    job.payload = {"transfer_id": row.id}
    return row


def fetch_into(
    folder: Folder, quarantine: Path, row: Transfer, trust: Trust, settings: Settings, progress: Progress
) -> tuple[Path, Json]:
    """Fetch a model into its folder of the quarantine, verified; return its file and where it comes from.

    Raises QuarantinedError with its reason, and what `Folder` raises.
    """
    quarantine.mkdir(parents=True, exist_ok=True)
    said: Json = {"exchange": row.exchange_name, "item": row.item}
    most = settings.model_bytes
    try:
        if row.settings["bare"]:
            path = fetch_bare(folder, row.item, quarantine, most=most, progress=progress)
            return path, said | {"signed": False}
        slug, _, version = row.item.rpartition("/")
        got = fetch(folder, slug, int(version), quarantine, trust, most=most, progress=progress)
    except ServerAnswerError as problem:  # such as a file of another length than was signed
        raise QuarantinedError(str(problem), quarantine) from None
    publisher, fingerprint = got.listing.publisher, got.key.fingerprint
    if fingerprint not in trust.known.get(publisher, ()):
        raise QuarantinedError(
            f"it is signed by the key {fingerprint} of “{publisher}”, which nobody here has trusted; the list of the "
            "exchange names another one.",
            quarantine,
        )
    return got.path, said | {
        "signed": True, "publisher": publisher, "fingerprint": fingerprint, "public_key": got.key.pem,
        "version": got.listing.version, "slug": got.listing.slug, "published": got.listing.published,
    }  # fmt: skip


def tried(path: Path, row: Transfer, origin: Json, settings: Settings) -> Taken:
    """Try a fetched model in a limited process. Raises QuarantinedError with the reason where it cannot be used."""
    name = row.item if row.settings["bare"] else path.name
    try:
        with path.open("rb") as file:
            checked = model_import.check(file, name, Declared(), settings)
    except (MlError, LimitError, InvalidInputError) as problem:
        raise QuarantinedError(str(problem), path.parent) from None
    who = (
        f"published by {origin['publisher']}, signed with the key {origin['fingerprint']}, version {origin['version']}"
        if origin["signed"]
        else "unverified: nobody has signed it"
    )
    checked.notes.append(f"Fetched from the exchange “{origin['exchange']}”: {who}.")
    return Taken(checked, origin)


def keep(session: Session, storage: Storage, row: Transfer, taken: Taken) -> Model:
    """Keep a fetched model in the project. Raises ConflictError where it has it already."""
    checked = taken.checked
    name = str(row.settings["name"]) or checked.name
    model = model_import.keep(session, storage, row.project_id, name, checked)
    model.manifest = model.manifest | {"exchange": {k: v for k, v in taken.origin.items() if k != "public_key"}}
    model.for_prediction = model.for_prediction and row.settings["for_prediction"] and models.has_head(model)
    model.for_training = model.for_training and row.settings["for_training"]
    if taken.origin["signed"] and row.exchange_id is not None:
        exchanges.decide(
            session, row.exchange_id, taken.origin["publisher"], taken.origin["fingerprint"], exchanges.TRUSTED,
            taken.origin["public_key"],
        )  # fmt: skip
    row.model_id = model.id
    return model


def refuse(row: Transfer, problem: UserError) -> None:
    """Note why a model stays in quarantine."""
    row.quarantined = problem.reason if isinstance(problem, QuarantinedError) else str(problem)


def _check_signature(session: Session, exchange: Exchange, item: Item, request: Request) -> None:
    if item.signature == "unsigned":
        if not request.unverified:
            raise InvalidInputError(
                f"“{item.place}” is a bare ONNX file: nobody has signed it, and nobody can say who it is from. Ask for "
                "it as unverified if you want it all the same."
            )
        return
    told, wanted = item.listing, request.trust.strip()
    assert told is not None  # what is signed has a listing
    if item.signature == "trusted":
        return
    if item.signature == "refused":
        raise ConflictError(
            f"“{item.place}” is signed by a key that was refused here: {item.fingerprint}. Nothing signed by it is "
            "taken in."
        )
    if wanted != item.fingerprint:
        before = (
            f" Until now “{told.publisher}” has signed with another key: if nobody told you of a new one, do not go on."
            if item.signature == "another key"
            else ""
        )
        differs = " That is not the one you have named." if wanted else ""
        raise ConflictError(
            f"“{item.place}” is signed by a key that is not known here: {item.fingerprint}, of “{told.publisher}”."
            f"{differs}{before} Compare it with what the publisher tells you, then trust it."
        )
    exchanges.decide(session, exchange.id, told.publisher, item.fingerprint, exchanges.TRUSTED)
