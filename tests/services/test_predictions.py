"""What a model's outputs mean for a recording: which labels are predicted, and at which threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.preprocess import preset
from backend.ml.evaluation.thresholds import predict_labels
from backend.ml.inference.decisions import decide
from backend.ml.spec import ModelSpec, Task

LABELS = ("AFIB", "CLBBB", "IMI", "NORM")
PARTS_OF_ONE = st.integers(0, 1000).map(lambda number: number / 1000)


def _spec(task: Task, thresholds: tuple[float, ...] | None = None) -> ModelSpec:
    return ModelSpec(
        architecture="inception_time", labels=LABELS, task=task, preprocessing=preset("clinical"),
        **({} if thresholds is None else {"thresholds": thresholds}),
    )  # fmt: skip


def test_a_label_is_predicted_where_its_own_threshold_is_reached() -> None:
    spec = _spec("multi_label", (0.1, 0.9, 0.5, 0.3))
    assert decide(spec, np.array([0.2, 0.8, 0.4, 0.2])) == ["AFIB"]  # above its threshold, though below a half
    assert decide(spec, np.array([0.0, 0.8, 0.6, 0.0])) == ["IMI"]  # 0.8 is not enough for CLBBB
    assert decide(spec, np.array([0.1, 0.9, 0.5, 0.3])) == list(LABELS)  # a threshold that is just reached counts
    assert decide(spec, np.array([0.0999, 0.8999, 0.4999, 0.2999])) == []


@given(
    thresholds=st.tuples(*[PARTS_OF_ONE] * len(LABELS)), probabilities=st.lists(PARTS_OF_ONE, min_size=4, max_size=4)
)
@settings(deadline=None)
def test_what_is_predicted_is_what_the_evaluation_counts(
    thresholds: tuple[float, ...], probabilities: list[float]
) -> None:
    spec = _spec("multi_label", thresholds)
    predicted = decide(spec, np.array(probabilities))
    assert predicted == [label for label, p, t in zip(LABELS, probabilities, thresholds, strict=True) if p >= t]
    counted = predict_labels(np.array([probabilities]), "multi_label", thresholds)[0]
    assert predicted == [label for label, yes in zip(LABELS, counted, strict=True) if yes]


def test_of_labels_that_exclude_each_other_the_most_probable_is_predicted_whatever_its_probability() -> None:
    assert decide(_spec("single_label"), np.array([0.24, 0.26, 0.25, 0.25])) == ["CLBBB"]


def test_a_regression_predicts_no_label() -> None:
    assert decide(_spec("regression"), np.array([55.0, 1.0, 0.0, 0.9])) == []


@pytest.mark.parametrize("task", ["multi_label", "single_label"])
def test_a_threshold_of_zero_always_counts_only_where_labels_do_not_exclude_each_other(task: Task) -> None:
    expected = list(LABELS) if task == "multi_label" else ["AFIB"]
    assert decide(_spec(task, (0.0,) * 4), np.zeros(4)) == expected
