"""The package of a model: one zip with its graph, its named weights, a manifest and a model card.

Written piece by piece and always the same for the same model. Read as what it is, a stranger's file: nothing is
unpacked to disk, every size is counted while it is expanded, and nothing in it is run.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from backend.ecg.errors import LimitError
from backend.ml.data.seen_list import MAX_BYTES, from_bytes
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.drift.profile import MAX_BYTES as MAX_PROFILE
from backend.ml.evaluation.drift.profile import Profile
from backend.ml.inference.onnx_bytes import read_metadata
from backend.ml.inference.onnx_guard import check_onnx
from backend.ml.metadata import METADATA_KEY
from backend.ml.packaging.manifest import MAX_MANIFEST, FileFacts, Manifest
from backend.ml.packaging.model_card import model_card
from backend.ml.packaging.weights_file import check_weights
from backend.ml.spec import ModelSpec
from backend.zip_sink import ZipSink

MODEL: Final = "model.onnx"
WEIGHTS: Final = "weights.safetensors"
MANIFEST: Final = "manifest.json"
CARD: Final = "README.md"
SEEN: Final = "seen.json"
PROFILE: Final = "profile.json"
_REQUIRED: Final = frozenset({MODEL, MANIFEST, CARD})
_CHUNK = 1 << 20
_MAX_CARD = 4 << 20
_MAX_RATIO = 200  # deflate reaches 1000; JSON and Markdown of ours stay below 30, numbers below 2
_MAX_DIRECTORY = 8192  # bytes; of five files it takes 400
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"
_DAMAGED = "The package is damaged, or no zip of this platform. Download or export it again."


@dataclass(frozen=True, eq=False)
class Package:
    """What a package holds; `weights` are safetensors, None where only the graph is known.

    `seen` is what it says of what the model has seen, `profile` what the ECGs of its training are like
    (`backend.ml.evaluation.drift`); None in packages of earlier versions and where it is not known.
    """

    manifest: Manifest
    onnx: bytes
    weights: bytes | None
    seen: bytes | None = None
    profile: bytes | None = None


def write_package(
    manifest: Manifest, files: Mapping[str, Path], seen: bytes | None = None, profile: bytes | None = None
) -> Iterator[bytes]:
    """Yield the zip of a model piece by piece; `files` are MODEL and, where there are any, WEIGHTS.

    `seen` is what the model and its ancestors have seen, in salted hashes (`backend.ml.data.seen_list`), `profile` what
    the ECGs of its training are like, if known.

    Equal models give equal bytes: dates are fixed, texts deflated, numbers stored as they are. Reads each file twice,
    so that no more than a megabyte of it is in memory.
    """
    facts = {name: _facts_of(path) for name, path in files.items()}
    card = model_card(manifest, facts[MODEL].sha256).encode()
    facts[CARD] = FileFacts(sha256=hashlib.sha256(card).hexdigest(), size=len(card))
    further = {name: text for name, text in ((SEEN, seen), (PROFILE, profile)) if text is not None}
    texts = {CARD: card} | further
    for name, text in further.items():
        facts[name] = FileFacts(sha256=hashlib.sha256(text).hexdigest(), size=len(text))
    described = replace(manifest, files=dict(sorted(facts.items()))).to_json().encode()
    return _zip(texts | {MANIFEST: described}, files)


def read_package(file: IO[bytes], most: int) -> Package:
    """Read and check a package from a seekable file; `most` bytes are the limit of each file in it.

    Raises LimitError for a file above its limit, and ModelInvalidError, saying why, for anything else but the files of
    a package with the sizes and hashes of its manifest, a guarded ONNX graph whose own description is that of the
    manifest, and weights that add up.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _entries(archive)
            manifest = Manifest.from_json(_expand(archive, entries[MANIFEST], MAX_MANIFEST))
            wanted = set(entries) - {MANIFEST}
            if set(manifest.files) != wanted:
                raise ModelInvalidError(
                    f"The manifest lists {', '.join(sorted(manifest.files)) or 'nothing'}, but the package holds "
                    f"{', '.join(sorted(wanted))}. Download or export it again."
                )
            limits = {CARD: _MAX_CARD, SEEN: MAX_BYTES, PROFILE: MAX_PROFILE}
            content = {
                name: _verified(archive, entries[name], manifest.files[name], limits.get(name, most))
                for name in sorted(wanted)
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as problem:
        raise ModelInvalidError(_DAMAGED) from problem
    onnx, weights = content[MODEL], content.get(WEIGHTS)
    check_onnx(onnx)
    own = read_metadata(onnx).get(METADATA_KEY)
    if own is None or ModelSpec.from_json(own).to_json() != manifest.spec.to_json():
        raise ModelInvalidError(
            "The manifest and the ONNX file of the package describe different models. Export the package again."
        )
    if weights is not None:
        check_weights(weights)
    seen = content.get(SEEN)
    if seen is not None and from_bytes(seen)[0].sha256 != manifest.files[MODEL].sha256:
        raise ModelInvalidError(
            f"{SEEN} and the ONNX file of the package are of different models. Export the package again."
        )
    profile = content.get(PROFILE)
    if profile is not None:
        Profile.from_bytes(profile)
    return Package(manifest, onnx, weights, seen, profile)


def _facts_of(path: Path) -> FileFacts:
    with path.open("rb") as file:
        return FileFacts(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def _zip(texts: Mapping[str, bytes], files: Mapping[str, Path]) -> Iterator[bytes]:
    sink = ZipSink()
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # all it needs of a file is there
        for name, text in texts.items():
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), text)
            yield from sink.taken()
        for name, path in sorted(files.items()):
            with path.open("rb") as source, archive.open(_entry(name, zipfile.ZIP_STORED), "w") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
                    yield from sink.taken()
    yield from sink.taken()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a zip whose list of files is not that of a package, before anything takes memory to read it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 42))
    tail = file.read(42)
    end = tail[-22:]
    if len(end) < 22 or not end.startswith(_END) or end[20:] != b"\0\0" or tail.startswith(_END_64):
        raise ModelInvalidError(_DAMAGED)
    if int.from_bytes(end[12:16], "little") > _MAX_DIRECTORY:
        raise ModelInvalidError("The zip holds too many files to be a model package. Choose one as it was exported.")


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = {entry.filename: entry for entry in archive.infolist()}
    expected = f"a package holds {', '.join(sorted(_REQUIRED))} and perhaps {WEIGHTS}, {SEEN} and {PROFILE}, each once"
    if len(entries) != len(archive.infolist()) or not _REQUIRED <= set(entries) <= {*_REQUIRED, WEIGHTS, SEEN, PROFILE}:
        names = ", ".join(repr(name)[1:-1][:60] for name in sorted(entries)[:5])
        raise ModelInvalidError(
            f"The zip is no model package: {expected}. This one holds {names or 'nothing'}. Take the package as it was "
            "exported; an ONNX file or weights alone go in without a zip."
        )
    for name, entry in entries.items():
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ModelInvalidError(
                f"{name} in the package is encrypted or compressed in a way that is not read. Export the package again."
            )
        if entry.file_size > _MAX_RATIO * max(entry.compress_size, 1):
            raise ModelInvalidError(
                f"{name} in the package expands to more than {_MAX_RATIO} times its size, as in no package of this "
                "platform. Get the package from its source again."
            )
    return entries


def _expand(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the content of an entry, counted while it is expanded: sizes that a zip states may be lies."""
    setting = ", or allow more with EXCHANGEAI_MODEL_BYTES" if entry.filename in (MODEL, WEIGHTS) else ""
    too_large = LimitError(
        f"{entry.filename} in the package is larger than {most / 2**20:,.0f} MiB. Use a smaller model{setting}."
    )
    if entry.file_size > most:
        raise too_large
    with archive.open(entry) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise too_large
    return content


def _verified(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, facts: FileFacts, most: int) -> bytes:
    content = _expand(archive, entry, most)
    if len(content) != facts.size or hashlib.sha256(content).hexdigest() != facts.sha256:
        raise ModelInvalidError(
            f"{entry.filename} in the package is not the file that its manifest names (its SHA-256 differs). "
            "Get the package from its source again."
        )
    return content
