"""Damaged and hostile variants of real files, the same for the same number, and what an upload would do with them."""

import random
import re
import struct
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np

from backend.ecg.errors import EcgError
from backend.ecg.findings import check
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, group, read
from backend.ecg.readers.archives.expand import expand, is_archive
from backend.ecg.signal_file import decode_signal, encode_signal
from tests.samples import FORMATS, csv_file, npy_file, wfdb_pair, zip_file

# As in the product, but for what a small machine can hold in one file.
LIMITS = Limits(values=40_000_000, archive_bytes=1 << 28)
OPTIONS = (
    ReadOptions(rate=500, units_per_mv=1000),
    ReadOptions(),
    ReadOptions(partial=True),
    ReadOptions(rate=250, units_per_mv=200, raw=True, partial=True),
    ReadOptions(unit="arbitrary", leads=("II", "I", "V1", "V2", "V3", "V4", "V5", "V6")),
)


_INTEGERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40)
_NUMBERS = (
    b"0", b"-1", b"1", b"2", b"65536", b"2147483648", b"-2147483649", b"1000000000000", b"1e9", b"1e308", b"1e999",
    b"-0.0", b"nan", b"inf", b"0.0000001", b"99999999999999999999999999", b"", b"NULL", b"1,5", b"0x10", "٣".encode(),
)  # fmt: skip
_FORMATS = (">H", "<H", ">I", "<I", ">Q", "<Q")
_LARGE = 3 << 20  # longer files are cut: it is the structure that is attacked, not the samples


@cache
def seeds() -> tuple[FileSet, ...]:
    """Return the sets of the real files, where they are here, and of small files made here."""
    record = zip(("hea", "dat"), wfdb_pair("rec", n=300), strict=True)
    files = [
        SourceFile("made/a.csv", csv_file(n=200)),
        SourceFile("made/a.npy", npy_file(n=200)),
        SourceFile("made/a.zip", zip_file({"b.csv": csv_file(n=100), "c.npy": npy_file(n=100)})),
        *(SourceFile(f"made/rec.{end}", data) for end, data in record),
    ]  # fmt: skip
    if FORMATS.exists():
        files += [
            SourceFile(path.relative_to(FORMATS).as_posix(), path.read_bytes()[:_LARGE])
            for path in sorted(FORMATS.rglob("*"))
            if path.is_file()
        ]
    return tuple(group(files))


def mutant(number: int, among: tuple[FileSet, ...] | None = None) -> FileSet:
    """Return the mutant of that number: a seed with one file (usually the main one) damaged in one to four ways."""
    rng = random.Random(number)
    pool = among or seeds()
    seed = pool[number % len(pool)]
    files = list(seed.files)
    index = 0 if len(files) == 1 or rng.random() < 0.6 else rng.randrange(1, len(files))
    data = files[index].data
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(_MUTATIONS)(data, rng)
    files[index] = SourceFile(files[index].name, data)
    if len(files) > 2 and rng.random() < 0.05:
        del files[rng.randrange(1, len(files))]
    return FileSet(tuple(files))


def _place(data: bytes, rng: random.Random) -> int:
    """A place in the file: headers are at the start, some at the end."""
    most = max(1, len(data))
    kind = rng.random()
    if kind < 0.5:
        return rng.randrange(min(most, 1024))
    return rng.randrange(max(0, most - 512), most) if kind < 0.6 else rng.randrange(most)


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        changed[_place(changed, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + (new := rng.randbytes(rng.choice((1, 2, 4, 16)))) + data[at + len(new) :]


def _integer(data: bytes, rng: random.Random) -> bytes:
    """A length, an offset or a count becomes one at the borders."""
    form = rng.choice(_FORMATS)
    size = struct.calcsize(form)
    value = rng.choice(_INTEGERS) if rng.random() < 0.8 else len(data) + rng.randrange(-2, 3)
    at = _place(data, rng) & ~(1 if rng.random() < 0.7 else 0)
    return data[:at] + struct.pack(form, value % (1 << 8 * size)) + data[at + size :]


def _number(data: bytes, rng: random.Random) -> bytes:
    """A number in text becomes another, in the part where headers are or anywhere."""
    at = _place(data, rng)
    match = re.compile(rb"-?\d+(\.\d+)?").search(data, at, at + 4096)
    return data[: match.start()] + rng.choice(_NUMBERS) + data[match.end() :] if match else _flip(data, rng)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)] if rng.random() < 0.7 else data[_place(data, rng) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at, size = _place(data, rng), rng.choice((1, 4, 32, 256, 4096))
    return data[:at] + data[at : at + size] * rng.choice((2, 3, 20)) + data[at + size :]


def _remove(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 4, 32, 512)) :]


def _move(data: bytes, rng: random.Random) -> bytes:
    at, to, size = _place(data, rng), _place(data, rng), rng.choice((2, 4, 32, 256))
    piece = data[at : at + size]
    return data[:to] + piece + data[to + size :]


def _splice(data: bytes, rng: random.Random) -> bytes:
    """The start of one file with the rest of another."""
    other = rng.choice(rng.choice(seeds()).files).data
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _line(data: bytes, rng: random.Random) -> bytes:
    """A line, a tag or a field is lost or comes twice."""
    mark = rng.choice((b"\n", b">", b",", b"}", b"\0"))
    at = _place(data, rng)
    start = data.find(mark, at, at + 8192)
    end = data.find(mark, start + 1, start + 8192) if start >= 0 else -1
    if end < 0:
        return _remove(data, rng)
    return data[:start] + data[start:end] * rng.choice((0, 2)) + data[end:]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _overwrite, _integer, _integer, _number, _number, _truncate, _repeat, _remove, _move, _splice, _line,
)  # fmt: skip


def named(sets: Iterable[FileSet], part: str) -> tuple[FileSet, ...]:
    """Return the sets with `part` in their name."""
    return tuple(files for files in sets if part in str(Path(files.name)))


def through(files: FileSet, options: ReadOptions) -> str:
    """Read, check and store one set as an upload does; return what became of it. Raises whatever goes wrong."""
    try:
        if is_archive(files.main.data):
            sets = [FileSet((x,)) for x in expand(files.main, LIMITS) if isinstance(x, SourceFile)]
            return max((through(one, options) for one in sets if not is_archive(one.main.data)), default="refused")
        recordings = read(files, options, LIMITS)
    except EcgError as error:
        if len(str(error)) < 20:
            raise ValueError(f"too short a message: {error}") from error
        return "refused"
    for recording in recordings[:5]:
        check(recording)
        stored, rate = decode_signal(encode_signal(recording))
        assert rate == recording.rate
        largest = float(np.nanmax(np.abs(recording.signal), initial=0.0))
        np.testing.assert_allclose(stored, recording.signal, rtol=1e-5, atol=1e-6 + 1e-6 * largest)  # of float32
    return "read"
