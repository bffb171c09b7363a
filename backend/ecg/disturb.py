"""ECGs made worse on purpose, in steps: what happens to recordings where electrodes, cables and exports go wrong.

Noise arises at the electrodes, so that the limb leads go on fitting each other as they do in real recordings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ecg.resample import resample
from backend.ecg.synthesize.lead_field import BIPOLAR, ELECTRODES

Kind = Literal["wander", "muscle", "mains", "dropout", "swap", "gain", "rate"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Float = NDArray[np.float32]

_WANDER_HZ: Final = (0.05, 0.5)  # breathing and movement
_MUSCLE_HZ: Final = (20.0, 150.0)
_MAINS_HZ: Final = 50.0
_INDEX: Final = {lead: place for place, lead in enumerate(LEADS)}


@dataclass(frozen=True, slots=True)
class Steps:
    """A kind of disturbance for people: its title, what its steps are, and from what unchanged value they start."""

    title: str
    unit: str
    steps: tuple[float, ...]
    unchanged: float | None = 0.0  # None: the recording's own


STEPS: Final[Mapping[Kind, Steps]] = {
    "wander": Steps(title="Baseline wander", unit="mV peak to peak", steps=(0.5, 1.0, 2.0, 4.0)),
    "muscle": Steps(title="Muscle noise", unit="µV (RMS)", steps=(20.0, 50.0, 100.0, 200.0)),
    "mains": Steps(title="Mains hum", unit="µV (amplitude)", steps=(50.0, 100.0, 200.0, 500.0)),
    "dropout": Steps(title="Leads off", unit="leads of 12", steps=(1.0, 2.0, 4.0, 8.0)),
    "swap": Steps(title="Arm electrodes interchanged", unit="share of ECGs", steps=(0.1, 0.25, 0.5, 1.0)),
    "gain": Steps(title="Gain changed", unit="× the amplitude", steps=(0.25, 0.5, 2.0, 4.0), unchanged=1.0),
    "rate": Steps(title="Stored at a lower rate", unit="Hz", steps=(100.0, 50.0, 30.0, 20.0), unchanged=None),
}


def disturbed(signal: Float, rate: float, kind: Kind, step: float, random: Generator) -> tuple[Float, float]:
    """Return (12, n) in mV at `rate` Hz made worse by a step of STEPS, and its rate; NaN stays missing.

    "rate" stores it at so many Hz (band-limited), where that is less than it has. Raises nothing for odd signals.
    """
    x = np.array(signal, np.float32)
    n = x.shape[1]
    if kind == "dropout":
        x[random.permutation(len(x))[: round(step)]] = 0
    elif kind == "swap":
        return (_arms_interchanged(x) if random.random() < step else x), rate
    elif kind == "gain":
        x *= step
    elif kind == "rate":
        if step >= rate:
            return x, rate
        whole = np.nan_to_num(x)
        return resample(whole, rate, step, edges="mirror").astype(np.float32), step
    elif kind == "wander":
        noise = _band(n, rate, _WANDER_HZ, random)
        x += _on_leads(noise / max(1e-9, float(np.ptp(noise, axis=1).mean())) * step / 2**0.5)
    elif kind == "muscle":
        x += _on_leads(_band(n, rate, _MUSCLE_HZ, random) * (step / 1000 / 2**0.5))
    else:
        hum = np.sin(2 * np.pi * (_MAINS_HZ * np.arange(n) / rate + random.random()))
        x += _on_leads(random.normal(size=(len(ELECTRODES), 1)) * hum * (step / 1000 / 2**0.5))
    return x, rate


def step_words(kind: Kind, step: float) -> str:
    """Return a step for people: "100 µV (RMS)", "25 % of the ECGs"."""
    if kind == "swap":
        return f"{step:.0%} of the ECGs"
    return f"{step:g} {STEPS[kind].unit}"


def _band(n: int, rate: float, band: tuple[float, float], random: Generator) -> NDArray[np.float64]:
    """Return noise (9, n) of the electrodes between two frequencies (Hz), standard deviation 1; 0 without room."""
    padded = scipy.fft.next_fast_len(n + n // 2 + 1, real=True)
    hz = scipy.fft.rfftfreq(padded, 1 / rate)
    inside = (hz >= band[0]) & (hz <= min(band[1], 0.45 * rate))
    spectrum = np.zeros((len(ELECTRODES), len(hz)), np.complex128)
    spectrum[:, inside] = random.normal(size=(len(ELECTRODES), int(inside.sum()), 2)) @ np.array([1, 1j])
    noise = np.asarray(scipy.fft.irfft(spectrum, n=padded)[:, :n])
    return np.asarray(noise / np.maximum(1e-12, noise.std(axis=1, keepdims=True)))


def _on_leads(potentials: NDArray[np.float64]) -> Float:
    """Return what potentials (9, n) in mV at the electrodes make of the twelve leads."""
    eight = BIPOLAR @ potentials
    one, two = eight[0], eight[1]
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.vstack([*limb, eight[2:]]).astype(np.float32)


def _arms_interchanged(x: Float) -> Float:
    """Return the leads as they are where the electrodes of the arms are interchanged."""
    y = x.copy()
    y[_INDEX["I"]] = -x[_INDEX["I"]]
    y[_INDEX["II"]], y[_INDEX["III"]] = x[_INDEX["III"]], x[_INDEX["II"]]
    y[_INDEX["aVR"]], y[_INDEX["aVL"]] = x[_INDEX["aVL"]], x[_INDEX["aVR"]]
    return y
