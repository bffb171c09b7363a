import numpy as np
import pytest

from backend.ml.data.training_data import check_trainable
from backend.ml.errors import TrainingImpossibleError


@pytest.mark.parametrize(
    ("counts", "task", "message"),
    [
        ([20, 0], "single_label", "all 20 records are “A”"),
        ([0, 0], "single_label", "no record has a label"),
        ([20, 1], "single_label", "“B” has 1 record;"),
        ([20, 2], "single_label", "“B” has 2 records;"),
        ([20, 0], "multi_label", "“B” has 0 records"),
    ],
)
def test_data_that_cannot_train_are_refused_naming_the_label(counts, task, message):
    y = np.eye(2)[np.repeat([0, 1], counts)] if sum(counts) else np.zeros((5, 2))
    with pytest.raises(TrainingImpossibleError, match=message):
        check_trainable(y, ["A", "B"], task)


def test_a_label_on_every_record_is_refused_where_several_may_apply():
    with pytest.raises(TrainingImpossibleError, match="“A” is set on 10 of 10 records"):
        check_trainable(np.ones((10, 1)), ["A"], "multi_label")
    check_trainable(np.eye(2)[np.arange(10) % 2], ["A", "B"], "multi_label")
