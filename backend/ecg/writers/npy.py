"""NumPy: an `.npz` with the samples `x` (leads, n), the rate `fs` in Hz, `unit_mv` in mV a unit, and `leads`."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.writer import Writer, present, whole_steps

_EXACT_IN_FLOAT32 = 1 << 24


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    leads, signal = present(recording)
    whole = _whole(recording) if recording.unit == "mV" else None
    x: NDArray[np.generic]
    x, unit = (signal, 1.0) if whole is None else whole
    # Data without a scale get no unit_mv but unit_sd, so that nobody takes them for microvolts.
    scale = "unit_mv" if recording.unit == "mV" else "unit_sd"
    arrays: dict[str, Any] = {"x": x, "fs": np.float64(recording.rate), scale: np.float64(unit), "leads": leads}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return (SourceFile(f"{stem}.npz", buffer.getvalue()),)


def _whole(recording: Recording) -> tuple[NDArray[np.generic], float] | None:
    """Return whole numbers and the one step in mV that they have in common; floats with NaN where samples miss.

    None where there is no such step.
    """
    steps = whole_steps(recording)
    if steps is None:
        return None
    unit = float(steps.step.min())
    factors = np.rint(steps.step / unit)
    if np.any(np.abs(steps.step / unit - factors) > 1e-9 * factors):
        return None
    missing = steps.missing
    counts = np.where(missing, 0, steps.samples.astype(np.int64) * factors.astype(np.int64)[:, None])
    largest = int(np.abs(counts).max())
    if largest >= 1 << 31:
        return None
    if missing.any():
        floats = counts.astype(np.float32 if largest <= _EXACT_IN_FLOAT32 else np.float64)
        floats[missing] = np.nan
        return floats, unit
    return counts.astype(np.int16 if largest < 1 << 15 else np.int32), unit


WRITER = Writer(
    name="npy",
    title="NumPy (.npz)",
    extension=".npz",
    media_type="application/octet-stream",
    rounds=False,
    write=_write,
)
