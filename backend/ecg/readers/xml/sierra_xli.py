"""XLI, the lossless compression of Philips cardiographs: LZW codes of 10 bits over second differences of the samples.

A block holds its leads one after the other. A lead is a header of 8 bytes, little-endian: the size of its codes in
bytes (int32), a number without use here (int16), and the first second difference (int16); then the codes. They expand
to the high bytes of all 16-bit words, then the low bytes. The first two words are samples; each later word is the
second difference, negated and raised by 64, that leads to the sample after its own.
Source: the description and tools of C. A. Watford, sierra-ecg-tools; T. A. Welch, Computer 17(6), 1984.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError

_HEADER = struct.Struct("<ihh")
_END = 1023  # ends a lead; also the number of strings the table holds at most
_BYTES = tuple(bytes((value,)) for value in range(256))


def decode_xli(block: bytes, leads: int, most: int) -> list[NDArray[np.int16]]:
    """Return the samples of the first `leads` leads of a block, fewer if it holds fewer.

    Raises UnreadableFileError for a damaged block, LimitError for a lead of more than `most` samples; how much a lead
    expands to is counted, not believed.
    """
    decoded: list[NDArray[np.int16]] = []
    start = 0
    while start < len(block) and len(decoded) < leads:
        number = len(decoded) + 1
        if len(block) - start < _HEADER.size:
            raise _damaged(number, "its header is cut off")
        size, _, first = _HEADER.unpack_from(block, start)
        start += _HEADER.size
        if not 0 < size <= len(block) - start:
            raise _damaged(number, f"it should have {size:,} bytes, but {len(block) - start:,} are left")
        words = _expand(block[start : start + size], number, 2 * most)
        if len(words) < 4:
            raise _damaged(number, "it holds no samples")
        decoded.append(_samples(words, first))
        start += size
    return decoded


def _expand(packed: bytes, number: int, most: int) -> bytes:
    """Undo the LZW compression of lead `number`, into at most `most` bytes."""
    table = list(_BYTES)
    previous = b""
    parts: list[bytes] = []
    total = 0
    if 8 * len(packed) // 10 > most + 4:  # every code stands for a byte or more
        raise _too_long(number, most)
    for code in memoryview(_codes(packed).data):
        if code == _END:
            break
        if code < len(table):
            string = table[code]
        elif code == len(table) and previous:
            string = previous + previous[:1]
        else:
            raise _damaged(number, "its codes contradict each other")
        if previous and len(table) < _END:
            table.append(previous + string[:1])
        parts.append(string)
        previous = string
        total += len(string)
        if total > most:
            raise _too_long(number, most)
    return b"".join(parts)


def _codes(packed: bytes) -> NDArray[np.uint16]:
    """Split bytes into codes of 10 bits, high bits first: four codes in five bytes."""
    fives = np.frombuffer(packed + bytes(-len(packed) % 5), np.uint8).reshape(-1, 5).astype(np.uint16).T
    codes = np.empty((fives.shape[1], 4), np.uint16)
    for place in range(4):
        codes[:, place] = (fives[place] << (2 + 2 * place) | fives[place + 1] >> (6 - 2 * place)) & 0x3FF
    return codes.ravel()[: 8 * len(packed) // 10]


def _samples(expanded: bytes, first: int) -> NDArray[np.int16]:
    """Put the words together and sum the second differences twice, modulo 2¹⁶ as the device does."""
    pair = np.frombuffer(expanded + bytes(len(expanded) % 2), np.uint8).reshape(2, -1).astype(np.uint16)
    words = (pair[0] << 8 | pair[1]).view(np.int16).astype(np.int64)
    steps = np.empty_like(words)  # the samples at 0 and, as steps to the next, at 1 and on
    steps[0], steps[1] = 0, words[1] - words[0]
    steps[2:] = 64 - words[1:-1]
    if len(steps) > 2:
        steps[2] = -first
    samples: NDArray[np.int16] = (words[0] + np.cumsum(np.cumsum(steps))).astype(np.int16)
    return samples


def _damaged(number: int, what: str) -> UnreadableFileError:
    return UnreadableFileError(f"The compressed lead {number} is damaged: {what}. Export or copy the file again.")


def _too_long(number: int, most: int) -> LimitError:
    return LimitError(f"The compressed lead {number} has more than {most // 2:,} samples. Export a shorter recording.")
