"""The data of `zoo.py`: PTB-XL for training and as the internal test, LUDB and the challenge mix as external tests.

All at 100 Hz, 10 s. Some PTB-XL recordings are there in mV, others band-passed and z-scored only; with the preset
`clinical`, which does both to every recording, they are alike.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import Preprocessing, preset
from backend.ml.data.split import split_from_column
from backend.ml.data.training_data import TrainingData
from backend.ml.patient import encode
from bench.cardx_data import SUPERCLASSES, ptbxl_as_stored, rows_of, stored, superclasses

LABELS = SUPERCLASSES
EXTERNAL_LABELS = LABELS[:4]  # the external sets record hypertrophy otherwise
EXTERNAL_SETS = ("ludb", "challenge_mix")
RATE = 100.0


@dataclass(frozen=True, eq=False)
class Recordings:
    """Recordings of one set: signals (n, 12, 1000), labels (n, 5), facts of the patients (n, 4).

    `in_mv` (n,) says which signals are in mV; the others are in standard deviations of each lead. `folds` and `ids` of
    patients are those of PTB-XL, and empty elsewhere.
    """

    signals: NDArray[np.float32]
    in_mv: NDArray[np.bool_]
    y: NDArray[np.float32]
    patient: NDArray[np.float32]
    folds: tuple[str, ...] = ()
    ids: tuple[str | None, ...] = ()


@lru_cache(maxsize=1)
def ptbxl() -> Recordings:
    """Return the PTB-XL recordings of folds 1 to 9, in mV where that is known."""
    signals, in_mv, rows = ptbxl_as_stored(folds=range(1, 10))
    return Recordings(
        signals, in_mv, superclasses(rows), _patients(rows),
        tuple(row["strat_fold"] for row in rows), tuple(row["patient_id"] or None for row in rows),
    )  # fmt: skip


@lru_cache(maxsize=2)
def external(name: str) -> Recordings:
    """Return "ludb" or "challenge_mix"."""
    signals = stored(name, None, "unit_mv")
    rows = sorted(rows_of(name), key=lambda row: int(row["row"]))
    if [int(row["row"]) for row in rows] != list(range(len(signals))):
        raise ValueError(f"The labels of {name} do not belong to its signals.")
    return Recordings(signals, np.ones(len(signals), bool), superclasses(rows), _patients(rows))


def prepared(recordings: Recordings, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return (n, 12, n_samples) as a network with this preprocessing takes them.

    A network that wants no band-pass gets what `clinical` makes of every recording nonetheless, and one that wants a
    scale gets that times the usual standard deviation of each lead: of most training recordings neither the whole band
    nor the scale is known, and recordings should be alike. What cannot be prepared is all zeros.
    """
    if preprocessing.standardise == "lead" and preprocessing.bandpass is not None:
        return _each(preprocessing, recordings.signals)
    scored = preset("clinical")(recordings.signals, RATE)
    return _each(preprocessing, scored if preprocessing.standardise == "lead" else scored * usual_deviations())


def _each(preprocessing: Preprocessing, signals: NDArray[np.float32]) -> NDArray[np.float32]:
    x = np.zeros((len(signals), 12, preprocessing.n_samples), np.float32)
    for i, signal in enumerate(signals):
        with suppress(PreprocessingError):  # beats that cannot be aligned: one recording of the challenge mix
            x[i] = preprocessing(signal, RATE)
    return x


@lru_cache(maxsize=1)
def usual_deviations() -> NDArray[np.float32]:
    """Return (12, 1): the median standard deviation, in mV, of each lead of the training recordings in mV."""
    recordings = ptbxl()
    chosen = recordings.in_mv & (np.array(recordings.folds, int) < 9)
    return np.asarray(np.median(recordings.signals[chosen].std(axis=2), axis=0)[:, None], np.float32)


def training_data(preprocessing: Preprocessing) -> TrainingData:
    """Return PTB-XL with fold 9 to test, fold 8 to validate and folds 1 to 7 to learn from."""
    recordings = ptbxl()
    split = split_from_column(recordings.folds, y=recordings.y, groups=recordings.ids, seed=1)
    return TrainingData(prepared(recordings, preprocessing), recordings.y, split, recordings.ids, recordings.patient)


def _patients(rows: list[dict[str, str]]) -> NDArray[np.float32]:
    """Return (n, 4); PTB-XL gives everybody above 89 years as 300."""
    facts = []
    for row in rows:
        age = float(row["age"]) if row["age"] else None
        facts.append(encode(90 if age == 300 else age, row["sex"] or None))
    return np.stack(facts)
