"""Nothing but aggregates: what in a package could tell of a single patient, and the package without it."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from backend.exchange.privacy_cells import WITHHELD, is_small, small_labels
from backend.exchange.privacy_results import safe_results
from backend.exchange.privacy_text import in_text, strings_of
from backend.ml.data.seen_list import from_bytes, salted, to_bytes
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.drift.profile import Profile
from backend.ml.evaluation.estimate import FEW
from backend.ml.inference.onnx_bytes import message_fields, read_metadata
from backend.ml.metadata import METADATA_KEY
from backend.ml.packaging.manifest import Manifest, TrainingCard
from backend.ml.packaging.model_card import model_card
from backend.ml.packaging.package import CARD, MODEL, WEIGHTS, Package, read_package, write_package

__all__ = ["Finding", "Patients", "check_package", "in_text", "safe_package"]

Patients = Mapping[str, Mapping[str, int]]
"""Part of the training data -> label -> patients, where the platform knows more than the package says (recordings)."""

_ORIGINAL_KEYS: Final = ("target_keys", "sampling_rate", "standardizer", "scale")
_TEXTS_OF_MODEL: Final = (2, 3, 4, 6)  # producer's name and version, domain, doc_string of ModelProto
_GRAPH: Final = 7
_TEXTS_OF_GRAPH: Final = (2, 10)  # name, doc_string


@dataclass(frozen=True, slots=True)
class Finding:
    """What must go: `place` in the package and `reason`; `mended` where `safe_package` withholds it by itself."""

    place: str
    reason: str
    mended: bool


def check_package(package: Path, most: int, patients: Patients | None = None) -> tuple[Finding, ...]:
    """Return what in a package is more than an aggregate; empty where it may be published.

    `most` bytes are the limit of each file in it. Raises ModelInvalidError or LimitError for what is no package.
    """
    return _examined(_read(package, most), _card(package), patients)[2]


def safe_package(package: Path, into: Path, most: int, patients: Patients | None = None) -> tuple[Finding, ...]:
    """Write the package without what `mended` findings name: counts under five withheld as “<5”, curves thinned.

    Returns what it could not mend. The model itself stays as it is to the byte. Raises as `check_package` does.
    """
    content = _read(package, most)
    manifest, seen, findings = _examined(content, _card(package), patients)
    profile = None if content.profile is None else Profile.from_bytes(content.profile).to_bytes()
    with TemporaryDirectory(dir=into.parent) as folder:
        files = {MODEL: Path(folder) / MODEL}
        files[MODEL].write_bytes(content.onnx)
        if content.weights is not None:
            files[WEIGHTS] = Path(folder) / WEIGHTS
            files[WEIGHTS].write_bytes(content.weights)
        made = Path(folder) / "package.zip"
        with made.open("wb") as file:
            file.writelines(write_package(replace(manifest, files={}), files, seen, profile))
        made.replace(into)
    return tuple(finding for finding in findings if not finding.mended)


def _examined(
    content: Package, card: bytes, patients: Patients | None
) -> tuple[Manifest, bytes | None, tuple[Finding, ...]]:
    """Return manifest and list of what was seen as they may be told, and what is not so yet."""
    manifest = content.manifest
    findings = [Finding(place, reason, False) for place, reason in _told_in_words(content, card)]
    findings += _in_model(content)
    training, found = _counts(manifest, patients)
    findings += found
    results, withheld = (None, []) if manifest.evaluation is None else safe_results(dict(manifest.evaluation))
    findings += [Finding(place, reason, True) for place, reason in withheld]
    seen = content.seen
    if seen is not None:
        models = from_bytes(seen)
        if any(one.parts and not one.salt for one in models):
            findings.append(
                Finding("seen.json", "hashes without a salt: whoever has a list of patients reads it", True)
            )
            salt = hashlib.sha256(f"seen by {manifest.files[MODEL].sha256}".encode()).digest()[:16]
            seen = to_bytes(salted(models, salt))
    safe = replace(manifest, evaluation=results, training_data=training)
    if not findings and card != model_card(manifest, manifest.files[MODEL].sha256).encode():
        findings.append(
            Finding("model card", "it is not the one made from the manifest, so that it is not checked", True)
        )
    return safe, seen, tuple(findings)


def _counts(manifest: Manifest, patients: Patients | None) -> tuple[TrainingCard | None, list[Finding]]:
    """Return the training data with small counts withheld."""
    card = manifest.training_data
    if card is None:
        return None, []
    found: list[Finding] = []
    if is_small(card.n_patients) or any(is_small(part["n"]) for part in card.counts.values()):
        found.append(Finding("training data", f"a part holds under {FEW} patients: use more, or do not publish", False))
    exclusive = manifest.spec.task == "single_label"
    parts: dict[str, Any] = {}
    for name, part in card.counts.items():
        small = small_labels(part["labels"], part["n"], exclusive, (patients or {}).get(name))
        if small:
            found.append(
                Finding(
                    f"training data, part {name}", f"counts of {WITHHELD}, or that give one away: {_few(small)}", True
                )
            )
        kept = {label: count for label, count in part["labels"].items() if label not in small}
        withheld = [*part.get("withheld", ()), *small]
        parts[name] = {"n": part["n"], "labels": kept, **({"withheld": withheld} if withheld else {})}
    return replace(card, counts=parts), found


def _in_model(content: Package) -> Iterator[Finding]:
    """Find what the ONNX file itself holds, which is not changed: its hash is the model's name."""
    calibration = content.manifest.spec.calibration
    if calibration is not None and any(map(is_small, calibration.positives)):
        yield Finding(
            MODEL, f"its calibration counts under {FEW} patients of a label; train or fine-tune it once more", False
        )
    for key, text in read_metadata(content.onnx).items():
        if key != METADATA_KEY and key not in _ORIGINAL_KEYS:
            yield Finding(MODEL, f"its metadata hold “{key:.60}”, which nobody here can judge; export it anew", False)
        elif key != METADATA_KEY:
            for place, reason in in_text({f"{MODEL}, {key}": text}):
                yield Finding(place, reason, False)
    for text in _texts_of(content.onnx):
        for place, reason in in_text({f"{MODEL}, description of the graph": text}):
            yield Finding(place, reason, False)


