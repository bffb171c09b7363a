"""ECG files as recordings: any of the platform's formats, from a path, a folder, an archive or bytes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal, TypeAlias

from backend import isolation
from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.readers import Limits, ReadOptions, SourceFile, group
from backend.ecg.readers.archives import expand as archives
from backend.ecg.readers.wfdb.header import data_files
from backend.ecg.recording import Recording, Unit

Source: TypeAlias = str | PathLike[str] | bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be read, and why."""

    name: str
    error: EcgError


class Recordings(list[Recording]):
    """The recordings of what was read, and in `refused` the files that could not be, each with its reason."""

    def __init__(self, recordings: Iterable[Recording] = (), refused: Sequence[Refused] = ()) -> None:
        super().__init__(recordings)
        self.refused = tuple(refused)


def read(
    source: Source | Sequence[Source],
    *,
    name: str = "",
    rate: float | None = None,
    units_per_mv: float | None = None,
    unit: Unit = "mV",
    leads: Sequence[str] | None = None,
    partial: bool = False,
    raw: bool = False,
    refused: Literal["raise", "keep"] = "raise",
) -> Recordings:
    """Read ECGs: signals in mV, (12, n) float32 in the order of `LEADS`, with their rate in Hz.

    `source` is a file, a folder, an archive, the bytes of a file (`name` says what to call it), or several of these.
    The signal files of a WFDB header are found beside it. What a file does not say is never guessed: declare `rate`
    (Hz), `units_per_mv` (file units in one mV; or `unit="arbitrary"` for normalised values) and `leads` (order of
    unnamed leads) where it is asked for. `partial` takes recordings that lack leads, `raw` files of bare int16 samples.

    The first file that cannot be read raises its EcgError; with `refused="keep"` it is named in the `refused` of the
    result instead, and the others are read.

    >>> text = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\\n" + "0.1,0.2,0.1,-0.15,0,0.15,0,0,0,0,0,0\\n" * 1000
    >>> (recording,) = read(text.encode(), name="ecg.csv", rate=100, units_per_mv=1)
    >>> recording.signal.shape, recording.rate, recording.duration_s
    ((12, 1000), 100.0, 10.0)
    >>> read(text.encode(), name="ecg.csv")
    Traceback (most recent call last):
    backend.ecg.errors.UndeclaredError: ecg.csv: It states no sampling rate: declare it in Hz (rate)...
    """
    order = tuple(leads) if leads else None
    hz, units = (None if value is None else float(value) for value in (rate, units_per_mv))
    options = ReadOptions(rate=hz, units_per_mv=units, unit=unit, leads=order, partial=partial, raw=raw)
    sources = [source] if isinstance(source, str | PathLike | bytes) else list(source)
    limits = Limits()
    out, left_out = Recordings(), list[Refused]()
    for name_of_set, found in _read(list(_expanded(sources, name, limits)), options, limits):
        if isinstance(found, EcgError):
            if refused == "raise":
                raise found
            left_out.append(Refused(name_of_set, found))
        else:
            out.extend(found)
    out.refused = tuple(left_out)
    return out


_Part: TypeAlias = SourceFile | Refused


def _expanded(sources: Sequence[Source], name: str, limits: Limits) -> Iterator[_Part]:
    for number, source in enumerate(sources):
        for file in _files(source, name or (f"file {number + 1}" if len(sources) > 1 else "file")):
            if not archives.is_archive(file.data):
                yield file
                continue
            try:
                for one in archives.expand(file, limits):
                    yield one if isinstance(one, SourceFile) else Refused(one.name, one.error)
            except EcgError as error:
                yield Refused(file.name, error)


def _files(source: Source, name: str) -> Iterator[SourceFile]:
    """Yield the files that a source stands for, each under the name it is known by."""
    if isinstance(source, bytes):
        yield SourceFile(name, source)
        return
    path = Path(source)
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                yield SourceFile(file.relative_to(path).as_posix(), file.read_bytes())
        return
    yield from _with_companions(path, set())


def _with_companions(path: Path, seen: set[Path]) -> Iterator[SourceFile]:
    """Yield a file and, of a WFDB header, the files beside it that it names, and the annotations of its name."""
    seen.add(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    yield SourceFile(path.name, data)
    named = data_files(data) if path.suffix.lower() == ".hea" else None
    if named is None:
        return
    beside = [path.parent / Path(one).name for one in named]
    beside += sorted(one for one in path.parent.glob(f"{path.stem}.*") if one.suffix.lower() not in (".hea", ".dat"))
    for one in beside:
        if one not in seen and one.is_file():
            yield from _with_companions(one, seen)


def _read(
    parts: Sequence[_Part], options: ReadOptions, limits: Limits
) -> Iterator[tuple[str, list[Recording] | EcgError]]:
    yield from ((part.name, part.error) for part in parts if isinstance(part, Refused))
    for files in group(part for part in parts if isinstance(part, SourceFile)):
        try:
            yield files.name, isolation.read(files, options, limits)
        except EcgError as error:
            yield files.name, error
