"""Doubts about a recording, in plain words: units, rate, leads, gaps, length. Nothing here changes a sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ecg.recording import Recording

AMPLITUDE_MV = (0.1, 20.0)  # plausible peak to peak of the largest lead
HEART_RATE = (28.0, 240.0)  # plausible mean, a minute
WINDOW_S = 10.0  # what models look at
_RATES = (100, 125, 128, 200, 240, 250, 256, 300, 360, 400, 500, 512, 600, 800, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: a stable `code` for programs and a `message` that says what to look at or do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class _Extremes:
    """Per lead, NaN left out: lowest and highest sample; `gaps` (12, n) marks NaN, None where there is none."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    gaps: NDArray[np.bool_] | None

    @property
    def span(self) -> NDArray[np.float32]:
        return self.high - self.low


def check(recording: Recording) -> tuple[Finding, ...]:
    """Return the doubts about a recording.

    Amplitude is checked in mV recordings, the heart rate only where the file left the rate open: a file's own rate is
    trusted more than an estimate from the signal.
    """
    extremes = _extremes(recording.signal)
    found = [
        _amplitude(recording, extremes, "unit" in recording.declared),
        _heart_rate(recording, extremes) if "rate" in recording.declared else None,
        _limb_leads(recording),
        _flat(extremes),
        _copies(recording, extremes),
        _gaps(recording, extremes),
        _clipped(recording, extremes),
        _duration(recording),
    ]
    return tuple(finding for finding in found if finding is not None)


def _extremes(signal: NDArray[np.float32]) -> _Extremes:
    low, high = signal.min(axis=1), signal.max(axis=1)
    if not np.isnan(low).any():
        return _Extremes(low, high, None)
    gaps = np.isnan(signal)
    low, high = np.where(gaps, np.inf, signal).min(axis=1), np.where(gaps, -np.inf, signal).max(axis=1)
    empty = gaps.all(axis=1)
    low[empty] = high[empty] = 0
    return _Extremes(low.astype(np.float32), high.astype(np.float32), gaps)


def _amplitude(recording: Recording, extremes: _Extremes, declared: bool) -> Finding | None:
    span = float(extremes.span.max())
    if recording.unit != "mV" or span == 0 or AMPLITUDE_MV[0] <= span <= AMPLITUDE_MV[1]:
        return None
    small = span < AMPLITUDE_MV[0]
    message = f"The largest lead spans {span:.3g} mV from peak to peak; an ECG spans about 0.5 to 5 mV. "
    if not declared:
        return Finding("amplitude", message + "The gain in the file may be wrong: compare with a printout.")
    if small:
        return Finding("amplitude", message + "If the file holds mV, declare 1 unit per mV and import it again.")
    return Finding("amplitude", message + "If the file holds µV, declare 1000 units per mV and import it again.")


def _heart_rate(recording: Recording, extremes: _Extremes) -> Finding | None:
    rate = estimate_heart_rate(
        recording.signal if extremes.gaps is None else np.nan_to_num(recording.signal), recording.rate
    )
    if rate is None or HEART_RATE[0] <= rate <= HEART_RATE[1]:
        return None
    fitting = [
        other for other in _RATES if 45 <= rate * other / recording.rate <= 120 and other != round(recording.rate)
    ]
    lengths = {other: abs(recording.n_samples / other - WINDOW_S) for other in fitting}
    guess = min(lengths, key=lambda other: lengths[other]) if lengths else None
    return Finding(
        "heart_rate",
        f"At {recording.rate:g} Hz the heart would beat {rate:.0f} times a minute. The declared sampling rate may be "
        f"wrong{'' if guess is None else f' ({guess} Hz would fit)'}: declare the right one and import it again.",
    )


def estimate_heart_rate(signal: NDArray[np.float32], rate: float) -> float | None:
    """Return beats a minute from the slopes of all leads (12, n), None where no rhythm stands out.

    A quick look, not a diagnosis: good to a factor, from 12 to 600 a minute. Two ways are taken, the lag of the
    highest peak in the autocorrelation of the summed slope and a count of steep places, and the answer nearer to a
    normal rate is given: irregular rhythms mislead the first, noise misleads the second.
    """
    every = max(1, round(rate / 125))
    n = (signal.shape[1] - 1) // every * every
    if n // every < 64:
        return None
    slope = np.abs(np.diff(signal[_INDEPENDENT, : n + 1], axis=1)).sum(axis=0).reshape(-1, every).sum(axis=1)
    step = every / rate
    width = max(1, round(0.04 / step))
    slope = np.convolve(slope, np.ones(width) / width, mode="same")
    slope = np.minimum(slope, np.quantile(slope, 0.98))
    slope -= slope.mean()
    size = slope.size
    padded = 1 << (2 * size).bit_length()  # a power of two: sizes with large prime factors take ten times as long
    spectrum = np.fft.rfft(slope, padded)
    lags = np.fft.irfft(spectrum * spectrum.conj())[: size // 2] / (size - np.arange(size // 2))
    if lags[0] <= 0:
        return None
    lags /= lags[0]
    first, last = max(2, int(0.1 / step)), min(lags.size - 1, int(5 / step))
    inner = lags[first:last]
    peaks = first + 1 + np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]))
    peaks = peaks[lags[peaks] > 0.15]
    if not peaks.size:
        return None
    # The first peak that is nearly as high as the highest: later ones are two or more beats on.
    regular = 60 / (peaks[lags[peaks] >= 0.8 * lags[peaks].max()][0] * step)
    steep = np.flatnonzero(slope > 0.4 * slope.max())
    counted = 60 / (size * step) * (1 + np.count_nonzero(np.diff(steep) * step > 0.1))
    return float(min(regular, counted, key=lambda value: abs(np.log(value / 70))))


