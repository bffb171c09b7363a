"""From the heart's dipole and the electrodes' noise to twelve leads in whole microvolts."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

ELECTRODES = ("RA", "LA", "LL", "C1", "C2", "C3", "C4", "C5", "C6")

DOWER = np.array([
    [0.632, -0.235, 0.059],  # I
    [0.235, 1.066, -0.132],  # II
    [-0.515, 0.157, -0.917],  # V1
    [0.044, 0.164, -1.387],
    [0.882, 0.098, -1.277],
    [1.213, 0.127, -0.601],
    [1.125, 0.127, -0.086],
    [0.831, 0.076, 0.230],  # V6
])  # fmt: skip
"""Lead vectors of I, II, V1 to V6 for a dipole (x left, y down, z back): Dower, Machado and Osborne 1980."""

BIPOLAR = np.array([
    [-1, 1, 0, 0, 0, 0, 0, 0, 0],  # I = LA - RA
    [-1, 0, 1, 0, 0, 0, 0, 0, 0],  # II = LL - RA
    *([-1 / 3] * 3 + [float(chest == electrode) for electrode in range(6)] for chest in range(6)),  # V = C - Wilson
])  # fmt: skip
"""The eight independent leads as differences of the nine electrodes' potentials."""


def to_twelve_leads(dipole: Float, field: Float, electrode_noise: Float) -> Float:
    """Project a dipole (3, n) mV through a lead field (8, 3), add the noise (9, n) mV; whole microvolts (12, n).

    I and II are rounded to even microvolts, so that III and the augmented leads computed from them (Einthoven,
    Goldberger) are whole microvolts too and the identities hold exactly.
    """
    independent = 1000 * (field @ dipole + BIPOLAR @ electrode_noise)
    one, two = 2 * np.rint(independent[:2] / 2)
    return np.vstack([
        one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, np.rint(independent[2:]),
    ])  # fmt: skip
