"""What is computed from a recording: the input of a network, measurements, the embedding of CardX."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

import backend
from backend.ecg import measure as measuring
from backend.ecg import synthesize
from backend.ecg.errors import MissingLeadsError
from backend.ecg.measure import Measurement
from backend.ecg.preprocess import Preprocessing, preset
from backend.ecg.recording import Recording
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.answers import answer
from backend.ml.inference.predictor import Predictor

Floats = NDArray[np.float32]
SHIPPED = Path(backend.__file__).parent / "weights"


def preprocess(recording: Recording, how: str | Preprocessing = "exchangeai", **changes: object) -> Floats:
    """Return a recording as a network gets it, (12, n) float32: a preset, with `changes` to its values, or your own.

    Raises PreprocessingError for impossible values, MissingLeadsError for a recording that lacks leads.

    >>> recording = simulate("NORM", seed=1)
    >>> preprocess(recording, "clinical", rate=250).shape
    (12, 2500)
    """
    _need_leads(recording)
    chosen = preset(how, **changes) if isinstance(how, str) else how
    made: Floats = chosen(recording.signal[None], recording.rate)[0]
    return made


def measure(recording: Recording) -> Measurement:
    """Measure a recording: heart rate (1/min), intervals (ms), axes (degrees), levels (mV); None where it cannot be.

    >>> found = measure(simulate("NORM", seed=1))
    >>> round(found.qrs_ms), sorted(found.qtc_ms)
    (104, ['bazett', 'framingham', 'fridericia', 'hodges'])
    """
    return measuring.measure(recording.signal, recording.rate, recording.unit)


@overload
def embed(recordings: Recording, model: str = "cardx") -> Floats: ...
@overload
def embed(recordings: Sequence[Recording], model: str = "cardx") -> Floats: ...
def embed(recordings: Recording | Sequence[Recording], model: str = "cardx") -> Floats:
    """Return what a model that comes with the platform sees in an ECG: (512,) with CardX, or (b, 512) of several.

    Raises MissingLeadsError for a recording that lacks leads, ModelInvalidError for an unknown model.

    >>> a, b = simulate("NORM", seed=1), simulate("AFIB", seed=1)
    >>> embed([a, b]).shape
    (2, 512)
    """
    predictor = shipped(model)
    if isinstance(recordings, Recording):
        return answer(predictor, recordings.signal, recordings.rate, recordings.unit, recordings.missing).outputs
    if not recordings:
        return np.empty((0, len(predictor.spec.labels)), np.float32)
    return np.stack([embed(one, model) for one in recordings])


def simulate(label: str, seed: int, rate: float = 500.0, duration_s: float = 10.0) -> Recording:
    """Simulate an ECG of a class (NORM, AFIB, IMI …), for examples and tests; the same arguments give the same samples.

    Raises EcgError for an unknown class, a negative seed, or an impossible rate or duration.

    >>> simulate("IMI", seed=3).name
    'simulated-IMI-3'
    """
    return synthesize.simulate(label, seed, rate, duration_s).recording


@lru_cache(maxsize=4)
def shipped(name: str) -> Predictor:
    """Return a model that comes with the platform. Raises ModelInvalidError for an unknown one."""
    known = sorted(path.parent.name for path in SHIPPED.glob("*/model.onnx"))
    if name not in known:
        raise ModelInvalidError(
            f"No model {name[:80]!r} comes with the platform; there are {', '.join(known) or 'none'}."
        )
    return Predictor.from_path(SHIPPED / name / "model.onnx", threads=1)


def _need_leads(recording: Recording) -> None:
    if recording.missing:
        raise MissingLeadsError(
            f"{recording.name} lacks leads {', '.join(recording.missing)}; all twelve are needed. Export the recording "
            "with all its leads."
        )
