"""One lead of a file: its origin is added to what was measured, and what is missing stays missing."""

import numpy as np
import pytest

from backend.ecg.readers.channels import calibrated
from backend.ecg.readers.number_list import ABSENT
from backend.ecg.readers.options import ReadOptions


@pytest.mark.parametrize("origin_mv", [0.0, 0.01, -0.01])
def test_a_missing_sample_stays_missing_beside_an_origin_of_whole_steps(origin_mv: float) -> None:
    stored = np.array([ABSENT, -3, 0, 5], np.int64)
    channel = calibrated("I", stored, 1.0, "uV", ReadOptions(), origin_mv)
    assert channel.samples[0] == ABSENT
    np.testing.assert_allclose(channel.samples[1:] * channel.mv_per_step, stored[1:] / 1000 + origin_mv, atol=1e-12)


def test_a_missing_sample_stays_missing_beside_an_origin_between_two_steps() -> None:
    channel = calibrated("I", np.array([ABSENT, 5], np.int64), 1.0, "uV", ReadOptions(), 0.0005)
    np.testing.assert_allclose(channel.samples * channel.mv_per_step, [np.nan, 0.0055], atol=1e-12)
