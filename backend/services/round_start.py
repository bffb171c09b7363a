"""Starting a federated round: from which published model, by which rules, until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from backend.db.session import read_session
from backend.errors import InvalidInputError
from backend.exchange import rounds as folder_rounds
from backend.exchange.errors import WithdrawnError
from backend.exchange.fetch import describe
from backend.exchange.round_files import BaseModel, Terms, now
from backend.exchange.rounds import Round
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.ml.federated.privacy import multiplier_for
from backend.ml.federated.rules import Rules
from backend.ml.training.config import TrainingConfig
from backend.services import exchange_listing, exchange_push, exchanges
from backend.services.rounds import held
from backend.settings import Settings

LOCAL: Final[Mapping[str, Any]] = {"method": "all", "max_epochs": 2, "monitor": "last_epoch", "patience": 2, "ema": 0.0}
"""What a site trains where the coordinator says nothing else: a few passes, all layers, the last one counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A round to be started. `item` is the base model's place in the exchange, slug/version, or its name.

    `epsilon` asks for the noise with which `rounds` such rounds stay within that budget; else `rules.noise` counts.
    """

    item: str
    title: str = ""
    coordinator: str = ""
    deadline: str = ""
    rules: Rules = field(default_factory=Rules)
    epsilon: float | None = None
    rounds: int = 10
    training: Mapping[str, Any] = field(default_factory=dict)
    invited: Sequence[str] = ()


def start(settings: Settings, exchange_id: str, request: Start) -> Round:
    """Start the next round of a published model, and return it.

    Raises ConflictError where the base model is not here, with its named weights, or not of a key that is trusted.
    """
    url = settings.resolved_database_url
    with read_session(url) as session:
        exchange = exchanges.get(session, exchange_id)
        exchanges.check_writable(exchange)
        item = exchange_listing.find(session, exchange, request.item)
        trust = exchanges.trust_of(session, exchange_id)
        coordinator = request.coordinator.strip() or exchange_push.usual_publisher(session, settings)
    if item.listing is None:
        raise InvalidInputError("A bare ONNX file has no named weights that could be averaged. Choose a package.")
    if not coordinator:
        raise InvalidInputError("Say under which name the round is coordinated, such as that of your institution.")
    key = exchange_push.signing_key(settings)
    known = Trust({}, trust.refused) if item.fingerprint == key.public.fingerprint else trust
    slug, version = item.listing.slug, item.listing.version
    told = exchanges.in_folder(settings, exchange_id, lambda folder: describe(folder, slug, version, known))
    if told.withdrawn:
        raise WithdrawnError(f"“{slug}/{version}” was withdrawn: {told.withdrawn} Choose another version.")
    listing = told.listing
    if listing.task == "regression":
        raise InvalidInputError(
            "A model of values is not trained in rounds: each site would scale its values by its own data."
        )
    with read_session(url) as session:
        base = held(session, listing.model_sha256)
        weights = base.weights_key
    assert weights is not None  # `held` gives none without
    terms = Terms(
        title=request.title.strip() or f"{listing.name}, fine-tuned together",
        coordinator=coordinator[:200],
        created=now(),
        deadline=_deadline(request.deadline),
        base=BaseModel(
            slug=slug, version=version, name=listing.name, sha256=listing.sha256, model_sha256=listing.model_sha256,
            weights_sha256=weights, labels=listing.labels,
        ),
        rules=_rules(request),
        training=_training(request.training),
        invited=tuple(sorted({one.strip() for one in request.invited if one.strip()})),
    )  # fmt: skip

    def begin(folder: Folder) -> Round:
        at = folder_rounds.start(folder, terms, key)
        return folder_rounds.read_round(folder, *at)

    return exchanges.in_folder(settings, exchange_id, begin)


def _rules(request: Start) -> Rules:
    if request.epsilon is None:
        return request.rules
    said = request.rules.to_dict() | {"noise": multiplier_for(request.epsilon, request.rules.delta, request.rounds)}
    return Rules.from_dict(said)


def _training(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what sites are asked to train; raises SettingError for what is no setting."""
    asked = {**LOCAL, **wanted}
    TrainingConfig.from_json(asked)
    if asked["method"] not in ("all", "head"):
        raise InvalidInputError("In rounds, sites train all layers or the head, always from the base: all or head.")
    return asked


def _deadline(text: str) -> str:
    if not text.strip():
        return ""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(f"“{text[:60]}” is no date. Write it like 2030-01-31 or 2030-01-31T18:00.") from None
    if len(text.strip()) <= len("2030-01-31"):  # a day counts to its end
        when = when.replace(hour=23, minute=59)
    when = when.astimezone() if when.tzinfo is None else when
    if when < datetime.now(UTC):
        raise InvalidInputError("The deadline has passed already. Choose a later one.")
    return when.astimezone(UTC).isoformat(timespec="seconds")
