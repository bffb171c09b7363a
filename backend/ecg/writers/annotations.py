"""Annotations as a file of the MIT format, as WFDB software reads it: `.atr`, `.qrs`.

Source: the WFDB applications guide, annot(5), https://physionet.org/physiotools/wag/annot-5.htm
"""

import struct
from collections.abc import Iterable

from backend.ecg.annotations import SYMBOLS, Annotation

_CODES = {symbol: code for code, symbol in SYMBOLS.items()}
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_LONGEST_STEP = 0x3FF


def to_bytes(annotations: Iterable[Annotation]) -> bytes:
    """Return the file of annotations, which are put in order of time; their times are samples of the record."""
    out = bytearray()
    before, channel, number = 0, 0, 0
    for one in sorted(annotations, key=lambda one: one.sample):
        step = one.sample - before
        if step > _LONGEST_STEP:
            out += struct.pack("<HHH", _SKIP << 10, step >> 16, step & 0xFFFF)
            step = 0
        out += _word(_CODES[one.symbol], step)
        if one.subtype:
            out += _word(_SUB, one.subtype & 0xFF)
        if one.channel != channel:
            out += _word(_CHN, one.channel)
        if one.number != number:
            out += _word(_NUM, one.number & 0xFF)
        if one.rhythm:
            text = f"({one.rhythm}".encode("ascii")
            out += _word(_AUX, len(text)) + text + b"\0" * (len(text) % 2)
        before, channel, number = one.sample, one.channel, one.number
    return bytes(out + b"\0\0")


def _word(code: int, rest: int) -> bytes:
    return struct.pack("<H", code << 10 | rest)
