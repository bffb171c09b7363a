"""What a model has seen: recordings, patients and signals of each part of its training, as sets of 64-bit numbers.

The sets stand in no order of recordings, so that they say of no recording which patient or signal it has. In the
package of a model they are salted hashes (docs/decisions/0030): nobody can read a patient or a signal from them, but
whoever has the same recording finds out that it is among them.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.ecg.fingerprint import ALIKE, BANDS, bands
from backend.ml.data.split import PARTS
from backend.ml.errors import ModelInvalidError
from backend.ml.strict_json import JSON, Fields, parse_json

Kind = Literal["recording", "signal", "copy", "patient"]
KINDS: Final[tuple[Kind, ...]] = ("recording", "signal", "copy", "patient")
"""By what a recording is recognised: its id, its very signal, a nearly identical one (fingerprint), its patient."""
Numbers = NDArray[np.uint64]
MAX_BYTES: Final = 256 << 20
_VERSION: Final = 1
_MODELS: Final = 1000
_WHAT: Final = "What the model has seen"


class Identity(NamedTuple):  # tens of thousands are made at once: a tuple takes a third of the time
    """By what a recording is recognised.

    `patients` are pseudonyms, of the file and of all tables that name it; `alike` are those of all spellings of them.
    `source` is the hash of the file where one patient's file held several recordings.
    """

    recording_id: str
    signal_key: str
    fingerprint: str | None
    patients: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    source: str = ""


Keys = Mapping[Kind, tuple[NDArray[np.intp], Numbers]]
"""Of N recordings: for each kind the numbers, and beside each the recording (0 to N-1) that it is of."""


def keys_of(identities: Sequence[Identity]) -> Keys:
    """Return the numbers by which recordings are recognised."""
    each = np.arange(len(identities))
    printed = [(row, one.fingerprint) for row, one in enumerate(identities) if one.fingerprint]
    # A file of one patient tells of him as his identifier does: all its windows are known by it, in every project.
    patients = [
        (row, patient)
        for row, one in enumerate(identities)
        for patient in {*one.patients, *one.alike, *((one.source,) if one.source else ())}
    ]
    return {
        "recording": (each, numbers_of([one.recording_id for one in identities])),
        "signal": (each, numbers_of([one.signal_key for one in identities])),
        "copy": (np.repeat(_rows(printed), BANDS), bands([text for _, text in printed]).ravel()),
        "patient": (_rows(patients), numbers_of([patient for _, patient in patients])),
    }


def numbers_of(texts: Sequence[str]) -> Numbers:
    """Return 64 bits of identifiers that end in 16 hexadecimal digits, as ours do, or of the hash of others."""
    try:
        ends = bytes.fromhex("".join([text[-16:] for text in texts]))
        if len(ends) == 8 * len(texts):
            return np.frombuffer(ends, ">u8").astype(np.uint64)
    except ValueError:
        pass
    return np.array([_number(text) for text in texts], np.uint64)


def _number(text: str) -> int:
    try:
        return int.from_bytes(bytes.fromhex(text[-16:]), "big") if len(text) >= 16 else _hashed(text)
    except ValueError:
        return _hashed(text)


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _rows(pairs: Sequence[tuple[int, str]]) -> NDArray[np.intp]:
    return np.array([row for row, _ in pairs], np.intp)


@dataclass(frozen=True, eq=False, kw_only=True)
class SeenByModel:
    """What one model has seen itself, without its ancestors; `sha256` is that of its ONNX file.

    `parts` has for each part of its training a sorted set of numbers of each kind, hashed where there is a `salt`.
    `known` is False where nobody has told what it has seen; `told` may name it in words. `pseudonyms` says whose
    patients' pseudonyms they are: those of another project are others. `gaps` counts recordings without patient or
    fingerprint, by kind.
    """

    name: str
    sha256: str = ""
    known: bool = True
    told: str = ""
    pseudonyms: str = ""
    salt: bytes = b""
    counts: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Numbers]] = field(default_factory=dict)


def seen_in(name: str, parts: Mapping[str, Sequence[Identity]], pseudonyms: str) -> SeenByModel:
    """Return what a model of this name has seen, whose ONNX file is not there yet."""
    everyone = [one for identities in parts.values() for one in identities]
    return SeenByModel(
        name=name,
        pseudonyms=pseudonyms,
        counts={part: len(identities) for part, identities in parts.items()},
        gaps={
            "copy": sum(one.fingerprint is None for one in everyone),
            "patient": sum(not one.patients for one in everyone),
        },
        parts={
            part: {kind: np.unique(numbers) for kind, (_, numbers) in keys_of(identities).items()}
            for part, identities in parts.items()
        },
    )


def salted(seen: Sequence[SeenByModel], salt: bytes) -> list[SeenByModel]:
    """Return the same with salted hashes for numbers, where there are none yet."""
    return [one if one.salt else _salted(one, salt) for one in seen]


def _salted(one: SeenByModel, salt: bytes) -> SeenByModel:
    parts = {
        part: {kind: np.sort(_hashes(numbers, kind, salt)) for kind, numbers in kinds.items()}
        for part, kinds in one.parts.items()
    }
    pseudonyms = hashlib.sha256(salt + one.pseudonyms.encode()).hexdigest()[:16] if one.pseudonyms else ""
    return replace(one, salt=salt, parts=parts, pseudonyms=pseudonyms)


def without(one: SeenByModel, gone: Keys) -> SeenByModel:
    """Return the same without the numbers of some recordings; the counts of its training stay what they were."""
    parts: dict[str, dict[str, Numbers]] = {
        part: {
            kind: numbers[~np.isin(numbers, _hashes(gone[kind][1], kind, one.salt) if one.salt else gone[kind][1])]
            for kind, numbers in ((kind, kinds[kind]) for kind in KINDS if kind in kinds)
        }
        for part, kinds in one.parts.items()
    }
    return replace(one, parts=parts)


def same_pseudonyms(one: SeenByModel, pseudonyms: str) -> bool:
    """Say whether patients are called in what a model has seen as where `pseudonyms` is."""
    hidden = hashlib.sha256(one.salt + pseudonyms.encode()).hexdigest()[:16]
    return one.pseudonyms == (hidden if one.salt else pseudonyms)


def _hashes(numbers: Numbers, kind: str, salt: bytes) -> Numbers:
    begin, sha256 = salt + kind[:1].encode(), hashlib.sha256
    data = numbers.astype(">u8").tobytes()
    digests = b"".join(sha256(begin + data[at : at + 8]).digest()[:8] for at in range(0, len(data), 8))
    return np.frombuffer(digests, ">u8").astype(np.uint64)


@dataclass(frozen=True, eq=False)
class Found:
    """Of N recordings, as numbers: the earliest part in which a model has seen each, and by what it is recognised.

    `part` is the place in PARTS, `kind` that in KINDS, `model` that in the list; len(PARTS) and -1 where it has not.
    """

    part: NDArray[np.intp]
    kind: NDArray[np.intp]
    model: NDArray[np.intp]


def find(seen: Sequence[SeenByModel], keys: Keys, n: int) -> Found:
    """Look up `n` recordings in what models have seen; what they trained on counts before what they tested on."""
    part, kind, model = np.full(n, len(PARTS)), np.full(n, -1), np.full(n, -1)
    asked: dict[tuple[bytes, Kind], tuple[NDArray[np.intp], Numbers]] = {}
    for place, one in enumerate(seen):
        for number_of_part, name in enumerate(PARTS):
            for number_of_kind, what in enumerate(KINDS):
                known = one.parts.get(name, {}).get(what)
                if known is None or not len(known):
                    continue
                if (one.salt, what) not in asked:
                    asked[one.salt, what] = _open(keys[what], part > 0, what, one.salt)
                rows, numbers = asked[one.salt, what]
                among = known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers
                hits = np.bincount(rows[among], minlength=n) >= (ALIKE if what == "copy" else 1)
                better = hits & (part > number_of_part)
                part[better], kind[better], model[better] = number_of_part, number_of_kind, place
    return Found(part, kind, model)


def _open(
    keys: tuple[NDArray[np.intp], Numbers], open_: NDArray[np.bool_], kind: Kind, salt: bytes
) -> tuple[NDArray[np.intp], Numbers]:
    """Return the keys of recordings that are still open, salted, in the order in which they are quickest to look up.

    What was in a training is settled and looked up no more: no other model makes it earlier.
    """
    rows, numbers = keys
    left = open_[rows]
    rows, numbers = rows[left], numbers[left]
    if salt:
        numbers = _hashes(numbers, kind, salt)
    order = np.argsort(numbers)
    return rows[order], numbers[order]


def to_bytes(seen: Sequence[SeenByModel]) -> bytes:
    """Return JSON: the model itself first, its ancestors after it, the nearest first. Equal lists give equal bytes."""
    return json.dumps(
        {"schema_version": _VERSION, "models": [_to_dict(one) for one in seen]}, sort_keys=True, ensure_ascii=False
    ).encode()


def from_bytes(data: bytes) -> list[SeenByModel]:
    """Read what `to_bytes` gave, also as somebody else's; raises ModelInvalidError."""
    read = Fields(parse_json(data, _WHAT, ModelInvalidError, limit=MAX_BYTES), _WHAT, ModelInvalidError)
    if read.integer("schema_version", 1, 1_000_000) > _VERSION:
        raise ModelInvalidError("The package was made by a newer version of the platform. Update to import it.")
    models = read.value("models")
    if not isinstance(models, list) or not 0 < len(models) <= _MODELS:
        raise read.fault("models", f"a list of 1 to {_MODELS} models")
    read.done()
    return [_from_dict(one) for one in models]


