"""PPV and NPV at another prevalence; the page computes the same numbers (operating.test.ts)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.intervals import wilson
from backend.ml.evaluation.prevalence import predictive_values


def rate(hits: int, n: int) -> Estimate:
    return Estimate(hits / n, *wilson(hits / n, n))


@pytest.mark.parametrize(
    ("counts", "prevalence", "ppv", "npv"),
    [
        ((80, 10, 20, 90), 0.05, (0.296296, 0.192242, 0.433625), (0.988439, 0.983208, 0.99228)),
        ((10, 0, 0, 87), 0.01, (1, 0.186649, 1), (1, 0.997202, 1)),
        ((9, 2, 1, 85), 0.103, (0.818032, 0.5425, 0.942394), (0.988384, 0.954556, 0.997903)),
        ((0, 3, 12, 50), 0.2, (0, 0, 0.586781), (0.790514, 0.77196, 0.833155)),
    ],
)
def test_predictive_values_have_the_intervals_that_the_page_has(counts, prevalence, ppv, npv) -> None:
    tp, fp, fn, tn = counts
    found = predictive_values(rate(tp, tp + fn), rate(tn, tn + fp), prevalence)
    for one, wanted in zip(found, (ppv, npv), strict=True):
        assert (one.value, one.low, one.high) == pytest.approx(wanted, abs=1e-6)


@given(st.integers(1, 200), st.integers(1, 200), st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.999))
def test_the_interval_holds_the_value_whatever_was_counted(m, n, found, spared, prevalence) -> None:
    values = predictive_values(rate(round(found * m), m), rate(round(spared * n), n), prevalence)
    for one in values:
        if one.value is not None:
            assert 0 <= one.low <= one.value + 1e-9
            assert one.value - 1e-9 <= one.high <= 1


def test_where_nobody_is_told_so_there_is_no_predictive_value() -> None:
    ppv, npv = predictive_values(rate(0, 20), rate(90, 90), 0.01)
    assert (ppv.value, ppv.withheld) == (None, None)
    assert npv.value == pytest.approx(0.99)
