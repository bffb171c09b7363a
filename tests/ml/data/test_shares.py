"""Shares of what folds learn from: whole patients, a quarter in the half, nobody who is tested, the same for all."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.ml.data.folds import Folds, divide_into_folds, inside
from backend.ml.data.shares import SHARES, learning, share_of
from backend.ml.data.source_folds import divide_by_source
from backend.ml.errors import SplitError

LABELS = ("a", "b")
PEOPLE = st.lists(st.integers(0, 60), min_size=90, max_size=160)


def _drawn(whose: list[int], seed: int, repeats: int = 1, only_train: int = 0) -> tuple[np.ndarray, list[str], Folds]:
    y = np.random.default_rng(seed).random((len(whose), 2)) < 0.4
    patients = [f"p{number}" for number in whose]
    held = [number < only_train for number in whose]
    folds = divide_into_folds(y, patients, seed=seed, folds=4, repeats=repeats, only_train=held)
    return y, patients, folds


def _shares(folds: Folds, y: np.ndarray, seed: int) -> dict[float, Folds]:
    return {share: share_of(folds, y, share, seed=seed, labels=LABELS) for share in SHARES}


def _everywhere(folds: Folds) -> list[tuple[int, int]]:
    return [(repeat, fold) for repeat in range(folds.repeats) for fold in (*range(folds.k), -1)]


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.integers(0, 50), st.integers(1, 2), st.sampled_from([0, 6]))
def test_a_share_holds_whole_patients_of_those_who_learn_a_quarter_lies_in_the_half_and_nobody_who_is_tested_is_in_it(
    whose: list[int], seed: int, repeats: int, held: int
) -> None:
    try:
        y, patients, folds = _drawn(whose, seed, repeats, held)
        shares = _shares(folds, y, seed)
    except SplitError:
        assume(False)
    for repeat, fold in _everywhere(folds):
        all_ = set(folds.learns(repeat, fold).tolist())
        half, quarter = (set(shares[share].learns(repeat, fold).tolist()) for share in (0.5, 0.25))
        assert quarter < half < all_
        tested = {patients[row] for row in folds.tests(repeat, fold)} if fold >= 0 else set()
        for some in (half, quarter):
            people = {patients[row] for row in some}
            assert not people & tested
            assert some == {row for row in all_ if patients[row] in people}  # nobody is in it in part


@settings(max_examples=15, deadline=None)
@given(PEOPLE, st.integers(0, 50))
def test_who_is_tested_stays_and_the_same_seed_draws_the_same_whatever_else_is_left_out(
    whose: list[int], seed: int
) -> None:
    try:
        y, _, folds = _drawn(whose, seed)
        one, again = share_of(folds, y, 0.5, seed=seed, labels=LABELS), _shares(folds, y, seed)[0.5]
        other = share_of(folds, y, 0.5, seed=seed + 1, labels=LABELS)
    except SplitError:
        assume(False)
    assert np.array_equal(one.fold, folds.fold)
    assert np.array_equal(one.learner, again.learner)
    assert not np.array_equal(one.learner, other.learner)
    # A candidate to which some records cannot be given learns from the others of the same share.
    kept = np.flatnonzero(np.arange(len(whose)) % 7 > 0)
    for repeat, fold in _everywhere(folds):
        mine = kept[one.some(kept).learns(repeat, fold)]
        assert mine.tolist() == [row for row in one.learns(repeat, fold).tolist() if row % 7]


@settings(max_examples=15, deadline=None)
@given(st.integers(60, 200), st.integers(0, 50))
def test_where_everyone_has_one_record_a_share_has_its_share_of_each_label(n: int, seed: int) -> None:
    y = np.arange(n)[:, None] < n // 3
    folds = divide_into_folds(y, [None] * n, seed=seed, folds=4)
    for share in SHARES:
        drawn = share_of(folds, y, share, seed=seed, labels=["a"])
        for repeat, fold in _everywhere(folds):
            all_, some = folds.learns(repeat, fold), drawn.learns(repeat, fold)
            for which in (y[:, 0], ~y[:, 0]):
                assert abs(which[some].sum() - share * which[all_].sum()) <= 1.5


def test_what_is_parted_once_more_inside_a_share_is_of_the_share_alone() -> None:
    y, _, folds = _drawn([row // 2 for row in range(160)], 3)
    drawn = share_of(folds, y, 0.25, seed=3, labels=LABELS)
    for _, fold in _everywhere(folds):
        for part in inside(drawn, y, 0, fold, seed=3, parts=3):
            both = np.concatenate([part.train, part.validation])
            assert sorted(both.tolist()) == drawn.learns(0, fold).tolist()
            assert not set(both.tolist()) & set(part.test.tolist())


def test_folds_learn_from_half_and_a_quarter_on_average() -> None:
    y, _, folds = _drawn([row // 2 for row in range(200)], 3)
    assert learning(folds) == (150, 75)
    assert learning(share_of(folds, y, 0.5, seed=3, labels=LABELS))[1] == pytest.approx(37.5, abs=1)
    assert learning(share_of(folds, y, 0.25, seed=3, labels=LABELS))[1] == pytest.approx(18.75, abs=1)


def test_of_folds_by_source_a_share_never_learns_from_the_tested_source_or_from_an_unknown_one() -> None:
    sources = [None if row % 11 == 0 else f"device {row % 3}" for row in range(120)]
    patients = [f"p{row}" for row in range(120)]
    y = np.random.default_rng(1).random((120, 1)) < 0.5
    folds = divide_by_source(y, patients, sources).folds
    drawn = share_of(folds, y, 0.5, seed=1, labels=["a"])
    for fold in range(folds.k):
        tested = {sources[row] for row in folds.tests(0, fold)}
        learnt = {sources[row] for row in drawn.learns(0, fold)}
        assert learnt
        assert not learnt & (tested | {None})
    assert None in {sources[row] for row in drawn.learns(0, -1)}


def test_too_few_patients_or_too_few_of_a_label_are_refused_with_the_number() -> None:
    y = np.arange(24)[:, None] % 2 == 0
    folds = divide_into_folds(y, [None] * 24, seed=1, folds=3)
    with pytest.raises(SplitError, match="With 1/4 of the patients a fold would learn from 4 patients, too few"):
        share_of(folds, y, 0.25, seed=1, labels=["MI"])
    assert learning(share_of(folds, y, 0.5, seed=1, labels=["MI"])) == (8, 8)
    rare = np.arange(60)[:, None] < 3
    folds = divide_into_folds(rare, [None] * 60, seed=1, folds=3)
    with pytest.raises(SplitError, match="With 1/2 of the patients a fold would learn from fewer than two with “MI”"):
        share_of(folds, rare, 0.5, seed=1, labels=["MI"])
    assert share_of(folds, rare, 0.5, seed=1, labels=None).learner is not None  # of values nothing is needed
