"""Reading files with libraries of others: in a process of its own, with limits of time, memory and what it may touch.

A file that makes such a library crash, hang or eat memory costs that one file. Readers of our own run where they are
called: they are fuzzed, and bound what they take in by `Limits`.
"""

import atexit

from backend.ecg import readers
from backend.ecg.readers import FileSet, Limits, Reader, ReadOptions
from backend.ecg.recording import Recording
from backend.isolation.parser import Parser

__all__ = ["Parser", "needs_isolation", "read", "read_apart"]

_PARSER = Parser()
atexit.register(_PARSER.end)


def read(files: FileSet, options: ReadOptions | None = None, limits: Limits | None = None) -> list[Recording]:
    """Read the recordings of a set as `backend.ecg.readers.read` does, in another process where that is safer."""
    return readers.read(files, options, limits, _run)


def read_apart(files: FileSet, options: ReadOptions | None = None, limits: Limits | None = None) -> list[Recording]:
    """Read the recordings of a set in another process, whoever's the reader is."""
    return readers.read(files, options, limits, _PARSER.read)


def needs_isolation(reader: Reader, files: FileSet) -> bool:
    """Whether a library that is not ours would take these files apart."""
    return reader.third_party(files) if callable(reader.third_party) else reader.third_party


def _run(reader: Reader, files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    if needs_isolation(reader, files):
        return _PARSER.read(reader, files, options, limits)
    return reader.read(files, options, limits)
