"""One NumPy array out of `.npy` bytes, without executing anything and without trusting its header.

Source: NEP 1, https://numpy.org/neps/nep-0001-npy-format.html
"""

import ast
import math
import re

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_MOST_TEXT = 64 << 20  # bytes of texts in single bytes, which take four times as many once they are read
_NUMBERS_AND_TEXTS = re.compile(r"[<>|=]?[biufUS][1-9]\d{0,5}")


def load_array(data: bytes, name: str) -> NDArray[np.generic]:
    """Return a read-only view of the array in `.npy` bytes (formats 1 to 3).

    Numbers (any size, either byte order) and texts are read, those in single bytes as UTF-8; objects, records and
    complex numbers are refused. The size in the header is checked against the bytes there are before anything is
    allocated.
    Raises UnreadableFileError.
    """
    size = {1: 2, 2: 4, 3: 4}.get(data[6] if len(data) > 6 else 0)
    if not data.startswith(MAGIC) or size is None:
        raise UnreadableFileError(f"{name} is of no known NumPy format. Save it again with numpy.save.")
    offset = 8 + size + int.from_bytes(data[8 : 8 + size], "little")
    if offset > min(len(data), _LONGEST_HEADER):
        raise _damaged(name)
    try:
        header = ast.literal_eval(data[8 + size : offset].decode("latin-1").strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise _damaged(name) from error
    if not isinstance(header, dict) or not {"descr", "fortran_order", "shape"} <= header.keys():
        raise _damaged(name)
    descr, shape = header["descr"], header["shape"]
    if not isinstance(descr, str) or not _NUMBERS_AND_TEXTS.fullmatch(descr):
        kind = f"'{descr[:8]}'" if isinstance(descr, str) else "record"
        raise UnreadableFileError(
            f"{name} holds values of type {kind}, not plain numbers. Save it again with numpy.save(file, "
            "signal.astype('float32'))."
        )
    if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape) or len(shape) > 32:
        raise _damaged(name)
    try:
        dtype = np.dtype(descr)
    except TypeError as error:  # a size that no number has, such as f7
        raise _damaged(name) from error
    count = math.prod(shape)
    if count * dtype.itemsize > len(data) - offset:
        raise UnreadableFileError(
            f"{name} is cut off: its header promises {count * dtype.itemsize:,} bytes of samples, the file has "
            f"{len(data) - offset:,}. Copy it again."
        )
    if dtype.kind == "S" and count * dtype.itemsize > _MOST_TEXT:
        raise UnreadableFileError(f"{name} holds {count:,} texts, which are more than names are. Save them apart.")
    flat: NDArray[np.generic] = np.frombuffer(data, dtype, count, offset) if count else np.empty(0, dtype)
    if dtype.kind == "S":
        flat = np.array([text.decode("utf-8", "replace") for text in flat.tolist()], np.str_)
    return flat.reshape(shape, order="F" if header["fortran_order"] is True else "C")


def _damaged(name: str) -> UnreadableFileError:
    return UnreadableFileError(f"{name} has a damaged NumPy header. Save it again.")
