"""What differs between simulated patients and stays with them from one recording to the next."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ecg.synthesize.lead_field import DOWER

Float = NDArray[np.float64]

_AGE = {"NORM": (50, 16), "AFIB": (72, 10), "CLBBB": (69, 11), "CRBBB": (66, 13), "IMI": (64, 12)}
_QRS_MS = {"NORM": (91, 7), "AFIB": (92, 7), "CLBBB": (150, 10), "CRBBB": (140, 9), "IMI": (97, 7)}
_MAX_WAVES = 12


@dataclass(frozen=True, slots=True, eq=False)
class Heart:
    """One patient: person, intervals in s, amplitudes relative to the middle of the normal range, axis, electrodes."""

    age: float
    sex: Literal["F", "M"]
    pr_s: float
    qrs_s: float
    qtc_s: float
    scale: float
    p_scale: float
    t_scale: float
    right_delay: float
    injury: float
    necrosis: float
    inferior_t: float
    shape_gain: Float  # (w,)
    rotation: Float  # (3, 3)
    field: Float  # (8, 3)


def draw_heart(label: str, rng: Generator) -> Heart:
    """Draw a patient with the condition `label`. Women have a QTc longer by 15 ms and slightly smaller voltages."""
    sex: Literal["F", "M"] = "F" if rng.random() < 0.5 else "M"
    qrs = np.clip(rng.normal(*_QRS_MS[label]), _QRS_MS[label][0] - 20, _QRS_MS[label][0] + 25)
    qtc = rng.normal(400, 16) + (15 if sex == "F" else 0) + 0.6 * max(0.0, qrs - 100)
    frontal, horizontal = np.radians(np.clip(rng.normal(0, (18, 11)), -35, 35))
    c, s = np.cos(frontal), np.sin(frontal)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    c, s = np.cos(horizontal), np.sin(horizontal)
    about_y = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    field = DOWER.copy()
    field[3:5] *= ((1.35,), (1.1,))  # V2 and V3 lie nearer to the heart than in the model torso
    field[2:] *= rng.normal(1, 0.09, (6, 1))  # distance of each chest electrode from the heart
    field[2:] += rng.normal(0, 0.05, (6, 3))  # and its place
    return Heart(
        age=float(np.clip(round(rng.normal(*_AGE[label])), 18, 92)),
        sex=sex,
        pr_s=float(np.clip(rng.normal(158, 20), 122, 205)) / 1000,
        qrs_s=float(qrs) / 1000,
        qtc_s=float(np.clip(qtc, 350, 490)) / 1000,
        scale=float(np.exp(rng.normal(-0.10 if sex == "F" else 0.0, 0.25))),
        p_scale=float(np.exp(rng.normal(0, 0.25))),
        t_scale=float(np.exp(rng.normal(0, 0.30))),
        right_delay=float(rng.uniform(0.4, 1.0)) if rng.random() < 0.12 else 0.0,
        injury=float(rng.uniform(0.3, 1.2)),
        necrosis=float(rng.uniform(0.35, 1.15)),
        inferior_t=float(rng.uniform(-1.2, 0.8)),
        shape_gain=rng.normal(1, 0.15, _MAX_WAVES).clip(0.5, 1.5),
        rotation=about_z @ about_y,
        field=field,
    )
