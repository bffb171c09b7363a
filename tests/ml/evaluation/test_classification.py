import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation import scores
from backend.ml.evaluation.classification import evaluate, macro_auroc, macro_f1
from backend.ml.evaluation.thresholds import predict_labels
from tests.ml.evaluation.problems import problem


@pytest.mark.parametrize("task", ["multi_label", "single_label"])
@pytest.mark.parametrize("seed", range(5))
def test_every_value_equals_scikit_learn(task, seed):
    y, p = problem(seed, task=task, decimals=1 if seed % 2 else 3)
    result = evaluate(y, p, list("abcd"), task)
    predicted = predict_labels(p, task)
    if task == "single_label":
        truth, called = y.argmax(1), p.argmax(1)
        assert result.confusion == tuple(map(tuple, sk.confusion_matrix(truth, called)))
    else:
        truth, called = y, predicted
        two_by_two = sk.multilabel_confusion_matrix(y, predicted)
        assert [item.confusion for item in result.classes] == [tuple(map(tuple, m)) for m in two_by_two.tolist()]
    assert result.accuracy.value == pytest.approx(sk.accuracy_score(truth, called))
    expected = sk.precision_recall_fscore_support(truth, called, zero_division=0.0)
    for i, item in enumerate(result.classes):
        assert item.precision.value == pytest.approx(expected[0][i], abs=1e-9)
        assert item.recall.value == pytest.approx(expected[1][i], abs=1e-9)
        assert item.f1.value == pytest.approx(expected[2][i], abs=1e-9)
        assert item.support == expected[3][i]
        assert item.auroc.value == pytest.approx(sk.roc_auc_score(y[:, i], p[:, i]))
        assert item.average_precision.value == pytest.approx(sk.average_precision_score(y[:, i], p[:, i]))
        assert item.specificity.value == pytest.approx(sk.recall_score(1 - y[:, i], ~predicted[:, i]))
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(truth, called, average=average, zero_division=0.0)
        assert getattr(result, f"{average}_precision").value == pytest.approx(precision)
        assert getattr(result, f"{average}_recall").value == pytest.approx(recall)
        assert getattr(result, f"{average}_f1").value == pytest.approx(f1)
        assert getattr(result, f"{average}_auroc").value == pytest.approx(sk.roc_auc_score(y, p, average=average))
    assert result.macro_average_precision.value == pytest.approx(sk.average_precision_score(y, p, average="macro"))
    assert macro_auroc(y, p) == pytest.approx(result.macro_auroc.value, abs=1e-12)
    assert macro_f1(y, p, task) == pytest.approx(result.macro_f1.value, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_every_score_equals_that_of_scikit_learn_whatever_the_ties(records):
    y, p = np.array([truth for truth, _ in records]), np.array([score / 5 for _, score in records])
    has, lacks = y.any(), not y.all()
    assert scores.auroc(y, p) == pytest.approx(
        sk.roc_auc_score(y, p) if has and lacks else np.nan, nan_ok=True, abs=1e-9
    )
    area = sk.average_precision_score(y, p) if has else np.nan
    assert scores.average_precision(y, p) == pytest.approx(area, nan_ok=True, abs=1e-9)
    assert bool(scores.roc_curve(y, p)) == bool(has and lacks)
    result = evaluate(y[:, None], p[:, None], ["a"], "multi_label").classes[0]
    called, enough = p >= 0.5, min(y.sum(), (~y).sum()) >= 5
    expected = {
        "precision": (sk.precision_score(y, called, zero_division=0.0), has and enough),
        "recall": (sk.recall_score(y, called, zero_division=0.0), y.sum() >= 5),
        "specificity": (sk.recall_score(~y, ~called, zero_division=0.0), (~y).sum() >= 5),
        "npv": (sk.precision_score(~y, ~called, zero_division=0.0), enough and not called.all()),
        "f1": (sk.f1_score(y, called, zero_division=0.0), enough),
        "average_precision": (area, enough),
    }
    for name, (value, given_) in expected.items():
        found = getattr(result, name)
        assert found.value == (pytest.approx(value, abs=1e-9) if given_ else None), name
        if given_ and found.low is not None:
            assert found.low <= found.value <= found.high, name
            assert found.low < found.high, name
    assert (result.calibration is not None) == bool(has and lacks)
    if enough:
        assert result.calibration.brier.value == pytest.approx(sk.brier_score_loss(y, p), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_the_influence_of_a_record_is_the_derivative_by_its_weight(seed, n):
    random = np.random.default_rng(seed)
    y, p = random.random(n) < 0.5, random.integers(0, 6, n) / 5
    if not y.any() or y.all():
        return
    area, influence = scores.average_precision_parts(y, p)
    assert influence.sum() == pytest.approx(0, abs=1e-9)
    weight = np.ones(n)
    weight[0] += 1e-6
    more = sk.average_precision_score(y, p, sample_weight=weight)
    assert (more - area) / 1e-6 == pytest.approx(influence[0], abs=1e-4)


def test_a_class_that_never_occurs_is_undefined_and_left_out_of_the_means():
    y, p = problem(1, n_labels=3)
    y[:, 2] = 0
    result = evaluate(y, p, ["a", "b", "c"], "multi_label")
    absent = result.classes[2]
    assert absent.support == 0
    assert (absent.auroc.value, absent.recall.value, absent.f1.value, absent.auroc.low) == (None,) * 4
    assert absent.roc == ()
    two = evaluate(y[:, :2], p[:, :2], ["a", "b"], "multi_label")
    assert result.macro_f1.value == two.macro_f1.value
    assert result.macro_auroc.value == two.macro_auroc.value
    assert "None of the 200 evaluated recordings has “c”" in result.notes[0]


def test_a_class_that_occurs_and_is_never_called_has_precision_and_f1_of_zero():
    y = np.eye(2)[[0] * 20 + [1] * 10]
    result = evaluate(y, np.tile([0.9, 0.1], (30, 1)), ["a", "b"], "single_label")
    assert (result.classes[1].precision.value, result.classes[1].f1.value) == (0, 0)
    assert result.macro_precision.value == sk.precision_score(
        y, np.eye(2)[[0] * 30], average="macro", zero_division=0.0
    )


@pytest.mark.parametrize(("positives", "given_"), [(4, False), (5, True), (25, True), (26, False)])
def test_with_fewer_than_five_patients_on_a_side_numbers_are_withheld(positives, given_):
    y = np.arange(30) < positives
    result = evaluate(y[:, None], np.linspace(1, 0, 30)[:, None], ["a"], "multi_label")
    item = result.classes[0]
    fewest = min(positives, 30 - positives)
    for name in ("auroc", "f1", "average_precision", "precision", "npv"):
        found = getattr(item, name)
        assert (found.value is not None) == given_, name
        assert found.withheld == (None if given_ else f"too few to say: {fewest}"), name
    assert (item.patients_with, item.patients_without) == (positives, 30 - positives)
    assert (result.macro_f1.value is not None) == given_
    assert any(f"Only {fewest} recordings" in note for note in result.notes) != given_
    assert (item.recall.value is None) == (positives < 5)
    assert (item.specificity.value is None) == (positives > 25)


def test_records_of_one_patient_are_one_patient():
    y, p = problem(0, n=60, n_labels=1)
    result = evaluate(y, p, ["a"], "multi_label", patients=["x" if has else str(i) for i, has in enumerate(y[:, 0])])
    assert result.classes[0].patients_with == 1
    assert result.classes[0].auroc.withheld == "too few to say: 1"


def test_a_record_of_which_a_label_is_not_known_counts_for_nothing_there():
    y, p = problem(5, n_labels=2)
    hidden = y.copy()
    hidden[::2, 0] = np.nan
    whole, some = (evaluate(values, p, ["a", "b"], "multi_label") for values in (y, hidden))
    half = evaluate(y[1::2, :1], p[1::2, :1], ["a"], "multi_label")
    assert some.classes[0] == half.classes[0]
    assert some.classes[1] == whole.classes[1]


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


def test_the_mean_of_labels_that_go_together_is_no_surer_than_each():
    y, p = problem(2, n=100, n_labels=1)
    alone = evaluate(y, p, ["a"], "multi_label").classes[0]
    twice = evaluate(np.repeat(y, 4, axis=1), np.repeat(p, 4, axis=1), list("abcd"), "multi_label")
    assert (twice.macro_f1.low, twice.macro_f1.high) == pytest.approx((alone.f1.low, alone.f1.high))
    assert (twice.macro_auroc.low, twice.macro_auroc.high) == pytest.approx((alone.auroc.low, alone.auroc.high))
    four = evaluate(*problem(2, n=100), list("abcd"), "multi_label")
    widths = [one.auroc.high - one.auroc.low for one in four.classes]
    assert four.macro_auroc.high - four.macro_auroc.low < 0.8 * np.mean(widths)


def test_a_mean_is_withheld_where_more_than_a_quarter_of_the_labels_are():
    y, p = problem(3, n=100)
    y[3:, 3] = 0
    assert evaluate(y, p, list("abcd"), "multi_label").macro_f1.value is not None
    y[3:, 2] = 0
    y[:2, 2:] = 1
    few = evaluate(y, p, list("abcd"), "multi_label")
    assert (few.macro_f1.value, few.macro_f1.withheld) == (None, "only 2 of 4 labels have enough patients")


def test_it_says_patients_only_where_they_are_known():
    y, p = problem(2, n=50)
    none = evaluate(y, p, list("abcd"), "multi_label", patients=[None] * 50)
    some = evaluate(y, p, list("abcd"), "multi_label", patients=["x", *[None] * 49])
    assert none == evaluate(y, p, list("abcd"), "multi_label")
    assert (none.drawn_by, none.n_patients, some.drawn_by, some.n_patients) == ("record", None, "patient", 50)
    assert any("Of 49 of 50 recordings the patient is not known" in note for note in some.notes)


def test_a_thousand_records_of_five_labels_take_no_minutes():
    y, p = problem(0, n=1000, n_labels=5)
    patients = [str(i // 3) for i in range(1000)]
    start = time.process_time()
    evaluate(y, p, list("abcde"), "multi_label", patients=patients, uncalibrated=p)
    assert time.process_time() - start < 20  # a fraction of a second on a free machine


def test_the_result_is_json():
    y, p = problem(0, task="single_label")
    assert json.loads(json.dumps(evaluate(y, p, list("abcd"), "single_label").to_dict()))["n"] == 200


def test_fmax_is_the_best_f_of_mean_precision_and_recall_a_record():
    y, p = problem(6, n=60)
    truth, best = y.astype(bool), 0.0
    for threshold in np.linspace(0, 1, 101):
        called = p >= threshold
        pairs = [(set(np.flatnonzero(a)), set(np.flatnonzero(b))) for a, b in zip(truth, called, strict=True)]
        precision = [len(a & b) / len(b) for a, b in pairs if b]
        recall = [len(a & b) / len(a) for a, b in pairs if a]
        if precision and np.mean(precision) + np.mean(recall):
            best = max(best, 2 * np.mean(precision) * np.mean(recall) / (np.mean(precision) + np.mean(recall)))
    assert evaluate(y, p, list("abcd"), "multi_label").fmax == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_are_refused(value):
    with pytest.raises(ModelInvalidError, match="1 of 2 records with values that are no numbers"):
        evaluate([[1.0], [0.0]], [[value], [0.5]], ["a"], "multi_label")


def test_wrong_shapes_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="should both be"):
        evaluate([[1, 0]], [[0.5]], ["a", "b"], "multi_label")


def test_a_label_that_every_recording_has_says_why_nothing_can_be_told_from_it():
    result = evaluate(np.ones((30, 1)), np.linspace(0, 1, 30)[:, None], ["NORM"], "multi_label")
    item = result.classes[0]
    assert (item.calibration, item.roc, item.pr, result.ece) == (None, (), (), None)
    assert "some recordings and absent from others" in result.macro_auroc.withheld
    assert result.notes == ("Every evaluated recording has “NORM”: nothing can be said of telling it from others.",)


@pytest.mark.parametrize(("positives", "given_"), [(4, False), (5, True), (25, True), (26, False)])
def test_curves_and_calibration_are_withheld_where_the_numbers_are(positives, given_):
    y = (np.arange(30) < positives)[:, None]
    result = evaluate(y, np.linspace(1, 0, 30)[:, None], ["a"], "multi_label")
    item = result.classes[0]
    assert [bool(one) for one in (item.roc, item.pr)] == [given_] * 2
    assert item.calibration.bins  # whether a bin is shown depends on the outputs alone
    assert (result.ece is not None, item.calibration.ece is not None, item.calibration.brier.value is not None) == (
        given_, given_, given_,
    )  # fmt: skip
    both = evaluate(np.hstack([y, ~y[::-1]]), np.full((30, 2), 0.4), ["a", "b"], "multi_label")
    assert (both.ece is not None) == given_


def test_an_area_a_hair_below_one_has_a_bound_near_that_of_one():
    y = np.arange(160) < 48
    p = np.where(y, 0.9, 0.1)
    whole = evaluate(y[:, None], p[:, None], ["a"], "multi_label").classes[0].average_precision
    p[47], p[48] = 0.4, 0.5  # one that has it is ranked behind one that has it not
    nearly = evaluate(y[:, None], p[:, None], ["a"], "multi_label").classes[0].average_precision
    assert 0.99 < nearly.value < 1
    assert nearly.low == pytest.approx(whole.low, abs=0.03)
