"""What an experiment works on: ECGs to learn from, divided, and others that test what was learned. No torch."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from backend.counted import counted
from backend.ecg.preprocess import Preprocessing
from backend.ml.data.split import Split
from backend.ml.errors import SettingError, TrainingImpossibleError
from backend.ml.spec import LabelTask
from backend.ml.strict_json import Fields

if TYPE_CHECKING:
    from backend.ml.training.start import Base

Rows = NDArray[np.intp]

INTERNAL: Final = "internal"
VALIDATES: Final = 5  # one of so many drawn ECGs validates
_TRIES: Final = 500


@dataclass(frozen=True, eq=False)
class Cohort:
    """Labelled ECGs: y (N, L) of 0 and 1, NaN where a label is not known; `prepared` gives them as (N, 12, T).

    `patients` are groups of ECGs that must not be torn apart; None is one of its own.
    """

    name: str
    y: NDArray[np.float32]
    patients: tuple[str | None, ...]
    prepared: Callable[[Preprocessing], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Material:
    """One cohort that is learned from and, in its test part, tested on, and others that test.

    `base` is the pre-trained network that trainings start from.
    """

    labels: tuple[str, ...]
    task: LabelTask
    learn: Cohort
    split: Split
    tests: tuple[Cohort, ...] = ()
    base: "Base | None" = None

    @property
    def fingerprint(self) -> str:
        """Return a digest of labels, parts and base, by which results of other data are known."""
        digest = hashlib.sha256(repr((self.labels, self.task, self.learn.name)).encode())
        for part in (self.split.train, self.split.validation, self.split.test, self.learn.y):
            digest.update(np.ascontiguousarray(part).tobytes())
        for test in self.tests:
            digest.update(test.name.encode() + np.ascontiguousarray(test.y).tobytes())
        digest.update(self.base.sha256.encode() if self.base else b"")
        return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is tried. `sizes` are numbers of labelled ECGs; empty means those of the experiment.

    `epochs` None are those of each network's own recipe; `passes` are ECGs passed in a pre-training.
    Raises SettingError for what is impossible.
    """

    seeds: int = 3
    sizes: tuple[int, ...] = ()
    epochs: int | None = None
    passes: int = 16_000
    threads: int = 1
    arms: tuple[str, ...] = ()  # empty: all of the experiment
    config: dict[str, int] = field(default_factory=dict)  # of CardX where it is built anew, such as {"width": 8}

    def __post_init__(self) -> None:
        read = Fields(asdict(self), "The settings of the experiment", SettingError)
        read.integer("seeds", 1, 100)
        read.integer("passes", 32, 10**9)
        read.integer("threads", 1, 1024)
        if self.epochs is not None:
            read.integer("epochs", 1, 1000)
        if any(size < 10 for size in self.sizes):
            raise SettingError("An experiment needs at least 10 labelled ECGs at a time.")


def drawn(material: Material, pool: Rows, n: int | None, seed: int) -> tuple[Rows, Rows]:
    """Return n ECGs of the pool to learn from, all for None, a fifth of which validates; no patient is in both.

    Every label, and ECGs without it, are among those to learn from, and among those that validate as far as a few
    hundred draws can do it. Raises TrainingImpossibleError where the pool cannot give that.
    """
    y = material.learn.y
    n = len(pool) if n is None else n
    if n > len(pool):
        raise TrainingImpossibleError(
            f"{counted(n, 'labelled ECG')} are to be learned from, but there are {len(pool)}. Choose fewer."
        )
    groups = [material.learn.patients[int(row)] or f"ecg {row}" for row in pool]
    names = sorted(set(groups))
    of_group: dict[str, list[int]] = {name: [] for name in names}
    for row, group in zip(pool, groups, strict=True):
        of_group[group].append(int(row))
    random = np.random.default_rng([seed, n])
    most, best = -1, None
    for _ in range(_TRIES):
        order = [names[int(i)] for i in random.permutation(len(names))]
        rows = [row for name in order for row in of_group[name]][:n]
        cut = max(1, n // VALIDATES)
        last = material.learn.patients[rows[cut - 1]]
        while cut < len(rows) and last and material.learn.patients[rows[cut]] == last:
            cut += 1
        validate, learn = np.sort(rows[:cut]), np.sort(rows[cut:])
        told = _told(y[validate])
        if len(learn) and _told(y[learn]) == y.shape[1] and told > most:
            most, best = told, (learn.astype(np.intp), validate.astype(np.intp))
        if most == y.shape[1]:
            break
    if best is None:
        raise TrainingImpossibleError(
            f"No {n} ECGs could be drawn that have every label. Leave rare labels out, or choose larger sizes."
        )
    return best


def _told(y: NDArray[np.float32]) -> int:
    """Return how many labels occur and are absent."""
    counts = y.sum(axis=0)
    return int(((counts > 0) & (counts < len(y))).sum())
