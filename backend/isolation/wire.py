"""What goes between the platform and its child processes: a frame is a length (uint32), JSON, and blocks of bytes.

No pickle: a library that a hostile file has taken over must not be able to have the platform run anything.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

import numpy as np

from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.recording import DeviceFacts, Patient, Recording, Statement

Json = dict[str, Any]
_LENGTH = struct.Struct("<I")
_MOST_JSON = 256 << 20
MOST_BYTES = 4 << 30
"""Most bytes of models in one frame."""


def send(stream: IO[bytes], message: Mapping[str, Any], blocks: Sequence[bytes | memoryview] = ()) -> None:
    """Write a frame."""
    frame = {"message": message, "blocks": [len(block) for block in blocks]}
    text = json.dumps(frame, default=lambda value: value.item()).encode()  # numbers may be numpy's
    stream.write(_LENGTH.pack(len(text)) + text)
    for block in blocks:
        stream.write(block)
    stream.flush()


def receive(stream: IO[bytes], most: int) -> tuple[Json, list[bytearray]]:
    """Read a frame of at most `most` bytes in its blocks. Raises EOFError at the end, ValueError for what is none."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _MOST_JSON:
        raise ValueError("The JSON of the frame is too long.")
    frame = json.loads(_exactly(stream, length))
    sizes = [int(size) for size in frame["blocks"]]
    if min(sizes, default=0) < 0 or sum(sizes) > most:
        raise ValueError("The blocks of the frame are too long.")
    return frame["message"], [_exactly(stream, size) for size in sizes]


def request_of(reader: str, files: FileSet, options: ReadOptions, limits: Limits) -> tuple[Json, list[bytes]]:
    """Return message and blocks that ask for the recordings of a set of files."""
    message = {
        "reader": reader, "names": [file.name for file in files.files],
        "options": asdict(options), "limits": asdict(limits),
    }  # fmt: skip
    return message, [file.data for file in files.files]


def sets_request(sets: Sequence[FileSet], options: ReadOptions, limits: Limits) -> tuple[Json, list[bytes]]:
    """Return message and blocks that ask for several sets of files at once, with what is read beside them."""
    message = {
        "sets": [
            {"files": [file.name for file in one.files], "left_out": [file.name for file in one.left_out]}
            for one in sets
        ],
        "options": asdict(options), "limits": asdict(limits),
    }  # fmt: skip
    return message, [file.data for one in sets for file in (*one.files, *one.left_out)]


def sets_from(message: Json, blocks: Sequence[bytearray]) -> tuple[list[FileSet], ReadOptions, Limits]:
    """Return what was asked for: sets of files, options and limits."""
    data = iter(blocks)
    sets = [
        FileSet(
            tuple(SourceFile(name, bytes(next(data))) for name in one["files"]),
            tuple(SourceFile(name, bytes(next(data))) for name in one["left_out"]),
        )
        for one in message["sets"]
    ]
    return sets, _options(message["options"]), Limits(**message["limits"])


def request_from(message: Json, blocks: Sequence[bytearray]) -> tuple[str, FileSet, ReadOptions, Limits]:
    """Return what was asked for: name of the reader, files, options and limits."""
    files = [SourceFile(name, bytes(data)) for name, data in zip(message["names"], blocks, strict=True)]
    return message["reader"], FileSet(tuple(files)), _options(message["options"]), Limits(**message["limits"])


def _options(told: Json) -> ReadOptions:
    return ReadOptions(**told | {"leads": told["leads"] and tuple(told["leads"])})


def answer_of(recordings: Sequence[Recording]) -> tuple[Json, list[memoryview]]:
    """Return message and blocks that hold recordings."""
    signals = [np.ascontiguousarray(one.signal, "<f4") for one in recordings]
    return {"recordings": [_facts_of(one) for one in recordings]}, [x.reshape(-1).view(np.uint8).data for x in signals]


def recordings_from(message: Json, blocks: Sequence[bytearray]) -> list[Recording]:
    """Return the recordings of an answer. Raises KeyError, TypeError, ValueError or EcgError for what is none."""
    return [_recording(facts, block) for facts, block in zip(message["recordings"], blocks, strict=True)]


def _exactly(stream: IO[bytes], n: int) -> bytearray:
    data = bytearray(n)
    view = memoryview(data)
    while view:
        got = stream.readinto(view)  # type: ignore[attr-defined]  # every binary stream of ours has it
        if not got:
            raise EOFError
        view = view[got:]
    return data


def _facts_of(one: Recording) -> Json:
    return {
        "rate": one.rate, "name": one.name, "format": one.format, "unit": one.unit, "derived": one.derived,
        "missing": one.missing, "step": None if one.step is None else one.step.tolist(),
        "start": one.start and one.start.isoformat(), "patient": asdict(one.patient),
        "device": asdict(one.device), "notes": one.notes, "declared": one.declared,
        "stated_samples": one.stated_samples, "record_id": one.record_id, "labels": dict(one.labels),
    }  # fmt: skip


def _recording(facts: Json, block: bytearray) -> Recording:
    device = facts["device"]
    values: Json = {
        "signal": np.frombuffer(block, "<f4").reshape(len(LEADS), -1).astype(np.float32, copy=False),
        "step": None if facts["step"] is None else np.array(facts["step"], np.float64),
        "start": facts["start"] and datetime.fromisoformat(facts["start"]),
        "patient": Patient(**facts["patient"]),
        "device": DeviceFacts(**device | {"statements": tuple(Statement(**one) for one in device["statements"])}),
    } | {name: tuple(facts[name]) for name in ("derived", "missing", "notes", "declared")}
    return Recording(**facts | values)
