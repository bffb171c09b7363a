"""Thresholds of several labels: what is counted as predicted, and which threshold is chosen; oracle: scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from backend.ml.evaluation.classification import evaluate, macro_f1
from backend.ml.evaluation.thresholds import best_thresholds, predict_labels

LABELS = ("A", "B", "C")
THRESHOLDS = (0.1, 0.5, 0.9)


def _drawn(seed: int = 0, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = (random.random((n, 3)) < [0.2, 0.5, 0.7]).astype(float)
    return y, np.round(np.clip(random.normal(0.35 + 0.3 * y, 0.25), 0, 1), 1)  # many lie on a threshold


def test_a_label_counts_as_predicted_where_its_own_threshold_is_reached() -> None:
    predicted = predict_labels([[0.1, 0.5, 0.9], [0.09, 0.49, 0.89], [0.95, 0.0, 0.0]], "multi_label", THRESHOLDS)
    np.testing.assert_array_equal(predicted, [[1, 1, 1], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(predict_labels([[0.5, 0.49, 0.51]], "multi_label"), [[1, 0, 1]])
    np.testing.assert_array_equal(predict_labels([[0.2, 0.3, 0.1]], "single_label", THRESHOLDS), [[0, 1, 0]])


def test_results_with_thresholds_are_those_of_scikit_learn_with_the_same_predictions() -> None:
    y, p = _drawn()
    predicted = p >= np.array(THRESHOLDS)
    found = evaluate(y, p, LABELS, "multi_label", THRESHOLDS)
    assert found.thresholds == THRESHOLDS
    assert found.accuracy.value == pytest.approx(accuracy_score(y, predicted))
    assert found.macro_f1.value == pytest.approx(f1_score(y, predicted, average="macro"))
    assert macro_f1(y, p, "multi_label", THRESHOLDS) == pytest.approx(f1_score(y, predicted, average="macro"))
    for i, one in enumerate(found.classes):
        assert (one.support, one.predicted) == (y[:, i].sum(), predicted[:, i].sum())
        assert one.confusion == tuple(map(tuple, confusion_matrix(y[:, i], predicted[:, i]).tolist()))
        assert one.precision.value == pytest.approx(precision_score(y[:, i], predicted[:, i]))
        assert one.recall.value == pytest.approx(recall_score(y[:, i], predicted[:, i]))
        assert one.f1.value == pytest.approx(f1_score(y[:, i], predicted[:, i]))


@pytest.mark.parametrize("seed", range(2))
def test_no_other_threshold_has_a_higher_f1(seed: int) -> None:
    y, p = _drawn(seed, 60)
    for i, chosen in enumerate(best_thresholds(y, p)):
        best = max(f1_score(y[:, i], p[:, i] >= t, zero_division=0.0) for t in np.arange(0.05, 1, 0.1))
        assert f1_score(y[:, i], p[:, i] >= chosen) == pytest.approx(best)


def test_a_threshold_lies_half_way_between_the_probabilities_that_it_divides() -> None:
    y, p = np.array([[0], [0], [1], [1]]), np.array([[0.1], [0.2], [0.6], [0.9]])
    assert best_thresholds(y, p) == (pytest.approx(0.4),)
    assert best_thresholds(np.zeros((4, 1)), p) == (0.5,)


@pytest.mark.parametrize("seed", range(3))
def test_each_rule_chooses_the_best_threshold_of_all_by_what_it_says(seed: int) -> None:
    y, p = _drawn(seed, 60)
    candidates = np.arange(-0.05, 1.1, 0.1)

    def counted(i: int, threshold: float) -> tuple[float, float, float]:
        (tn, fp), (fn, tp) = confusion_matrix(y[:, i], p[:, i] >= threshold, labels=[0, 1])
        return tp / (tp + fn), tn / (tn + fp), 3 * fn + fp

    for i in range(3):
        every = [counted(i, threshold) for threshold in candidates]
        youden, found, spared, cheap = (
            counted(i, best_thresholds(y, p, rule, cost=3)[i])
            for rule in ("youden", "sensitivity_90", "specificity_90", "costs")
        )
        assert sum(youden[:2]) == pytest.approx(max(a + b for a, b, _ in every))
        assert found[0] >= 0.9
        assert found[1] == max(b for a, b, _ in every if a >= 0.9)
        assert spared[1] >= 0.9
        assert spared[0] == max(a for a, b, _ in every if b >= 0.9)
        assert cheap[2] == min(cost for *_, cost in every if cost <= 3 * y[:, i].sum())
    with pytest.raises(ValueError, match="youden"):
        best_thresholds(y, p, "best")


def test_a_label_that_is_not_known_of_a_recording_does_not_move_its_threshold() -> None:
    y, p = _drawn(4, 80)
    hidden = y.copy()
    hidden[::2] = np.nan
    assert best_thresholds(hidden, p) == best_thresholds(y[1::2], p[1::2])
