"""What a network is told of age and sex; weights learnt with one order mean nothing in another."""

import numpy as np
import pytest

from backend.ml.patient import FEATURES, encode


@pytest.mark.parametrize(
    ("age", "sex", "told"),
    [
        (63, "F", (0.63, 1, 1, 0)),
        (18.5, "M", (0.185, 1, 0, 1)),
        (0, None, (0, 1, 0, 0)),
        (None, "F", (0, 0, 1, 0)),
        (None, None, (0, 0, 0, 0)),
        (float("nan"), "M", (0, 0, 0, 1)),
        (-3, "other", (0, 0, 0, 0)),
        (151, "", (0, 0, 0, 0)),
    ],
)
def test_age_in_centuries_whether_it_is_known_female_male(age: float | None, sex: str | None, told: tuple) -> None:
    encoded = encode(age, sex)
    assert (encoded.shape, encoded.dtype) == ((FEATURES,), np.float32)
    np.testing.assert_allclose(encoded, told, rtol=1e-6)
