"""Folds of a cross-validation: nobody is in two of them, everyone is tested once a repeat, labels are shared out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.folds import divide_into_folds, inside
from backend.ml.data.groups import groups_of
from backend.ml.errors import SplitError
from tests.ml.data.test_firewall import _none_shared, _things, recordings


def _labels(n: int, positives: int) -> np.ndarray:
    return (np.arange(n) < positives)[:, None].astype(float)


@settings(max_examples=40, deadline=None)
@given(recordings(), st.integers(0, 20), st.integers(3, 6))
def test_folds_share_no_patient_no_spelling_of_one_no_signal_and_no_copy(identities, seed, k):
    names = groups_of(identities)
    y = np.random.default_rng(seed).random((len(names), 2)) < 0.4
    try:
        folds = divide_into_folds(y, names, seed=seed, folds=k, repeats=2)
    except SplitError:
        return  # too few patients of a label
    for repeat in range(2):
        things = [_things(np.flatnonzero(folds.fold[repeat] == fold), identities) for fold in range(k)]
        for one in range(k):
            for other in range(one):
                _none_shared(things[one], things[other])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=40, max_size=80), st.integers(0, 5), st.integers(3, 7), st.integers(1, 3))
def test_each_record_is_tested_once_a_repeat_and_never_by_a_model_that_knows_its_patient(whose, seed, k, repeats):
    y = np.random.default_rng(seed).random((len(whose), 1)) < 0.5
    patients = [f"p{number}" for number in whose]
    seen = [number % 5 == 0 for number in whose]
    try:
        folds = divide_into_folds(y, patients, seed=seed, folds=k, repeats=repeats, only_train=seen)
    except SplitError:
        return
    held = np.flatnonzero(
        [patient in {p for p, known in zip(patients, seen, strict=True) if known} for patient in patients]
    )
    for repeat in range(repeats):
        tested = []
        for fold in range(k):
            try:
                inner = inside(folds, y, repeat, fold, seed=seed, parts=4)
            except SplitError:
                inner = []
            rows = folds.tests(repeat, fold)
            tested += rows.tolist()
            validated = [row for parts in inner for row in parts.validation.tolist()]
            assert len(validated) == len(set(validated))
            for parts in inner:
                assert parts.test.tolist() == rows.tolist()
                everyone = np.concatenate([parts.train, parts.validation, parts.test])
                assert sorted(everyone) == list(range(len(whose)))
                names = [{patients[row] for row in part} for part in (parts.train, parts.validation, parts.test)]
                assert not names[2] & (names[0] | names[1])
                assert not names[0] & names[1]
        assert not set(tested) & set(held)
        assert sorted(tested) == sorted(set(range(len(whose))) - set(held))
        assert sorted(tested) == folds.tested.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 120), st.integers(5, 10), st.integers(3, 7), st.integers(0, 50))
def test_where_everyone_has_one_record_folds_differ_by_one_with_the_label_and_one_without(n, positives, k, seed):
    y = _labels(n, positives)
    folds = divide_into_folds(y, [None] * n, seed=seed, folds=k, repeats=2)
    for row in folds.fold:
        for which in (y[:, 0] == 1, y[:, 0] == 0):
            counts = np.bincount(row[which], minlength=k)
            assert counts.max() - counts.min() <= 1
        assert np.bincount(row).max() - np.bincount(row).min() <= 2


def test_of_several_labels_the_rare_one_is_in_every_training_part():
    lot = np.random.default_rng(3)
    y = np.column_stack([lot.random(90) < 0.5, lot.random(90) < 0.3, np.arange(90) < 3])
    folds = divide_into_folds(y, [None] * 90, seed=1, folds=5, repeats=10)
    for repeat in range(10):
        for fold in range(5):
            for parts in inside(folds, y, repeat, fold, seed=1, parts=5):
                assert y[parts.train].sum(axis=0).min() >= 1


def test_patients_of_many_records_are_shared_out_too():
    lot = np.random.default_rng(1)
    patients = [f"p{number}" for number in lot.integers(0, 30, 200)]
    ill = {f"p{number}" for number in range(10)}
    y = np.array([[patient in ill] for patient in patients])
    seen = [patient in ("p3", "p20") for patient in patients]
    some = divide_into_folds(y, patients, seed=1, only_train=[row == seen.index(True) for row in range(200)]).fold[0]
    assert {
        int(number) for number, patient in zip(some, patients, strict=True) if patient == patients[seen.index(True)]
    } == {-1}
    fold = divide_into_folds(y, patients, seed=1).fold[0]
    assert len({(patient, int(number)) for patient, number in zip(patients, fold, strict=True)}) == len(set(patients))
    shares = [y[fold == number].mean() for number in range(5)]
    assert max(shares) - min(shares) < 0.15
    sizes = np.bincount(fold)
    assert sizes.max() - sizes.min() <= 15


def test_equal_seeds_give_equal_folds_and_each_repeat_other_ones():
    y = _labels(60, 20)
    one, same, other = (divide_into_folds(y, [None] * 60, seed=seed, repeats=3).fold for seed in (4, 4, 5))
    assert (one == same).all()
    assert (one != other).any()
    assert (one[0] != one[1]).any()
    assert (one[1] != one[2]).any()


@pytest.mark.parametrize(("folds", "repeats"), [(2, 1), (21, 1), (5, 0), (5, 101)])
def test_impossible_numbers_are_refused(folds, repeats):
    with pytest.raises(SplitError, match="3 to 20 folds"):
        divide_into_folds(_labels(60, 20), [None] * 60, seed=1, folds=folds, repeats=repeats)


def test_too_few_patients_are_counted():
    with pytest.raises(SplitError, match="4 patients"):
        divide_into_folds(_labels(40, 10), [f"p{number % 4}" for number in range(40)], seed=1)


def test_the_kept_model_learns_from_everybody_and_each_part_validates_once():
    y = _labels(60, 20)
    folds = divide_into_folds(y, [None] * 60, seed=1)
    splits = inside(folds, y, 0, -1, seed=1, parts=5)
    assert sorted(row for parts in splits for row in parts.validation.tolist()) == list(range(60))
    assert all(len(parts.test) == 0 and len(parts.train) + len(parts.validation) == 60 for parts in splits)


def test_an_eighth_of_those_who_learn_validates_where_one_part_is_asked_for():
    y = _labels(200, 60)
    folds = divide_into_folds(y, [None] * 200, seed=1)
    (parts,) = inside(folds, y, 0, 2, seed=1, parts=8, only_first=True)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (140, 20, 40)


def test_values_may_be_rare_where_they_are_no_labels():
    y = _labels(40, 1)
    assert divide_into_folds(y, [None] * 40, seed=1, each_label=False).k == 5


def test_a_label_of_two_patients_cannot_be_in_every_training_part():
    with pytest.raises(SplitError, match="at least three"):
        divide_into_folds(_labels(40, 2), [None] * 40, seed=1)
