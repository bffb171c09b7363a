"""Folds by source: no source is torn, nobody is on both sides, nothing of the tested source has been learned from."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.folds import inside
from backend.ml.data.source_folds import FEWEST_PATIENTS, SourceFolds, divide_by_source, title
from backend.ml.errors import SplitError

NAMES = ("AT-102", "ELI 250", "MAC 5500", "PageWriter", "Cardiovit")


@st.composite
def tables(draw):
    """Records with patient, source (None: not known), label, and whether a base model has seen them."""
    n = draw(st.integers(20, 90))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_sources, moved = draw(st.integers(2, 5)), draw(st.floats(0, 0.3))
    home = random.integers(0, n_sources, n)
    whose = random.integers(0, draw(st.integers(15, 70)), n)
    at = np.where(random.random(n) < moved, random.integers(0, n_sources, n), home[whose % n])
    sources = [None if random.random() < 0.1 else NAMES[place] for place in at]
    patients = [None if random.random() < 0.1 else f"p{number}" for number in whose]
    return patients, sources, random.random((n, 2)) < 0.4, (random.random(n) < 0.1).tolist()


def _made(table, **changed) -> SourceFolds | None:
    patients, sources, y, seen = table
    try:
        return divide_by_source(y, patients, sources, **{"labels": ("A", "B"), "only_train": seen} | changed)
    except SplitError:
        return None


def _whose(patients):
    return [patient or f"record {row}" for row, patient in enumerate(patients)]


@settings(max_examples=60, deadline=None)
@given(tables())
def test_nobody_and_no_source_is_on_both_sides(table):
    found = _made(table)
    if found is None:
        return
    sources, whose = table[1], _whose(table[0])
    for fold in range(found.folds.k):
        tests, learns = found.folds.tests(0, fold), found.folds.learns(0, fold)
        assert not {whose[row] for row in tests} & {whose[row] for row in learns}
        assert not {sources[row] for row in tests} & {sources[row] for row in learns}
        assert None not in {sources[row] for row in tests} | {sources[row] for row in learns}
        for parts in inside(found.folds, table[2], 0, fold, seed=1, parts=3, each_label=False):
            assert set(parts.train) | set(parts.validation) == set(learns)
            assert not {whose[row] for row in parts.train} & {whose[row] for row in parts.validation}
            assert parts.test.tolist() == tests.tolist()


@settings(max_examples=60, deadline=None)
@given(tables())
def test_each_record_is_tested_once_at_most_and_each_source_in_one_fold_whole(table):
    found = _made(table)
    if found is None:
        return
    patients, sources, _, seen = table
    whose, folds = _whose(patients), found.folds
    held = {one for one, known in zip(whose, seen, strict=True) if known}
    of_source: dict[str, set[int]] = {}
    for row, (source, fold) in enumerate(zip(sources, folds.fold[0].tolist(), strict=True)):
        if source is None or whose[row] in held:
            assert fold == -1
        else:
            of_source.setdefault(source, set()).add(fold)
    assert all(len(numbers) == 1 for numbers in of_source.values())
    assert {number for numbers in of_source.values() for number in numbers} - {-1} == set(range(folds.k))
    for fold, one in enumerate(found.tested):
        tests = folds.tests(0, fold)
        assert (one.n, one.n_patients) == (len(tests), len({whose[row] for row in tests}))
        assert one.n_patients >= FEWEST_PATIENTS
        assert set(one.names) <= {sources[row] for row in tests}
    assert found.n_unknown == sum(source is None for source in sources)


@settings(max_examples=40, deadline=None)
@given(tables(), st.randoms())
def test_the_order_of_the_records_decides_nothing(table, random):
    patients, sources, y, seen = table
    names = _whose(patients)
    order = list(range(len(names)))
    random.shuffle(order)
    one = _made((names, sources, y, seen))
    other = _made(
        ([names[row] for row in order], [sources[row] for row in order], y[order], [seen[row] for row in order])
    )
    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    assert one.tested == other.tested
    assert (one.folds.fold[0][order] == other.folds.fold[0]).all()
    assert (one.folds.source[order] == other.folds.source).all()


def _table(counts: dict[str | None, int]) -> tuple[list[str], list[str | None], np.ndarray]:
    """So many records of each source, each of another patient, every second one with the label."""
    sources = [name for name, n in counts.items() for _ in range(n)]
    return [f"p{row}" for row in range(len(sources))], sources, (np.arange(len(sources)) % 2 == 0)[:, None]


def test_the_largest_source_is_the_first_fold_and_small_ones_are_one_together():
    patients, sources, y = _table({"A": 10, "B": 30, "C": 3, "D": 4, None: 6})
    found = divide_by_source(y, patients, sources, labels=["MI"])
    assert [(one.names, one.n_small, one.n) for one in found.tested] == [(("B",), 0, 30), (("A",), 0, 10), ((), 2, 7)]
    assert [title(one) for one in found.tested] == ["B", "A", "2 small sources"]
    assert (found.n_unknown, found.n_only_train) == (6, 0)
    assert Counter(found.folds.fold[0].tolist()) == {0: 30, 1: 10, 2: 7, -1: 6}
    assert len(found.folds.learns(0, 0)) == 17
    assert len(found.folds.learns(0, -1)) == 53


def test_sources_that_are_too_small_even_together_only_train():
    patients, sources, y = _table({"A": 20, "B": 30, "C": 3})
    found = divide_by_source(y, patients, sources, labels=["MI"])
    assert (found.folds.k, found.n_only_train) == (2, 3)
    assert [len(found.folds.learns(0, fold)) for fold in range(2)] == [23, 33]


def test_a_patient_of_two_sources_is_tested_in_both_and_learned_from_in_neither():
    patients, sources, y = _table({"A": 20, "B": 20})
    patients[0] = patients[20] = "both"
    folds = divide_by_source(y, patients, sources, labels=["MI"]).folds
    assert [folds.fold[0][row] for row in (0, 20)] == [0, 1]
    for fold in range(2):
        assert not {0, 20} & set(folds.learns(0, fold).tolist())
        assert len(folds.learns(0, fold)) == 19


def test_a_source_all_of_whose_records_are_alike_is_no_fold_of_its_own():
    patients, sources, y = _table({"A": 20, "B": 20, "C": 20})
    y = np.where([source == "C" for source in sources], False, y[:, 0])[:, None]
    found = divide_by_source(y, patients, sources, labels=["MI"])
    assert (found.folds.k, found.n_only_train) == (2, 20)
    assert divide_by_source(y, patients, sources).folds.k == 3  # where it is no label, nothing is lacking


def test_of_very_many_sources_the_smallest_are_joined():
    patients, sources, y = _table({f"s{place:02}": 6 + place for place in range(30)})
    found = divide_by_source(y, patients, sources, labels=["MI"])
    assert found.folds.k == 20
    assert sum(len(one.names) for one in found.tested) == 30
    assert ("s29",) in [one.names for one in found.tested]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"A": 40}, "Here 1 fold can be made of 1 source. Divide by patient instead."),
        ({"A": 40, "B": 3}, "Here 1 fold can be made of 2 sources."),
        ({None: 40}, "Here 0 folds can be made of 0 sources; of 40 recordings the source is not known."),
    ],
)
def test_fewer_than_two_sources_are_refused(counts, said):
    patients, sources, y = _table(counts)
    with pytest.raises(SplitError, match=said):
        divide_by_source(y, patients, sources, labels=["MI"])


def test_a_label_of_one_source_is_named():
    patients, sources, y = _table({"A": 20, "B": 20})
    rare = np.array([source == "A" and row % 2 == 0 for row, source in enumerate(sources)])
    with pytest.raises(SplitError, match="Without “A” fewer than two patients with “PACE” are left to learn from"):
        divide_by_source(np.column_stack([y, rare]), patients, sources, labels=["MI", "PACE"])


def test_where_all_patients_are_in_both_sources_nobody_is_left_to_learn_from():
    patients, sources, y = _table({"A": 20, "B": 20})
    with pytest.raises(SplitError, match="For “A” only 0 patients would be left to learn from"):
        divide_by_source(y, patients[:20] * 2, sources, labels=["MI"])
