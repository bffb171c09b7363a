"""Made-up measurements of ECGs for the drift check: embeddings and statistics of one hospital, or of another."""

import numpy as np

from backend.ecg.signal_statistics import FLAGS, NUMBERS
from backend.ml.evaluation.drift.profile import Measured

HASH = "ab" * 32
E = 48


def measured(
    seed: int,
    n: int,
    *,
    shift: float = 0.0,
    stretch: float = 1.0,
    per_patient: int = 1,
    numbers: dict[str, float] | None = None,
    flags: dict[str, float] | None = None,
    rate: float = 500.0,
) -> Measured:
    """Return n recordings of n / per_patient patients.

    Embeddings have ten strong directions; `shift` moves them, in standard deviations, `stretch` widens them. `numbers`
    multiplies a statistic, `flags` says of which share of the patients a flag holds.
    """
    random = np.random.default_rng(seed)
    people = -(-n // per_patient)
    mixing = np.random.default_rng(7).normal(size=(10, E))
    own = random.normal(size=(people, 10)) @ mixing + random.normal(size=(people, E))
    values = np.exp(0.3 * random.normal(size=(people, len(NUMBERS)))) * (1 + np.arange(len(NUMBERS)))
    for place, name in enumerate(NUMBERS):
        if name.startswith("correlation"):
            values[:, place] = np.tanh(random.normal(1, 0.4, people))
        values[:, place] *= (numbers or {}).get(name, 1.0)
    odd = random.random((people, len(FLAGS))) < [(flags or {}).get(name, 0.01) for name in FLAGS]
    who = np.arange(n) // per_patient
    embeddings = stretch * own[who] + shift * mixing[0] + 0.1 * random.normal(size=(n, E))
    return Measured(embeddings, values[who], odd[who], [rate] * n, [f"p{seed}-{one}" for one in who])
