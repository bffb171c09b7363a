"""Suspected interchange of limb electrodes, from what the chest leads say the limb leads should look like.

After the idea of Kors and van Herpen (J Electrocardiol 2001;34 Suppl:69): leads I and II are estimated from V1 to V6
and compared with the measured ones, as they are and as they would be if two electrodes had been interchanged. The
coefficients are a least-squares fit over every second of 447 recordings of PTB-XL; docs/signal.md has the measured
sensitivity and false alarms. Left arm and left leg interchanged change too little to be told from a normal variant.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

_FROM_CHEST = np.array(
    [
        [-0.556, 0.192, 0.129, -0.137, 0.073, 0.359],  # I from V1 to V6
        [-0.081, -0.052, 0.096, 0.107, 0.114, 0.352],  # II
    ]
)
MARGIN = 0.7
"""By how much the correlation over I and II must rise when an interchange is undone."""

FLAT_SHARE = 0.12
"""A limb lead below this share of the other two, by root mean square, is flat: the ground was on an arm."""

_USED = [0, 1, 2, 6, 7, 8, 9, 10, 11]  # I, II, III and the chest
_HZ = 125.0  # quick and enough for QRS and T
_DRIFT_S = 0.8

RA_LA = "the right and the left arm"
RA_LL = "the right arm and the left leg"
RA_RL = "the right arm and the right leg"
LA_RL = "the left arm and the right leg"


def suspected_swap(signal: NDArray[np.float32], rate: float) -> str | None:
    """Return which two electrodes of (12, n) in mV may have been interchanged, in words, or None."""
    every = max(1, round(rate / _HZ))
    x = signal[:, ::every].astype(np.float64)
    width = round(_DRIFT_S * rate / every)
    if x.shape[1] < 3 * width or not np.isfinite(x).all():
        return None
    x = x[_USED]
    x -= uniform_filter1d(x, width, axis=1, mode="nearest")  # the drift
    size = np.sqrt((x**2).mean(axis=1))
    if size.min() < 1e-3:  # a dead lead proves nothing
        return None
    if size[1] < FLAT_SHARE * min(size[0], size[2]):
        return RA_RL
    if size[2] < FLAT_SHARE * min(size[0], size[1]):
        return LA_RL
    one, two = x[0], x[1]
    three = two - one
    expected = _FROM_CHEST @ x[3:]
    as_it_is = _correlation((one, two), expected)
    undone = {RA_LA: (-one, three), RA_LL: (-three, -two)}
    gains = {name: _correlation(pair, expected) - as_it_is for name, pair in undone.items()}
    best = max(gains, key=lambda name: gains[name])
    return best if gains[best] > MARGIN else None


def _correlation(pair: tuple[NDArray[np.float64], NDArray[np.float64]], expected: NDArray[np.float64]) -> float:
    both = np.concatenate(pair)
    wanted = expected.ravel()
    return float(both @ wanted / np.sqrt((both @ both) * (wanted @ wanted) + 1e-12))
