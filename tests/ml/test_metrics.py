import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from backend.ml.metrics import best_thresholds, evaluate, macro_auroc, macro_f1, predict_labels
from backend.ml.scores import roc_curve


def problem(seed, n=200, n_labels=4, task="multi_label", decimals=2):
    """Labels and rounded (hence tied) probabilities that know something of them."""
    random = np.random.default_rng(seed)
    if task == "single_label":
        y = np.eye(n_labels)[random.integers(0, n_labels, n)]
        p = random.random((n, n_labels)) + y
        p = np.round(p / p.sum(axis=1, keepdims=True), decimals)
    else:
        y = (random.random((n, n_labels)) < 0.3).astype(float)
        p = np.round(np.clip(0.3 * y + 0.7 * random.random((n, n_labels)), 0, 1), decimals)
    return y, p


@pytest.mark.parametrize("task", ["multi_label", "single_label"])
@pytest.mark.parametrize("seed", range(5))
def test_every_value_equals_scikit_learn(task, seed):
    y, p = problem(seed, task=task, decimals=1 if seed % 2 else 3)
    result = evaluate(y, p, list("abcd"), task, resamples=10)
    predicted = predict_labels(p, task)
    if task == "single_label":
        truth, called = y.argmax(1), p.argmax(1)
        assert result.confusion == tuple(map(tuple, sk.confusion_matrix(truth, called)))
    else:
        truth, called = y, predicted
        two_by_two = sk.multilabel_confusion_matrix(y, predicted)
        assert [item.confusion for item in result.classes] == [tuple(map(tuple, m)) for m in two_by_two.tolist()]
    assert result.accuracy.value == pytest.approx(sk.accuracy_score(truth, called))
    scores = sk.precision_recall_fscore_support(truth, called, zero_division=np.nan)
    for i, item in enumerate(result.classes):
        assert item.precision.value == pytest.approx(scores[0][i])
        assert item.recall.value == pytest.approx(scores[1][i])
        assert item.f1.value == pytest.approx(scores[2][i])
        assert item.support == scores[3][i]
        assert item.auroc.value == pytest.approx(sk.roc_auc_score(y[:, i], p[:, i]))
        assert item.average_precision.value == pytest.approx(sk.average_precision_score(y[:, i], p[:, i]))
        assert item.specificity.value == pytest.approx(sk.recall_score(1 - y[:, i], ~predicted[:, i]))
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            truth, called, average=average, zero_division=np.nan
        )
        assert getattr(result, f"{average}_precision").value == pytest.approx(precision)
        assert getattr(result, f"{average}_recall").value == pytest.approx(recall)
        assert getattr(result, f"{average}_f1").value == pytest.approx(f1)
        assert getattr(result, f"{average}_auroc").value == pytest.approx(sk.roc_auc_score(y, p, average=average))
    assert result.macro_average_precision.value == pytest.approx(sk.average_precision_score(y, p, average="macro"))
    assert macro_auroc(y, p) == result.macro_auroc.value
    assert macro_f1(y, p, task) == result.macro_f1.value


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_auroc_and_average_precision_handle_any_ties_as_scikit_learn_does(records):
    y = np.array([[truth] for truth, _ in records], dtype=float)
    p = np.array([[score / 5] for _, score in records])
    result = evaluate(y, p, ["a"], "multi_label", resamples=1).classes[0]
    if y.all() or not y.any():
        assert result.auroc.value is None
        assert result.roc == ()
    else:
        assert result.auroc.value == pytest.approx(sk.roc_auc_score(y, p))
        assert result.average_precision.value == pytest.approx(sk.average_precision_score(y, p))


def test_a_resample_weighs_a_record_by_how_often_it_was_drawn():
    y, p = problem(3, n=60, n_labels=2)
    result = evaluate(y, p, ["a", "b"], "multi_label", resamples=400, seed=7)
    drawn = np.random.default_rng(7).multinomial(60, np.full(60, 1 / 60), size=400)
    values = [sk.roc_auc_score(np.repeat(y[:, 0], times), np.repeat(p[:, 0], times)) for times in drawn]
    low, high = np.percentile(values, [2.5, 97.5])
    assert (result.classes[0].auroc.low, result.classes[0].auroc.high) == pytest.approx((low, high))


def test_a_class_that_never_occurs_is_undefined_and_left_out_of_the_means():
    y, p = problem(1, n_labels=3)
    y[:, 2] = 0
    result = evaluate(y, p, ["a", "b", "c"], "multi_label", resamples=50)
    absent = result.classes[2]
    assert absent.support == 0
    assert (absent.auroc.value, absent.recall.value, absent.f1.value, absent.auroc.low) == (None,) * 4
    assert absent.roc == ()
    two = evaluate(y[:, :2], p[:, :2], ["a", "b"], "multi_label", resamples=50)
    assert result.macro_f1.value == two.macro_f1.value
    assert result.macro_auroc == two.macro_auroc
    assert "“c” is on none of the 200 test records" in result.notes[0]


def test_a_class_never_called_has_no_precision_but_an_f1_of_zero():
    result = evaluate([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1]] * 3, ["a", "b"], "single_label", resamples=10)
    assert result.classes[1].precision.value is None
    assert result.classes[1].f1.value == 0


def test_drawing_by_patient_widens_the_interval_where_patients_have_many_records():
    y, p = problem(2, n=60)
    y, p = np.repeat(y, 10, axis=0), np.repeat(p, 10, axis=0)
    patients = [str(i // 10) for i in range(600)]
    by_patient = evaluate(y, p, list("abcd"), "multi_label", patients=patients)
    by_record = evaluate(y, p, list("abcd"), "multi_label")
    assert by_patient.macro_auroc.value == by_record.macro_auroc.value
    assert (by_patient.drawn_by, by_record.drawn_by) == ("patient", "record")
    widths = [result.macro_auroc.high - result.macro_auroc.low for result in (by_patient, by_record)]
    assert widths[0] > 2 * widths[1]


def test_a_record_without_patient_counts_as_its_own():
    y, p = problem(2, n=50)
    alone = evaluate(y, p, list("abcd"), "multi_label", patients=[None] * 50)
    assert alone.macro_auroc == evaluate(y, p, list("abcd"), "multi_label").macro_auroc


def test_the_interval_holds_the_value_and_is_the_same_for_the_same_seed():
    y, p = problem(4)
    first, again, other = (evaluate(y, p, list("abcd"), "multi_label", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.macro_f1 != other.macro_f1
    for item in first.classes:
        assert item.auroc.low < item.auroc.value < item.auroc.high


def test_a_thousand_resamples_of_300_records_take_less_than_three_seconds():
    y, p = problem(0, n=300, n_labels=5)
    start = time.perf_counter()
    evaluate(y, p, list("abcde"), "multi_label", resamples=1000)
    assert time.perf_counter() - start < 3


def test_the_result_is_json():
    y, p = problem(0, task="single_label")
    assert json.loads(json.dumps(evaluate(y, p, list("abcd"), "single_label", resamples=5).to_dict()))["n"] == 200


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


def test_wrong_shapes_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="should both be"):
        evaluate([[1, 0]], [[0.5]], ["a", "b"], "multi_label")
