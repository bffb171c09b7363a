"""Simulated learning curves: a logistic regression, truly cross-validated, that has or has not much left to learn."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.ml.data.folds import Folds, divide_into_folds
from backend.ml.data.shares import SHARES, share_of
from backend.ml.evaluation.learning_curve import LearningCurve, learning_curve

LABELS = ("a",)


def simulated(seed: int, features: int, n: int = 300, signal: float = 2.0) -> LearningCurve:
    """Return the learning curve of n records, a quarter of them second ones of a patient.

    Of `features` all count alike: of two, a quarter of the records teaches all there is; of a hundred, all teach some.
    """
    truth, seen, patients = material(seed, features, n, signal)
    folds = divide_into_folds(truth, patients, seed=seed)
    ways = [*(share_of(folds, truth, share, seed=seed, labels=LABELS) for share in SHARES), folds]
    outputs = [_out_of_fold(truth, seen, one)[None] for one in ways]
    return learning_curve(truth, outputs, (*SHARES, 1.0), LABELS, "multi_label", patients, folds.k)


def material(
    seed: int, features: int, n: int, signal: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return labels (n, 1), what is seen (n, features) and whose each record is."""
    random = np.random.default_rng(seed)
    whose = np.array([row if row < 3 * n // 4 else row - 3 * n // 4 for row in range(n)])
    seen = random.normal(size=(n, features))[whose] + 0.3 * random.normal(size=(n, features))
    weight = np.full(features, signal / np.sqrt(features))
    truth = (seen @ weight + random.logistic(size=n) > 0).astype(float)[:, None]
    return truth, seen, [f"p{one}" for one in whose]


def _out_of_fold(truth: NDArray[np.float64], seen: NDArray[np.float64], folds: Folds) -> NDArray[np.float64]:
    found = np.empty(truth.shape)
    for fold in range(folds.k):
        learn, tests = folds.learns(0, fold), folds.tests(0, fold)
        model = LogisticRegression(max_iter=300).fit(seen[learn], truth[learn, 0])
        found[tests, 0] = model.decision_function(seen[tests])
    return found
