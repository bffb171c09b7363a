"""Whose records are whose: sums a patient, and the variance of a sum that draws patients, not records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ml.data.split import patient_groups
from backend.ml.evaluation.scores import Floats


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


def variance(influence: Floats, patients: Patients, of: int | None = None) -> float:
    """Return the variance of an estimate from the influence (N,) of each record on it, which sum to 0.

    Records of one patient count together: the linearised jackknife over patients (Efron 1982), with K / (K - 1) of the
    K patients that have any influence, or `of` so many.
    """
    each = patients.sums(influence) if patients.several else influence
    k = int(np.count_nonzero(each)) if of is None else of
    return float(each @ each) * k / (k - 1) if k > 1 else 0.0
