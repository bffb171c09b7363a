"""Fitting the calibration of a model on validation recordings."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from backend.ml.calibration import Calibration
from backend.ml.evaluation.calibration import FEW_FOR_A_LINE, fit_logistic
from backend.ml.evaluation.patients import Patients, patients_of
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import LabelTask

PRIOR: Final = (0.3, 1.0)  # standard deviations of the slope around 1, of the intercept around 0
_COLDEST, _HOTTEST = 0.05, 20.0


def fit_calibration(
    logits: NDArray[np.float32], y_true: NDArray[np.floating], task: LabelTask, patients: Sequence[str | None] | None
) -> Calibration:
    """Fit logits (N, L) to labels (N, L) of 0 and 1 (NaN: not known).

    Several labels: for each a logistic regression on its logit (Platt 1999), with the PRIOR that nothing has to be
    mended, which few recordings hardly move and many do; the covariance draws patients. A label that fewer than
    FEW_FOR_A_LINE patients have, or lack, or whose slope is not above 0, keeps its logits. A single label: the
    temperature of the least cross-entropy.
    """
    x, y = np.asarray(logits, np.float64), np.asarray(y_true, np.float64)
    n, labels = x.shape
    if task == "single_label":
        slope = 1 / _temperature(x, y) if n >= FEW_FOR_A_LINE else 1.0
        return Calibration(
            method="temperature", slopes=(slope,) * labels, intercepts=(0.0,) * labels, covariances=((),) * labels,
            positives=(0,) * labels, n=n,
        )  # fmt: skip
    people = patients_of(n, patients)
    lines = [_platt(x[:, i], y[:, i], people) for i in range(labels)]
    return Calibration(
        method="platt",
        slopes=tuple(line[0] for line in lines),
        intercepts=tuple(line[1] for line in lines),
        covariances=tuple(line[2] for line in lines),
        positives=tuple(int((y[:, i] == 1).sum()) if line[2] else 0 for i, line in enumerate(lines)),
        n=n,
    )


def _platt(x: Floats, y: Floats, people: Patients) -> tuple[float, float, tuple[float, ...]]:
    known = ~np.isnan(y)
    has = y[known] > 0.5
    _, group = np.unique(people.group[known], return_inverse=True)
    whose = Patients(group, int(group.max(initial=-1)) + 1, people.n_known)
    if min(whose.having(has), whose.having(~has)) < FEW_FOR_A_LINE:
        return 1.0, 0.0, ()
    fit = fit_logistic(x[known], has.astype(np.float64), whose, PRIOR)
    return (fit.slope, fit.intercept, fit.covariance) if fit is not None and fit.slope > 0 else (1.0, 0.0, ())


def _temperature(x: Floats, y: Floats) -> float:
    rows = (y == 1).any(axis=1)
    true = np.nan_to_num(y[rows])

    def loss(log_temperature: float) -> float:
        return -float((true * log_softmax(x[rows] / np.exp(log_temperature), axis=1)).sum())

    if not rows.any():
        return 1.0
    found = minimize_scalar(loss, bounds=(np.log(_COLDEST), np.log(_HOTTEST)), method="bounded")
    return float(np.exp(found.x))
