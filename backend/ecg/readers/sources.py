"""What an upload is made of: files, sets of files that belong together, and the limits they are read under."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from backend.ecg.errors import LimitError

_FREE_BYTES = 1 << 24  # numbers may expand this far at any ratio


@dataclass(frozen=True)
class SourceFile:
    """One uploaded file: `name` is its relative path with '/', as the uploader names it."""

    name: str
    data: bytes

    @cached_property
    def folder(self) -> str:
        """The folder part of the name, "." at the top."""
        return str(PurePosixPath(self.name).parent)

    @cached_property
    def base(self) -> str:
        """The name without its folder."""
        return PurePosixPath(self.name).name

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the content, computed once: it takes as long as reading some formats."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files of one recording, the main file (the `.hea` of a WFDB record) first; usually a single file.

    `left_out` are files that belong to it and are not stored: annotations, which are read; they do not count.
    """

    files: tuple[SourceFile, ...]
    left_out: tuple[SourceFile, ...] = ()

    @property
    def main(self) -> SourceFile:
        """The file that names the set."""
        return self.files[0]

    @property
    def name(self) -> str:
        """The name of the main file."""
        return self.main.name

    @property
    def stem(self) -> str:
        """The name of the main file without its last suffix, folder kept."""
        folder, slash, base = self.name.rpartition("/")
        return folder + slash + (base.rpartition(".")[0] or base)

    def part(self, index: int, count: int) -> "FileSet":
        """The set under the name of one of `count` recordings in its main file; itself where there is one alone."""
        return self if count == 1 else FileSet((replace(self.main, name=f"{self.name}[{index}]"),))

    @property
    def sha256(self) -> str:
        """Hex digest of the contents: that of the single file, or of the sorted digests of all. Names do not count."""
        digests = sorted(file.sha256 for file in self.files)
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a reader may take in. Enforced on real bytes and samples, never on what a header claims.

    `archive_ratio` is expanded bytes a compressed byte, for entries that expand beyond 1 MiB. `samples` is per lead
    and `records` per file; `values` bounds the numbers a file may hold over all its leads and records. `seconds` and
    `memory` (bytes, beyond the file itself) hold where a library of others reads a file in a process of its own.
    """

    file_bytes: int = 1 << 30
    archive_entries: int = 100_000
    archive_bytes: int = 8 << 30
    archive_ratio: float = 200.0
    samples: int = 4_000_000
    records: int = 20_000
    values: int = 400_000_000
    seconds: float = 30.0
    memory: int = 1536 << 20


def check_size(name: str, records: int, samples: int, values: int, limits: Limits) -> None:
    """Raise LimitError where the shape of an array goes beyond the limits."""
    if records > limits.records or samples > limits.samples or values > limits.values:
        raise LimitError(
            f"{name} holds {records:,} recordings of {samples:,} samples; at most {limits.records:,} recordings, "
            f"{limits.samples:,} samples a lead and {limits.values:,} values are read. Split the file."
        )


def check_claim(name: str, claimed: int, present: int, limits: Limits) -> None:
    """Raise LimitError where `present` bytes of a file claim to expand to more than the limits allow."""
    most = min(8 * limits.values, max(_FREE_BYTES, int(limits.archive_ratio * present)))
    if claimed > most:
        raise LimitError(
            f"{name} expands to {claimed:,} bytes, more than the {most:,} allowed for its size. "
            "Save it without compression, or split it."
        )
