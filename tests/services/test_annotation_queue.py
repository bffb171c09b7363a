"""How unsure a model is, against values known without computing."""

import numpy as np
import pytest

from backend.services.annotation_queue import uncertainty


def test_one_label_of_several_is_as_unsure_as_its_entropy() -> None:
    sure, even, between = [1.0, 0, 0], [1 / 3] * 3, [0.5, 0.5, 0]
    found = uncertainty(np.array([sure, even, between]), one_of_them=True)
    assert found == pytest.approx([0, 1, np.log(2) / np.log(3)], abs=1e-9)


def test_of_several_labels_the_least_sure_one_counts() -> None:
    found = uncertainty(np.array([[0.0, 1.0, 0.5], [0.01, 0.02, 0.99], [0.1, 0.0, 1.0]]), one_of_them=False)
    assert found[0] == pytest.approx(1)
    assert found[0] > found[2] > found[1] > 0
