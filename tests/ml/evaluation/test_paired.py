"""Candidates compared on the same records: scores and differences, whose intervals hold, beside independent oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import r2_score, roc_auc_score

from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.paired import compare
from backend.ml.evaluation.recommended import recommend
from tests.ml.evaluation.comparison_tasks import task

LABELS = ("a", "b")


def _drawn(seed: int, n: int = 120, candidates: int = 3, repeats: int = 1) -> tuple[np.ndarray, list[np.ndarray]]:
    random = np.random.default_rng(seed)
    truth = (random.random((n, 2)) < 0.4).astype(float)
    hard = random.normal(size=(n, 2))
    outputs = [
        truth[None] + hard[None] + random.normal(size=(repeats, n, 2)) * (1 + place) for place in range(candidates)
    ]
    return truth, outputs


def _rank_sum(truth: np.ndarray, score: np.ndarray) -> float:
    """Return the AUROC as Wilcoxon's rank sum gives it."""
    positive = truth > 0
    m, n = positive.sum(), (~positive).sum()
    return float((rankdata(score)[positive].sum() - m * (m + 1) / 2) / (m * n))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_scores_are_the_mean_auroc_of_scikit_learn_over_labels_and_repeats(seed: int, repeats: int) -> None:
    truth, outputs = _drawn(seed, repeats=repeats)
    found = compare(truth, outputs, LABELS, "multi_label", None, 5)
    for score, one in zip(found.scores, outputs, strict=True):
        expected = np.mean([roc_auc_score(truth[:, i], repeat[:, i]) for repeat in one for i in (0, 1)])
        assert score == pytest.approx(expected, abs=1e-12)
    for pair in found.differences:
        assert pair.estimate.value == pytest.approx(found.scores[pair.first] - found.scores[pair.second], abs=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_values_are_scored_by_the_mean_r2_of_scikit_learn_where_they_are_known(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.normal(60, 12, (80, 2))
    outputs = [truth[None] + random.normal(0, sd, (1, 80, 2)) for sd in (4, 9)]
    truth[random.random(80) < 0.2, 1] = np.nan
    found = compare(truth, outputs, LABELS, "regression", None, 5)
    known = ~np.isnan(truth)
    for score, one in zip(found.scores, outputs, strict=True):
        assert score == pytest.approx(
            np.mean([r2_score(truth[known[:, i], i], one[0][known[:, i], i]) for i in (0, 1)])
        )


def test_the_variance_is_that_of_drawing_patients_anew_but_for_the_widening() -> None:
    truth, (a, b) = _drawn(5, n=400, candidates=2)
    patients = [f"p{row // 2}" for row in range(400)]
    (pair,) = compare(truth, [a, b], LABELS, "multi_label", patients, 5).differences
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(400):
        rows = np.concatenate([(2 * one, 2 * one + 1) for one in random.integers(0, 200, 200)])
        score = [np.mean([_rank_sum(truth[rows, i], one[0, rows, i]) for i in (0, 1)]) for one in (a, b)]
        drawn.append(score[0] - score[1])
    half = pair.estimate.high - pair.estimate.value
    normal = 1.96 * np.std(drawn) * np.sqrt(1 + 5 / 4)  # two candidates are one pair: no correction but Student's t
    assert half == pytest.approx(normal, rel=0.15)


def test_to_swap_two_candidates_swaps_the_sign_and_nothing_else() -> None:
    truth, (a, b) = _drawn(7, candidates=2)
    (one,) = compare(truth, [a, b], LABELS, "multi_label", None, 5).differences
    (other,) = compare(truth, [b, a], LABELS, "multi_label", None, 5).differences
    assert one.estimate.value == -other.estimate.value
    assert one.estimate.low == pytest.approx(-other.estimate.high, abs=0.002)  # the quantile is drawn
    assert one.p == pytest.approx(other.p, abs=0.01)


def test_a_candidate_cannot_be_told_apart_from_itself() -> None:
    truth, (a, b) = _drawn(3, candidates=2)
    found = compare(truth, [a, a.copy(), b], LABELS, "multi_label", None, 5)
    same = found.differences[0]
    assert (same.first, same.second, same.estimate.value, same.p) == (0, 1, 0.0, 1.0)
    assert not same.distinguishable


def test_the_same_patient_twice_makes_nothing_surer() -> None:
    truth, (a, b) = _drawn(11, n=60, candidates=2)
    patients = [f"p{row}" for row in range(60)]
    (once,) = compare(truth, [a, b], LABELS, "multi_label", patients, 5).differences
    twice = compare(
        np.tile(truth, (2, 1)), [np.tile(one, (1, 2, 1)) for one in (a, b)], LABELS, "multi_label", patients * 2, 5
    ).differences[0]
    assert (twice.estimate.low, twice.estimate.high) == pytest.approx((once.estimate.low, once.estimate.high))


def test_more_candidates_widen_every_interval() -> None:
    truth, outputs = _drawn(2, n=300, candidates=6)
    (alone,) = compare(truth, outputs[:2], LABELS, "multi_label", None, 5).differences
    among = compare(truth, outputs, LABELS, "multi_label", None, 5).differences[0]
    assert among.estimate.high - among.estimate.low > 1.2 * (alone.estimate.high - alone.estimate.low)
    assert among.p >= alone.p


def test_labels_of_too_few_patients_are_left_out_and_of_none_nothing_is_said() -> None:
    truth, outputs = _drawn(4)
    truth[:, 1] = 0
    truth[:4, 1] = 1
    found = compare(truth, outputs, LABELS, "multi_label", None, 5)
    assert found.labels == ("a",)
    truth[:, 0] = truth[:, 1]
    found = compare(truth, outputs, LABELS, "multi_label", None, 5)
    assert found.scores == (None, None, None)
    assert found.withheld == "too few to say: 4"
    assert recommend(found, [1, 2, 3]).chosen is None


def test_a_planted_winner_is_found_and_where_there_is_none_nobody_wins() -> None:
    for seed in range(3):  # bench/comparisons.py tries hundreds
        planted = recommend(task(seed, (0.5, 1.5, 1.5), n=400), [9, 2, 1])
        assert (planted.verdict, planted.chosen) == ("best", 0)
        equal = recommend(task(seed, (0.8, 0.8, 0.8), n=400), [9, 2, 1])
        assert equal.verdict == "not_distinguishable"
        assert equal.chosen == (2 if 2 in equal.alike else 1)


def test_the_interval_of_a_test_that_is_no_fold_is_not_widened() -> None:
    truth, outputs = _drawn(3, candidates=2)
    (alone,), (fold,) = (compare(truth, outputs, LABELS, "multi_label", None, k).differences for k in (1, 5))
    assert alone.estimate.value == fold.estimate.value
    half = [one.estimate.high - one.estimate.value for one in (alone, fold)]
    assert half[1] / half[0] == pytest.approx((1 + 5 / 4) ** 0.5)


@pytest.mark.parametrize(("n", "told"), [(100, True), (5, False)])
def test_a_candidate_that_tells_all_alike_is_no_match_for_one_that_tells_all_apart(n: int, told: bool) -> None:
    truth = np.repeat([[0.0], [1.0]], n, axis=0)
    perfect, constant = (truth * 4 - 2)[None], np.zeros((1, 2 * n, 1))
    found = compare(truth, [constant, perfect], ("a",), "multi_label", None, 5)
    (pair,) = found.differences
    assert pair.estimate.value == -0.5
    assert pair.estimate.low < -0.5 < pair.estimate.high
    assert pair.distinguishable == told
    assert recommend(found, [5.0, 60.0]).alike == ((1,) if told else (1, 0))


def test_outputs_that_are_no_numbers_are_never_scored() -> None:
    truth, outputs = _drawn(3, candidates=2)
    outputs[1][0, 7, 0] = np.nan
    with pytest.raises(ModelInvalidError):
        compare(truth, outputs, LABELS, "multi_label", None, 5)
