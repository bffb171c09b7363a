"""What a recording is like as a signal, in numbers that another device, rate or order of leads changes.

All of them are of the first 10 s at 100 Hz, so that the same ECG stored at 100 and at 500 Hz has the same numbers; only
mains hum is looked for at the rate of the recording.
"""

from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from backend.ecg.beats import r_peaks
from backend.ecg.filters import fill_gaps
from backend.ecg.leads import LEADS
from backend.ecg.limb_swap import suspected_swap
from backend.ecg.resample import resample
from backend.ecg.signal_quality import disturbances

PAIRS: Final = (
    ("I", "II"), ("I", "V6"), ("II", "aVF"), ("aVR", "V5"), ("aVL", "V6"), ("V1", "V2"), ("V2", "V3"), ("V3", "V4"),
    ("V4", "V5"), ("V5", "V6"), ("V1", "V6"),
)  # fmt: skip
"""Leads whose correlation tells the usual order of electrodes from another one."""
NUMBERS: Final = (
    "heart_rate", "noise", "wander", "mains", "bandwidth", "slow",
    *(f"amplitude_{lead}" for lead in LEADS), *(f"correlation_{a}_{b}" for a, b in PAIRS),
)  # fmt: skip
"""Names of the numbers of `measure`: heart rate (1/min), noise (µV), wander (mV), mains hum (µV), the frequency below
which 95 % of the power lies (Hz), the share of the power below 5 Hz, the height of each lead (mV), correlations."""
FLAGS: Final = ("flat_lead", "limb_swap", "inconsistent", "missing_samples")
"""Names of what `measure` finds or not: a flat lead, limb electrodes that seem interchanged, limb leads that break
I + III = II or aVR = -(I + II) / 2, samples that are missing."""

_SECONDS: Final = 10.0
_HZ: Final = 100.0
_TOP_HZ: Final = 45.0  # below half of 100 Hz, at which many recordings are stored
_SLOW_HZ: Final = 5.0
_FLAT_MV: Final = 0.02  # from the lowest to the highest percentile
_BROKEN: Final = 0.1  # of the height of the limb leads
_MISSING: Final = 0.01
_MAINS_HZ: Final = (50.0, 60.0)
_DRIFT_S: Final = 0.8
_INDEX: Final = {lead: place for place, lead in enumerate(LEADS)}

Float = NDArray[np.float64]


def measure(signal: NDArray[np.float32], rate: float, unit: str = "mV") -> tuple[Float, NDArray[np.bool_]]:
    """Return the NUMBERS (29,) and FLAGS (4,) of a recording (12, n) at `rate` Hz.

    NaN where a number is not known: amplitudes where `unit` is not mV, the heart rate without beats, mains hum below
    130 Hz. Recordings under a second have no numbers and no flags; odd signals raise nothing.
    """
    if signal.shape[1] < rate or not np.isfinite(signal).any():
        nothing: Float = np.full(len(NUMBERS), np.nan)
        return nothing, np.zeros(len(FLAGS), np.bool_)
    signal = signal[:, : round(_SECONDS * rate)]
    numbers = dict.fromkeys(NUMBERS, np.nan)
    missing = float(np.isnan(signal).mean())
    x = fill_gaps(signal.astype(np.float64), np.inf)[0] if missing else signal.astype(np.float64)
    small = resample(x, rate, _HZ, edges="mirror")
    low, high = np.percentile(small, (0.5, 99.5), axis=1)
    height = high - low
    steady = small - uniform_filter1d(small, round(_DRIFT_S * _HZ), axis=1, mode="nearest")
    single = small.astype(np.float32)
    noise, wander = disturbances(single, _HZ)
    in_mv = unit == "mV"
    numbers["heart_rate"] = _heart_rate(single, _HZ)
    if in_mv:
        numbers["noise"], numbers["wander"] = float(np.median(noise)), float(np.median(wander))
        numbers["mains"] = _mains(x, rate)
        numbers |= {f"amplitude_{lead}": float(height[place]) for lead, place in _INDEX.items()}
    numbers["bandwidth"], numbers["slow"] = _band(steady, _HZ)
    numbers |= {f"correlation_{a}_{b}": _correlation(steady[_INDEX[a]], steady[_INDEX[b]]) for a, b in PAIRS}
    flags = [
        in_mv and bool((height < _FLAT_MV).any()),
        suspected_swap(single, _HZ) is not None,
        _is_inconsistent(small),
        missing > _MISSING,
    ]
    found: Float = np.array([numbers[name] for name in NUMBERS])
    seen: NDArray[np.bool_] = np.array(flags, np.bool_)
    return found, seen


def _heart_rate(x: NDArray[np.float32], rate: float) -> float:
    peaks = r_peaks(x, rate).samples
    return float(60 * rate * (peaks.size - 1) / (peaks[-1] - peaks[0])) if peaks.size > 1 else np.nan


def _spectrum(x: Float, rate: float) -> tuple[Float, Float]:
    """Return frequencies (f,) in Hz and the power (12, f) of (12, n)."""
    window = np.hanning(x.shape[1])
    power = np.abs(scipy.fft.rfft((x - x.mean(axis=1, keepdims=True)) * window, axis=1)) ** 2
    return np.asarray(np.fft.rfftfreq(x.shape[1], 1 / rate), np.float64), np.asarray(power, np.float64)


def _band(x: Float, rate: float) -> tuple[float, float]:
    """Return below which frequency (Hz) 95 % of the power lies, and which share of it below 5 Hz; mean over leads."""
    hz, power = _spectrum(x, rate)
    inside = hz <= min(_TOP_HZ, rate / 2)
    hz, power = hz[inside], power[:, inside]
    whole = power.sum(axis=1)
    if not (whole > 0).any():
        return np.nan, np.nan
    share = (power[whole > 0] / whole[whole > 0, None]).mean(axis=0)
    return float(np.interp(0.95, np.cumsum(share), hz)), float(share[hz < _SLOW_HZ].sum())


def _mains(x: Float, rate: float) -> float:
    """Return the amplitude of hum at 50 or 60 Hz in µV, the median over leads; NaN where the rate holds neither."""
    if rate < 2 * max(_MAINS_HZ) + 10:
        return np.nan
    hz, power = _spectrum(x, rate)
    amplitude = np.sqrt(power) * 4 / x.shape[1]  # of a sine seen through Hann's window
    found = [amplitude[:, np.abs(hz - mains) <= 0.3].max(axis=1) for mains in _MAINS_HZ]
    return 1000 * float(np.median(np.max(found, axis=0)))


def _correlation(a: Float, b: Float) -> float:
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 1e-12 else np.nan


def _is_inconsistent(x: Float) -> bool:
    """Say whether the limb leads of (12, n) do not follow from I and II (Einthoven, Goldberger), offsets aside."""
    x = x - x.mean(axis=1, keepdims=True)  # linear, as the laws are
    one, two, three, avr = (x[_INDEX[lead]] for lead in ("I", "II", "III", "aVR"))
    size = float(np.sqrt((x[:3] ** 2).mean()))
    off = max(float(np.sqrt(((one + three - two) ** 2).mean())), float(np.sqrt(((avr + (one + two) / 2) ** 2).mean())))
    return size > 1e-6 and off > _BROKEN * size
