"""A set of files after reading: what is stored of it, or why it cannot be read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from backend.db.tables import Json
from backend.ecg import recording as ecg
from backend.ecg.errors import EcgError, UserError
from backend.ecg.readers import FileSet, Limits, ReadOptions
from backend.ecg.signal_file import encode_signal
from backend.isolation import read, read_apart
from backend.services.reading_processes import Answer, Failed, Unread
from backend.services.recording_facts import facts_of


@dataclass
class ReadSet:
    """A set of files after reading: its recordings, or the reason why there are none."""

    files: FileSet
    recordings: Sequence[ecg.Recording] = ()
    error: str = ""
    offers: Sequence[Mapping[str, float | str | bool]] = ()  # declarations with which it could be read
    read_there: Sequence[tuple[Json, bytes]] | None = None  # what another process made of it: facts and signals

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the files, computed once: a stack may be large and hold thousands of recordings."""
        return self.files.sha256

    @cached_property
    def facts(self) -> list[tuple[Json, bytes, str]]:
        """The columns of each recording that follow from its file, its signal as it is stored, and the hash of that.

        The patient's identifier is still that of the file: it depends on the project what is stored of it.
        """
        found = self.read_there
        if found is None:
            found = [(facts_of(recording), encode_signal(recording)) for recording in self.recordings]
        return [(facts, signal, hashlib.sha256(signal).hexdigest()) for facts, signal in found]

    def make_ready(self) -> None:
        """Compute what storing needs, and let the samples go: the next file takes their place in the cache."""
        _ = self.sha256, self.facts
        self.recordings, self.read_there = (), None


def read_set(files: FileSet, options: ReadOptions, limits: Limits, there: Answer) -> ReadSet:
    """Return what was read of a set in another process, or read it. Raises the UserError that refuses it."""
    if isinstance(there, Failed):
        raise there.error
    if not isinstance(there, Unread):
        return ReadSet(files, read_there=there)
    return ReadSet(files, (read_apart if there is Unread.APART else read)(files, options, limits))


def refused(files: FileSet, error: UserError) -> ReadSet:
    """Return the set that cannot be read, and why."""
    return ReadSet(files, error=str(error), offers=error.offers if isinstance(error, EcgError) else ())
