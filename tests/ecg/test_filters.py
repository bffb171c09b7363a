"""Each filter against scipy or a closed form, and at the edges where filters break."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from backend.ecg.errors import PreprocessingError
from backend.ecg.filters import clip_quantiles, fill_gaps, min_max, moving_median, standardise, two_stage_median
from backend.ecg.zero_phase import bandpass, high_pass, mains_frequency, notch

NAN = np.nan


@settings(deadline=None, max_examples=60)
@given(n=st.integers(1, 400), rate=st.sampled_from([100.0, 240.0, 500.0, 1000.0]), seed=st.integers(0, 1000))
def test_bandpass_equals_scipy_sosfiltfilt_even_for_signals_shorter_than_its_padding(n, rate, seed):
    x = np.random.default_rng(seed).normal(size=(2, 3, n)).cumsum(axis=-1)
    sos = scipy.signal.butter(4, (0.5, 40), "bandpass", fs=rate, output="sos")
    theirs = scipy.signal.sosfiltfilt(sos, x, axis=-1, padlen=min(27, n - 1))
    np.testing.assert_allclose(bandpass(x, rate, 0.5, 40), theirs, rtol=0, atol=1e-10)


def test_bandpass_halves_the_amplitude_at_its_corners_and_shifts_nothing():
    t = np.arange(30_000) / 500
    for hz, expected in [(0.5, 0.5), (40, 0.5), (8, 1.0), (0.05, 0.0), (150, 0.0)]:
        y = bandpass(np.sin(2 * np.pi * hz * t), 500, 0.5, 40)[5000:-5000]
        in_phase = 2 * np.mean(y * np.sin(2 * np.pi * hz * t[5000:-5000]))
        assert in_phase == pytest.approx(expected, abs=0.01)


def test_bandpass_whose_upper_corner_reaches_nyquist_is_a_high_pass():
    x = np.random.default_rng(0).normal(size=(12, 800)).cumsum(axis=-1)
    for rate in (60.0, 80.0, 81.0):
        sos = scipy.signal.butter(4, 0.5, "highpass", fs=rate, output="sos")
        np.testing.assert_allclose(bandpass(x, rate, 0.5, 40), scipy.signal.sosfiltfilt(sos, x, axis=-1), atol=1e-10)


@pytest.mark.parametrize(("low", "high"), [(0, 40), (-1, 40), (40, 0.5), (5, 5), (NAN, 40), (0.5, np.inf)])
def test_corners_out_of_order_are_refused(low, high):
    with pytest.raises(PreprocessingError, match="0 < low < high"):
        bandpass(np.zeros(100), 500, low, high)


def test_a_lower_corner_above_nyquist_and_a_rate_that_is_none_are_refused():
    with pytest.raises(PreprocessingError, match="leaves nothing"):
        bandpass(np.zeros(100), 20, 10, 40)
    with pytest.raises(PreprocessingError, match="no sampling rate"):
        bandpass(np.zeros(100), 0, 0.5, 40)


@settings(deadline=None, max_examples=60)
@given(n=st.integers(1, 120), half=st.integers(0, 150), seed=st.integers(0, 1000))
@example(n=4, half=100, seed=1)
@example(n=30, half=30, seed=1)
def test_moving_median_equals_the_median_of_mirrored_windows(n, half, seed):
    x = np.random.default_rng(seed).normal(size=(3, n))
    mirrored = np.arange(-half, n + half) % (2 * n)
    mirrored = np.where(mirrored >= n, 2 * n - 1 - mirrored, mirrored)
    windows = sliding_window_view(x[:, mirrored], 2 * half + 1, axis=-1)
    np.testing.assert_array_equal(moving_median(x, 2 * half + 1), np.median(windows, axis=-1))


def test_moving_median_of_a_batch_equals_scipy_in_n_dimensions():
    x = np.random.default_rng(0).normal(size=(2, 3, 250)).cumsum(axis=-1)
    np.testing.assert_array_equal(moving_median(x, 51), ndimage.median_filter(x, size=(1, 1, 51), mode="reflect"))


@pytest.mark.parametrize("size", [0, 2, 200, -1])
def test_a_median_without_a_centre_is_refused(size):
    with pytest.raises(PreprocessingError, match="odd"):
        moving_median(np.zeros(10), size)


@settings(deadline=None, max_examples=50)
@given(n=st.integers(1, 500), quantile=st.floats(0, 0.49), margin=st.floats(0, 3), seed=st.integers(0, 1000))
def test_clipping_limits_are_the_nearest_order_statistics_and_their_margin(n, quantile, margin, seed):
    x = np.random.default_rng(seed).standard_t(2, size=(2, n))
    y = clip_quantiles(x, quantile, margin)
    for row, clipped in zip(x, y, strict=True):
        ordered = np.sort(row)
        low, high = ordered[round(quantile * (n - 1))], ordered[round((1 - quantile) * (n - 1))]
        reach = margin * (high - low)
        np.testing.assert_allclose(clipped, np.clip(row, low - reach, high + reach), atol=1e-12)


def test_clipping_leaves_an_ordinary_lead_alone_and_cuts_a_spike():
    x = np.sin(np.arange(1000) / 10)
    np.testing.assert_array_equal(clip_quantiles(x, 0.01, 1.5), x)
    x[500] = 300
    assert clip_quantiles(x, 0.01, 1.5).max() == pytest.approx(4, abs=0.01)


def test_samples_marked_missing_do_not_move_the_clipping_limits():
    x = np.random.default_rng(0).normal(size=(2, 1000))
    mask = np.zeros(x.shape, dtype=bool)
    mask[0, :400] = mask[1] = True
    spoilt = np.where(mask, 1e6, x)
    y = clip_quantiles(spoilt, 0.01, 0.1, missing=mask)
    np.testing.assert_allclose(y[0, 400:], clip_quantiles(x[0, 400:], 0.01, 0.1))


@settings(deadline=None, max_examples=50)
@given(n=st.integers(2, 300), offset=st.floats(-1000, 1000), seed=st.integers(0, 1000))
def test_standardising_equals_scipy_zscore_per_lead_and_per_recording(n, offset, seed):
    x = np.random.default_rng(seed).normal(size=(2, 12, n)) + offset
    np.testing.assert_allclose(standardise(x), scipy.stats.zscore(x, axis=-1), atol=1e-8)
    whole = scipy.stats.zscore(x.reshape(2, -1), axis=-1).reshape(x.shape)
    np.testing.assert_allclose(standardise(x, together=True), whole, atol=1e-8)


def test_a_flat_lead_standardises_to_zeros_without_a_warning():
    x = np.stack([np.full(100, 3.7), np.zeros(100), np.arange(100.0)])
    y = standardise(x)
    assert not y[:2].any()
    assert y[2].std() == pytest.approx(1)


def test_missing_samples_count_in_no_mean_and_come_back_as_zero():
    x = np.random.default_rng(0).normal(2, 3, size=(2, 500))
    mask = np.zeros(x.shape, dtype=bool)
    mask[0, 100:300] = mask[1] = True
    y = standardise(np.where(mask, 1e6, x), missing=mask)
    np.testing.assert_allclose(y[0][~mask[0]], scipy.stats.zscore(x[0][~mask[0]]), atol=1e-12)
    assert not y[mask].any()


def test_gaps_are_bridged_by_lines_held_at_the_edges_and_marked_when_long():
    x = np.array([
        [NAN, 1.0, NAN, 3.0, NAN, NAN, NAN, 7.0, np.inf],
        [NAN] * 9,
        list(range(9)),
    ])  # fmt: skip
    filled, missing = fill_gaps(x, max_gap=2)
    np.testing.assert_allclose(filled, [[1, 1, 2, 3, 4, 5, 6, 7, 7], [0] * 9, list(range(9))])
    assert missing is not None
    np.testing.assert_array_equal(np.flatnonzero(missing[0]), [4, 5, 6])
    assert missing[1].all()
    assert not missing[2].any()


def test_a_signal_without_long_gaps_has_no_mask_and_the_input_is_not_changed():
    x = np.array([[0.0, NAN, 2.0]])
    filled, missing = fill_gaps(x, max_gap=1)
    assert missing is None
    assert np.isnan(x[0, 1])
    np.testing.assert_array_equal(filled, [[0, 1, 2]])


def test_the_two_stage_baseline_equals_two_median_filters_of_scipy():
    x = np.random.default_rng(0).normal(size=(3, 600)).cumsum(axis=-1)
    first = ndimage.median_filter(x, size=(1, 21), mode="reflect")
    np.testing.assert_array_equal(
        two_stage_median(x, 21, 61), ndimage.median_filter(first, size=(1, 61), mode="reflect")
    )


@settings(deadline=None, max_examples=30)
@given(n=st.integers(1, 400), hz=st.sampled_from([0.05, 0.5, 0.67]), seed=st.integers(0, 1000))
def test_the_high_pass_equals_scipy_sosfiltfilt(n, hz, seed):
    x = np.random.default_rng(seed).normal(size=(2, n)).cumsum(axis=-1)
    sos = scipy.signal.butter(4, hz, "highpass", fs=250, output="sos")
    theirs = scipy.signal.sosfiltfilt(sos, x, axis=-1, padlen=min(15, n - 1))
    np.testing.assert_allclose(high_pass(x, 250, hz), theirs, rtol=0, atol=1e-8)


def test_the_high_pass_takes_drift_and_keeps_a_raised_st_segment():
    t = np.arange(10_000) / 500
    st_segment = 0.3 * ((t % 1 > 0.30) & (t % 1 < 0.45))  # 150 ms a beat
    y = high_pass(st_segment + np.sin(2 * np.pi * 0.2 * t), 500, 0.5)
    beats = y[2000:8000].reshape(12, 500)
    assert beats[:, 190].mean() - beats[:, 140].mean() == pytest.approx(0.3, abs=0.02)
    assert np.ptp(beats[:, 190]) < 0.05


@pytest.mark.parametrize("hum", [50, 60])
def test_the_notch_takes_hum_away_up_to_the_edges_and_leaves_slow_waves(hum):
    t = np.arange(5000) / 500
    wave = np.exp(-(((t % 1 - 0.5) / 0.06) ** 2))
    y = notch(np.stack([wave + 0.2 * np.sin(2 * np.pi * hum * t + phase) for phase in (0, 1, 2)]), 500, hum)
    assert np.abs(y - wave).max() < 0.01
    assert np.abs(notch(wave, 500, hum) - wave).max() < 0.01


def test_a_notch_beyond_what_was_sampled_changes_nothing_and_an_impossible_one_is_refused():
    x = np.random.default_rng(0).normal(size=(2, 300))
    np.testing.assert_array_equal(notch(x, 100, 50), x)
    assert np.isfinite(notch(x[:, :7], 500, 50)).all()
    for call in (lambda: notch(x, 500, 0), lambda: notch(x, 500, NAN), lambda: high_pass(x, 500, 300),
                 lambda: high_pass(x, 500, 0), lambda: notch(x, 0, 50), lambda: high_pass(x, np.inf, 1)):  # fmt: skip
        with pytest.raises(PreprocessingError):
            call()


@pytest.mark.parametrize("hum", [49.95, 60.1])
def test_mains_hum_is_recognised_and_nothing_else_is(hum):
    rng = np.random.default_rng(1)
    t = np.arange(5000) / 500
    quiet = np.exp(-((((t * 1.2) % 1 - 0.5) / 0.02) ** 2)) + 0.004 * rng.normal(size=(12, 5000))
    assert mains_frequency(quiet, 500) is None
    assert mains_frequency(quiet + 0.02 * np.sin(2 * np.pi * hum * t), 500) == round(hum, -1)
    assert mains_frequency(quiet[:, :500], 500) is None
    assert mains_frequency(quiet[:, ::5], 100) is None


def test_min_max_maps_each_recording_to_minus_one_and_one_and_a_flat_one_to_zero():
    x = np.random.default_rng(0).normal(3, 2, size=(3, 12, 200))
    x[1] = 7
    y = min_max(x)
    low, high = x[0].min(), x[0].max()
    np.testing.assert_allclose(y[0], 2 * (x[0] - low) / (high - low) - 1)
    assert not y[1].any()
    mask = np.zeros(x.shape, dtype=bool)
    mask[0, 2, :50] = mask[2] = True
    masked = min_max(np.where(mask, 1e6, x), missing=mask)
    assert not masked[mask].any()
    assert masked[0].max() == 1
    assert masked[0].min() == -1
