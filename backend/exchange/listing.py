"""What a list of models shows of one without opening its package: the file `listing.json`."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, get_args

from backend.exchange.errors import ListingError
from backend.exchange.layout import is_slug
from backend.ml.errors import ModelInvalidError
from backend.ml.packaging.manifest import Ancestor, Manifest
from backend.ml.packaging.package import MODEL, WEIGHTS
from backend.ml.spec import Task
from backend.ml.strict_json import JSON, Fields, parse_json

FORMAT: Final = "exchangeai-listing"
LISTING_VERSION: Final = 1
MAX_LISTING: Final = 1 << 20
LONGEST_NOTES: Final = 10_000
LONGEST_PUBLISHER: Final = 100
_WHAT: Final = "The listing of the model"
_MOST: Final = 2**53
_MOST_ITEMS: Final = 1000
_SHOWN: Final = (
    "macro_auroc", "macro_f1", "weighted_f1", "accuracy", "macro_average_precision", "macro_recall",
    "macro_specificity", "macro_r2", "macro_pearson", "macro_mae",
)  # fmt: skip
_HIDDEN: Final = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}  # they turn the direction of writing


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of the model's own test with its 95 % interval; `value` is None where undefined or withheld."""

    name: str  # such as macro_auroc
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One version of a model; `sha256` and `size` are those of package.zip, `model_sha256` that of the ONNX file in it.

    `lineage` is what it was fine-tuned from, the nearest first; `publisher` is the name the publisher goes by.
    """

    slug: str
    version: int
    name: str
    publisher: str
    published: str  # ISO 8601, UTC
    notes: str  # what is new in this version
    licence: str
    intended_use: str
    task: Task
    architecture: str
    labels: tuple[str, ...]
    label_names: tuple[str, ...]
    leads: tuple[str, ...]
    rate: float  # Hz
    seconds: float
    parameters: int
    sha256: str
    size: int
    model_sha256: str
    metrics: tuple[Metric, ...]
    tested_on: int  # ECGs of the test part; 0: not stated
    trained_on: int
    drawn_by: str  # patient | record: what the intervals take as independent; "" where there are none
    lineage: tuple[Ancestor, ...]
    predicts: bool
    fine_tunes: bool  # holds named weights

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object, with lists for tuples: what is read again is equal to it."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"format": FORMAT, "schema_version": LISTING_VERSION, **told}

    def to_json(self) -> bytes:
        """Return JSON; equal values give equal bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Listing":
        """Read what `to_json` gave; raises ListingError for anything else, as for an unknown version."""
        return cls.from_dict(parse_json(data, _WHAT, ListingError, limit=MAX_LISTING))

    @classmethod
    def from_dict(cls, data: object) -> "Listing":
        """Read what `to_dict` gave; raises ListingError."""
        read = Fields(data, _WHAT, ListingError)
        if read.value("format") != FORMAT:
            raise ListingError("The listing is not one of a model: it is another program's.")
        if read.integer("schema_version", 1, 1_000_000) > LISTING_VERSION:
            raise ListingError("The listing was made by a newer version of the platform. Update to read it.")
        listing = cls(
            slug=read.text("slug"),
            version=read.integer("version", 1, _MOST),
            name=_plain(read, "name", 200),
            publisher=_plain(read, "publisher", LONGEST_PUBLISHER),
            published=_plain(read, "published", 40),
            notes=_plain(read, "notes", LONGEST_NOTES, lines=True),
            licence=_plain(read, "licence", 10_000, lines=True),
            intended_use=_plain(read, "intended_use", 10_000, lines=True),
            task=read.choice("task", get_args(Task)),  # type: ignore[arg-type]  # one of them
            architecture=_plain(read, "architecture", 100),
            labels=_plain_list(read, "labels"),
            label_names=_plain_list(read, "label_names"),
            leads=_plain_list(read, "leads"),
            rate=read.number("rate", 0, 1e6),
            seconds=read.number("seconds", 0, 1e6),
            parameters=read.integer("parameters", 0, _MOST),
            sha256=sha256_in(read, "sha256"),
            size=read.integer("size", 1, _MOST),
            model_sha256=sha256_in(read, "model_sha256"),
            metrics=tuple(_metric(one) for one in _list(read, "metrics")),
            tested_on=read.integer("tested_on", 0, _MOST),
            trained_on=read.integer("trained_on", 0, _MOST),
            drawn_by=read.choice("drawn_by", ("", "patient", "record")),
            lineage=tuple(_ancestor(one) for one in _list(read, "lineage")),
            predicts=read.boolean("predicts"),
            fine_tunes=read.boolean("fine_tunes"),
        )
        read.done()
        if not is_slug(listing.slug):
            raise read.fault("slug", "lower-case letters, digits and hyphens")
        if not listing.labels or len(listing.labels) != len(listing.label_names):
            raise read.fault("label_names", "a name for each label")
        return listing


