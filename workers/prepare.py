"""Before a training: the recordings of a run as one array, and what had to be left out of it."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.counted import counted
from backend.db.tables import Recording
from backend.ecg.preprocess import Preprocessing
from backend.ecg.signal_file import decode_signal
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.data.split import Split
from backend.services.examples import Example
from workers.lifecycle import RunningJob

IN_MEMORY = 256 * 1024**2  # bytes; a larger array is kept in a file, of which the system holds in memory what fits


@dataclass(frozen=True, eq=False)
class Prepared:
    """Preprocessed recordings x (N, 12, T), where each was in the list, and why others are missing."""

    x: NDArray[np.float32]
    kept: NDArray[np.intp]
    refused: Counter[str]  # reason -> recordings

    def part(self, whole: Split, n: int) -> Split:
        """Return a split of all `n` recordings as one of those that were kept."""
        place = np.full(n, -1, np.intp)
        place[self.kept] = np.arange(len(self.kept))
        train, validation, test = (
            place[rows][place[rows] >= 0] for rows in (whole.train, whole.validation, whole.test)
        )
        return Split(train, validation, test, whole.notes)

    @property
    def notes(self) -> list[str]:
        """Return a line for each reason why recordings were left out."""
        return [
            f"{counted(count, 'recording was', 'recordings were')} left out: {reason}"
            for reason, count in self.refused.most_common()
        ]


def prepare(
    job: RunningJob, examples: Sequence[Example], preprocessing: Preprocessing, file: Path, share: float
) -> Prepared:
    """Preprocess the recordings; `share` of the progress bar is theirs. `file` is where a large array is kept."""
    shape = (len(examples), 12, preprocessing.n_samples)
    x = _array(shape, file)
    kept: list[int] = []
    refused: Counter[str] = Counter()
    for index, example in enumerate(examples):
        signal, rate = decode_signal(_stored(job, example))
        try:
            x[len(kept)] = preprocessing(signal, rate)
        except UserError as error:
            refused[str(error)] += 1
        else:
            kept.append(index)
        job.progress(share * index / len(examples), f"Preparing recording {index + 1} of {len(examples)}")
    return Prepared(x[: len(kept)], np.array(kept, np.intp), refused)


def _stored(job: RunningJob, example: Example) -> bytes:
    try:
        return job.storage.get(example.signal_key)
    except NotFoundError:
        with job.read() as session:
            if session.get(Recording, example.recording_id) is None:
                raise ConflictError(
                    f"The recording {example.file_name} was deleted while the training was being prepared. Start a new "
                    "training."
                ) from None
        raise


def _array(shape: tuple[int, int, int], file: Path) -> NDArray[np.float32]:
    if 4 * int(np.prod(shape)) <= IN_MEMORY:
        return np.empty(shape, np.float32)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as reserved:  # a mapped file that meets a full disk only later ends the process
        os.posix_fallocate(reserved.fileno(), 0, 4 * int(np.prod(shape)) + 4096)
    return np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=shape)
