"""Leads low-passed, differentiated and brought to one rate, all from one Fourier transform."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.intp]

WORK_HZ = 500.0  # 2 ms; 450 to 550 Hz are left as they are
_PAD_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Leads:
    """The spectrum of leads (k, n), to be filtered and resampled to `hz`, about 500, in one step: (k, m)."""

    spectrum: NDArray[np.complex64]
    padded: int  # samples of the transform at the leads' own rate
    rate: float
    out: int  # samples of the transform at `hz`
    hz: float
    m: int

    def level(self, cutoff: float) -> Float32:
        """The leads, low-passed: a Gaussian with standard deviation `cutoff` in Hz."""
        f = self._frequencies(4 * cutoff)
        return self._filtered(np.exp(-0.5 * (f / cutoff) ** 2))

    def slope(self, cutoff: float) -> Float32:
        """Their derivative in mV/s, low-passed likewise."""
        f = self._frequencies(4 * cutoff)
        return self._filtered(2j * np.pi * f * np.exp(-0.5 * (f / cutoff) ** 2))

    def bend(self, centre: float) -> Float32:
        """How far a wave stands out from what is around it: a Mexican hat with its greatest gain at `centre` Hz."""
        f = self._frequencies(4 * centre) / centre
        return self._filtered(f**2 * np.exp(1 - f**2))

    def _frequencies(self, highest: float) -> Float:
        kept = min(self.spectrum.shape[1], self.out // 2 + 1, int(highest * self.padded / self.rate) + 1)
        return np.arange(kept) * (self.rate / self.padded)

    def _filtered(self, gain: NDArray[np.number]) -> Float32:
        scaled = (gain * (self.out / self.padded)).astype(np.complex64)
        shaped = self.spectrum[:, : len(gain)] * scaled
        return np.asarray(scipy.fft.irfft(shaped, n=self.out, axis=1, overwrite_x=True)[:, : self.m], np.float32)


def transform(x: Float32, rate: float) -> Leads:
    """Return the spectrum of finite leads (k, n) at `rate` Hz."""
    n = x.shape[1]
    padded = scipy.fft.next_fast_len(n + round(_PAD_S * rate), real=True)
    whole = np.empty((len(x), padded), np.float32)
    whole[:, :n] = x
    # A straight line back to the start: the transform takes the signal as periodic.
    back = np.linspace(0, 1, padded - n + 2, dtype=np.float32)[1:-1]
    whole[:, n:] = x[:, -1:] + (x[:, :1] - x[:, -1:]) * back
    out = padded
    if abs(rate - WORK_HZ) > 0.1 * WORK_HZ:
        out = scipy.fft.next_fast_len(max(round(padded * WORK_HZ / rate), 2), real=True)
    hz = rate * out / padded
    return Leads(scipy.fft.rfft(whole, axis=1), padded, rate, out, hz, max(int((n - 1) * hz / rate) + 1, 1))


def around(signal: Float32, centre: Index, first: float, last: float, hz: float) -> tuple[Float32, Index]:
    """Windows (..., n, w) of (..., m) from `first` to `last` s around each of `centre` (n,), and the offsets (w,)."""
    offsets = np.arange(round(first * hz), round(last * hz) + 1)
    return signal[..., np.clip(centre[:, np.newaxis] + offsets, 0, signal.shape[-1] - 1)], offsets
