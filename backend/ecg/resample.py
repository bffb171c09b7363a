"""Change of sampling rate in the frequency domain."""

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from backend.ecg.errors import PreprocessingError


def resampled_length(n_samples: int, rate: float, target_rate: float) -> int:
    """Return how many samples `n_samples` at `rate` Hz become at `target_rate` Hz: the nearest number, at least 1."""
    return max(1, round(n_samples * target_rate / rate))


def fft_resample(signal: ArrayLike, rate: float, target_rate: float) -> NDArray[np.float64]:
    """Resample (..., n) from `rate` to `target_rate` Hz by cutting or zero-padding the spectrum; float64 (..., m).

    Equal to `scipy.signal.resample(signal, m, axis=-1)`: an ideal low-pass at the lower Nyquist frequency, which takes
    the signal as periodic, so a step between the last and the first sample rings at the edges. The signal must be
    finite (fill gaps first). At equal rates the samples come back unchanged.
    Raises PreprocessingError for a rate that is not a positive number.
    """
    for value in (rate, target_rate):
        if not (np.isfinite(value) and value > 0):
            raise PreprocessingError(f"{value:g} Hz is no sampling rate. Give a positive number of samples a second.")
    x = np.asarray(signal, dtype=np.float64)
    n = x.shape[-1]
    m = resampled_length(n, rate, target_rate)
    if m == n:
        return x.copy()
    kept = min(n, m)
    spectrum = scipy.fft.rfft(x)[..., : kept // 2 + 1]
    spectrum *= m / n
    if kept % 2 == 0:
        # The bin at the Nyquist frequency of the shorter signal stands for +f and -f at once: joined when the rate
        # falls, shared out when it rises.
        spectrum[..., -1] *= 2.0 if m < n else 0.5
    return np.asarray(scipy.fft.irfft(spectrum, n=m, overwrite_x=True), dtype=np.float64)
