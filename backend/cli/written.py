"""What the commands share that write a file or more for each recording: names, safety, and what is said at the end."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from uuid import uuid4

import typer

from backend.cli import files
from backend.cli.app import people, show
from backend.counted import counted
from backend.ecg.readers import ReadOptions, Refusal, SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers import stem_of
from backend.errors import ConflictError, InvalidInputError, UnavailableError, UserError
from backend.pseudonym import kept_age
from backend.services.ingest import ReadSet
from backend.services.patients import pseudonym_of

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z")
Writer = Callable[[Recording, str], tuple[Sequence[SourceFile], str]]
"""Of a recording and the stem of its files: the files, and what is to be said of them."""


@dataclass(slots=True)
class Outcome:
    """What became of one recording, or of a file without any: the files written, or the reason why there are none."""

    file_name: str
    status: str  # what the command does, such as converted, or refused
    detail: str = ""
    files: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Target:
    """The folder written to. Nothing leaves it, sources are never written over, and no name is used twice in a run."""

    folder: Path
    force: bool
    sources: frozenset[Path]
    used: set[str] = field(default_factory=set)  # stems, and paths written, in lower case

    def stem(self, source: str) -> str:
        """Return the name for a source without its ending; with it where a file of that name was converted before."""
        inner = [_unpacked(part) for part in PurePosixPath(source).parts]
        if not inner or PurePosixPath(source).is_absolute() or ".." in inner:
            raise InvalidInputError(f"{source} points outside the folder. Rename it.")
        name = "/".join(inner)
        stem = next((stem for stem in (stem_of(name), name) if stem.lower() not in self.used), None)
        if stem is None:
            raise ConflictError(f"{source} was converted before in this run, from a file of the same name. Rename one.")
        self.used.add(stem.lower())
        return stem

    def save(self, files: Sequence[SourceFile]) -> list[str]:
        """Write the files of one recording, all or none, and return their paths."""
        paths = [self.folder / file.name for file in files]
        for path in paths:
            if not path.parent.resolve().is_relative_to(self.folder.resolve()):
                raise InvalidInputError(f"{path} leads out of the folder {self.folder}. Choose another with --out.")
            if path.resolve() in self.sources:
                raise ConflictError(f"{path} is one of the files to convert. Choose another folder with --out.")
            if str(path).lower() in self.used:
                raise ConflictError(f"{path} was written in this run, from a file of nearly the same name. Rename one.")
            if path.is_dir() or (os.path.lexists(path) and not self.force):
                raise ConflictError(f"{path} is already there. Choose another folder with --out, or write --force.")
        for path, file in zip(paths, files, strict=True):
            try:
                _write_whole(path, file.data)
            except OSError as error:
                raise UnavailableError(
                    f"{path} cannot be written ({error.strerror}). Make room, or rename it."
                ) from error
            self.used.add(str(path).lower())
        return [str(path) for path in paths]


def write_each(
    paths: list[Path], options: ReadOptions, out: Path, force: bool, as_json: bool, done: str, write: Writer
) -> None:
    """Read files, write what `write` makes of each recording, and say what became of each; `done` says it in a word.

    One bad file stops nobody. Ends with exit code 1 where nothing was written.
    """
    target = Target(out, force, _sources(paths))
    outcomes = [
        outcome
        for batch in files.batches(paths, options)
        for item in batch
        for outcome in _outcomes(item, target, done, write)
    ]
    _report(outcomes, as_json, done)


def _outcomes(item: ReadSet | Refusal, target: Target, done: str, write: Writer) -> list[Outcome]:
    if isinstance(item, Refusal):
        return [Outcome(item.name, "refused", str(item.error))]
    if item.error:
        return [Outcome(item.files.name, "refused", item.error)]
    several = len(item.recordings) > 1
    return [
        _outcome(recording, f"{item.files.name}[{index}]" if several else item.files.name, target, done, write)
        for index, recording in enumerate(item.recordings)
    ]


def _outcome(recording: Recording, name: str, target: Target, done: str, write: Writer) -> Outcome:
    try:
        made, note = write(_pseudonymous(recording), target.stem(name))
        return Outcome(name, done, note, target.save(made))
    except UserError as error:
        return Outcome(name, "refused", str(error))


def _pseudonymous(recording: Recording) -> Recording:
    """Return a recording as a project would store it: the identifier hidden, ages above 89 as one."""
    patient = recording.patient
    age = kept_age(patient.age)
    return replace(recording, patient=replace(patient, id=pseudonym_of("convert", patient.id), age=age))


def _sources(paths: Sequence[Path]) -> frozenset[Path]:
    """Return every file that may be read, so that none is written over."""
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    return frozenset(file.resolve() for file in files)


def _unpacked(part: str) -> str:
    """The folder that the files of an archive go to: its name without the ending."""
    ending = next((ending for ending in _ARCHIVES if part.lower().endswith(ending)), "")
    return part[: len(part) - len(ending)] or part


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file in one stroke: it is never seen half written, and a link of that name is replaced, not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _report(outcomes: list[Outcome], as_json: bool, done: str) -> None:
    counts = {status: sum(one.status == status for one in outcomes) for status in (done, "refused")}
    lines = [f"{counted(counts[done], 'recording')} {done}, {counts['refused']} refused."]
    for one in outcomes:
        if one.status == done:
            lines.append(f"{one.file_name} -> {', '.join(one.files)}" + (f" ({one.detail})" if one.detail else ""))
        else:
            lines.append(f"Refused {one.file_name}: {one.detail.removeprefix(f'{one.file_name}: ')}")
    show({"outcomes": [asdict(one) for one in outcomes]} | counts, as_json, "\n".join(lines))
    if not counts[done]:
        people.print(f"Error: nothing was {done}.", style="red", markup=False)
        raise typer.Exit(1)
