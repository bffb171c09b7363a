"""The signal as the page's canvas takes it: a short JSON header, then 16-bit integers.

    uint32   length of the header in bytes
    bytes    header, JSON in UTF-8, padded with blanks so that the samples start at a multiple of 4
    int16    samples (leads, n), lead after lead; sample · step[lead] is the amplitude, -32768 a missing sample

All little-endian. The header has `rate` (Hz), `n_samples`, `leads` (names), `unit` ("mV" or "arbitrary") and `step`.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.recording import Unit

MISSING = -32768
_LARGEST = 32767


def to_payload(
    signal: NDArray[np.floating[Any]],
    rate: float,
    *,
    unit: Unit = "mV",
    step: NDArray[np.float64] | None = None,
    leads: Sequence[str] = LEADS,
) -> bytes:
    """Pack a signal (leads, n) at `rate` Hz; NaN and infinite samples become missing.

    `step` (leads,) is the recording's own resolution: with it, integers of the source come through exactly. A lead
    without one, or too large for 16 bits at that step, is scaled so that its largest amplitude is 32767 steps. The
    rounding error is half a step at most.
    """
    x = np.asarray(signal, dtype=np.float32)
    finite = np.isfinite(x)
    complete = bool(finite.all())
    if not complete:
        x = np.where(finite, x, np.float32(0))
    peak = np.maximum(x.max(axis=-1), -x.min(axis=-1)).astype(np.float64)
    # The smallest normal float32 keeps the reciprocal finite.
    steps = np.maximum(peak / _LARGEST, np.finfo(np.float32).tiny)
    steps[peak == 0] = 0.001
    if step is not None:
        own = np.asarray(step, dtype=np.float64)
        steps = np.where((own > 0) & (np.rint(peak / np.where(own > 0, own, 1)) <= _LARGEST), own, steps)
    scaled = x * (1 / steps)[:, np.newaxis].astype(np.float32)
    samples = np.rint(scaled, out=scaled).clip(-_LARGEST, _LARGEST).astype("<i2")
    if not complete:
        samples[~finite] = MISSING
    header = {"rate": rate, "n_samples": x.shape[-1], "leads": list(leads), "unit": unit, "step": steps.tolist()}
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    payload: bytes = struct.pack("<I", len(text)) + text + samples.tobytes()
    return payload


def from_payload(payload: bytes) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Unpack what `to_payload` packed: the signal (leads, n) float32 with NaN where missing, and the header.

    Raises UnreadableFileError for bytes that are no whole payload.
    """
    try:
        (length,) = struct.unpack_from("<I", payload)
        header = json.loads(payload[4 : 4 + length])
        shape = len(header["leads"]), int(header["n_samples"])
        samples = np.frombuffer(payload, dtype="<i2", offset=4 + length, count=max(shape[1], 0) * shape[0]).reshape(
            shape
        )
        step = np.asarray(header["step"], dtype=np.float64).reshape(shape[0], 1)
    except (struct.error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise UnreadableFileError("These bytes are no whole signal payload. Ask for the recording again.") from error
    return np.where(samples == MISSING, np.nan, samples * step).astype(np.float32), header