def _told_in_words(content: Package, card: bytes) -> Iterator[tuple[str, str]]:
    """Yield what texts of the manifest, and a card that somebody wrote, say too much."""
    manifest = content.manifest
    training, spec = manifest.training_data, manifest.spec
    yield from in_text({
        "name": manifest.name, "intended use": manifest.intended_use, "licence": manifest.licence,
        "training data": training.dataset if training else "",
        **{f"label {number}": label for number, label in enumerate(spec.labels, 1)},
        **{f"name of label {number}": name for number, name in enumerate(spec.label_names, 1)},
        **{f"ancestor {number}": one.name for number, one in enumerate(manifest.lineage, 1)},
    })  # fmt: skip
    facts = spec.training
    settings = {"settings": spec.config, "of training": {} if facts is None else facts.config}
    for place, text in strings_of(settings, "settings"):
        yield from in_text({place: text})
    for note in (manifest.evaluation or {}).get("notes", ()):
        yield from in_text({"a note on the results": note})
    if content.seen is not None:
        for one in from_bytes(content.seen):
            yield from in_text({"seen.json": f"{one.name}\n{one.told}"})
    if card != model_card(manifest, manifest.files[MODEL].sha256).encode():
        yield from in_text({"model card": card.decode(errors="replace")})


def _texts_of(onnx: bytes) -> Iterator[str]:
    for number, value in message_fields(memoryview(onnx)):
        if not isinstance(value, memoryview):
            continue
        if number in _TEXTS_OF_MODEL:
            yield bytes(value[:100_000]).decode(errors="replace")
        elif number == _GRAPH:
            for inner, text in message_fields(value):
                if inner in _TEXTS_OF_GRAPH and isinstance(text, memoryview):
                    yield bytes(text[:100_000]).decode(errors="replace")


def _read(package: Path, most: int) -> Package:
    with package.open("rb") as file:
        return read_package(file, most)


def _card(package: Path) -> bytes:
    try:
        with zipfile.ZipFile(package) as archive:
            return archive.read(CARD)
    except (zipfile.BadZipFile, KeyError) as problem:  # pragma: no cover: `read_package` has read it before
        raise ModelInvalidError("The package is damaged. Export it again.") from problem


def _few(labels: list[str]) -> str:
    shown = ", ".join(f"“{label:.40}”" for label in labels[:5])
    return shown + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
