"""Recordings as the drift check sees them: their signal statistics and embedding, one after the other."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.db.tables import Run
from backend.ecg.signal_file import decode_signal
from backend.ecg.signal_statistics import measure
from backend.errors import UserError
from backend.ml.evaluation.drift.profile import USED, Measured, make
from backend.ml.inference.predictor import Predictor
from backend.services import runs, shipped, training_profiles
from backend.services.training_profiles import Sample
from backend.storage import Storage
from workers.lifecycle import RunningJob

BATCH = 8  # recordings between two looks at whether the job should stop


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was measured, of which samples, how many could not be for each reason, and the routes (n, e), if any."""

    measured: Measured
    samples: list[Sample]
    left_out: dict[str, int]
    routes: NDArray[np.float64] | None = None


def measure_samples(
    storage: Storage, samples: Sequence[Sample], told: Callable[[int], None], routed: Predictor | None = None
) -> Found:
    """Measure recordings; `told` hears how many are done, and may raise to end it.

    One that cannot be read or embedded is left out and counted under its reason. `routed` is the model itself where it
    tells by which experts it answers.
    """
    embedder = shipped.predictor(training_profiles.EMBEDDER)
    embeddings, numbers, flags, routes, kept = [], [], [], [], []
    left_out: Counter[str] = Counter()
    for place, one in enumerate(samples):
        if place % BATCH == 0:
            told(place)
        try:
            signal, rate = decode_signal(storage.get(one.signal_key))
            embedding = embedder.probabilities(signal[None], rate)[0]
            shares = None if routed is None else routed.answers(signal[None], rate)[1]
        except UserError as problem:
            left_out[str(problem)] += 1
            continue
        number, flag = measure(signal, rate, one.unit)
        embeddings.append(embedding)
        numbers.append(number)
        flags.append(flag)
        kept.append(one)
        if shares is not None:
            routes.append(shares[0])
    told(len(samples))
    return Found(
        _measured(kept, embeddings, numbers, flags), kept, dict(left_out),
        np.array(routes, np.float64) if routes else None,
    )  # fmt: skip


def profile_of(job: RunningJob, run: Run) -> bytes | None:
    """Return the profile of the ECGs that a run has learned from; None where it would be of too few patients.

    One that is there already of another training on the very same ECGs is taken.
    """
    with job.read() as session:
        row = runs.get(session, job.project_id, run.id)
        same = training_profiles.of_same_ecgs(session, row)
        samples = [] if same else training_profiles.training_samples(session, row)
    if same is not None or not samples:
        return same

    def told(n: int) -> None:
        job.check()
        job.progress(0.99, f"Looking what the ECGs of the training are like: {n} of at most {USED}")

    profile = make(measure_samples(job.storage, samples, told).measured, training_profiles.embedder())
    return None if profile is None else profile.to_bytes()


def _measured(
    kept: Sequence[Sample],
    embeddings: Sequence[NDArray[np.float32]],
    numbers: Sequence[NDArray[np.float64]],
    flags: Sequence[NDArray[np.bool_]],
) -> Measured:
    if not kept:
        return Measured(np.empty((0, 1)), np.empty((0, 0)), np.empty((0, 0), bool), [], [])
    return Measured(
        np.stack(embeddings).astype(np.float64), np.stack(numbers), np.stack(flags),
        [one.rate for one in kept], [one.patient_id for one in kept],
    )  # fmt: skip
