"""Results of a cross-validation: repeats bring no patients, thresholds are chosen without the record they judge."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from backend.ml.conclude import _chosen
from backend.ml.data.folds import divide_into_folds
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.cross_validated import Recipe, evaluate_cross_validated
from backend.ml.evaluation.fold_spread import CrossValidation, _rounded, widened, widening
from backend.ml.evaluation.from_json import read_evaluation
from backend.ml.evaluation.intervals import wilson
from backend.ml.evaluation.out_of_fold import OutOfFold, with_prior
from backend.ml.evaluation.regression import evaluate_regression
from backend.ml.evaluation.thresholds import best_thresholds
from backend.ml.inference.predictor import to_outputs
from backend.ml.training.config import TrainingConfig

ABOUT = CrossValidation(folds=5, repeats=0, n_only_trained=0, kept="All.", over="repeats")


def outputs(n=80, repeats=4, labels=2, seed=0, signal=1.5, patients=None):
    """Logits that differ a little between repeats, and labels."""
    random = np.random.default_rng(seed)
    truth = (random.random((n, labels)) < 0.35).astype(np.float32)
    logits = signal * (truth - 0.5) + random.standard_normal((n, labels))
    folds = divide_into_folds(truth, patients or [None] * n, seed=seed, repeats=repeats)
    each = logits + 0.3 * random.standard_normal((repeats, n, labels))
    return truth, OutOfFold(np.arange(n), folds.fold, each.astype(np.float32))


def spec_of(small_spec, task="multi_label", labels=2):
    return replace(small_spec, task=task, labels=tuple("AB"[:labels]), thresholds=(), label_names=())


def result(small_spec, truth, found, patients=None, config=None, task="multi_label"):
    config = config or TrainingConfig()
    spec, points = spec_of(small_spec, task), {}
    if task != "regression":
        spec, points = _chosen(spec, task, truth, found.logits, patients, config)
    recipe = Recipe(
        answer=lambda values, calibration: to_outputs(values, task, calibration), calibrate=config.calibrate,
        rule=config.threshold_rule, cost=1.0, points=points,
    )  # fmt: skip
    about = replace(ABOUT, repeats=found.repeats, over="repeats" if found.repeats > 1 else "folds")
    return spec, evaluate_cross_validated(spec, found, truth, patients, about, recipe)


def test_numbers_are_means_over_repeats_and_thresholds_come_from_other_folds(small_spec):
    truth, found = outputs()
    spec, told = result(small_spec, truth, found)
    for i, one in enumerate(told.classes):
        areas, f1s, recalls = [], [], []
        for fold, logits in zip(found.fold, found.logits, strict=True):
            p = expit(logits.astype(float) * spec.calibration.slopes[i] + spec.calibration.intercepts[i])[:, i]
            called = np.zeros(len(p), bool)
            for number in range(5):
                others = fold != number
                (limit,) = best_thresholds(
                    truth[others, i : i + 1], to_outputs(logits, "multi_label", spec.calibration)[others, i : i + 1]
                )
                called[~others] = to_outputs(logits, "multi_label", spec.calibration)[~others, i] >= limit
            areas.append(roc_auc_score(truth[:, i], p))
            f1s.append(f1_score(truth[:, i], called))
            recalls.append(recall_score(truth[:, i], called))
        assert one.auroc.value == pytest.approx(np.mean(areas), abs=1e-6)
        assert one.f1.value == pytest.approx(np.mean(f1s), abs=1e-9)
        assert one.recall.value == pytest.approx(np.mean(recalls), abs=1e-9)
        (spread,) = [s for s in told.cross_validation.spread if (s.measure, s.label) == ("f1", one.label)]
        assert (spread.lowest, spread.highest, spread.n) == pytest.approx((min(f1s), max(f1s), 4))
        assert spread.sd == pytest.approx(np.std(f1s, ddof=1))
        assert sum(map(sum, one.confusion)) == len(truth)
        assert one.confusion[1][0] + one.confusion[1][1] == one.support == int(truth[:, i].sum())


def test_ten_times_the_same_repeat_says_no_more_than_once(small_spec):
    truth, found = outputs(repeats=1)
    ten = OutOfFold(found.rows, np.repeat(found.fold, 10, axis=0), np.repeat(found.logits, 10, axis=0))
    (_, once), (_, often) = (result(small_spec, truth, each) for each in (found, ten))
    for name in ("auroc", "average_precision", "f1", "recall", "precision", "specificity", "npv"):
        for one, other in zip(once.classes, often.classes, strict=True):
            a, b = getattr(one, name), getattr(other, name)
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=1e-6)
    assert once.macro_auroc.low == pytest.approx(often.macro_auroc.low, abs=1e-6)
    assert (once.n, often.n) == (80, 80)


def test_an_interval_is_wider_than_that_of_one_test_part_of_as_many_and_follows_patients(small_spec):
    truth, found = outputs(n=120, repeats=3)
    spec, alone = result(small_spec, truth, found)
    plain = evaluate(truth, to_outputs(found.logits[0], "multi_label", spec.calibration), ("A", "B"), "multi_label")
    for one, other in zip(alone.classes, plain.classes, strict=True):
        assert one.auroc.high - one.auroc.low > 1.25 * (other.auroc.high - other.auroc.low)
    pairs = [f"p{row // 3}" for row in range(120)]
    truth = np.repeat(truth[::3], 3, axis=0)
    found = replace(found, logits=np.repeat(found.logits[:, ::3], 3, axis=1))
    (_, records), (_, patients) = (result(small_spec, truth, found, whose) for whose in (None, pairs))
    for one, other in zip(records.classes, patients.classes, strict=True):
        assert other.auroc.high - other.auroc.low > 1.3 * (one.auroc.high - one.auroc.low)
    assert (records.drawn_by, patients.drawn_by, patients.n_patients) == ("record", "patient", 40)


@given(st.floats(0, 1), st.integers(5, 500), st.floats(1, 4))
def test_widened_is_wilson_of_fewer_records(share, n, factor):
    for side in (0, 1):
        expected = wilson(share, n / factor)[side]
        assert widened(share, wilson(share, n)[side], factor) == pytest.approx(expected, abs=1e-6)


def test_the_widening_is_that_of_nadeau_and_bengio():
    assert widening(5) == pytest.approx(1 + 5 / 4)  # (1/K + n_test / n_train) / (1/K)
    assert widening(10) == pytest.approx(1 + 10 * (1 / 9))


def test_labels_by_lot_are_told_no_better_and_no_worse_than_by_chance_where_models_say_the_prior_alone():
    """A model that learns nothing but how frequent a label is must not seem worse than chance."""
    for n, positives in ((64, 9), (30, 7), (33, 12)):
        truth = (np.arange(n) < positives).astype(np.float32)[:, None]
        folds = divide_into_folds(truth, [None] * n, seed=1).fold[0]
        plain, corrected = np.zeros((n, 1)), np.zeros((n, 1))
        for number in range(5):
            learn = truth[folds != number]
            odds = np.full((int((folds == number).sum()), 1), logit((learn.sum() + 0.5) / (len(learn) + 1)))
            plain[folds == number] = odds
            corrected[folds == number] = with_prior(odds.astype(np.float32), learn, truth, "multi_label")
        assert roc_auc_score(truth[:, 0], plain[:, 0]) < 0.5
        assert roc_auc_score(truth[:, 0], np.round(corrected[:, 0], 5)) == pytest.approx(0.5)


@pytest.mark.parametrize("rule", ["f1", "youden"])
def test_outputs_by_lot_have_no_f1_and_no_sensitivity_from_a_threshold_that_knew_them(small_spec, rule):
    """Chosen on the very records, thresholds of noise reach a Youden index of 0.2 of 30 ECGs."""
    found_index, naive = [], []
    for seed in range(60):
        truth, found = outputs(n=30, repeats=1, seed=seed, signal=0.0)
        if min(truth.sum(axis=0)) < 5:
            continue
        _, told = result(small_spec, truth, found, config=TrainingConfig(threshold_rule=rule, calibrate=False))
        for i, one in enumerate(told.classes):
            (point,) = [each for each in one.operating_points if each.rule == "youden"]
            found_index.append(point.sensitivity.value + point.specificity.value - 1)
            p = to_outputs(found.logits[0], "multi_label")[:, i]
            called = p >= best_thresholds(truth[:, i : i + 1], p[:, None], "youden")[0]
            naive.append(called[truth[:, i] == 1].mean() - called[truth[:, i] == 0].mean())
    assert np.mean(naive) > 0.2
    assert abs(np.mean(found_index)) < 0.06


def test_calibration_is_judged_by_what_other_folds_say(small_spec):
    """Twice too steep logits: what is kept mends them, and so does what is judged, without the record."""
    truth, found = outputs(n=200, repeats=2, signal=2.0, seed=3)
    steep = replace(found, logits=4 * found.logits)
    spec, told = result(small_spec, truth, steep)
    assert all(slope < 0.7 for slope in spec.calibration.slopes)
    assert spec.calibration.n == 200
    assert told.ece < told.ece_uncalibrated
    assert spec.calibration.positives == tuple(int(count) for count in truth.sum(axis=0))


def test_of_one_repeat_the_spread_is_over_folds(small_spec):
    truth, found = outputs(n=100, repeats=1)
    _, told = result(small_spec, truth, found)
    (spread,) = [s for s in told.cross_validation.spread if (s.measure, s.label) == ("auroc", "A")]
    areas = [
        roc_auc_score(truth[found.fold[0] == number, 0], found.logits[0, found.fold[0] == number, 0])
        for number in range(5)
    ]
    assert (told.cross_validation.over, spread.n) == ("folds", 5)
    assert (spread.lowest, spread.highest) == pytest.approx((min(areas), max(areas)), abs=1e-6)


def test_values_of_a_regression_are_means_over_repeats_too(small_spec):
    random = np.random.default_rng(2)
    truth = random.normal(50, 10, (60, 2)).astype(np.float32)
    truth[:4, 1] = np.nan
    fold = divide_into_folds(np.ones((60, 1)), [None] * 60, seed=1, repeats=3, each_label=False).fold
    found = OutOfFold(
        np.arange(60), fold, (np.nan_to_num(truth, nan=50) + random.normal(0, 5, (3, 60, 2))).astype(np.float32)
    )
    _, told = result(small_spec, truth, found, task="regression")
    each = [evaluate_regression(truth, one, ("A", "B")) for one in found.logits]
    for i, one in enumerate(told.targets):
        assert one.mae.value == pytest.approx(np.mean([other.targets[i].mae.value for other in each]))
        half = np.mean([other.targets[i].mae.value - other.targets[i].mae.low for other in each])
        assert one.mae.value - one.mae.low == pytest.approx(1.5 * half)
        assert one.r2.high <= 1
        assert one.support == 60 - 4 * i
    assert {s.measure for s in told.cross_validation.spread} == {"mae", "r2", "macro_r2"}


def test_a_package_carries_how_its_figures_came_about(small_spec):
    truth, found = outputs()
    spec, told = result(small_spec, truth, found)
    data = json.loads(json.dumps(told.to_dict()))
    assert read_evaluation(data, spec)["cross_validation"]["folds"] == 5


def test_mean_counts_are_whole_and_their_rows_keep_their_sums():
    assert _rounded(np.array([[10.5, 4.5], [2.4, 6.6]])) == ((11, 4), (2, 7))
    assert _rounded(np.array([[1 / 3, 1 / 3, 1 / 3]])) == ((1, 0, 0),)
