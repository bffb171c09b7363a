"""R peaks of 12-lead ECGs: all leads and a whole batch at once.

How a QRS is found: the energy of each lead between about 5 and 25 Hz (a Mexican-hat wavelet at 12 Hz and its Hilbert
transform, so a smooth envelope), each lead relative to its own mean, so that leads in which beats stand out count
most; the sum over the leads; its local maxima above a threshold that follows the recording, with a second look into
long pauses. The R peak is then the largest deflection of the leads together, at the full rate.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from backend.ecg.filters import FLAT, fill_gaps, moving_median
from backend.ecg.leads import LEADS

Float = NDArray[np.float32]
Index = NDArray[np.intp]
Seconds = NDArray[np.floating]

_HZ = 12.0  # centre of the QRS wavelet
_WORK_HZ, _ENVELOPE_HZ = 250.0, 100.0  # enough for the band
_PAD_S = 0.5
_LIMIT = 14.0  # z beyond which a lead says no more: one lead's artefact shall not outvote the others
_APART_S = 0.15  # two QRS are not nearer
_BLOCK_S = 2.0  # holds a beat at 30 a minute
_THRESHOLD, _SECOND_LOOK = 0.42, 0.22  # shares of the usual height of a beat
_STANDS_OUT = 2.2  # usual height of a beat over the mean; noise has some 1.8
_REACH_S = 0.1
_SPIKE_HZ, _SPIKE, _SPIKE_S = 240.0, 0.36, 0.024  # what bends so much within 4 ms is a spike, shorter than 12 ms
_T_WAVE_S, _T_RISE = 0.40, 0.5  # so soon after a beat what rises half as steeply is its T wave
_TOGETHER = 8  # recordings at once: as many as stay in the processor's cache
_LARGEST = 1e6  # mV; beyond it squares leave float32
_INDEPENDENT = [LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")]
_ALL = list(range(len(LEADS)))


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The heartbeats of a recording.

    `samples` are the R peaks (fiducials of QRS), sorted, as sample indices of the recording at `rate` Hz; `leads` were
    used to find them. `reason` is empty, or says in plain words why there are none or few.
    """

    samples: Index
    rate: float
    leads: tuple[str, ...]
    reason: str = ""

    def __len__(self) -> int:
        return int(self.samples.size)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Times of the R peaks (n,) from the start of the recording, in s."""
        return self.samples / self.rate

    @property
    def rr_ms(self) -> NDArray[np.float64]:
        """Intervals between successive R peaks (n - 1,) in ms."""
        return np.diff(self.samples) * (1000 / self.rate)

    @property
    def heart_rate(self) -> float | None:
        """Beats a minute by the median interval; None below two beats."""
        rr = self.rr_ms
        return float(60_000 / np.median(rr)) if rr.size else None


def r_peaks(signal: ArrayLike, rate: float) -> Beats:
    """Find the R peaks of a recording (12, n) in mV (or any other unit) at `rate` Hz; NaN marks missing samples.

    Never raises for the content of the signal: where there is nothing to find, the result says why.
    Raises ValueError for another shape.
    """
    return r_peaks_batch(np.asarray(signal)[np.newaxis], rate)[0]


def r_peaks_batch(signals: ArrayLike, rate: float) -> list[Beats]:
    """Find the R peaks of each recording of a batch (b, 12, n); equal to `r_peaks` one by one."""
    x = np.asarray(signals)
    if x.ndim != 3 or x.shape[1] != len(LEADS):
        raise ValueError(f"The R peaks of signals of shape {x.shape} cannot be found: give (b, {len(LEADS)}, n).")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"{rate} Hz is no sampling rate.")
    if x.shape[2] < max(16, rate / 2):
        return [_none(rate, "The recording is shorter than half a second.") for _ in x]
    searched: list[Beats | None] = []
    for first in range(0, len(x), _TOGETHER):
        searched += _search(x[first : first + _TOGETHER], rate, _INDEPENDENT)
    rest = [i for i, beats in enumerate(searched) if beats is None]  # I or II is missing: III, aVR … say something else
    for i, beats in zip(rest, _search(x[rest], rate, _ALL) if rest else (), strict=True):
        searched[i] = beats
    return [beats for beats in searched if beats is not None]


def _none(rate: float, reason: str) -> Beats:
    return Beats(np.empty(0, np.intp), rate, (), reason)


def _search(signals: NDArray[np.generic], rate: float, rows: list[int]) -> list[Beats | None]:
    """Beats of (b, 12, n) by the leads `rows`; None where I or II is no help and `rows` lacks the others."""
    x, missing = _clean(signals, rows)
    scores, sizes, step = _score(x, missing, rate)
    searched: list[Beats | None] = []
    for i, (score, size) in enumerate(zip(scores, sizes, strict=True)):
        usable = np.isfinite(size)
        if len(rows) < len(LEADS) and not usable[:2].all():
            searched.append(None)
        elif not usable.any():
            searched.append(_none(rate, "Every lead is flat or missing."))
        else:
            samples, reason = _beats(x[i, usable], score, size[usable], step, rate)
            searched.append(Beats(samples, rate, tuple(LEADS[row] for row in np.array(rows)[usable]), reason))
    return searched


def _beats(x: Float, score: Float, size: Float, step: float, rate: float) -> tuple[Index, str]:
    """R peaks of the usable leads (k, n) by their score (m,), and why there are none."""
    peaks, height = _maxima(score, step)
    at, windows = _windows(x, size, peaks * step, rate)
    if _spiky(windows, rate):  # once more without the spikes of a pacemaker
        x = moving_median(x, 2 * round(_SPIKE_S * rate / 2) + 1).astype(np.float32)
        scores, sizes, step = _score(x[np.newaxis], np.zeros((1, len(x))), rate)
        peaks, height = _maxima(scores[0], step)
        at, windows = _windows(x, sizes[0], peaks * step, rate)
    chosen = _choose(peaks * step, height, _rise(windows, rate))
    if not chosen.size:
        return chosen, "No beats stand out from the noise."
    return _refine(at[chosen], windows[:, chosen], rate), ""


def _clean(signals: NDArray[np.generic], rows: list[int]) -> tuple[Float, NDArray[np.float64]]:
    """The leads `rows` as finite float32 (b, k, n), and the share of missing samples (b, k)."""
    with np.errstate(over="ignore"):
        x = signals[:, rows].astype(np.float32)
    missing = np.zeros(x.shape[:2])
    largest = np.maximum(x.max(axis=(1, 2)), -x.min(axis=(1, 2)))  # NaN where there is one
    for i in np.flatnonzero(~(largest <= _LARGEST)):
        bad = ~np.isfinite(x[i])
        missing[i] = bad.mean(axis=1)
        x[i] = np.clip(fill_gaps(np.where(bad, np.nan, x[i]), np.inf)[0], -_LARGEST, _LARGEST)
    padded = (x[:, :, 0] == x[:, :, 1]).all(axis=1) | (x[:, :, -1] == x[:, :, -2]).all(axis=1)
    for i in np.flatnonzero(padded):
        _hold_ends(x[i])
    return x, missing


def _hold_ends(x: Float) -> None:
    """Let the first and the last live sample of (k, n) reach over constant ends: no step where zeros were added."""
    alive = np.flatnonzero((x[:, 1:] != x[:, :-1]).any(axis=0))
    if alive.size:
        first, last = alive[0] + 1, alive[-1]
        x[:, :first], x[:, last + 1 :] = x[:, first, np.newaxis], x[:, last, np.newaxis]


def _score(x: Float, missing: NDArray[np.float64], rate: float) -> tuple[Float, Float, float]:
    """How much (b, k, n) looks like QRS: score (b, m), size of each lead (b, k), inf if useless, and s a sample."""
    envelope, step = _envelope(x, rate)
    size = envelope.mean(axis=2)
    size[~((size > FLAT) & (missing < 0.5))] = np.inf
    envelope /= size[:, :, np.newaxis]
    envelope /= np.sqrt(1 + (envelope / _LIMIT) ** 2)
    return envelope.sum(axis=1), size, step


def _envelope(x: Float, rate: float) -> tuple[Float, float]:
    """Envelope (b, k, m) of (b, k, n) in the band of QRS, and the seconds between its samples."""
    every = max(1, round(rate / _WORK_HZ))
    m = x.shape[2] // every
    work = x[:, :, : m * every : every].copy()
    for offset in range(1, every):
        work += x[:, :, offset : m * every : every]
    hz = rate / every
    size = scipy.fft.next_fast_len(m + round(_PAD_S * hz), real=True)
    padded = np.empty((*work.shape[:2], size), np.float32)
    padded[:, :, :m] = work
    # A straight line back to the start: the transform takes the signal as periodic.
    back = np.linspace(0, 1, size - m + 2, dtype=np.float32)[1:-1]
    padded[:, :, m:] = work[:, :, -1:] + (work[:, :, :1] - work[:, :, -1:]) * back
    kept = min(size // 2 + 1, round(size * _ENVELOPE_HZ / hz))
    frequency = np.arange(kept) * (hz / size / _HZ)
    wavelet = (2 * kept / size / every * frequency**2 * np.exp(1 - frequency**2)).astype(np.float32)
    spectrum = scipy.fft.rfft(padded, axis=2)[:, :, :kept] * wavelet
    # Without the negative frequencies the result is analytic, and no faster than its highest frequency.
    analytic = scipy.fft.ifft(spectrum, axis=2, overwrite_x=True)
    step = size / kept / hz
    return np.abs(analytic[:, :, : int(np.ceil(m / hz / step))]), step


def _maxima(score: Float, step: float) -> tuple[Index, Float]:
    """Local maxima of the score (m,) that may be beats, and their heights as shares of the usual height of a beat."""
    usual = _usual_height(score, step)
    if not _middle(usual.ravel()) > _STANDS_OUT * score.mean():
        return np.empty(0, np.intp), np.empty(0, np.float32)
    highest = ndimage.maximum_filter1d(score, 2 * round(_APART_S / step) + 1)
    peaks = np.flatnonzero((score == highest) & (score > _SECOND_LOOK * usual))
    return peaks, score[peaks] / (usual[peaks] if usual.ndim else usual)


def _choose(seconds: Seconds, height: Float, rise: Float) -> Index:
    """Which of the candidates (c,) are beats, by their times, heights and steepness."""
    chosen: list[int] = []
    for i in np.flatnonzero(height > _THRESHOLD).tolist():
        if chosen:
            last = chosen[-1]
            near = seconds[i] - seconds[last] < _T_WAVE_S
            if near and height[i] < height[last] and rise[i] < _T_RISE * rise[last]:
                continue
        chosen.append(i)
    beats = np.array(chosen, np.intp)
    if beats.size < 2:
        return beats
    rr = np.diff(seconds[beats])
    usual = _middle(rr)
    for pause in np.flatnonzero(rr > 1.6 * usual):
        first, last = beats[pause], beats[pause + 1]
        inside = (seconds > seconds[first] + 0.5 * usual) & (seconds < seconds[last] - 0.4 * usual)
        again = np.flatnonzero(inside & (rise > _T_RISE * min(rise[first], rise[last])))
        if again.size:
            chosen.append(int(again[height[again].argmax()]))
    return np.sort(np.array(chosen, np.intp))


def _usual_height(score: Float, step: float) -> Float:
    """Height of a beat around each sample of the score (m,): the median maximum of five blocks; () if it is short."""
    size = min(score.size, round(_BLOCK_S / step))
    n_blocks = score.size // size
    highest = score[: n_blocks * size].reshape(n_blocks, size).max(axis=1)
    overall = _middle(highest)
    if n_blocks <= 5:
        return np.asarray(overall)
    local = np.sort(np.lib.stride_tricks.sliding_window_view(np.pad(highest, 2, mode="reflect"), 5), axis=1)[:, 2]
    return np.asarray(np.maximum(local, overall / 2)[np.minimum(np.arange(score.size) // size, n_blocks - 1)])


def _middle(values: Float) -> float:
    """The median, of an even number the higher of two: many times faster than `np.median` on few values."""
    return float(np.sort(values)[values.size // 2])


def _windows(x: Float, size: Float, seconds: Seconds, rate: float) -> tuple[Index, Float]:
    """Sample indices (c, w) within 0.1 s around each time, and the leads there (k, c, w), each by its own size."""
    reach = max(2, round(_REACH_S * rate))
    at = np.rint(seconds * rate).astype(np.intp)[:, np.newaxis] + np.arange(-reach, reach + 1)
    at = np.clip(at, 0, x.shape[1] - 1)
    return at, x[:, at] / size[:, np.newaxis, np.newaxis]


def _rise(windows: Float, rate: float) -> Float:
    """Largest change within 8 ms (c,), summed over the leads (k, c, w)."""
    lag = max(1, round(0.008 * rate))
    return np.asarray(np.abs(windows[:, :, lag:] - windows[:, :, :-lag]).max(axis=2, initial=0).sum(axis=0))


def _spiky(windows: Float, rate: float) -> bool:
    """Whether any of the larger windows (k, c, w) has a peak so narrow that no heart makes it."""
    if rate < _SPIKE_HZ or not windows.size:
        return False
    lag = round(0.004 * rate)
    windows = windows[::2]  # a spike shows in half of the leads as well
    bend = np.abs(windows[:, :, lag:-lag] - (windows[:, :, 2 * lag :] + windows[:, :, : -2 * lag]) / 2)
    narrow = bend.max(axis=2).sum(axis=0)
    span = (windows.max(axis=2) - windows.min(axis=2)).sum(axis=0)
    return bool(((narrow > _SPIKE * span) & (span > 0.3 * span.max())).any())


def _refine(at: Index, windows: Float, rate: float) -> Index:
    """The sample of the largest deflection of the leads together in each window (k, c, w)."""
    flank = max(1, round(0.03 * rate))
    base = (windows[:, :, :flank].mean(axis=2) + windows[:, :, -flank:].mean(axis=2)) / 2
    deflection = ((windows[:, :, flank:-flank] - base[:, :, np.newaxis]) ** 2).sum(axis=0)
    return np.unique(at[np.arange(len(at)), flank + deflection.argmax(axis=1)])
