"""Samples as XML files pack them: little-endian 16-bit integers in Base64."""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError


def from_base64(text: str, what: str) -> bytes:
    """Decode Base64 with line breaks anywhere. Raises UnreadableFileError, naming `what` holds it."""
    try:
        return base64.b64decode("".join(text.split()).encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise UnreadableFileError(f"{what} holds damaged Base64. Export or copy the file again.") from error


def int16_samples(data: bytes, what: str, signed: bool = True) -> NDArray[np.int64]:
    """Read little-endian 16-bit integers. Raises UnreadableFileError for half a sample."""
    if len(data) % 2:
        raise UnreadableFileError(f"{what} ends within a sample. Export or copy the file again.")
    return np.frombuffer(data, "<i2" if signed else "<u2").astype(np.int64)
