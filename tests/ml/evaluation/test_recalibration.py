"""Calibration, the bands of abstention, and predictive values elsewhere; oracles: scikit-learn, known populations."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax
from sklearn.linear_model import LogisticRegression

from backend.ml.evaluation.calibration import calibration, ece, fit_logistic
from backend.ml.evaluation.conformal import abstention
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.patients import patients_of
from backend.ml.evaluation.prevalence import predictive_values
from backend.ml.evaluation.recalibration import fit_calibration
from backend.ml.inference.predictor import to_outputs


def drawn(n: int, seed: int = 0, *, steep: float = 2.0, shift: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Two labels with logits that are too extreme and too high, and the truth."""
    random = np.random.default_rng(seed)
    right = random.normal(-1, 1.5, (n, 2))
    return (steep * right + shift).astype(np.float32), (random.random((n, 2)) < expit(right)).astype(np.float32)


def test_a_logistic_regression_is_that_of_scikit_learn_and_its_errors_those_of_the_information() -> None:
    x, y = drawn(4000, steep=1, shift=0)
    fit = fit_logistic(x[:, 0].astype(float), y[:, 0].astype(float), patients_of(4000, None))
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(x[:, :1], y[:, 0])
    assert (fit.slope, fit.intercept) == pytest.approx((oracle.coef_[0, 0], oracle.intercept_[0]), abs=1e-4)
    design = np.column_stack([x[:, 0], np.ones(4000)])
    p = expit(design @ [fit.slope, fit.intercept])
    usual = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))
    assert fit.covariance == pytest.approx((usual[0, 0], usual[0, 1], usual[1, 1]), rel=0.1)
    assert fit_logistic(np.array([-1.0, -2, 1, 2]), np.array([0.0, 0, 1, 1]), patients_of(4, None)) is None


def test_that_a_model_tells_all_apart_is_said_only_where_it_does() -> None:
    _, y = drawn(200)
    truth = y[:, 0] > 0.5
    everyone = patients_of(200, None)
    for p in (np.where(truth, 0.9, 0.1), np.where(truth, 0.1, 0.9)):
        assert calibration(truth, p, everyone).slope.withheld == "not to be fitted: the model tells all of these apart"
    hardly = 0.3 + 1e-6 * truth + 1e-6 * np.random.default_rng(1).normal(size=200)
    for p in (np.full(200, 0.3), hardly):
        said = calibration(truth, p, everyone).slope.withheld
        assert said == "not to be fitted: the model says nearly the same of all"


def test_each_label_gets_the_line_that_makes_its_probabilities_frequencies() -> None:
    x, y = drawn(4000)
    found = fit_calibration(x, y, "multi_label", None)
    assert found.slopes == pytest.approx((0.5, 0.5), abs=0.05)
    assert found.intercepts == pytest.approx((-0.75, -0.75), abs=0.12)
    fresh, truth = drawn(4000, seed=1)
    before, after = (to_outputs(fresh, "multi_label", one).astype(float) for one in (None, found))
    for i in range(2):
        assert ece(truth[:, i] > 0.5, after[:, i])[0] < 0.02 < 0.1 < ece(truth[:, i] > 0.5, before[:, i])[0]
        slope = calibration(truth[:, i] > 0.5, after[:, i], patients_of(4000, None)).slope
        assert slope.low < 1 < slope.high
    assert (np.argsort(before[:, 0]) == np.argsort(after[:, 0])).mean() > 0.99  # nothing changes its place


@pytest.mark.parametrize(("positives", "fitted"), [(9, False), (10, True)])
def test_a_label_of_few_validation_patients_keeps_its_logits(positives: int, fitted: bool) -> None:
    x = np.random.default_rng(0).normal(size=(100, 1)).astype(np.float32)
    y = (np.arange(100) < positives).astype(np.float32)[:, None]
    x[:positives] += 2
    found = fit_calibration(x, y, "multi_label", None)
    assert found.fitted(0) == fitted == (found.interval(0, 0.7) is not None)
    assert np.array_equal(found.line(x), x) != fitted
    of_one = ["x" if number < positives else str(number) for number in range(100)]
    assert not fit_calibration(x, y, "multi_label", of_one).fitted(0)


