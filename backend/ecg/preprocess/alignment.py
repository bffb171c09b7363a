"""The last step of a preprocessing: the beats brought to one heart rate and, if asked for, made one beat."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.ecg.align import align
from backend.ecg.align.template import Template
from backend.ecg.errors import PreprocessingError
from backend.ecg.leads import LEADS

Alignment = Literal["median_beat", "series"]

BPM = 60.0
"""Heart rate of the template."""
OFFSET_S = 0.01
"""Where the first R peak of a series comes to."""


def aligned_length(alignment: Alignment, rate: float, window_s: float) -> int:
    """Return the samples a lead of the result. Raises PreprocessingError where rate or window allow no template."""
    template = _template(alignment, rate, window_s)
    return template.length if alignment == "series" else template.interval


def aligned(signal: NDArray[np.floating], rate: float, alignment: Alignment, window_s: float) -> NDArray[np.float32]:
    """Align a recording (12, n) at `rate` Hz; NaN marks missing samples. Returns finite float32 (12, m).

    "series" gives the window at 60 beats a minute, zero where it has no sample to put; "median_beat" the median of its
    beats, the R peak after a third of a second. A lead that is missing altogether is zero.
    Raises PreprocessingError where there is no rhythm to align, or a lead has gaps in every beat: an ECG that is not
    aligned, or a line of zeros, would get an answer that looks like any other.
    """
    aggregate: Literal["median"] | None = "median" if alignment == "median_beat" else None
    result = align(signal, rate, aggregate=aggregate, template_bpm=BPM, offset=OFFSET_S, seconds=window_s)
    if result.reason:
        raise PreprocessingError(
            f"The beats of this ECG cannot be aligned: {result.reason} Leave the recording out, or use a model that "
            "takes the ECG as it is."
        )
    holes = np.isnan(result.signal[:, result.defined]).any(axis=1) & np.isfinite(signal).any(axis=1)
    if aggregate is not None and holes.any():
        names = ", ".join(np.array(LEADS)[holes])
        raise PreprocessingError(
            f"The beats of this ECG cannot be aligned: no beat is complete, with gaps in {names}. Leave the recording "
            "out, or use a model that takes the ECG as it is."
        )
    return np.nan_to_num(result.signal, copy=False)


def _template(alignment: Alignment, rate: float, window_s: float) -> Template:
    return Template(rate, "hrc", "median" if alignment == "median_beat" else None, BPM, OFFSET_S, window_s)
