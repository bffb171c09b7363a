"""A fingerprint of a signal: nearly the same for a copy that was resampled, rounded, scaled or lightly filtered.

SimHash (Charikar 2002, doi:10.1145/509907.509965) of the time course: the eight independent leads in steps of 20 ms,
without their slow drift, are projected onto fixed directions, and of each projection the sign is kept. Two copies
differ in few signs, two ECGs in nearly half of them. The signs are kept in bands, so that copies are found by looking
bands up instead of comparing every ECG with every other: two ECGs are copies where `ALIKE` bands are the same.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

BANDS: Final = 8
ALIKE: Final = 2
"""Bands that two copies share at least."""
_BITS: Final = 32  # of a band
_STEP_S: Final = 0.02
_STEPS: Final = 500  # 10 s; what comes later does not count, a shorter signal is followed by silence
_EDGE: Final = 20  # steps at either end that do not count: filters differ most there
_DRIFT: Final = 6  # steps on each side, over which the mean is taken that is no part of the beats
_LEADS: Final = (0, 1, 6, 7, 8, 9, 10, 11)  # I, II, V1 to V6: the others follow from I and II
_SILENCE_MV: Final = 1e-3


def fingerprint(signal: NDArray[np.floating], rate: float) -> str | None:
    """Return 64 hexadecimal digits, 8 a band, of a (12, n) signal (mV or any unit) at `rate` Hz.

    NaN counts as zero. None for a signal without any course, which is like every other of its kind, and for one
    shorter than 2 s.
    """
    if signal.shape[1] < 2 * rate:
        return None
    steps = _in_whole_steps(signal, rate)
    if steps is None or not np.isfinite(steps).all():
        steps = _in_steps(np.nan_to_num(np.asarray(signal[_LEADS, :], np.float64), posinf=0.0, neginf=0.0), rate)
    course = np.zeros((len(_LEADS), _STEPS))
    course[:, _EDGE : steps.shape[1] - _EDGE] = _without_drift(_without_drift(steps))[:, _EDGE:-_EDGE]
    size = np.sqrt(np.mean(course**2))
    if not size > _SILENCE_MV * min(1.0, np.abs(steps).max()):
        return None
    signs = _directions() @ (course / size).ravel().astype(np.float32) > 0
    return np.packbits(signs).tobytes().hex()


def bands(prints: Sequence[str]) -> NDArray[np.uint64]:
    """Return the bands of N fingerprints as (N, 8) numbers, each of which says which band it is."""
    values = np.frombuffer(bytes.fromhex("".join(prints)), ">u4").reshape(-1, BANDS).astype(np.uint64)
    return values | np.arange(BANDS, dtype=np.uint64) << np.uint64(32)


def _in_whole_steps(signal: NDArray[np.floating], rate: float) -> NDArray[np.float64] | None:
    """Return what `_in_steps` does where a step is a whole number of samples, as at 500 Hz, else None.

    The same but for rounding in double precision, and in a fifth of the time.
    """
    each = round(_STEP_S * rate)
    if each < 1 or each * 50 != rate:
        return None
    count = _whole_steps(signal.shape[1], rate)
    samples = signal[:, : count * each].astype(np.float64).reshape(signal.shape[0], count, each)
    edges = signal[:, 0 : count * each + 1 : each].astype(np.float64)
    with np.errstate(invalid="ignore"):  # infinite samples
        means = (samples @ np.ones(each) + (edges[:, 1:] - edges[:, :-1]) / 2)[_LEADS, :] / each
        return _smoothed(means)


def _in_steps(signal: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return (8, steps): means of 20 ms of the straight lines between samples, smoothed with their neighbours.

    Smoothed, so that it does not matter how many samples the flank of a QRS complex has.
    """
    n = signal.shape[1]
    total = np.zeros_like(signal)
    np.cumsum((signal[:, 1:] + signal[:, :-1]) / 2, axis=1, out=total[:, 1:])
    count = _whole_steps(n, rate)
    edges = np.arange(count + 1) * _STEP_S * rate  # in samples
    left = np.minimum(edges.astype(np.intp), n - 2)
    part = edges - left
    slope = signal[:, left + 1] - signal[:, left]
    means = np.diff(total[:, left] + part * signal[:, left] + part**2 / 2 * slope, axis=1) / (_STEP_S * rate)
    return _smoothed(means)


def _whole_steps(n: int, rate: float) -> int:
    return min(_STEPS, int((n - 1) / rate / _STEP_S))


def _smoothed(means: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = _held(means, 1, 1)
    return np.asarray((padded[:, :-2] + 2 * means + padded[:, 2:]) / 4)


def _held(steps: NDArray[np.float64], before: int, after: int) -> NDArray[np.float64]:
    """Return the steps with the first and the last repeated; np.pad takes several times as long."""
    return np.concatenate(
        (np.repeat(steps[:, :1], before, axis=1), steps, np.repeat(steps[:, -1:], after, axis=1)), axis=1
    )


def _without_drift(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    width = 2 * _DRIFT + 1
    padded = _held(steps, _DRIFT + 1, _DRIFT)
    total = np.cumsum(padded, axis=1)
    return np.asarray(steps - (total[:, width:] - total[:, :-width]) / width)


@lru_cache(maxsize=1)
def _directions() -> NDArray[np.float32]:
    """Return (256, 4000) of -1 and 1, the same for ever: drawn from a hash, not from a generator that may change."""
    size = len(_LEADS) * _STEPS
    drawn = hashlib.shake_256(b"directions of the fingerprint of an ECG, 1").digest(BANDS * _BITS * size // 8)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(BANDS * _BITS, size)
    return bits.astype(np.float32) * 2 - 1