def test_a_single_label_gets_the_temperature_of_least_cross_entropy() -> None:
    random = np.random.default_rng(0)
    right = random.normal(size=(3000, 3)) * 1.5
    y = np.eye(3, dtype=np.float32)[[random.choice(3, p=row) for row in softmax(right, axis=1)]]
    found = fit_calibration((3 * right).astype(np.float32), y, "single_label", None)
    assert found.slopes == pytest.approx((1 / 3,) * 3, abs=0.02)
    outputs = to_outputs((3 * right).astype(np.float32), "single_label", found)
    assert (outputs.argmax(axis=1) == right.argmax(axis=1)).all()
    assert outputs.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_interval_of_a_probability_holds_the_true_one() -> None:
    held = []
    for seed in range(300):
        x, y = drawn(150, seed)
        found = fit_calibration(x, y, "multi_label", None)
        for right in (-3.0, -1.0, 1.0):
            at = float(to_outputs(np.full((1, 2), 2 * right + 1.5, np.float32), "multi_label", found)[0, 0])
            interval = found.interval(0, at)
            if interval is not None:
                assert interval[0] < at < interval[1]
                held.append(interval[0] <= expit(right) <= interval[1])
    assert len(held) > 800
    assert 0.92 <= np.mean(held) <= 0.98


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_the_calibration_error_is_the_mean_gap_of_ten_bins(records: list[tuple[bool, float]]) -> None:
    true, p = np.array([has for has, _ in records]), np.array([value for _, value in records])
    gap = 0.0
    for number in range(10):
        inside = (p >= number / 10) & ((p < (number + 1) / 10) | (number == 9))
        gap += abs(p[inside].sum() - true[inside].sum()) / len(p)
    assert ece(true, p)[0] == pytest.approx(gap, abs=1e-9)
    found = calibration(true, p, patients_of(len(p), None))
    few = min(true.sum(), (~true).sum()) < 5
    assert (found.ece is None) == few
    assert sum(part.n for part in found.bins) == (0 if len(p) < 5 else len(p))  # whatever the truth is
    assert [(part.low, part.n) for part in found.bins] == [
        (part.low, part.n) for part in calibration(~true, p, patients_of(len(p), None)).bins
    ]
    assert all(part.n >= 5 for part in found.bins)
    assert all(one.high <= other.low for one, other in pairwise(found.bins))
    assert all(part.low <= part.predicted <= part.high + 1e-12 for part in found.bins)


def test_right_probabilities_have_the_calibration_error_of_chance() -> None:
    random = np.random.default_rng(0)
    found = []
    for _ in range(300):
        p = random.beta(1, 3, 200)
        found.append(ece(random.random(200) < p, p))
    of_draws, expected = np.mean(found, axis=0)
    assert of_draws == pytest.approx(expected, rel=0.05)


def test_outside_the_bands_no_more_are_wrong_than_is_accepted() -> None:
    wrong_with, wrong_without, undecided = [], [], []
    for seed in range(60):
        x, y = drawn(300, seed)
        p = expit(x[:, :1].astype(float))
        truth = y[:, :1]
        bands = abstention(truth[:150], p[:150], "multi_label", (0.5,), 0.1)
        open_ = bands.undecided(p[150:], exclusive=False)[:, 0]
        called, has = p[150:, 0] >= 0.5, truth[150:, 0] > 0.5
        wrong = (called != has) & ~open_
        wrong_with.append(wrong[has].mean())
        wrong_without.append(wrong[~has].mean())
        undecided.append(open_.mean())
    assert np.mean(wrong_with) <= 0.11
    assert np.mean(wrong_without) <= 0.11
    assert 0.05 < np.mean(undecided) < 0.6


def test_few_recordings_promise_nothing() -> None:
    p = np.linspace(0.1, 0.9, 8)[:, None]
    bands = abstention((p > 0.5).astype(float), p, "multi_label", (0.5,), 0.1)
    assert (bands.lows, bands.highs) == ((0.0,), (1.0,))
    assert bands.undecided(p, exclusive=False).all()


def test_where_one_label_applies_a_model_abstains_unless_exactly_one_is_possible() -> None:
    random = np.random.default_rng(0)
    truth = np.eye(3)[random.integers(0, 3, 600)]
    p = softmax(random.normal(size=(600, 3)) + 2 * truth, axis=1)
    bands = abstention(truth[:300], p[:300], "single_label", (), 0.1)
    left_open = bands.undecided(p[300:], exclusive=True)
    possible = p[300:] >= bands.lows
    np.testing.assert_array_equal(left_open.any(axis=1), possible.sum(axis=1) != 1)
    answered = ~left_open.any(axis=1)
    wrong = p[300:].argmax(axis=1) != truth[300:].argmax(axis=1)
    assert wrong[answered].mean() < wrong.mean()


def test_predictive_values_at_another_prevalence_are_those_of_bayes() -> None:
    ppv, npv = predictive_values(Estimate(0.9, 0.8, 0.95), Estimate(0.8, 0.7, 0.9), 0.05)
    assert ppv.value == pytest.approx(0.05 * 0.9 / (0.05 * 0.9 + 0.95 * 0.2))
    assert npv.value == pytest.approx(0.95 * 0.8 / (0.95 * 0.8 + 0.05 * 0.1))
    assert 0.1 < ppv.low < ppv.value < ppv.high < 0.35
    assert npv.low < npv.value < npv.high
    perfect, _ = predictive_values(Estimate(0.9, 0.8, 0.95), Estimate(1.0, 0.9, 1.0), 0.05)
    assert (perfect.value, perfect.high) == (1, 1)
    assert 0.2 < perfect.low < 0.5
    withheld = predictive_values(Estimate(None, withheld="too few to say: 3"), Estimate(0.8, 0.7, 0.9), 0.05)
    assert withheld[0].withheld == "too few to say: 3"
    with pytest.raises(ValueError, match="one in twenty"):
        predictive_values(Estimate(1, 1, 1), Estimate(1, 1, 1), 5)


def test_the_intercept_says_how_far_probabilities_are_too_high() -> None:
    random = np.random.default_rng(2)
    right = random.normal(-1, 1, 4000)
    true = random.random(4000) < expit(right)
    found = calibration(true, expit(right + 0.7), patients_of(4000, None))
    assert found.intercept.low < -0.7 < found.intercept.high < 0
    assert logit(0.5) == 0
