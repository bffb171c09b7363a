"""One NumPy array out of `.npy` bytes, without executing anything and without trusting its header."""

import io
import math

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError

MAGIC = b"\x93NUMPY"


def load_array(data: bytes, name: str) -> NDArray[np.generic]:
    """Return a read-only view of the array in `.npy` bytes (formats 1 to 3).

    Numbers (any size, either byte order) and texts are read; objects, records and complex numbers are refused. The
    size in the header is checked against the bytes there are before anything is allocated.
    Raises UnreadableFileError.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        elif version in ((2, 0), (3, 0)):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
        else:
            raise UnreadableFileError(f"{name} is of NumPy format {version}. Save it again with numpy.save.")
    except (ValueError, TypeError, SyntaxError, UnicodeDecodeError, MemoryError, RecursionError, KeyError) as error:
        raise UnreadableFileError(f"{name} has a damaged NumPy header ({error}). Save it again.") from error
    if dtype.kind not in "iufbU" or any(side < 0 for side in shape):
        raise UnreadableFileError(
            f"{name} holds values of type '{dtype}', not plain numbers. Save it again with numpy.save(file, "
            "signal.astype('float32'))."
        )
    count = math.prod(shape)
    offset = stream.tell()
    if count * dtype.itemsize > len(data) - offset:
        raise UnreadableFileError(
            f"{name} is cut off: its header promises {count * dtype.itemsize:,} bytes of samples, the file has "
            f"{len(data) - offset:,}. Copy it again."
        )
    flat = np.frombuffer(data, dtype, count, offset)
    return flat.reshape(shape, order="F" if fortran else "C")
