"""One simulated recording, or a seeded set of them with patients and mildly unequal classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from backend.ecg.errors import EcgError
from backend.ecg.recording import DeviceFacts, Patient, Recording
from backend.ecg.synthesize.lead_field import to_twelve_leads
from backend.ecg.synthesize.noise import electrode_noise
from backend.ecg.synthesize.patient import Heart, draw_heart
from backend.ecg.synthesize.rhythm import fibrillation_beats, fibrillatory_waves, sinus_beats
from backend.ecg.synthesize.waves import CLASSES, beat, render

SHARES = {"NORM": 0.30, "AFIB": 0.20, "CLBBB": 0.15, "CRBBB": 0.17, "IMI": 0.18}
"""Share of each class in a simulated set."""

SECOND_RECORDING = 0.2
"""Share of the patients in a set who have two recordings."""

_BEFORE_S, _AFTER_S = 0.32, 0.68  # a beat's waves around the start of its QRS


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedEcg:
    """A simulated recording with what is known of it.

    `label` is a key of CLASSES; `r_peaks` are the samples at which the heart's dipole is largest in each QRS.
    """

    recording: Recording
    label: str
    patient_id: str
    age: float  # years
    sex: Literal["F", "M"]
    r_peaks: NDArray[np.int64]


def simulate(label: str, seed: int, rate: float = 500.0, duration_s: float = 10.0) -> SimulatedEcg:
    """Simulate one patient's recording of class `label`; the same arguments give the same samples.

    The signal is (12, rate · duration_s) in mV, in steps of 1 µV; Einthoven's and Goldberger's relations hold exactly.
    Raises EcgError for an unknown class, a negative seed, a rate below 100 Hz or a duration outside 1 to 3600 s.
    """
    if label not in CLASSES:
        raise EcgError(f"There is no class {label!r:.40} to simulate. Use {', '.join(CLASSES)}.")
    rng = _rng(seed, list(CLASSES).index(label))
    heart = draw_heart(label, rng)
    return _record(label, heart, rng, f"simulated-{seed}", f"simulated-{label}-{seed}", rate, duration_s)


def simulate_set(n: int, seed: int = 1, rate: float = 500.0) -> Iterator[SimulatedEcg]:
    """Simulate `n` recordings of 10 s in random order, the classes in the proportions of SHARES.

    One patient in five has two recordings, of the same class: same heart, other heart rate and noise. The patient ids
    are `sim-0001` and so on.
    """
    order = _rng(seed)
    plan: list[tuple[str, int, int]] = []  # class, patient, which recording of the patient
    patient = 0
    for label, count in _counts(n).items():
        while count > 0:
            visits = min(count, 2 if order.random() < SECOND_RECORDING else 1)
            plan.extend((label, patient, visit) for visit in range(visits))
            patient, count = patient + 1, count - visits
    numbers = order.permutation(patient) + 1  # so that the ids do not give the class away
    for position in order.permutation(len(plan)):
        label, patient, visit = plan[position]
        number = int(numbers[patient])
        heart = draw_heart(label, _rng(seed, number))
        rng = _rng(seed, number, visit + 1)
        yield _record(label, heart, rng, f"sim-{number:04d}", f"sim-{number:04d}-{visit + 1}", rate, 10.0)


def _rng(seed: int, *key: int) -> Generator:
    if seed < 0:
        raise EcgError(f"The seed {seed} is negative. Use 0 or more.")
    return default_rng((seed, *key))


def _counts(n: int) -> dict[str, int]:
    """Share `n` out by SHARES: whole parts first, what is left to the largest remainders."""
    counts = {label: int(n * share) for label, share in SHARES.items()}
    by_remainder = sorted(SHARES, key=lambda label: counts[label] - n * SHARES[label])
    for label in by_remainder[: n - sum(counts.values())]:
        counts[label] += 1
    return counts


def _record(
    label: str, heart: Heart, rng: Generator, patient_id: str, name: str, rate: float, duration_s: float
) -> SimulatedEcg:
    if not (100 <= rate <= 100_000 and 1 <= duration_s <= 3600):
        raise EcgError(f"{duration_s:g} s at {rate:g} Hz cannot be simulated. Use 1 to 3600 s at 100 Hz or more.")
    n = round(rate * duration_s)
    breath_hz = rng.uniform(0.18, 0.33)
    if label == "AFIB":
        starts = fibrillation_beats(duration_s, rng)
        dipole = fibrillatory_waves(np.arange(n) / rate, rng)
    else:
        starts = sinus_beats(duration_s, breath_hz, heart.age, rng)
        dipole = np.zeros((3, n))
    r_peaks = _add_beats(dipole, label, heart, starts, breath_hz, rate, rng)
    dipole -= dipole.mean(axis=1, keepdims=True)  # amplifiers are AC-coupled: no class shows in a lead's mean
    microvolt = to_twelve_leads(dipole, heart.field, electrode_noise(n, rate, breath_hz, rng))
    recording = Recording(
        signal=(microvolt / 1000).astype(np.float32),
        rate=rate,
        name=name,
        format="simulated",
        step=np.full(12, 0.001),
        patient=Patient(id=patient_id, age=heart.age, sex=heart.sex),
        device=DeviceFacts("simulation"),
        notes=("Simulated by ExChanGeAI; not from a person.",),
    )
    return SimulatedEcg(recording, label, patient_id, heart.age, heart.sex, r_peaks)


def _add_beats(
    dipole: NDArray[np.float64],
    label: str,
    heart: Heart,
    starts: NDArray[np.float64],
    breath_hz: float,
    rate: float,
    rng: Generator,
) -> NDArray[np.int64]:
    """Add each beat to the dipole (3, n) in place; return the samples of the R peaks.

    Breathing moves the heart against the electrodes: it scales the three axes by a few per cent.
    """
    n = dipole.shape[1]
    waves = beat(label, heart, float(np.mean(np.diff(starts))))
    depth, phase = rng.uniform(0.01, 0.05, 3), rng.uniform(0, 2 * np.pi)
    length = round((_BEFORE_S + _AFTER_S) * rate)
    peaks = []
    for start in starts:
        first = int(np.ceil((start - _BEFORE_S) * rate))
        low, high = max(first, 0), min(first + length, n)
        if low >= high:
            continue
        gain = 1 + depth * np.sin(2 * np.pi * breath_hz * start + phase) + rng.normal(0, 0.01, 3)
        one_beat = render(waves, np.arange(low, high) / rate - start, gain)
        dipole[:, low:high] += one_beat
        qrs = slice(max(round(start * rate) - low, 0), round((start + heart.qrs_s) * rate) - low + 1)
        if start >= 0 and start + heart.qrs_s <= (n - 1) / rate:
            peaks.append(low + qrs.start + int((one_beat[:, qrs] ** 2).sum(axis=0).argmax()))
    return np.array(peaks, dtype=np.int64)
