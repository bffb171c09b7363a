"""The stored form of a signal: a short header, then integers with a resolution per lead wherever that loses nothing.

Layout, little-endian: magic "XECG", version, kind of sample, two zero bytes, CRC-32 of all that follows, then rate in
Hz (float64), number of samples a lead (uint64), twelve steps in mV (float64), then the samples lead by lead.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.recording import Recording

_MAGIC = b"XECG"
_VERSION = 1
_INT16, _INT32, _FLOAT32 = 0, 1, 2
_ITEM_BYTES = {_INT16: 2, _INT32: 4, _FLOAT32: 4}
_SMALLEST_STEP = 1e-12  # a fV: no device resolves it, and much smaller ones are zero in float32
_OPENING = struct.Struct("<4sBBHI")
_FACTS = struct.Struct("<dQ12d")
_SAMPLES_AT = _OPENING.size + _FACTS.size


def encode_signal(recording: Recording) -> bytes:
    """Return the signal and rate of a recording as bytes.

    Samples that are whole multiples of the recording's step become int16 or int32 (the lowest integer marks a missing
    sample); decoding gives them back to the precision of float32. All others are stored as float32, bit by bit.
    """
    steps = np.ones(len(LEADS)) if recording.step is None else np.asarray(recording.step, np.float64)
    integers = None if recording.step is None else to_integers(recording.signal, steps)
    samples: NDArray[np.floating | np.signedinteger] = recording.signal if integers is None else integers
    kind = _FLOAT32 if integers is None else _INT16 if integers.dtype.itemsize == 2 else _INT32
    facts = _FACTS.pack(recording.rate, recording.n_samples, *steps.tolist())
    body = samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()
    return _OPENING.pack(_MAGIC, _VERSION, kind, 0, zlib.crc32(body, zlib.crc32(facts))) + facts + body


def decode_signal(data: bytes) -> tuple[NDArray[np.float32], float]:
    """Return the (12, n) float32 signal (mV, or unscaled as it was stored) and the rate in Hz.

    Raises UnreadableFileError for bytes that `encode_signal` did not write or that were damaged since.
    """
    if len(data) < _SAMPLES_AT:
        raise UnreadableFileError("The stored signal is cut off. Import the recording again.")
    magic, version, kind, unused, crc = _OPENING.unpack_from(data)
    if magic != _MAGIC or version != _VERSION or kind not in _ITEM_BYTES or unused:
        raise UnreadableFileError("The stored signal is of an unknown kind. Import the recording again.")
    if zlib.crc32(memoryview(data)[_OPENING.size :]) != crc:
        raise UnreadableFileError("The stored signal is damaged: its checksum is wrong. Import the recording again.")
    rate, n, *steps = _FACTS.unpack_from(data, _OPENING.size)
    if len(data) - _SAMPLES_AT != n * len(LEADS) * _ITEM_BYTES[kind]:
        raise UnreadableFileError("The stored signal has a wrong length. Import the recording again.")
    if kind == _FLOAT32:
        return np.frombuffer(data, "<f4", offset=_SAMPLES_AT).reshape(len(LEADS), n).astype(np.float32), rate
    samples = np.frombuffer(data, "<i2" if kind == _INT16 else "<i4", offset=_SAMPLES_AT).reshape(len(LEADS), n)
    signal = _physical(samples, np.array(steps))
    missing = np.iinfo(samples.dtype).min
    if samples.size and samples.min() == missing:
        signal[samples == missing] = np.nan
    return signal, rate


def stored_step(data: bytes) -> NDArray[np.float64] | None:
    """Return the (12,) steps of a stored signal, None where its samples are no integers. Raises nothing of its own.

    Call it after `decode_signal`, which checks the bytes.
    """
    kind = _OPENING.unpack_from(data)[2]
    return None if kind == _FLOAT32 else np.array(_FACTS.unpack_from(data, _OPENING.size)[2:])


def to_integers(signal: NDArray[np.float32], steps: NDArray[np.float64]) -> NDArray[np.signedinteger] | None:
    """Return signal / steps as int16 or, where that is too small, int32; None where it is not integral.

    `signal` is (k, n) and `steps` (k,) in its unit. The lowest integer marks a missing sample (NaN).
    """
    if not np.all(np.isfinite(steps) & (steps > _SMALLEST_STEP)):
        return None
    missing = np.isnan(signal)
    gaps = bool(missing.any())
    known = np.where(missing, np.float32(0), signal) if gaps else signal
    largest = np.abs(known).max(axis=1) / steps
    if not largest.max() < 2**31 - 1:
        return None
    kind = np.int16 if largest.max() < 32767.4 else np.int32
    # float32 is exact enough to find the nearest of 16-bit integers, not of 32-bit ones.
    scaled = known / steps.astype(np.float32)[:, None] if kind is np.int16 else known / steps[:, None]
    integers: NDArray[np.signedinteger] = np.rint(scaled, out=scaled).astype(kind)
    difference = np.abs(_physical(integers, steps) - known).max(axis=1)
    if np.any(difference > 1e-7 + 2.5e-7 * largest * steps):  # two units in the last place of float32
        return None
    if gaps:
        integers[missing] = np.iinfo(integers.dtype).min
    return integers


def _physical(integers: NDArray[np.signedinteger], steps: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return integers * steps in float32; by one exact division where 1 / step is whole (1/1000 mV)."""
    units = np.rint(1 / steps)
    if integers.dtype.itemsize == 2 and np.all((np.abs(units * steps - 1) < 1e-12) & (units < 2**24)):
        physical = integers.astype(np.float32)
        physical /= units.astype(np.float32)[:, None]
        return physical
    physical = np.empty(integers.shape, np.float32)
    np.multiply(integers, steps[:, None], out=physical, casting="same_kind")
    return physical
