"""Cohen's kappa against scikit-learn, and its interval against drawn samples of readers whose kappa is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from backend.ml.evaluation.estimate import NONE
from backend.ml.evaluation.kappa import Classes, classes_of, kappa
from backend.ml.evaluation.patients import patients_of


def _pairs(n: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=5, max_size=60)


def _split(pairs: list[tuple[int, int]]) -> tuple[Classes, Classes]:
    first, second = np.array(pairs, np.intp).T
    return first, second


@given(_pairs(4))
def test_kappa_is_that_of_scikit_learn_and_lies_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    first, second = _split(pairs)
    estimate = kappa(first, second, patients_of(len(first), None)).estimate
    if estimate.value is None:
        return
    assert estimate.value == pytest.approx(cohen_kappa_score(first, second))
    assert estimate.low is not None
    assert estimate.high is not None
    assert -1 <= estimate.low <= estimate.value + 1e-12
    assert estimate.value - 1e-12 <= estimate.high <= 1


def test_the_variance_is_that_of_fleiss_cohen_and_everitt() -> None:
    """The example of their paper, N = 200: kappa 0.429, variance 0.002885."""
    table = np.array([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]])
    counts = np.rint(table * 200).astype(int)
    first, second = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices((3, 3)))
    measured = kappa(first, second, patients_of(200, None))
    assert measured.estimate.value == pytest.approx(0.429, abs=5e-4)
    assert measured.influence is not None
    assert float(measured.influence @ measured.influence) == pytest.approx(0.002885, abs=2e-6)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(7)
    wrong = 0.1  # of each reader, of four classes that are as common as 0.4, 0.3, 0.2 and 0.1
    says = np.full((4, 4), wrong / 3) + np.eye(4) * (1 - wrong - wrong / 3)
    joint = sum(p * np.outer(says[c], says[c]) for c, p in enumerate((0.4, 0.3, 0.2, 0.1)))
    chance = joint.sum(1) @ joint.sum(0)
    truth = (np.trace(joint) - chance) / (1 - chance)
    held = 0
    for _ in range(400):
        first, second = np.divmod(drawn.choice(16, 60, p=joint.ravel()), 4)
        estimate = kappa(first, second, patients_of(60, None)).estimate
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= truth <= estimate.high
    assert 0.92 <= held / 400 <= 0.985


def test_records_of_one_patient_count_once() -> None:
    drawn = np.random.default_rng(3)
    first = drawn.integers(0, 2, 40)
    second = np.where(drawn.random(40) < 0.8, first, 1 - first)
    once = kappa(first, second, patients_of(40, None)).estimate
    four = np.repeat([f"p{n}" for n in range(40)], 4).tolist()
    copied = kappa(np.repeat(first, 4), np.repeat(second, 4), patients_of(160, four)).estimate
    assert copied.value == pytest.approx(once.value)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))


def test_full_agreement_has_an_interval_and_one_class_has_no_kappa() -> None:
    half = np.arange(20) % 2
    full = kappa(half, half, patients_of(20, None)).estimate
    assert (full.value, full.high) == (1.0, 1.0)
    assert full.low is not None
    assert 0.5 < full.low < 0.9
    nothing = np.zeros(20, np.intp)
    assert kappa(nothing, nothing, patients_of(20, None)).estimate == NONE
    assert kappa(nothing[:0], nothing[:0], patients_of(0, None)).estimate == NONE


def test_a_label_that_few_patients_have_is_withheld() -> None:
    rare = np.zeros(50, np.intp)
    rare[:4] = 1
    estimate = kappa(rare, rare, patients_of(50, None)).estimate
    assert (estimate.value, estimate.withheld) == (None, "too few to say: 4")


def test_what_is_none_of_the_labels_is_a_class_of_its_own() -> None:
    assert classes_of([["AF"], [], ["SR"], ["AF", "SR"]], ["SR", "AF"]).tolist() == [1, 2, 0, 2]
