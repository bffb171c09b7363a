"""Doubts about a recording, in plain words: units, rate, leads, gaps, noise, length. Nothing here changes a sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.heart_rate import estimate_heart_rate, implied_heart_rate
from backend.ecg.leads import LEADS
from backend.ecg.limb_swap import suspected_swap
from backend.ecg.pacing import pacing_spikes
from backend.ecg.recording import Recording
from backend.ecg.signal_quality import disturbed

__all__ = ["Finding", "check", "estimate_heart_rate"]

AMPLITUDE_MV = (0.1, 20.0)  # plausible peak to peak of the largest lead
HEART_RATE = (28.0, 240.0)  # plausible mean, a minute
WINDOW_S = 10.0  # what models look at
NOISE_UV = 30.0  # typical change within 24 ms; in PTB-XL and LUDB at most 18
WANDER_MV = 4.0  # of the mean over a second
_LEAST_RESIDUAL_MV = 0.01  # what limb leads may contradict each other by in any case
PACING_SPIKES = 4  # fewer may be artefacts
QUALITY = ("flat_lead", "missing_samples", "clipped", "noise", "wander")
"""Codes of findings that say that a signal is of doubtful quality; the others doubt what its file declares."""
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

    What needs millivolts is checked in mV recordings only, the heart rate only where the file left the rate open: a
    file's own rate is trusted more than an estimate from the signal. Leads that a partial recording lacks
    (`recording.missing`) are neither flat nor full of gaps. The index of each lead is `signal_quality.assess`.
    """
    extremes = _extremes(recording.signal)
    found = [
        _amplitude(recording, extremes, "unit" in recording.declared),
        _heart_rate(recording, extremes) if "rate" in recording.declared else None,
        _limb_leads(recording) or _swapped(recording),
        _flat(recording, extremes),
        _copies(recording, extremes),
        _gaps(recording, extremes),
        _clipped(recording, extremes),
        *_disturbed(recording),
        _paced(recording),
        _length(recording),
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
    signal = recording.signal if extremes.gaps is None else np.nan_to_num(recording.signal)
    rate = estimate_heart_rate(signal, recording.rate)
    if rate is None or HEART_RATE[0] <= rate <= HEART_RATE[1]:
        rate = implied_heart_rate(signal, recording.rate)
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


def _limb_leads(recording: Recording) -> Finding | None:
    """Einthoven II = I + III and Goldberger aVR = -(I + II) / 2 and so on, on some 640 samples.

    In sound recordings the root mean square of what is left over is below 3 % of the leads' own (PTB-XL, LUDB).
    """
    if recording.unit != "mV":
        return None
    limbs = recording.signal[:6, :: max(1, recording.n_samples // 640)]
    limbs = limbs[:, np.isfinite(limbs).all(axis=0) & (limbs != limbs[0]).any(axis=0)]  # without calibration pulses
    if not limbs.shape[1]:
        return None
    one, two, three, avr, avl, avf = limbs
    residuals = np.array([one + three - two, avr + (one + two) / 2, avl - one + two / 2, avf - two + one / 2])
    typical = np.sqrt((residuals**2).mean(axis=1))
    if typical.max() <= _LEAST_RESIDUAL_MV:
        return None
    allowed = max(_LEAST_RESIDUAL_MV, 0.15 * float(np.sqrt(limbs[:3].var(axis=1).mean())))
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


def _swapped(recording: Recording) -> Finding | None:
    swapped = suspected_swap(recording.signal, recording.rate) if recording.unit == "mV" else None
    if swapped is None:
        return None
    return Finding(
        "limb_swap",
        f"The limb leads look as if the electrodes of {swapped} had been interchanged. "
        "Compare with an earlier ECG, or record again; dextrocardia looks alike.",
    )


def _flat(recording: Recording, extremes: _Extremes) -> Finding | None:
    flat = [
        lead for lead, span in zip(LEADS, extremes.span, strict=True) if span == 0 and lead not in recording.missing
    ]
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
    gaps = extremes.gaps[[lead not in recording.missing for lead in LEADS]]
    if not gaps.any():
        return None
    longest = max(int(_runs(row).max(initial=0)) for row in gaps)
    return Finding(
        "missing_samples",
        f"{100 * float(gaps.mean()):.3g} % of the samples are missing; the longest gap is "
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


def _disturbed(recording: Recording) -> tuple[Finding | None, Finding | None]:
    if recording.unit != "mV":
        return None, None
    noise, wander = disturbed(recording.signal, recording.rate, NOISE_UV, WANDER_MV)
    noisy = [lead for lead, is_noisy in zip(LEADS, noise, strict=True) if is_noisy]
    adrift = [lead for lead, is_adrift in zip(LEADS, wander, strict=True) if is_adrift]
    return (
        Finding(
            "noise",
            f"{', '.join(noisy)} {'is' if len(noisy) == 1 else 'are'} noisy (muscle, mains or a loose electrode): P "
            "waves and ST may not be readable there. Record again if you can.",
        )
        if noisy
        else None,
        Finding(
            "wander",
            f"The baseline of {', '.join(adrift)} wanders by more than {WANDER_MV:g} mV (movement or a loose "
            "electrode): do not read ST there before the drift is removed.",
        )
        if adrift
        else None,
    )


def _paced(recording: Recording) -> Finding | None:
    spikes = pacing_spikes(recording.signal, recording.rate) if recording.unit == "mV" else ()
    if len(spikes) < PACING_SPIKES:
        return None
    return Finding(
        "pacing",
        f"{len(spikes)} narrow spikes like those of a pacemaker. Paced beats look like bundle branch block; "
        "a model that has not learned them may be wrong.",
    )


def _length(recording: Recording) -> Finding | None:
    stated, held = recording.stated_samples, recording.n_samples
    if stated is None or stated == held:
        return None
    cut = "may have been cut off on its way" if held < stated else "holds more than it says"
    return Finding(
        "length",
        f"The file speaks of {stated} samples a lead ({stated / recording.rate:.4g} s) but has {held}: it {cut}. "
        "Export it again, or compare with the original.",
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
