"""Whose records are whose: sums a patient, and the variance of a sum that draws patients, not records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from backend.ml.data.split import patient_groups
from backend.ml.evaluation.scores import Floats

LEAST: Final = 0.5  # of E - 1: fewer patients than 1.5 tell of no variance


@dataclass(frozen=True, eq=False)
class Patients:
    """The patients of N records; a record whose patient is not known is one of its own."""

    group: NDArray[np.intp]  # (N,) number of the patient of each record
    n: int
    n_known: int  # records whose patient is known

    @property
    def several(self) -> bool:
        """Say whether somebody has more than one record."""
        return self.n < len(self.group)

    def sums(self, values: Floats) -> Floats:
        """Return the sum over the records (N,) of each patient, (patients,)."""
        return np.asarray(np.bincount(self.group, values, minlength=self.n), np.float64)

    def having(self, chosen: NDArray[np.bool_]) -> int:
        """Return how many patients have a record among those chosen (N,)."""
        return int((self.sums(chosen.astype(np.float64)) > 0).sum()) if self.several else int(chosen.sum())


def patients_of(n: int, patients: Sequence[str | None] | None) -> Patients:
    """Number the patients of n records; None where nobody's is known."""
    if patients is None:
        return Patients(np.arange(n), n, 0)
    group = patient_groups(patients)
    return Patients(group, int(group.max(initial=-1)) + 1, sum(bool(patient) for patient in patients))


def variance(influence: Floats, patients: Patients, *sides: NDArray[np.bool_]) -> float:
    """Return the variance of an estimate from the influence (N,) of each record on it, which sum to 0.

    Records of one patient count together: the linearised jackknife over patients (Efron 1982), with E / (E - 1) of an
    effective number E of them, and `uneven`. `sides` (N,) are the records that are counted apart, such as those with a
    label and those without; all together where none is given. A side of a single patient adds nothing.
    """
    scaled = influence.astype(np.float64)
    for side in sides or (np.ones(len(influence), bool),):
        scaled[side] *= np.sqrt(few(patients, side))
    each = patients.sums(scaled) if patients.several else scaled
    return float(each @ each)


def few(patients: Patients, side: NDArray[np.bool_] | None = None) -> float:
    """Return E / (E - 1) · `uneven` of the patients of the records of a side (N,), all for None; 0 of a single one."""
    records = patients.sums(np.ones(len(patients.group)) if side is None else side.astype(np.float64))
    k, n, squares = int(np.count_nonzero(records)), float(records.sum()), float(records @ records)
    if k < 2:
        return 0.0
    equal = n * n / squares
    return equal / max(equal - 1, LEAST) * float(uneven(n, squares, k))


def uneven(records: ArrayLike, squares: ArrayLike, patients: ArrayLike) -> Floats:
    """Return by what variances grow where K patients have unequal numbers of records; 1 where these are equal.

    `squares` is the sum of the squared numbers, so that the patients are worth E = records² / squares equal ones (Kish
    1965): where few patients have most of the records, what is estimated and how sure it is are known from these few.
    It is the square of the ratio of Student's t of E - 1 and of K - 1 degrees of freedom, at least one each.
    """
    n, square, k = (np.asarray(one, np.float64) for one in (records, squares, patients))
    effective = np.minimum(n**2 / np.maximum(square, 1), k)
    few, many = (stdtrit(np.maximum(1, one - 1), 0.975) for one in (effective, k))
    return np.asarray((few / many) ** 2)