def _to_dict(one: SeenByModel) -> dict[str, JSON]:
    return {
        "name": one.name,
        "sha256": one.sha256,
        "known": one.known,
        "told": one.told,
        "pseudonyms": one.pseudonyms,
        "salt": one.salt.hex(),
        "counts": dict(one.counts),
        "gaps": dict(one.gaps),
        "parts": {
            part: {kind: base64.b64encode(numbers.astype("<u8").tobytes()).decode() for kind, numbers in kinds.items()}
            for part, kinds in one.parts.items()
        },
    }


def _from_dict(data: object) -> SeenByModel:
    read = Fields(data, _WHAT, ModelInvalidError)
    counts, gaps = (Fields(read.value(name), f"{_WHAT}: {name}", ModelInvalidError) for name in ("counts", "gaps"))
    parts: dict[str, dict[str, Numbers]] = {}
    for part, kinds in read.mapping("parts").items():
        if part not in PARTS or not isinstance(kinds, Mapping) or not set(kinds) <= {*KINDS}:
            raise read.fault("parts", f"parts {', '.join(PARTS)} with sets of {', '.join(KINDS)}")
        parts[part] = {kind: _set_of(read, text) for kind, text in kinds.items()}
    try:
        salt = bytes.fromhex(read.text("salt", longest=128))
    except ValueError:
        raise read.fault("salt", "hexadecimal digits") from None
    one = SeenByModel(
        name=read.text("name", longest=200),
        sha256=read.text("sha256", longest=64),
        known=read.boolean("known"),
        told=read.text("told", longest=2000),
        pseudonyms=read.text("pseudonyms", longest=64),
        salt=salt,
        counts={name: counts.integer(name, 0, 2**53) for name in counts.data},
        gaps={name: gaps.integer(name, 0, 2**53) for name in gaps.data},
        parts=parts,
    )
    read.done()
    return one


def _set_of(read: Fields, text: object) -> Numbers:
    try:
        data = base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except ValueError:
        raise read.fault("parts", "sets of numbers in base64") from None
    if len(data) % 8:
        raise read.fault("parts", "sets of 64-bit numbers")
    numbers = np.frombuffer(data, "<u8").astype(np.uint64)
    return numbers if (numbers[1:] > numbers[:-1]).all() else np.unique(numbers)  # whatever others have written
