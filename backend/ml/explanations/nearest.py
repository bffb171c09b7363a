"""The ECGs that lie nearest to one by their embeddings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The place of an ECG among those asked for, and the cosine of the angle between its embedding and the other."""

    place: int
    similarity: float


def nearest(embedding: NDArray[np.floating], others: NDArray[np.floating], n: int) -> list[Neighbour]:
    """Return the n of the embeddings (m, e) that are most like one (e,), the nearest first, by the cosine.

    The mean of the others is taken off all of them first: what all ECGs share tells none from the rest.
    """
    if not len(others):
        return []
    mean = others.mean(axis=0, dtype=np.float64)
    one, many = embedding - mean, others - mean
    lengths = np.linalg.norm(many, axis=1) * np.linalg.norm(one)
    cosines = (many @ one) / np.maximum(lengths, 1e-12)
    order = np.argsort(-cosines, kind="stable")[:n]
    return [Neighbour(int(place), float(cosines[place])) for place in order]
