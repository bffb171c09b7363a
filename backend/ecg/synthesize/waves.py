"""The waves of one beat as Gaussians with a direction: P, QRS, ST and T of each class.

Directions are (x left, y down, z back) in mV of the dipole, for a heart in the middle of the normal range.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.synthesize.patient import Heart

Float = NDArray[np.float64]

CLASSES: dict[str, str] = {
    "NORM": "normal ECG, sinus rhythm",
    "AFIB": "atrial fibrillation",
    "CLBBB": "complete left bundle branch block",
    "CRBBB": "complete right bundle branch block",
    "IMI": "inferior myocardial infarction",
}
"""SCP-ECG statement code -> plain name."""

# Each row: centre and standard deviation as shares of the QRS duration, then the direction.
_NARROW_QRS = (
    (0.19, 0.065, -0.12, -0.03, -0.30),  # septum, left to right: r in V1, q in V6
    (0.44, 0.095, 1.38, 0.86, 0.03),  # free walls: R in I, II, V4 to V6
    (0.58, 0.095, 0.26, 0.24, 0.84),  # left ventricle alone, backwards: S in V1 to V3
    (0.77, 0.085, -0.20, -0.24, 0.22),  # base
)
_QRS = {
    "NORM": _NARROW_QRS,
    "AFIB": _NARROW_QRS,
    "CLBBB": (
        (0.13, 0.070, 0.28, 0.12, -0.05),  # septum from the right: no q in I, V5, V6
        (0.34, 0.115, 1.05, 0.28, 0.62),
        (0.50, 0.140, 0.00, 0.00, 0.70),
        (0.66, 0.120, 1.00, -0.12, 0.74),  # left ventricle late and cell to cell: the notch of R in I, aVL, V6
        (0.86, 0.070, 0.12, -0.08, 0.25),
    ),
    "CRBBB": (
        (0.13, 0.048, -0.12, -0.03, -0.32),
        (0.30, 0.068, 1.30, 0.62, 0.03),
        (0.40, 0.066, 0.20, 0.20, 0.55),
        (0.68, 0.120, -0.62, -0.08, -0.64),  # right ventricle late, to the right and front: R' in V1, S in I, V6
        (0.86, 0.070, -0.12, -0.04, -0.10),
    ),
    "IMI": (
        (0.20, 0.095, -0.08, -0.42, -0.24),  # dead inferior wall: the beginning points up, Q in II, III, aVF
        (0.47, 0.095, 1.30, 0.52, 0.03),
        (0.60, 0.095, 0.22, 0.15, 0.78),
        (0.78, 0.085, -0.14, -0.18, 0.20),
    ),
}  # fmt: skip
_ST = {
    "NORM": (0.02, 0.01, -0.03),
    "AFIB": (0.01, 0.00, -0.02),
    "CLBBB": (-0.09, -0.03, -0.11),  # against the QRS
    "CRBBB": (0.02, 0.01, 0.05),
    "IMI": (-0.05, 0.26, 0.02),  # injury current downwards: up in II, III, aVF and down in I, aVL
}
_T = {
    "NORM": (0.28, 0.18, -0.17),  # with the QRS
    "AFIB": (0.22, 0.14, -0.13),
    "CLBBB": (-0.26, -0.02, -0.32),  # against the QRS
    "CRBBB": (0.30, 0.16, 0.16),  # down in V1, V2
    "IMI": (0.24, 0.10, -0.15),
}
_P_RIGHT, _P_LEFT = (0.015, 0.090, -0.040), (0.080, 0.070, 0.035)  # atria, in turn: V1 up, then down


@dataclass(frozen=True, slots=True)
class Waves:
    """The waves of one beat: centres and standard deviations (w,) in s from the start of QRS, directions (w, 3) in mV.

    `before` and `after` are the deviations on either side of the centre: T rises slower than it falls.
    """

    centre: Float
    before: Float
    after: Float
    direction: Float


def beat(label: str, heart: Heart, rr_s: float) -> Waves:
    """Return the waves of a beat of class `label` at a mean interval of `rr_s` between beats.

    QT follows the rate by Fridericia's formula; T ends two deviations after its peak.
    """
    qrs, qt = heart.qrs_s, heart.qtc_s * rr_s ** (1 / 3)
    fall = 0.042 * min(1.0, qt / 0.40)
    t_peak = qt - 2.2 * fall
    st_centre, st_width = (qrs + t_peak) / 2, (t_peak - qrs) / 3.0
    rows: list[tuple[float, float, float, Float]] = []
    for centre, width, x, y, z in _QRS[label]:
        rows.append((centre * qrs, width * qrs, width * qrs, np.array((x, y, z))))
    if label == "IMI":
        centre, before, after, direction = rows[0]
        rows[0] = (centre, before, after, direction * (1, heart.necrosis, 1))
    if label in ("NORM", "AFIB") and heart.right_delay > 0:
        late = heart.right_delay * np.array((-0.25, -0.03, -0.30))  # incomplete right block: a normal variant
        rows.append((0.90 * qrs, 0.09 * qrs, 0.09 * qrs, late))
    st = np.array(_ST[label]) * (heart.injury if label == "IMI" else 1.0)
    rows.append((qrs + 0.02, 0.030, 0.055, 0.5 * st))
    rows.append((st_centre, st_width, st_width, st))
    t = heart.t_scale * np.array(_T[label])
    if label == "IMI":
        t = t + heart.inferior_t * np.array((0.0, 0.25, 0.02))
    rows.append((t_peak, 1.6 * fall, fall, t))
    if label != "AFIB":
        start = -heart.pr_s
        rows.append((start + 0.030, 0.014, 0.016, heart.p_scale * np.array(_P_RIGHT)))
        rows.append((start + 0.060, 0.016, 0.017, heart.p_scale * np.array(_P_LEFT)))
    centres, before, after = np.array([row[:3] for row in rows]).T
    directions = np.array([row[3] for row in rows]) * heart.shape_gain[: len(rows), np.newaxis]
    return Waves(centres, before, after, heart.scale * directions @ heart.rotation.T)


def render(waves: Waves, seconds: Float, gain: Float) -> Float:
    """Return the dipole (3, n) at `seconds` (n,) from the start of QRS; `gain` (3,) scales its axes."""
    distance = seconds - waves.centre[:, np.newaxis]
    width = np.where(distance < 0, waves.before[:, np.newaxis], waves.after[:, np.newaxis])
    shape = np.exp(-0.5 * (distance / width) ** 2)
    return np.asarray((waves.direction * gain).T @ shape)
