"""The effective numbers at each threshold amount to the intervals that the label has at that threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.evaluation import at_thresholds
from backend.ml.evaluation.at_thresholds import STEPS, effective, reaching
from backend.ml.evaluation.intervals import proportion, wilson
from backend.ml.evaluation.patients import patients_of

RECORD = st.tuples(st.booleans(), st.integers(0, 40).map(lambda k: k / 40), st.sampled_from(["a", "b", "c", "d", None]))


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORD, min_size=2, max_size=40), st.integers(0, STEPS))
def test_an_interval_at_any_threshold_is_the_one_that_is_measured_there(
    records: list[tuple[bool, float, str | None]], step: int
) -> None:
    true, score = np.array([has for has, _, _ in records]), np.array([p for _, p, _ in records])
    people = patients_of(len(records), [patient for _, _, patient in records])
    found = effective(true, score, people)
    if not people.several:
        assert found is None
        return
    told = score >= step / STEPS
    place = np.searchsorted(found.steps, step, side="right") - 1
    rates = {
        "sensitivity": proportion(told, true, people),
        "specificity": proportion(~told, ~true, people),
        "precision": proportion(true, told, people, drawn=True),
        "npv": proportion(~true, ~told, people, drawn=True),
    }
    for name, measured in rates.items():
        n, one = getattr(found, name)[place], measured.estimate
        assert (n == 0) == (one.value is None), name
        if one.value is not None:
            assert wilson(one.value, n) == pytest.approx((one.low, one.high), abs=2e-4), name


def test_three_alike_records_of_each_patient_count_as_one() -> None:
    true, score = np.repeat([True, False], 30), np.repeat(np.linspace(0.03, 0.97, 20), 3)
    found = effective(true, score, patients_of(60, [str(number // 3) for number in range(60)]))
    place = np.searchsorted(found.steps, 500, side="right") - 1
    assert found.sensitivity[place] == pytest.approx(10)
    assert found.specificity[place] == pytest.approx(10)


def test_it_is_small_and_quick_for_many_records_and_a_patient_with_thousands_of_them() -> None:
    random = np.random.default_rng(0)
    patients = [str(number) for number in random.integers(0, 3000, 12_000)] + ["one"] * 8_000
    found = effective(random.random(20_000) < 0.1, random.random(20_000), patients_of(20_000, patients))
    assert found is not None
    assert len(found.steps) <= STEPS + 1
    assert found.sensitivity[0] < 2_000  # the patient with 8,000 windows is one
    assert at_thresholds.reaching(np.array([0.0, 0.5, 1.0]))[::500] == (3, 2, 1)
    assert reaching(np.array([])) == (0,) * (STEPS + 1)
