"""Intervals where few patients have most of the records: they are worth as few as they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from backend.ml.evaluation import intervals
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.patients import patients_of, uneven, variance


def _one(true, p, patients):
    truth, output = np.asarray(true, float)[:, None], np.asarray(p, float)[:, None]
    return evaluate(truth, output, ["a"], "multi_label", (0.5,), patients).classes[0]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=30))
def test_the_widening_is_that_of_students_t_of_as_many_equal_patients_and_none_where_they_are_equal(records):
    n = np.array(records, float)
    k, equal = len(n), 1 / np.square(n / n.sum()).sum()  # as Kish has it, by shares
    expected = (student.ppf(0.975, max(1, equal - 1)) / student.ppf(0.975, max(1, k - 1))) ** 2
    assert uneven(n.sum(), n @ n, k) == pytest.approx(expected, rel=1e-9)
    assert uneven(n.sum(), n @ n, k) >= 1 - 1e-9
    assert uneven(7 * k, 49 * k, k) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 10_000))
def test_the_variance_of_patients_with_equally_many_records_is_that_of_their_means(k, per, seed):
    values = np.random.default_rng(seed).normal(size=(k, per))
    people = patients_of(k * per, [str(number) for number in np.repeat(np.arange(k), per)])
    found = variance((values - values.mean()).ravel() / values.size, people)
    assert found == pytest.approx(values.mean(axis=1).var(ddof=1) / k)


def test_a_predictive_value_that_rests_on_one_patient_is_no_surer_than_one_record():
    patients = [f"p{number}" for number in range(40)] + ["one"] * 20
    true, p = np.zeros(60, bool), np.full(60, 0.1)
    true[:8], true[40:50], p[40:] = True, True, 0.9
    found = _one(true, p, patients).precision
    assert found.value == 0.5
    low, high = intervals.wilson(0.5, 1.0)
    assert found.low <= low
    assert found.high >= high


def test_five_patients_told_without_fault_are_five_however_many_records_they_have():
    patients = [f"n{number}" for number in range(100)] + [f"p{number % 5}" for number in range(100)]
    true = np.arange(200) >= 100
    many = _one(true, np.where(true, 0.9, 0.1), patients).auroc
    few = _one(true[:105], np.where(true, 0.9, 0.1)[:105], None).auroc
    assert (many.value, many.low) == pytest.approx((1.0, few.low))


def _drawn(random, sizes):
    """Return labels, outputs and patients; a patient's labels and outputs correlate by a half."""
    whose = np.repeat(np.arange(len(sizes)), sizes)
    latent = np.sqrt(0.5) * random.normal(size=(len(sizes), 2))[whose] + np.sqrt(0.5) * random.normal(
        size=(len(whose), 2)
    )
    true = latent[:, 0] > norm.isf(0.3)
    return true, norm.cdf(latent[:, 1] + 1.2 * true - 0.6), [str(number) for number in whose]


@pytest.mark.parametrize("sizes", [[40] + [1] * 40, [12] * 4 + [1] * 36], ids=["one of half", "four of half"])
def test_the_intervals_hold_where_few_patients_have_half_of_the_records(sizes):
    random, held = np.random.default_rng(11), {"recall": [], "npv": [], "auroc": []}
    truth = {"recall": norm.cdf(0.6), "auroc": norm.cdf(1.2 / np.sqrt(2))}
    truth["npv"] = 0.7 * norm.cdf(0.6) / (0.7 * norm.cdf(0.6) + 0.3 * norm.cdf(-0.6))
    for _ in range(150):
        found = _one(*_drawn(random, sizes))
        for name, each in held.items():
            estimate = getattr(found, name)
            if estimate.low is not None:
                each.append(estimate.low <= truth[name] <= estimate.high)
    shares = {name: np.mean(each) for name, each in held.items()}
    assert min(shares.values()) >= 0.91, shares
