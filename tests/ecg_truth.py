"""Where the waves of a simulated ECG are, by the same draws that made it; and how found moments match true ones."""

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from backend.ecg.synthesize.patient import draw_heart
from backend.ecg.synthesize.rhythm import fibrillation_beats, sinus_beats
from backend.ecg.synthesize.waves import CLASSES

P_S = 0.097  # two Gaussians, ended 2.2 deviations after the second


def true_waves(label: str, seed: int, duration_s: float = 10.0) -> dict[str, NDArray[np.float64]]:
    """Return onset and offset of each wave in s, a beat an element, for `simulate(label, seed, …, duration_s)`."""
    rng = default_rng((seed, list(CLASSES).index(label)))
    heart = draw_heart(label, rng)
    breath_hz = rng.uniform(0.18, 0.33)
    fibrillates = label == "AFIB"
    starts = fibrillation_beats(duration_s, rng) if fibrillates else sinus_beats(duration_s, breath_hz, heart.age, rng)
    qt = heart.qtc_s * float(np.mean(np.diff(starts))) ** (1 / 3)
    p = np.full_like(starts, np.nan) if fibrillates else starts - heart.pr_s
    return {
        "p_onset": p,
        "p_offset": p + P_S,
        "qrs_onset": starts,
        "qrs_offset": starts + heart.qrs_s,
        "t_offset": starts + qt,
    }


def errors(found: NDArray[np.float64], truth: NDArray[np.float64], within: float = 0.15) -> NDArray[np.float64]:
    """Return found - true in s for each true time that has a found one nearer than `within`."""
    known = found[np.isfinite(found)]
    if not known.size:
        return np.empty(0)
    nearest = known[np.abs(known - truth[np.isfinite(truth), np.newaxis]).argmin(axis=1)]
    difference = nearest - truth[np.isfinite(truth)]
    return difference[np.abs(difference) < within]


def matched(a: NDArray, b: NDArray, tolerance: float) -> int:
    """How many of `a` have a partner of their own in `b`."""
    i = j = found = 0
    while i < len(a) and j < len(b):
        if abs(a[i] - b[j]) <= tolerance:
            found, i, j = found + 1, i + 1, j + 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return found
