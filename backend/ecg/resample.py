"""Change of sampling rate: in the frequency domain, or by a polyphase filter."""

from fractions import Fraction
from typing import Literal

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from backend.ecg.errors import PreprocessingError

Resampling = Literal["fft", "polyphase"]
Edges = Literal["periodic", "mirror"]

_LARGEST_FACTOR = 1000


def resampled_length(n_samples: int, rate: float, target_rate: float) -> int:
    """Return how many samples `n_samples` at `rate` Hz become at `target_rate` Hz: the nearest number, at least 1."""
    return max(1, round(n_samples * target_rate / rate))


def resample(
    signal: ArrayLike, rate: float, target_rate: float, method: Resampling = "fft", edges: Edges = "periodic"
) -> NDArray[np.float64]:
    """Resample (..., n) from `rate` to `target_rate` Hz; float64 (..., m), m of `resampled_length`.

    Neither method moves a wave or changes what lies well below the lower Nyquist frequency, so the ST segment stays as
    it is; they differ at the edges: see `fft_resample` and `polyphase_resample`.
    Raises PreprocessingError for impossible rates.
    """
    change = polyphase_resample if method == "polyphase" else fft_resample
    return change(signal, rate, target_rate, edges)


def fft_resample(signal: ArrayLike, rate: float, target_rate: float, edges: Edges = "periodic") -> NDArray[np.float64]:
    """Resample (..., n) from `rate` to `target_rate` Hz by cutting or zero-padding the spectrum; float64 (..., m).

    With `edges` "periodic", equal to `scipy.signal.resample(signal, m, axis=-1)`: an ideal low-pass at the lower
    Nyquist frequency, which takes the signal as periodic, so a step between the last and the first sample rings at the
    edges. With "mirror", the same on the signal followed by its mirror image, which has no step. The signal must be
    finite (fill gaps first). At equal rates the samples come back unchanged.
    Raises PreprocessingError for a rate that is not a positive number.
    """
    x = _checked(signal, rate, target_rate)
    n = x.shape[-1]
    m = resampled_length(n, rate, target_rate)
    if m == n:
        return x.copy()
    if edges == "mirror":
        return _to_length(np.concatenate([x, x[..., ::-1]], axis=-1), 2 * m)[..., :m].copy()
    return _to_length(x, m)


def polyphase_resample(
    signal: ArrayLike, rate: float, target_rate: float, edges: Edges = "periodic"
) -> NDArray[np.float64]:
    """Resample (..., n) from `rate` to `target_rate` Hz by a polyphase FIR low-pass; float64 (..., m).

    Equal to `scipy.signal.resample_poly` with the ratio of the rates in lowest terms, its filter (Kaiser, beta 5) and,
    beyond the ends, the signal again ("periodic", its padtype "wrap") or its mirror image ("mirror", "symmetric"). A
    step rings over the ten nearest samples of the lower rate only; the frequencies just below the new Nyquist frequency
    are damped. The signal must be finite.
    Raises PreprocessingError for a rate that is not a positive number, or rates in no ratio of numbers up to 1000.
    """
    x = _checked(signal, rate, target_rate)
    n = x.shape[-1]
    m = resampled_length(n, rate, target_rate)
    ratio = Fraction(target_rate / rate).limit_denominator(_LARGEST_FACTOR)
    if ratio == 1:
        return x.copy()
    if ratio.numerator > _LARGEST_FACTOR or abs(float(ratio) * rate / target_rate - 1) > 1e-9:
        raise PreprocessingError(
            f"{rate:g} Hz and {target_rate:g} Hz are in no simple ratio for a polyphase filter. Resample by FFT."
        )
    from scipy.signal import resample_poly  # half a second to import: only where it is wanted

    up, down = ratio.numerator, ratio.denominator
    y = resample_poly(x, up, down, axis=-1, padtype="symmetric" if edges == "mirror" else "wrap")
    if y.shape[-1] >= m:
        return np.asarray(y[..., :m], dtype=np.float64)
    return np.pad(np.asarray(y, dtype=np.float64), [(0, 0)] * (x.ndim - 1) + [(0, m - y.shape[-1])], mode="edge")


def _checked(signal: ArrayLike, rate: float, target_rate: float) -> NDArray[np.float64]:
    for value in (rate, target_rate):
        if not (np.isfinite(value) and value > 0):
            raise PreprocessingError(f"{value:g} Hz is no sampling rate. Give a positive number of samples a second.")
    return np.asarray(signal, dtype=np.float64)


def _to_length(x: NDArray[np.float64], m: int) -> NDArray[np.float64]:
    n = x.shape[-1]
    kept = min(n, m)
    spectrum = scipy.fft.rfft(x)[..., : kept // 2 + 1]
    spectrum *= m / n
    if kept % 2 == 0:
        # The bin at the Nyquist frequency of the shorter signal stands for +f and -f at once: joined when the rate
        # falls, shared out when it rises.
        spectrum[..., -1] *= 2.0 if m < n else 0.5
    return np.asarray(scipy.fft.irfft(spectrum, n=m, overwrite_x=True), dtype=np.float64)
