"""WFDB annotation files (`.atr`, `.qrs`, ...): known by their content, so that they are left out knowingly.

Source: the WFDB applications guide, annot(5), https://physionet.org/physiotools/wag/annot-5.htm
"""

import struct

_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_HIGHEST_CODE = 49
_LOOK = 1 << 16  # bytes whose structure is checked


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
