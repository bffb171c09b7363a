"""What a model says of one recording: outputs, labels, labels left open, and what is to be known beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import MissingLeadsError
from backend.ml.inference.decisions import decide, undecided
from backend.ml.inference.predictor import Predictor
from backend.ml.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of one recording: a probability, or for a regression a value, for each label."""

    outputs: NDArray[np.float32]  # (L,)
    predicted: list[str]
    notes: list[str]
    undecided: list[str] = field(default_factory=list)  # labels that the model leaves open
    routes: list[float] | None = None  # share of each expert of a sparse model


def answer(
    predictor: Predictor,
    signal: NDArray[np.float32],
    rate: float,
    unit: str,
    missing: Sequence[str] = (),
    patient: NDArray[np.float32] | None = None,
) -> Answer:
    """Apply a model to one recording: signal (12, n) in mV at `rate` Hz, or without scale where `unit` says so.

    `patient` (4,), see `backend.ml.patient`, is for models that look at age and sex.
    Raises MissingLeadsError for a partial recording, of which `missing` names the leads that are not there.
    """
    check_leads(missing)
    spec = predictor.spec
    given, told = predictor.answers(signal[None], rate, None if patient is None else patient[None])
    outputs, routes = given[0], None if told is None else shares(told[0])
    notes = _notes(spec, signal, rate, unit)
    if spec.takes_patient and (patient is None or not patient.any()):
        notes.append("The model also looks at age and sex, which this recording does not say.")
    return Answer(outputs, decide(spec, outputs), notes, undecided(spec, outputs), routes)


def shares(routes: NDArray[np.float32]) -> list[float]:
    """Return the share of each expert (e,) as it is kept and shown."""
    return [round(float(share), 4) for share in routes]


def check_leads(missing: Sequence[str]) -> None:
    """Raise MissingLeadsError for a partial recording, of which `missing` names the leads that are not there."""
    if missing:
        raise MissingLeadsError(
            f"The recording lacks leads {', '.join(missing)}; a model needs all twelve. Partial recordings can only be "
            "looked at: export the recording with all its leads."
        )


def _notes(spec: ModelSpec, signal: NDArray[np.float32], rate: float, unit: str) -> list[str]:
    notes = []
    p = spec.preprocessing
    seconds = signal.shape[1] / rate
    if seconds > p.window_s * 1.001:
        where = {"start": "first", "centre": "middle", "end": "last"}[p.long]
        notes.append(f"The recording lasts {seconds:g} s; the model looked at the {where} {p.window_s:g} s.")
    elif seconds < p.window_s * 0.999:
        notes.append(f"The recording lasts {seconds:g} s; it was padded to {p.window_s:g} s. Take care.")
    if unit != "mV" and p.standardise == "none":
        notes.append("The recording has no mV scale, but the model needs one: the result may be meaningless.")
    if np.isnan(signal.min()):
        notes.append(f"{np.isnan(signal).mean():.1%} of the samples are missing.")
    return notes
