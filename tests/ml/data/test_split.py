import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.split import split, split_from_column
from backend.ml.errors import SplitError

PARTS = ("train", "validation", "test")


@st.composite
def labelled_patients(draw):
    n = draw(st.integers(3, 80))
    n_labels = draw(st.integers(1, 4))
    y = draw(st.lists(st.lists(st.integers(0, 1), min_size=n_labels, max_size=n_labels), min_size=n, max_size=n))
    patients = draw(st.lists(st.one_of(st.none(), st.just(""), st.integers(0, 30).map(str)), min_size=n, max_size=n))
    return np.array(y), patients


@settings(max_examples=150, deadline=None)
@given(labelled_patients(), st.integers(0, 2**31))
def test_a_split_is_disjoint_complete_patient_wise_and_the_same_for_the_same_seed(case, seed):
    y, patients = case
    known = {patient for patient in patients if patient}
    if len(known) + sum(not patient for patient in patients) < 3:
        with pytest.raises(SplitError, match="at least three"):
            split(y, patients, seed=seed)
        return
    first, again = (split(y, patients, seed=seed) for _ in range(2))
    indices = np.concatenate([first.train, first.validation, first.test])
    assert sorted(indices) == list(range(len(y)))
    for part in PARTS:
        np.testing.assert_array_equal(getattr(first, part), getattr(again, part))
    owners = [{patients[i] for i in getattr(first, part) if patients[i]} for part in PARTS]
    assert not (owners[0] & owners[1])
    assert not (owners[0] & owners[2])
    assert not (owners[1] & owners[2])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(3, 60), min_size=2, max_size=6), st.integers(0, 1000))
def test_every_class_of_three_or_more_patients_is_in_every_part(sizes, seed):
    classes = np.repeat(np.arange(len(sizes)), sizes)
    y = np.eye(len(sizes))[classes]
    parts = split(y, [None] * len(y), seed=seed)
    for part in PARTS:
        assert (y[getattr(parts, part)].sum(axis=0) >= 1).all()


def test_of_many_patients_every_label_is_in_every_part_in_about_its_proportion():
    random = np.random.default_rng(5)
    y = random.random((20_000, 5)) < [0.5, 0.2, 0.1, 0.05, 0.02]
    patients = [str(p) for p in random.integers(0, 9000, len(y))]
    parts = split(y, patients, seed=2)
    shares = np.array([y[getattr(parts, part)].sum(axis=0) for part in PARTS]) / y.sum(axis=0)
    np.testing.assert_allclose(shares, np.repeat([[0.7], [0.1], [0.2]], 5, axis=1), atol=0.06)
    assert parts.notes == ()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(0, 100))
def test_a_patient_keeps_the_side_when_labels_records_and_their_order_change(data, seed):
    """Of enough patients that no part lacks a label, so that nothing has to be moved."""
    patients = [f"p-{n}" for n in range(400)]
    sides = []
    for _ in range(2):
        here = data.draw(st.permutations(patients))[: data.draw(st.integers(300, 400))]
        y = np.random.default_rng(data.draw(st.integers(0, 1000))).random((len(here), 2)) < 0.5
        parts = split(y, here, seed=seed)
        assert parts.notes == ()
        sides.append({here[row]: part for part in PARTS for row in getattr(parts, part)})
    assert all(sides[0][one] == sides[1][one] for one in sides[0].keys() & sides[1].keys())


def test_as_few_patients_as_it_takes_are_moved_for_a_label_and_the_notes_count_them():
    patients = [f"p-{n}" for n in range(300)]
    y = np.zeros((300, 1))
    before = split(np.random.default_rng(0).random((300, 1)) < 0.5, patients, seed=1)
    y[before.train[:5]] = 1  # no other part has it
    after = split(y, patients, seed=1)
    assert len(set(after.train) ^ set(before.train)) == 2  # one to validate, one to test
    assert "2 of 300 recordings were moved" in after.notes[0]


