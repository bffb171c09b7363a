"""Which contributions stand out: many times as long, or harmful by the coordinator's recordings; in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ml.federated.agreement import LONGER, agreements


def vectors(seed: int, sites: int = 3, spread: float = 0.5) -> list[np.ndarray]:
    """Contributions that share a direction, and differ."""
    random = np.random.default_rng(seed)
    common = random.standard_normal(200)
    return [common + spread * random.standard_normal(200) for _ in range(sites)]


@given(st.integers(0, 1000), st.integers(3, 9))
def test_sites_that_learn_the_same_are_not_odd(seed: int, sites: int) -> None:
    found = agreements(vectors(seed, sites))
    assert not any(one.odd or one.remark for one in found)
    assert all(one.cosine is not None and one.cosine > 0.5 for one in found)


@given(st.integers(0, 1000), st.integers(3, 9), st.integers(0, 8))
def test_one_that_is_a_hundred_times_as_long_is_odd_and_no_other(seed: int, sites: int, which: int) -> None:
    sent = vectors(seed, sites)
    sent[which % sites] = 100 * sent[which % sites]
    found = agreements(sent)
    assert [bool(one.odd) for one in found] == [place == which % sites for place in range(sites)]
    assert "times as much as the other sites" in found[which % sites].odd


@given(st.integers(0, 1000), st.integers(3, 9))
def test_lengths_are_compared_with_the_median_of_the_others(seed: int, sites: int) -> None:
    random = np.random.default_rng(seed)
    sent = [vector * scale for vector, scale in zip(vectors(seed, sites), random.uniform(0.5, 2, sites), strict=True)]
    lengths = [float(np.sqrt((vector**2).sum())) for vector in sent]
    for place, one in enumerate(agreements(sent)):
        others = sorted(lengths[:place] + lengths[place + 1 :])
        middle = (others[(len(others) - 1) // 2] + others[len(others) // 2]) / 2
        assert one.longer == pytest.approx(lengths[place] / middle)


def test_one_against_the_others_is_remarked_and_not_left_out() -> None:
    sent = vectors(3)
    sent[1] = -sent[1]
    found = agreements(sent)
    assert "points against the other sites" in found[1].remark
    assert not any(one.odd for one in found)
    assert found[0].remark == found[2].remark == ""  # each has one that it agrees with


def test_one_that_makes_the_model_worse_on_the_coordinators_recordings_is_odd() -> None:
    found = agreements(vectors(1), [0.86, 0.31, 0.80], 0.84)
    assert [bool(one.odd) for one in found] == [False, True, False]  # a little worse may be chance
    assert "0.31" in found[1].odd
    assert "0.84" in found[1].odd


def test_of_two_nobody_is_odd_by_length() -> None:
    one, other = vectors(1, 2)
    assert not any(found.odd for found in agreements([one, 1000 * other]))
    assert agreements([one, -other], [0.8, 0.2], 0.8)[1].odd  # by recordings it shows all the same


def test_contributions_of_nothing_break_nothing() -> None:
    zero = np.zeros(200)
    assert not any(one.odd for one in agreements([zero, zero, zero]))
    found = agreements([zero, zero, vectors(1)[0]])
    assert (found[2].longer or 0) > LONGER
