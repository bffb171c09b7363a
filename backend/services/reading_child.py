"""A process that reads files of an upload for the web process: with our own readers, up to what is stored of them.

Started as `python -m backend.services.reading_child`. Answers each frame of sets of files with one frame of what became
of each: its recordings, the refusal of its reader, or nothing where another process is to read it. Its limits are
those of the parser process (`backend.isolation`).
"""

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.ecg.errors import EcgError
from backend.ecg.readers import FileSet, Limits, Reader, ReadOptions, read
from backend.ecg.recording import Recording
from backend.ecg.signal_file import encode_signal
from backend.isolation import needs_isolation, wire
from backend.isolation.limits import address_space, close_doors, limit_work, streams
from backend.services.recording_facts import facts_of


class _ElsewhereError(Exception):
    """These files are for the library of others, in the process that is for those."""


def main() -> None:
    """Answer on the standard output what is asked on the standard input."""
    questions, answers = streams()
    close_doors()
    base = address_space()
    wire.send(answers, {"ready": True})
    while True:
        try:
            message, blocks = wire.receive(questions, sys.maxsize)
        except EOFError:
            return
        sets, options, limits = wire.sets_from(message, blocks)
        size = sum(map(len, blocks))
        del blocks
        told: list[wire.Json] = []
        signals: list[bytes] = []
        for files in sets:
            limit_work(limits.seconds, base and base + size + limits.memory)
            one, new = _answer(files, options, limits)
            told.append(one)
            signals += new
        limit_work(None)
        del sets
        wire.send(answers, {"sets": told}, signals)


def _answer(files: FileSet, options: ReadOptions, limits: Limits) -> tuple[wire.Json, list[bytes]]:
    try:
        recordings = read(files, options, limits, _run)
        signals = [encode_signal(one) for one in recordings]
        return {"recordings": [_told(one) for one in recordings]}, signals
    except EcgError as error:
        return {"error": type(error).__name__, "text": str(error), "offers": error.offers}, []
    except (_ElsewhereError, MemoryError):
        return {}, []


def _run(reader: Reader, files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    if needs_isolation(reader, files):
        raise _ElsewhereError
    return reader.read(files, options, limits)


def _told(recording: Recording) -> wire.Json:
    facts: Mapping[str, Any] = facts_of(recording)
    start = facts["recorded_at"]
    told = {"recorded_at": start.isoformat() if isinstance(start, datetime) else None}
    return dict(facts) | told


if __name__ == "__main__":
    main()
