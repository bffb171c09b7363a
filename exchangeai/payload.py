"""The signal of a recording as a platform sends it: a JSON header, then 16-bit integers (docs/api.md)."""

import json
import struct

import numpy as np
from numpy.typing import NDArray

from exchangeai.errors import UnreachableError

_MISSING = -32768


def unpacked(data: bytes) -> tuple[NDArray[np.float32], float]:
    """Return the samples (leads, n) in the recording's unit, NaN where missing, and their rate in Hz."""
    try:
        (length,) = struct.unpack_from("<I", data)
        header = json.loads(data[4 : 4 + length])
        shape = len(header["leads"]), int(header["n_samples"])
        samples = np.frombuffer(data, "<i2", shape[0] * shape[1], 4 + length).reshape(shape)
        step = np.asarray(header["step"], np.float64)[:, None]
        signal = np.where(samples == _MISSING, np.nan, samples * step).astype(np.float32)
        return signal, float(header["rate"])
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise UnreachableError("The signal was cut off on its way, or is none. Ask for it again.") from error