def test_what_is_held_in_a_part_is_there_and_is_never_moved_for_a_label():
    y = np.eye(2)[[0] * 37 + [1] * 3]
    held = [-1] * 37 + [0] * 3
    parts = split(y, [f"p-{n}" for n in range(40)], seed=1, held=held)
    assert set(parts.train) >= {37, 38, 39}


def test_another_seed_gives_another_split():
    y = np.eye(2)[np.arange(100) % 2]
    assert not np.array_equal(split(y, [None] * 100, seed=1).test, split(y, [None] * 100, seed=2).test)


@pytest.mark.parametrize("fractions", [(0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (1.2, -0.1, -0.1)])
def test_impossible_fractions_are_refused(fractions):
    with pytest.raises(SplitError, match="fractions"):
        split(np.eye(3), [None] * 3, seed=1, fractions=fractions)


def column(values, **kwargs):
    y = np.eye(2)[np.arange(len(values)) % 2]
    patients = kwargs.pop("patients", [str(i) for i in range(len(values))])
    return split_from_column(values, y=y, groups=patients, seed=1, **kwargs)


def test_a_column_of_words_is_followed_in_any_case():
    parts = column(["Train", "TRAINING", "val", "Validation", "dev", "test", " TEST "])
    assert (list(parts.train), list(parts.validation), list(parts.test)) == ([0, 1], [2, 3, 4], [5, 6])


def test_of_numbered_folds_the_highest_tests_and_the_next_validates():
    parts = column(["1", "2", "3", "9.0", "10", "1"])
    assert (list(parts.train), list(parts.validation), list(parts.test)) == ([0, 1, 2, 5], [3], [4])


def test_the_folds_can_be_chosen():
    parts = column(["1", "2", "3", "4"], test_fold=1, validation_fold=2)
    assert (list(parts.train), list(parts.validation), list(parts.test)) == ([2, 3], [1], [0])


def test_without_validation_an_eighth_of_the_training_records_is_set_aside_and_noted():
    parts = column(["train"] * 80 + ["test"] * 20)
    assert 5 <= len(parts.validation) <= 15
    assert set(parts.validation) < set(range(80))
    assert list(parts.test) == list(range(80, 100))
    assert f"{len(parts.validation)} training recordings were set aside" in parts.notes[0]


def test_two_folds_give_training_and_test_with_validation_set_aside():
    parts = column(["1"] * 40 + ["2"] * 10)
    assert 1 <= len(parts.validation) <= 10
    assert list(parts.test) == list(range(40, 50))


def test_of_a_patient_in_two_parts_of_the_column_the_records_of_the_earlier_part_stay():
    parts = column(["train", "train", "val", "test", "test"], patients=["a", "b", "c", "a", "d"])
    assert (list(parts.train), list(parts.validation), list(parts.test)) == ([0, 1], [2], [4])


@pytest.mark.parametrize(
    ("values", "kwargs", "message"),
    [
        (["train", "", "test"], {}, "empty for 1 of 3"),
        (["train", "banana", "test"], {}, "banana"),
        (["1.5", "2", "3"], {}, "1.5"),
        (["nan", "2", "3"], {}, "nan"),
        (["inf", "2", "3"], {}, "inf"),
        (["3", "3", "3"], {}, "single fold"),
        (["train", "train", "val"], {}, "no record as test"),
        (["val", "val", "test"], {}, "no record as train"),
        (["1", "2", "3"], {"test_fold": 7}, "no fold 7"),
        (["1", "2", "3"], {"test_fold": 2, "validation_fold": 2}, "cannot both"),
        (["train", "val", "test"], {"test_fold": 2}, "words"),
    ],
)
def test_a_column_that_cannot_be_followed_is_refused_naming_the_value(values, kwargs, message):
    with pytest.raises(SplitError, match=message):
        column(values, **kwargs)