_INDEPENDENT = [LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")]


def _limb_leads(recording: Recording) -> Finding | None:
    """Einthoven II = I + III and Goldberger aVR = -(I + II) / 2 and so on, on some 640 samples.

    In sound recordings the root mean square of what is left over is below 3 % of the leads' own (PTB-XL, LUDB).
    """
    if recording.unit != "mV":
        return None
    limbs = recording.signal[:6, :: max(1, recording.n_samples // 640)]
    limbs = limbs[:, np.isfinite(limbs).all(axis=0)]
    if not limbs.shape[1]:
        return None
    one, two, three, avr, avl, avf = limbs
    residuals = np.array([one + three - two, avr + (one + two) / 2, avl - one + two / 2, avf - two + one / 2])
    typical = np.sqrt((residuals**2).mean(axis=1))
    allowed = max(0.01, 0.15 * float(np.sqrt(limbs[:3].var(axis=1).mean())))
    if typical[0] > allowed:
        return Finding(
            "einthoven",
            f"Leads I, II and III contradict each other (I + III differs from II by {typical[0]:.2g} mV on average). "
            "They may be swapped, mislabelled or differently scaled: check the lead names and gains of the export.",
        )
    wrong = [lead for lead, value in zip(("aVR", "aVL", "aVF"), typical[1:], strict=True) if value > allowed]
    if not wrong:
        return None
    return Finding(
        "goldberger",
        f"{' and '.join(wrong)} {'does' if len(wrong) == 1 else 'do'} not follow from leads I and II, as it should. "
        "It may be inverted, swapped or mislabelled: check the lead names of the export.",
    )


def _flat(extremes: _Extremes) -> Finding | None:
    flat = [lead for lead, span in zip(LEADS, extremes.span, strict=True) if span == 0]
    if not flat:
        return None
    return Finding("flat_lead", f"No signal in {', '.join(flat)}: an electrode was off, or the export lost it.")


def _copies(recording: Recording, extremes: _Extremes) -> Finding | None:
    same: list[str] = []
    keys: dict[tuple[float, float, float], int] = {}
    middle = recording.signal[:, recording.n_samples // 2].tolist()
    for i, key in enumerate(zip(extremes.low.tolist(), extremes.high.tolist(), middle, strict=True)):
        j = keys.setdefault(key, i)
        if j != i and key[0] != key[1] and np.array_equal(recording.signal[i], recording.signal[j], equal_nan=True):
            same.append(f"{LEADS[j]} and {LEADS[i]}")
    return Finding("copied_lead", f"Identical leads: {', '.join(same)}. Check the export.") if same else None


def _gaps(recording: Recording, extremes: _Extremes) -> Finding | None:
    if extremes.gaps is None:
        return None
    longest = max(int(_runs(row).max(initial=0)) for row in extremes.gaps)
    return Finding(
        "missing_samples",
        f"{100 * float(extremes.gaps.mean()):.3g} % of the samples are missing; the longest gap is "
        f"{1000 * longest / recording.rate:.0f} ms. Gaps are bridged when the signal is prepared: look at them first.",
    )


def _clipped(recording: Recording, extremes: _Extremes) -> Finding | None:
    """A lead that rests at its highest or lowest value for 40 ms, again and again or far out, ran into a limit."""
    least = max(4, round(0.04 * recording.rate))
    clipped = []
    for lead, row, low, high in zip(LEADS, recording.signal, extremes.low, extremes.high, strict=True):
        for edge in (low, high):
            at = row == edge
            if edge == 0 or high == low or np.count_nonzero(at) < least:
                continue
            at[[0, -1]] = False  # a start or end held constant is no clipping
            rests = int((_runs(at) >= least).sum())
            if (rests > 1 or (rests and abs(edge) > 4)) and lead not in clipped:
                clipped.append(lead)
    if not clipped:
        return None
    return Finding(
        "clipped",
        f"{', '.join(clipped)} rest at the highest or lowest value: the signal may be cut off there. "
        "Record again with a lower gain if you can.",
    )


def _runs(marked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Lengths of the runs of marked samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False]))))
    return edges[1::2] - edges[::2]


def _duration(recording: Recording) -> Finding | None:
    seconds = recording.duration_s
    if abs(seconds - WINDOW_S) < 0.02:
        return None
    fate = "padded" if seconds < WINDOW_S else "cropped"
    return Finding(
        "duration", f"The recording lasts {seconds:.4g} s; for models that look at {WINDOW_S:g} s it is {fate}."
    )
