"""Bare ONNX files, as the original platform keeps them: listed, unverified, their metadata read by Range requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.exchange.errors import AbsentError, ExchangeError, QuarantinedError, ServerAnswerError
from backend.exchange.fetch import REASON
from backend.exchange.progress import Progress, silent
from backend.exchange.webdav import Entry, Folder
from backend.ml.errors import MlError, ModelInvalidError
from backend.ml.inference.onnx_bytes import DAMAGED, message_fields, varint
from backend.ml.inference.onnx_guard import check_onnx
from backend.ml.metadata import from_metadata
from backend.ml.spec import ModelSpec

_METADATA_PROPS: Final = 14  # of ModelProto
_WINDOW: Final = 64 << 10
_MOST_READ: Final = 5 << 20  # bytes of one file that are fetched to describe it
_MOST_REQUESTS: Final = 100
_MOST_DESCRIBED: Final = 100
_VARINT: Final = 10


@dataclass(frozen=True, slots=True)
class BareModel:
    """An ONNX file in the folder. `spec` is None where its metadata say nothing, or nothing that is understood (`why`).

    `read` is how many bytes were fetched to know it.
    """

    name: str
    size: int
    etag: str
    spec: ModelSpec | None
    why: str = ""
    read: int = 0


def list_bare(folder: Folder) -> list[BareModel]:
    """Return the ONNX files at depth 1 with what their metadata say; none is downloaded as a whole."""
    found = [entry for entry in folder.list() if not entry.is_folder and entry.name.lower().endswith(".onnx")]
    described = [_described(folder, entry) for entry in found[:_MOST_DESCRIBED]]
    why = f"only the first {_MOST_DESCRIBED} files are looked into"
    return described + [
        BareModel(entry.name, entry.size or 0, entry.etag, None, why) for entry in found[_MOST_DESCRIBED:]
    ]


def describe_bare(folder: Folder, name: str) -> BareModel:
    """Return what the metadata of one ONNX file say; raises AbsentError and what `Folder` raises."""
    entry = folder.find(name)
    if entry is None or entry.is_folder:
        raise AbsentError(f"“{name:.80}” is not on {folder.host}. Look at the list again.")
    return _described(folder, entry, name)


def fetch_bare(folder: Folder, name: str, quarantine: Path, *, most: int, progress: Progress = silent) -> Path:
    """Download an ONNX file into quarantine, as `model.onnx`, and look at its bytes (`onnx_guard`).

    It is nobody's: no signature. Raises QuarantinedError with its reason, and what `Folder` raises.
    """
    quarantine.mkdir(parents=True, exist_ok=True)
    entry = folder.find(name)
    if entry is None or entry.is_folder:
        raise AbsentError(f"“{name:.80}” is not on {folder.host}. Look at the list again.")
    path = quarantine / "model.onnx"
    folder.download(name, path, size=entry.size, most=most, progress=progress)
    try:
        check_onnx(path.read_bytes())
    except ModelInvalidError as problem:
        reason = str(problem)
        path.replace(path.with_name(path.name + ".refused"))
        (quarantine / REASON).write_text(reason + "\n")
        raise QuarantinedError(reason, quarantine) from problem
    return path


def _described(folder: Folder, entry: Entry, path: str = "") -> BareModel:
    window = _Window(folder, path or entry.name, entry.size or 0)
    spec, why = None, ""
    try:
        spec = from_metadata(_metadata(window))
    except (MlError, ServerAnswerError, _TooMuchError) as problem:
        why = str(problem)
    except ExchangeError as problem:
        why = f"it cannot be read: {problem}"
    return BareModel(entry.name, entry.size or 0, entry.etag, spec, why, window.read)


class _TooMuchError(Exception):
    """More would have to be fetched than a look is worth."""


class _Window:
    """A file on the server of which only those pieces are fetched that are asked for."""

    def __init__(self, folder: Folder, path: str, size: int) -> None:
        self.size = size
        self.read = 0
        self._folder, self._path = folder, path
        self._start, self._data = 0, b""
        self._requests = 0

    def piece(self, start: int, length: int) -> memoryview:
        """Return `length` bytes from `start`, fewer only at the end of the file."""
        length = max(0, min(length, self.size - start))
        offset = start - self._start
        if not 0 <= offset <= len(self._data) - length:
            wanted = min(max(length, _WINDOW), self.size - start)
            self._requests += 1
            if self.read + wanted > _MOST_READ or self._requests > _MOST_REQUESTS:
                raise _TooMuchError("its description lies scattered in the file; fetch it to know what it is")
            self._data = self._folder.read_range(self._path, start, start + wanted)
            self._start, offset = start, 0
            self.read += len(self._data)
            if len(self._data) < length:
                raise ModelInvalidError("The ONNX file is cut short. Download or export it again.")
        return memoryview(self._data)[offset : offset + length]


def _metadata(window: _Window) -> dict[str, str]:
    """Return the `metadata_props` of a model; its graph, which is nearly all of it, is stepped over."""
    found: dict[str, str] = {}
    for start, length in _entries(window):
        texts = {
            key: bytes(text) for key, text in message_fields(window.piece(start, length)) if not isinstance(text, int)
        }
        try:
            found[texts.get(1, b"").decode()] = texts.get(2, b"").decode()
        except UnicodeDecodeError as problem:
            raise ModelInvalidError("The metadata of the model are no readable text.") from problem
    return found


def _entries(window: _Window) -> Iterator[tuple[int, int]]:
    """Yield place and length of each of the metadata."""
    position = 0
    while position < window.size:
        head = window.piece(position, 2 * _VARINT)
        tag, used = varint(head, 0)
        wire = tag & 7
        if wire == 0:
            position += varint(head, used)[1]
        elif wire == 2:
            length, used = varint(head, used)
            position += used
            if position + length > window.size:
                raise ModelInvalidError("The ONNX file is cut short. Download or export it again.")
            if tag >> 3 == _METADATA_PROPS:
                yield position, length
            position += length
        elif wire in (1, 5):
            position += used + (8 if wire == 1 else 4)
        else:
            raise ModelInvalidError(DAMAGED)
