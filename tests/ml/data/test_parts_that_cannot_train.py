"""What a training is refused for before it starts: an empty part, a label that nothing can be told from, no numbers."""

from dataclasses import replace

import numpy as np
import pytest

from backend.ml.data.split import Split, value_groups
from backend.ml.data.training_data import TrainingData, check_finite, check_parts, check_trainable
from backend.ml.errors import TrainingImpossibleError

LABELS = ("A", "B")
N = 12


def _data(y: np.ndarray | None = None) -> TrainingData:
    """Six training records, three to validate, three to test; A and B in turn."""
    labels = np.eye(2, dtype=np.float32)[np.arange(N) % 2] if y is None else np.asarray(y, np.float32)
    return TrainingData(np.ones((N, 12, 5), np.float32), labels, Split(np.arange(6), np.arange(6, 9), np.arange(9, N)))


def _refused(data: TrainingData, task: str, words: str, labels: tuple[str, ...] = LABELS) -> None:
    with pytest.raises(TrainingImpossibleError, match=words):
        check_parts(data, labels, task)


def test_sound_parts_are_taken() -> None:
    check_parts(_data(), LABELS, "single_label")
    check_parts(_data(), LABELS, "multi_label")
    check_parts(_data(np.arange(2 * N).reshape(N, 2)), LABELS, "regression")


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_an_empty_part_is_named(part: str) -> None:
    data = _data()
    _refused(
        replace(data, split=replace(data.split, **{part: np.empty(0, np.intp)})), "single_label", f"The {part} part"
    )


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
@pytest.mark.parametrize(("share", "count"), [(1, 6), (0, 0)])
def test_a_label_on_all_or_none_of_the_training_records_is_named_though_others_have_it(
    task: str, share: int, count: int
) -> None:
    y = _data().y.copy()
    y[:6, 1] = share  # of the training part; validation and test have it as before
    _refused(_data(y), task, f"the label “B” on {count} of its 6 records")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_single_sample_that_is_no_number_is_refused(wrong: float) -> None:
    data = _data()
    check_finite(data)
    data.x[10, 3, 4] = wrong
    with pytest.raises(TrainingImpossibleError, match="no numbers"):
        check_finite(data)


def test_a_value_that_never_varies_or_is_hardly_known_is_named() -> None:
    y = np.arange(2 * N, dtype=np.float32).reshape(N, 2)
    y[:6, 1] = 7
    _refused(_data(y), "regression", "“B” is 7 of the training records that have it")
    y[:6, 1] = [np.nan] * 5 + [3]
    _refused(_data(y), "regression", "“B” is known of the training records for 1;")
    known = np.arange(10, dtype=np.float32)[:, None]
    check_trainable(known, ["A"], "regression")
    with pytest.raises(TrainingImpossibleError, match="“A” is known of all records for 9;"):
        check_trainable(np.where(known == 4, np.nan, known), ["A"], "regression")
    with pytest.raises(TrainingImpossibleError, match="“A” is 2 of all records"):
        check_trainable(np.full((10, 1), 2.0), ["A"], "regression")


def test_a_value_that_is_not_known_belongs_to_no_fifth_and_equal_values_to_one() -> None:
    values = np.array([[np.nan, 5.0], *[[float(i), 5.0] for i in range(10)]])
    groups = value_groups(values)
    assert groups.shape == (11, 10)
    assert not groups[0, :5].any()
    np.testing.assert_array_equal(groups[1:, :5].sum(axis=0), [2, 2, 2, 2, 2])
    np.testing.assert_array_equal(groups[1:, :5].sum(axis=1), np.ones(10))
    assert (groups[:, 5:].sum(axis=0) > 0).sum() == 1
