"""Synthetic ECGs of the generator `deepfake-ecg` (Thambawita et al. 2021, doi:10.1038/s41598-021-01295-2; MIT).

The package holds the weights; nothing is downloaded. It gives the leads I, II, V1 to V6 at 500 Hz, of 10 s, as if of
healthy people; the other leads follow from I and II.
"""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ecg.preprocess import Preprocessing
from backend.ml.errors import TrainingImpossibleError
from backend.ml.pretraining.data import PretrainingData

RATE: Final = 500.0
MILLIVOLTS: Final = 6.0  # of the generator's 1
_SAMPLES, _LEADS, _AT_ONCE = 5000, 8, 16
Float = NDArray[np.float32]


def synthetic(n: int, preprocessing: Preprocessing, seed: int = 0) -> Iterator[Float]:
    """Yield `n` synthetic ECGs, some at a time, (k, 12, T) as `preprocessing` makes them; a seed gives the same ones.

    Raises TrainingImpossibleError where the package is not installed.
    """
    try:
        import deepfakeecg
    except ModuleNotFoundError:
        raise TrainingImpossibleError(
            "Synthetic ECGs need the package deepfake-ecg. Install it with: pip install 'exchangeai[synthetic]'."
        ) from None
    place = Path(deepfakeecg.__file__).parent / "checkpoints" / "g_stat.pt"
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore", FutureWarning)  # the package uses an older name of torch
        generator = deepfakeecg.Generator().eval()
    generator.load_state_dict(torch.load(place, "cpu", weights_only=True)["stat_dict"])
    random = torch.Generator().manual_seed(seed)
    for start in range(0, n, _AT_ONCE):
        noise = torch.rand(min(_AT_ONCE, n - start), _LEADS, _SAMPLES, generator=random) * 2 - 1
        with torch.inference_mode():
            eight: Float = generator(noise).numpy() * np.float32(MILLIVOLTS)
        yield np.stack([preprocessing(twelve_leads(one), RATE) for one in eight])


def twelve_leads(eight: Float) -> Float:
    """Return (12, n) from I, II, V1 to V6 (8, n): III = II - I, aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2."""
    one, two = eight[0], eight[1]
    return np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, *eight[2:]])


def with_more(data: PretrainingData, x: Float) -> PretrainingData:
    """Return the data with further ECGs x (n, 12, T), of which no label and no value is known."""

    def unknown(table: Float | None) -> Float | None:
        return None if table is None else np.concatenate([table, np.full((len(x), table.shape[1]), np.nan, np.float32)])

    joined = np.concatenate([data.x, x.astype(data.x.dtype)])
    return replace(data, x=joined, y=unknown(data.y), values=unknown(data.values), source=None, beats=None, rr=None)
