"""What a network may be told of the patient beside the ECG: age and sex, each with whether it is known."""

import numpy as np
from numpy.typing import NDArray

FEATURES = 4


def encode(age: float | None, sex: str | None) -> NDArray[np.float32]:
    """Return (4,): age in centuries, age known, female, male; zeros where something is not known.

    `age` is in years, `sex` "F" or "M" as in `backend.ecg.recording.Patient`; any other sex counts as not known.
    """
    known = age is not None and np.isfinite(age) and 0 <= age <= 150
    return np.array([float(age or 0) / 100 if known else 0.0, known, sex == "F", sex == "M"], np.float32)
