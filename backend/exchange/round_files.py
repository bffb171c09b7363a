"""The files of federated rounds, each signed: what they say, read as strangers' files. See docs/exchange.md.

rounds/<slug>/<number>/terms/round.json                   the coordinator: base model, rules, training, deadline
rounds/<slug>/<number>/sites/<key>/join.json              a site: it takes part
rounds/<slug>/<number>/contributions/<key>/facts.json     counts, and delta.safetensors beside it
rounds/<slug>/<number>/merged/merged.json                 the coordinator: which model, what became of each contribution
rounds/<slug>/<number>/undone/undone.json                 the coordinator: why

Everything after round.json names it by its hash, so that nothing signed for one round counts in another.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from backend.exchange.errors import ListingError
from backend.exchange.layout import ROUNDS, is_slug, version_of
from backend.ml.errors import SettingError
from backend.ml.federated.rules import Rules
from backend.ml.strict_json import JSON, Fields, parse_json

TERMS: Final = "round.json"
JOIN: Final = "join.json"
DELTA: Final = "delta.safetensors"
FACTS: Final = "facts.json"
MERGED: Final = "merged.json"
UNDONE: Final = "undone.json"
FORMAT: Final = "exchangeai-round"
ROUND_VERSION: Final = 1
MOST_SITES: Final = 1000
_LONGEST: Final = 256 << 10
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """The published model that every site starts from; hashes are SHA-256 in hexadecimal."""

    slug: str
    version: int
    name: str
    sha256: str  # of the package
    model_sha256: str  # of its ONNX file
    weights_sha256: str  # of its named weights
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the coordinator asks for. `training` are settings of `TrainingConfig`, the rest of which sites choose.

    `invited` are keys (fingerprints); where there are any, nobody else's contribution counts. `deadline` and `created`
    are ISO 8601 in UTC; the deadline may be "". `number` and `nonce`, drawn at random, make the terms of no two rounds
    the same, so that their hash names one round.
    """

    title: str
    coordinator: str
    created: str
    deadline: str
    base: BaseModel
    rules: Rules
    training: Mapping[str, JSON]
    invited: tuple[str, ...] = ()
    number: int = 0
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    def to_json(self) -> bytes:
        """Return JSON; equal values give equal bytes."""
        return _json(asdict(self) | {"training": dict(self.training), "rules": self.rules.to_dict()})

    @classmethod
    def from_json(cls, data: bytes) -> "Terms":
        """Read what `to_json` gave; raises ListingError."""
        what = "The terms of the round"
        read = _fields(data, what)
        base = Fields(read.value("base"), f"{what}, base model", ListingError)
        try:
            rules = Rules.from_dict(read.value("rules"))
        except SettingError as problem:
            raise ListingError(str(problem)) from problem
        terms = cls(
            title=read.text("title", longest=200),
            coordinator=read.text("coordinator", longest=200),
            created=_time(read, "created"),
            deadline=_time(read, "deadline", optional=True),
            base=BaseModel(
                slug=_slug(base),
                version=base.integer("version", 1, 100_000),
                name=base.text("name", longest=200),
                sha256=_hash(base, "sha256"),
                model_sha256=_hash(base, "model_sha256"),
                weights_sha256=_hash(base, "weights_sha256"),
                labels=base.texts("labels"),
            ),
            rules=rules,
            training=read.mapping("training"),
            invited=read.texts("invited", longest=100, most=MOST_SITES),
            number=read.integer("number", 1, 100_000),
            nonce=read.text("nonce", longest=64),
        )
        base.done()
        read.done()
        return terms

    @property
    def closed(self) -> bool:
        """Whether the deadline has passed."""
        return bool(self.deadline) and datetime.fromisoformat(self.deadline) < datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Join:
    """A site says that it takes part."""

    round_sha256: str
    site: str
    created: str

    def to_json(self) -> bytes:
        """Return JSON."""
        return _json(asdict(self))

    @classmethod
    def from_json(cls, data: bytes) -> "Join":
        """Read what `to_json` gave; raises ListingError."""
        read = _fields(data, "What a site says")
        join = cls(
            round_sha256=_hash(read, "round_sha256"), site=read.text("site", longest=200),
            created=_time(read, "created"),
        )  # fmt: skip
        read.done()
        return join


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a round has come to: the model, and of each site (its key) what became of its contribution.

    `epsilon` is the privacy budget that a site has spent over all rounds of this model so far, None without noise.
    """

    round_sha256: str
    created: str
    slug: str
    version: int
    sha256: str
    norm: float
    epsilon: float | None
    sites: Mapping[str, Mapping[str, JSON]]

    def to_json(self) -> bytes:
        """Return JSON."""
        return _json(asdict(self))

    @classmethod
    def from_json(cls, data: bytes) -> "Outcome":
        """Read what `to_json` gave; raises ListingError."""
        what = "The result of the round"
        read = _fields(data, what)
        sites: dict[str, dict[str, JSON]] = {}
        for name, value in read.mapping("sites").items():
            if len(sites) >= MOST_SITES or len(name) > 100:
                raise read.fault("sites", f"at most {MOST_SITES} sites")
            one = Fields(value, f"{what}, a site", ListingError)
            sites[name] = {
                "site": one.text("site", longest=200),
                "recordings": one.integer("recordings", 0, 10**9),
                "share": one.number("share", 0, 1),
                "norm": one.number("norm", 0, 1e30),
                "longer": None if one.value("longer") is None else one.number("longer", 0, 1e30),
                "cosine": None if one.value("cosine") is None else one.number("cosine", -1.001, 1.001),
                "alone": None if one.value("alone") is None else one.number("alone", 0, 1),
                "left_out": one.text("left_out", longest=2000),
            }
            one.done()
        outcome = cls(
            round_sha256=_hash(read, "round_sha256"),
            created=_time(read, "created"),
            slug=_slug(read),
            version=read.integer("version", 1, 100_000),
            sha256=_hash(read, "sha256"),
            norm=read.number("norm", 0, 1e30),
            epsilon=None if read.value("epsilon") is None else read.number("epsilon", 0, 1e9),
            sites=sites,
        )
        read.done()
        return outcome


@dataclass(frozen=True, kw_only=True)
class Undone:
    """The round does not count: nothing is merged any more, and a model that came of it is withdrawn."""

    round_sha256: str
    created: str
    reason: str

    def to_json(self) -> bytes:
        """Return JSON."""
        return _json(asdict(self))

    @classmethod
    def from_json(cls, data: bytes) -> "Undone":
        """Read what `to_json` gave; raises ListingError."""
        read = _fields(data, "The end of the round")
        undone = cls(
            round_sha256=_hash(read, "round_sha256"), created=_time(read, "created"),
            reason=read.text("reason", longest=2000),
        )  # fmt: skip
        read.done()
        return undone


def round_path(slug: str, number: int) -> str:
    """Return the folder of a round; raises ListingError for what is none."""
    if not is_slug(slug) or version_of(str(number)) != number:
        raise ListingError(f"“{slug:.80}”, round {number}, is no round of an exchange. Take both as the list has them.")
    return f"{ROUNDS}/{slug}/{number}"


def key_name(fingerprint: str) -> str:
    """Return a fingerprint as the name of a folder: its hexadecimal digits alone."""
    return fingerprint.replace(" ", "")


def now() -> str:
    """Return the time as it stands in these files."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _json(data: Mapping[str, object]) -> bytes:
    told = {"format": FORMAT, "schema_version": ROUND_VERSION} | dict(data)
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True).encode()


def _fields(data: bytes, what: str) -> Fields:
    read = Fields(parse_json(data, what, ListingError, limit=_LONGEST), what, ListingError)
    if read.value("format") != FORMAT:
        raise ListingError(f"{what} cannot be read: the file is another program's.")
    if read.integer("schema_version", 1, 1_000_000) > ROUND_VERSION:
        raise ListingError(f"{what} was written by a newer version of the platform. Update to take part.")
    return read


def _slug(read: Fields) -> str:
    slug = read.text("slug", longest=60)
    if not is_slug(slug):
        raise read.fault("slug", "the short name of a model")
    return slug


def _hash(read: Fields, name: str) -> str:
    value = read.text(name, longest=64)
    if len(value) != 64 or not set(value) <= _HEX:
        raise read.fault(name, "64 hexadecimal digits")
    return value


def _time(read: Fields, name: str, *, optional: bool = False) -> str:
    value = read.text(name, longest=40)
    if optional and not value:
        return ""
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        raise read.fault(name, "a time such as 2030-01-31T12:00:00+00:00") from None
    if when.tzinfo is None:
        raise read.fault(name, "a time with its zone")
    return value
