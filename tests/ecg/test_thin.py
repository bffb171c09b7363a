"""Parts and thinned signals: no peak is lost, nothing is made up, and moments stay where they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backend.ecg.synthesize import simulate
from backend.ecg.thin import cut, thin

signals = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(1, 400)),
    elements=st.floats(-20, 20, width=32) | st.just(np.float32(np.nan)),
)


@given(signals, st.integers(2, 500))
@settings(deadline=None)
def test_extremes_stay_nothing_is_made_up_and_it_is_no_more_than_asked_for(x: np.ndarray, most: int) -> None:
    kept, rate = thin(x, 500.0, most)
    assert kept.shape[0] == x.shape[0]
    assert kept.shape[1] <= max(most, 2)
    for own, whole in zip(kept, x, strict=True):
        if np.isnan(whole).all():
            assert np.isnan(own).all()
            continue
        assert (np.nanmin(own), np.nanmax(own)) == (np.nanmin(whole), np.nanmax(whole))
        assert set(own[~np.isnan(own)]) <= set(whole)
    assert kept.shape[1] / rate >= x.shape[1] / 500.0 - 1e-9  # the last stretch may go beyond the end
    assert kept.shape[1] / rate < x.shape[1] / 500.0 + 2 / rate


@given(st.integers(0, 89_999), st.integers(200, 4000), st.sampled_from([-1.0, 1.0]))
@settings(deadline=None, max_examples=40)
def test_a_spike_of_one_sample_keeps_height_sign_and_moment(place: int, most: int, sign: float) -> None:
    x = np.zeros((1, 90_000), np.float32)
    x[0, place] = sign * 2.5
    kept, rate = thin(x, 500.0, most)
    (found,) = np.flatnonzero(kept[0])
    assert kept[0, found] == sign * np.float32(2.5)
    assert abs(found / rate - place / 500.0) <= 2 / rate


def test_every_r_peak_of_half_an_hour_is_there_in_2000_samples_a_minute() -> None:
    beats = simulate("NORM", seed=5).recording
    lead = beats.signal[1]
    x = np.tile(lead, 180)[None]  # 30 minutes
    kept, rate = thin(x, beats.rate, 60_000)
    assert kept.size <= 60_000
    seconds = int(lead.size / beats.rate)
    for window in range(0, 1800, 150):
        whole = cut(x, beats.rate, window, seconds)
        assert cut(kept, rate, window, seconds).max() == pytest.approx(whole.max(), abs=0.02)


def test_a_part_begins_and_ends_where_it_is_asked_for() -> None:
    x = np.arange(1000, dtype=np.float32)[None]
    assert cut(x, 100.0, 2.5, 1.0).tolist() == [list(range(250, 350))]
    assert cut(x, 100.0, 9.5, 60.0).shape == (1, 50)
    assert cut(x, 100.0, 99.0, 1.0).shape == (1, 0)
    assert cut(x, 100.0).shape == (1, 1000)
