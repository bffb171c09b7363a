"""WFDB annotation files (`.atr`, `.qrs`, ...): known by their content, and read.

Source: the WFDB applications guide, annot(5), https://physionet.org/physiotools/wag/annot-5.htm
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from backend.ecg.annotations import RHYTHM, RHYTHMS, SYMBOLS, Annotation
from backend.ecg.errors import UnreadableFileError

_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_NOTHING, _NOTE = 0, 22
_HIGHEST_CODE = 49
_LOOK = 1 << 16  # bytes whose structure is checked
_RESOLUTION = re.compile(rb"## time resolution: ([0-9.]{1,20})")


def looks_like_annotations(data: bytes) -> bool:
    """Whether the content is a file of MIT annotations: words of a known code, and a word of zeros at the end.

    A word holds a code in its upper 6 bits and a time or a length in the other 10.
    """
    if len(data) < 4 or len(data) % 2 or data[-2:] != b"\0\0":
        return False
    at, stop, skipped = 0, min(len(data) - 2, _LOOK), False
    while at < stop:
        (word,) = struct.unpack_from("<H", data, at)
        code, rest = word >> 10, word & 0x3FF
        at += 2
        if code == _SKIP:
            at += 4
        elif code == _AUX:
            at += rest + rest % 2
        elif _HIGHEST_CODE < code < _SKIP or (code == 0 and not skipped):
            return False
        skipped = code == _SKIP
    return at == stop or stop == _LOOK  # the last element may end beyond where one stops to look


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """What a file holds: annotations at its own resolution in Hz, None where it says none (then that of the record)."""

    annotations: tuple[Annotation, ...]
    resolution: float | None


def read_annotations(data: bytes, annotator: str) -> AnnotationFile:
    """Read a file of MIT annotations. Texts are read for names of rhythms and the resolution alone, and not kept.

    Raises UnreadableFileError for content that ends in the middle of an element or counts backwards beyond the start.
    """
    found: list[Annotation] = []
    resolution: float | None = None
    for sample, code, subtype, channel, number, text in _elements(data):
        stated = _RESOLUTION.match(text) if code == _NOTE and sample == 0 else None
        if stated is not None:
            resolution = float(stated[1]) if stated[1].count(b".") < 2 and stated[1] != b"." else None
            continue
        if code == _NOTE and sample == 0 and text.startswith(b"## "):
            continue  # definitions of signs of users' own
        symbol = SYMBOLS.get(code)
        if symbol is None or code == _NOTHING:
            continue  # a code without a meaning, or the one that ends what stands before the annotations
        if sample < 0:
            raise UnreadableFileError("The annotations count to before the start of the record. Export them again.")
        rhythm = _rhythm(text) if symbol == RHYTHM else ""
        found.append(Annotation(sample, symbol, rhythm, annotator, subtype, channel, number))
    return AnnotationFile(tuple(found), resolution if resolution else None)


def _elements(data: bytes) -> Iterator[tuple[int, int, int, int, int, bytes]]:
    """Yield sample, code, subtype, channel, number and text of each annotation.

    Channel and number hold until another is said; subtype and text belong to one annotation alone.
    """
    at, sample, channel, number, skipped = 0, 0, 0, 0, False
    begun: tuple[int, int] | None = None  # sample and code of an annotation whose details may follow
    subtype, text = 0, b""
    try:
        while True:
            (word,) = struct.unpack_from("<H", data, at)
            code, rest = word >> 10, word & 0x3FF
            at += 2
            if code == _NUM:
                number = _signed(rest)
            elif code == _CHN:
                channel = rest & 0xFF
            elif code == _SUB:
                subtype = _signed(rest)
            elif code == _AUX:
                text = data[at : at + rest]
                if len(text) < rest:
                    raise struct.error
                at += rest + rest % 2
            else:
                if begun is not None:
                    yield (*begun, subtype, channel, number, text)
                    begun, subtype, text = None, 0, b""
                if word == 0 and not skipped:
                    return
                if code == _SKIP:
                    high, low = struct.unpack_from("<HH", data, at)
                    at += 4
                    step = high << 16 | low
                    sample += step - (1 << 32 if step >= 1 << 31 else 0)
                else:
                    sample += rest
                    begun = sample, code
            skipped = code == _SKIP
    except struct.error:
        raise UnreadableFileError("The annotations are cut off. Copy the file again.") from None


def _signed(rest: int) -> int:
    value = rest & 0xFF
    return value - 256 if value > 127 else value


def _rhythm(text: bytes) -> str:
    name = text.split(b"\0")[0].strip().removeprefix(b"(").decode("ascii", "replace")
    return name if name in RHYTHMS else ""
