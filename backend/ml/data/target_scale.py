"""The targets of a regression, in standard deviations from their mean while a network learns them."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scale: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]  # means and standard deviations of L targets


def target_scale(y: NDArray[np.float32]) -> Scale:
    """Return the scale of training targets (N, L), NaN left out; a target that does not vary keeps its unit."""
    wide = y.astype(np.float64)
    means, deviations = np.nanmean(wide, axis=0), np.nanstd(wide, axis=0)
    return tuple(means.tolist()), tuple(np.where(deviations > 0, deviations, 1.0).tolist())


def scaled(y: NDArray[np.float32], scale: Scale) -> NDArray[np.float32]:
    """Return targets (N, L) in standard deviations from the mean; NaN stays NaN."""
    means, deviations = scale
    return np.asarray((y - np.array(means)) / np.array(deviations), np.float32)
