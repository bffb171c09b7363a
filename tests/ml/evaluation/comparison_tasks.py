"""Simulated tasks for comparisons: candidates that see more or less of the causes of labels, truly cross-validated."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.ml.data.folds import divide_into_folds
from backend.ml.evaluation.paired import Paired, compare

LABELS = ("a", "b", "c")
FEATURES = 8


def task(seed: int, noise: Sequence[float], n: int = 400) -> Paired:
    """Return the comparison of candidates that see the same hidden causes, each with noise of its own strength.

    Of n records, a quarter are second records of a patient, alike. Each candidate is a logistic regression, trained
    and tested in the folds of `divide_into_folds`.
    """
    random = np.random.default_rng(seed)
    patients = [f"p{row if row < 3 * n // 4 else row - 3 * n // 4}" for row in range(n)]
    whose = np.array([int(one[1:]) for one in patients])
    cause = random.normal(size=(n, FEATURES))[whose] + 0.3 * random.normal(size=(n, FEATURES))
    y = cause @ random.normal(size=(FEATURES, len(LABELS))) + 1.5 * random.normal(size=(n, len(LABELS)))
    truth = (y == y.max(axis=1, keepdims=True)).astype(float)
    folds = divide_into_folds(truth, patients, seed=seed)
    outputs = [_out_of_fold(truth, cause + one * random.normal(size=cause.shape), folds.fold[0])[None] for one in noise]
    return compare(truth, outputs, LABELS, "single_label", patients, folds.k)


def _out_of_fold(truth: NDArray[np.float64], seen: NDArray[np.float64], fold: NDArray[np.intp]) -> NDArray[np.float64]:
    found = np.empty(truth.shape)
    for number in range(fold.max() + 1):
        tests = fold == number
        model = LogisticRegression(max_iter=300).fit(seen[~tests], truth[~tests].argmax(axis=1))
        found[tests] = model.predict_proba(seen[tests])
    return found
