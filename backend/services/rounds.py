"""Federated rounds of an exchange: what is asked for is checked here, what takes long is a job (`workers.rounds`).

The folder of the exchange holds all there is to know of a round; nothing of it is kept in the database. No session is
open while the exchange is asked.
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Model, Project
from backend.errors import ConflictError, InvalidInputError
from backend.exchange import rounds as folder_rounds
from backend.exchange.errors import AbsentError, QuarantinedError
from backend.exchange.rounds import Round
from backend.exchange.webdav import Folder
from backend.ml.federated.rules import budget
from backend.services import exchange_listing, exchange_push, exchanges
from backend.services.person import current
from backend.settings import Settings


def read_all(settings: Settings, exchange_id: str) -> tuple[list[Round], list[str]]:
    """Return all rounds of an exchange, the newest first, and what could not be read."""

    def look(folder: Folder) -> tuple[list[Round], list[str]]:
        found, notes = folder_rounds.list_rounds(folder)
        rounds = []
        for slug, number in found:
            try:
                rounds.append(folder_rounds.read_round(folder, slug, number))
            except AbsentError:  # it is being started, or that was broken off
                continue
            except QuarantinedError as problem:
                notes.append(f"{slug}, round {number}: {problem}")
        return rounds, notes

    rounds, notes = exchanges.in_folder(settings, exchange_id, look)
    return sorted(rounds, key=lambda one: one.terms.created, reverse=True), notes


def read(settings: Settings, exchange_id: str, slug: str, number: int) -> Round:
    """Return one round. Raises AbsentError, QuarantinedError and what `Folder` raises."""
    return exchanges.in_folder(settings, exchange_id, lambda folder: folder_rounds.read_round(folder, slug, number))


def join(settings: Settings, exchange_id: str, slug: str, number: int, site: str = "", trust: str = "") -> Round:
    """Take part in a round under the name of a site; `trust` is the coordinator's key where it is met first."""
    with read_session(settings.resolved_database_url) as session:
        exchanges.check_writable(exchanges.get(session, exchange_id))
        name = site.strip() or exchange_push.usual_publisher(session, settings)
    if not name:
        raise InvalidInputError("Say under which name you take part, such as that of your institution.")
    one = read(settings, exchange_id, slug, number)
    with write_session(settings.resolved_database_url) as session:
        check_coordinator(session, settings, exchange_id, one, trust)
    key = exchange_push.signing_key(settings)

    def take_part(folder: Folder) -> Round:
        folder_rounds.join(folder, one, name[:200], key)
        return folder_rounds.read_round(folder, slug, number)

    return exchanges.in_folder(settings, exchange_id, take_part)


def take_back(settings: Settings, exchange_id: str, slug: str, number: int) -> Round:
    """Delete this installation's contribution to a round that is still open."""
    one = read(settings, exchange_id, slug, number)
    key = exchange_push.signing_key(settings)

    def delete(folder: Folder) -> Round:
        folder_rounds.take_back(folder, one, key)
        return folder_rounds.read_round(folder, slug, number)

    return exchanges.in_folder(settings, exchange_id, delete)


def undo(settings: Settings, exchange_id: str, slug: str, number: int, reason: str) -> Round:
    """Undo a round of this coordinator: a model that came of it is withdrawn, and the round says why."""
    if not reason.strip():
        raise InvalidInputError("Say why the round is undone: the other sites read it.")
    one = read(settings, exchange_id, slug, number)
    key = exchange_push.signing_key(settings)

    def go(folder: Folder) -> Round:
        folder_rounds.undo(folder, one, reason.strip()[:2000], key)
        if one.outcome is not None:
            with suppress(AbsentError):
                place = f"{one.outcome.slug}/{one.outcome.version}"
                exchange_push.withdraw_version(folder, settings, place, f"Its round was undone: {reason.strip()}"[:900])
        return folder_rounds.read_round(folder, slug, number)

    return exchanges.in_folder(settings, exchange_id, go)


def held(session: Session, model_sha256: str) -> Model:
    """Return a model by its file, with named weights, of a project that is there for whoever asks.

    Raises ConflictError where there is none.
    """
    query = select(Model).join(Project, Project.id == Model.project_id).where(Project.deleted_at.is_(None))
    if (mine := current().projects) is not None:
        query = query.where(Project.id.in_(mine))
    found = session.scalars(query.where(Model.onnx_key == model_sha256).order_by(Model.created_at)).all()
    for model in found:
        if model.weights_key is not None:
            return model
    raise ConflictError(
        "The base model of the round is not here, or not with its named weights. Pull it from the exchange first."
    )


def check_coordinator(session: Session, settings: Settings, exchange_id: str, one: Round, trust: str = "") -> None:
    """Raise ConflictError where the coordinator's key is not trusted; with `trust` naming it, it is from now on."""
    fingerprint, name = one.fingerprint, one.terms.coordinator
    if fingerprint == exchange_push.signing_key(settings).public.fingerprint:
        return
    known = exchange_listing.signature_of(exchanges.trust_of(session, exchange_id), name, fingerprint)
    if known == "trusted":
        return
    if known == "refused":
        raise ConflictError(f"The round is signed by a key that was refused here: {fingerprint}.")
    if trust.strip() == fingerprint:
        exchanges.decide(session, exchange_id, name, fingerprint, exchanges.TRUSTED)
        return
    before = (
        f" Until now “{name}” has signed with another key: if nobody told you of a new one, do not go on."
        if known == "another key"
        else ""
    )
    raise ConflictError(
        f"The round is signed by a key that is not known here: {fingerprint}, of “{name}”.{before} Compare it with "
        "what the coordinator tells you, then trust it."
    )


def spent(rounds: Sequence[Round], slug: str, number: int) -> float | None:
    """Return the ε that a site has spent in the rounds of a model up to this one; None where a round had no noise."""
    rules = [
        one.terms.rules
        for one in rounds
        if one.slug == slug and (one.number == number or (one.number < number and _has_contributions(one)))
    ]
    return None if any(one.noise == 0 for one in rules) else budget(rules)


def _has_contributions(one: Round) -> bool:
    return any(site.facts is not None for site in one.sites)