def listing_of(
    manifest: Manifest, *, slug: str, version: int, publisher: str, published: str, notes: str, sha256: str, size: int
) -> Listing:
    """Return the listing of a package whose zip has this hash and size."""
    spec, evaluation, training = manifest.spec, manifest.evaluation or {}, manifest.training_data
    return Listing(
        slug=slug,
        version=version,
        name=cleaned(manifest.name)[:200],
        publisher=cleaned(publisher)[:LONGEST_PUBLISHER],
        published=published,
        notes=cleaned(notes, lines=True)[:LONGEST_NOTES],
        licence=cleaned(manifest.licence, lines=True),
        intended_use=cleaned(manifest.intended_use, lines=True),
        task=spec.task,
        architecture=cleaned(spec.architecture),
        labels=tuple(map(cleaned, spec.labels)),
        label_names=tuple(map(cleaned, spec.label_names)),
        leads=spec.leads,
        rate=float(spec.preprocessing.rate),
        seconds=float(spec.preprocessing.window_s),
        parameters=manifest.parameters,
        sha256=sha256,
        size=size,
        model_sha256=manifest.files[MODEL].sha256,
        metrics=tuple(_shown(name, evaluation[name]) for name in _SHOWN if isinstance(evaluation.get(name), Mapping)),
        tested_on=int(evaluation.get("n") or 0),
        trained_on=training.n_learned if training else 0,
        drawn_by=str(evaluation.get("drawn_by") or ""),
        lineage=manifest.lineage,
        predicts=manifest.has_head,
        fine_tunes=WEIGHTS in manifest.files,
    )


def now() -> str:
    """Return the present moment as `published` has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def cleaned(text: str, *, lines: bool = False) -> str:
    """Return a text without signs that a terminal or a page acts on; line breaks stay only with `lines`."""
    kept = "".join(sign if _is_plain(sign, lines) else " " for sign in text)
    return kept.strip() if lines else " ".join(kept.split())


def sha256_in(read: Fields, name: str) -> str:
    """Return a SHA-256 in lower-case hexadecimal digits; raises the reader's error."""
    value = read.text(name, longest=64)
    if len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise read.fault(name, "64 hexadecimal digits")
    return value


def _is_plain(sign: str, lines: bool) -> bool:
    if sign in _HIDDEN or unicodedata.category(sign) in ("Cc", "Cs"):
        return lines and sign in "\n\t"
    return True


def _plain(read: Fields, name: str, longest: int, *, lines: bool = False) -> str:
    text = read.text(name, longest=longest)
    if not all(_is_plain(sign, lines) for sign in text):
        raise read.fault(name, "a text without control characters")
    return text


def _plain_list(read: Fields, name: str) -> tuple[str, ...]:
    texts = read.texts(name)
    if not all(_is_plain(sign, False) for text in texts for sign in text):
        raise read.fault(name, "texts without control characters")
    return texts


def _list(read: Fields, name: str) -> list[Any]:
    value = read.value(name)
    if not isinstance(value, list) or len(value) > _MOST_ITEMS:
        raise read.fault(name, f"a list of at most {_MOST_ITEMS}")
    return value


def _metric(data: object) -> Metric:
    read = Fields(data, f"{_WHAT}, one of its metrics", ListingError)
    value, low, high = (
        None if read.value(name) is None else read.number(name, -_MOST, _MOST) for name in ("value", "low", "high")
    )
    metric = Metric(name=_plain(read, "name", 100), value=value, low=low, high=high)
    read.done()
    return metric


def _ancestor(data: object) -> Ancestor:
    try:
        return Ancestor.from_dict(data)
    except ModelInvalidError as problem:
        raise ListingError(str(problem)) from problem


def _shown(name: str, estimate: Mapping[str, Any]) -> Metric:
    value, low, high = (estimate.get(key) for key in ("value", "low", "high"))
    if estimate.get("withheld"):
        value = low = high = None
    return Metric(name=name, value=value, low=low, high=high)
