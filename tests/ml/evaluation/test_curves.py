import numpy as np
import pytest
from sklearn import metrics as sk

from backend.ml.evaluation.scores import pr_curve, roc_curve
from backend.ml.evaluation.thresholds import best_thresholds
from tests.ml.evaluation.problems import problem


@pytest.mark.parametrize("seed", range(5))
def test_the_thresholds_have_the_highest_f1_of_all(seed):
    y, p = problem(seed, n=80)
    for i, threshold in enumerate(best_thresholds(y, p)):
        found = sk.f1_score(y[:, i], p[:, i] >= threshold)
        assert found == max(sk.f1_score(y[:, i], p[:, i] >= t) for t in np.unique(p[:, i]))


def test_the_threshold_of_a_label_that_never_occurs_is_a_half():
    assert best_thresholds([[0], [0]], [[0.1], [0.9]]) == (0.5,)


@pytest.mark.parametrize("seed", range(3))
def test_the_roc_curve_is_that_of_scikit_learn_and_thinned(seed):
    y, p = problem(seed, n=3000, decimals=6)
    truth, score = y[:, 0].astype(bool), p[:, 0]
    points = np.array(roc_curve(truth, score))
    assert len(points) <= 200
    np.testing.assert_array_equal(points[[0, -1]], [[0, 0], [1, 1]])
    false, true, _ = sk.roc_curve(truth, score)
    assert {tuple(point) for point in points} <= set(zip(false.tolist(), true.tolist(), strict=True))
    assert sk.auc(*points.T) == pytest.approx(sk.roc_auc_score(truth, score), abs=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_the_precision_recall_curve_is_that_of_scikit_learn_and_thinned(seed):
    y, p = problem(seed, n=3000, decimals=6)
    points = np.array(pr_curve(y[:, 0].astype(bool), p[:, 0]))
    precision, recall, _ = sk.precision_recall_curve(y[:, 0], p[:, 0])
    assert len(points) <= 200
    assert {tuple(point) for point in points} <= set(zip(recall.tolist(), precision.tolist(), strict=True))
    assert (points[-1] == [1, y[:, 0].mean()]).all()
