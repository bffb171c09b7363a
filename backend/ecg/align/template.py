"""The template of an alignment: where each part of a beat lies at its heart rate, and from where it is taken.

QT by Malik et al. (Heart 2002;87:220), PR by Carruthers et al. (Br J Clin Pharmacol 1987;23:259), both as in Rlign
(Plagwitz et al., arXiv 2407.15555).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import PreprocessingError

Scale = Literal["hrc", "linear"]
Aggregate = Literal["median", "mean"]

QR_S, RS_S = 0.035, 0.055
"""QRS, copied unscaled: this much before and after the R peak, in s."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template of `bpm` beats a minute, `seconds` long at `rate` Hz, its first R peak at `offset` s.

    Raises PreprocessingError for impossible settings.
    """

    rate: float
    scale: Scale
    aggregate: Aggregate | None
    bpm: float
    offset: float
    seconds: float

    def __post_init__(self) -> None:
        if not 50 <= self.rate <= 100_000:
            raise PreprocessingError(f"Alignment needs 50 to 100,000 samples a second, not {self.rate:g}.")
        if not 30 <= self.bpm <= 150:
            raise PreprocessingError(f"A template of {self.bpm:g} beats a minute is impossible. Choose 30 to 150.")
        if not (0 <= self.offset < 1 and 1 <= self.seconds <= 3600):
            raise PreprocessingError("A template lasts 1 to 3600 s and has its first R peak within the first second.")
        if self.scale not in ("hrc", "linear") or self.aggregate not in (None, "median", "mean"):
            raise PreprocessingError("Scale by 'hrc' or 'linear'; aggregate by 'median', 'mean' or not at all (None).")

    @property
    def length(self) -> int:
        """Samples of the template."""
        return int(self.seconds * self.rate)

    @property
    def interval(self) -> int:
        """Samples from one R peak to the next."""
        return int(self.rate * 60 / self.bpm)

    @property
    def r_peaks(self) -> NDArray[np.intp]:
        """Samples of the R peaks."""
        return np.arange(int(self.offset * self.rate), self.length, self.interval)


def _t_end(heart_rate: float) -> float:
    """Share of RR from the R peak to the end of T: QT = 230 + 170·RR ms (Malik, men and women) less 35 ms."""
    rr = 60 / heart_rate
    return float(np.clip((0.230 + 0.170 * rr - QR_S) / rr, 0, 0.5))


def _p_start(heart_rate: float) -> float:
    """Share of RR from the R peak to the next P: PR = 176.7 - 0.351·rate ms (Carruthers), and 35 ms more."""
    pr = 0.1767 - 0.000351 * heart_rate
    return float(np.clip(1 - (pr + QR_S) * heart_rate / 60, 0.6, 1))


def places(
    peaks: NDArray[np.intp], heart_rate: float, template: Template
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return for each sample of the template its place in the recording, and which samples are rescaled.

    Rescaled segments of "hrc" take two samples more at each end of both sides and drop them afterwards, as the
    published code does; so their places move by a sample or so against a plain stretching.
    """
    rr = np.diff(peaks)
    at, r, next_r = template.r_peaks[: rr.size], peaks[:-1], peaks[1:]
    if template.scale == "linear":
        edges, origins, over = np.stack([at, at + template.interval]), np.stack([r, next_r]), 0
    else:
        before, after = int(QR_S * template.rate), int(RS_S * template.rate)
        parts = (
            (at - before, r - before),
            (at + after, r + after),
            (at + int(_t_end(template.bpm) * template.interval), r + (_t_end(heart_rate) * rr).astype(np.intp)),
            (at + int(_p_start(template.bpm) * template.interval), r + (_p_start(heart_rate) * rr).astype(np.intp)),
            (at + template.interval - before, next_r - before),
        )
        edges, origins = np.stack([part[0] for part in parts]), np.stack([part[1] for part in parts])
        origins = np.maximum.accumulate(origins, axis=0)  # intervals shorter than QRS and T: nothing runs backwards
        over = 2
    j = np.arange(template.length)
    segment = np.searchsorted(edges[:-1].T.ravel(), j, side="right") - 1
    begin, origin = edges[:-1].T.ravel()[segment], origins[:-1].T.ravel()[segment]
    length, covered = np.diff(edges, axis=0).T.ravel()[segment], np.diff(origins, axis=0).T.ravel()[segment]
    stretched = origin - over + (j - begin + over) * ((covered + 2 * over) / (length + 2 * over))
    copied = (segment % 4 == 0) & (template.scale == "hrc")
    outside = (segment < 0) | (j >= edges[-1, -1])
    return np.where(outside, np.nan, np.where(copied, origin + j - begin, stretched)), np.not_equal(length, covered)
