"""FFT resampling against scipy and against closed forms."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import PreprocessingError
from backend.ecg.resample import fft_resample, polyphase_resample, resample, resampled_length

RATES = st.sampled_from([50.0, 77.0, 100.0, 128.0, 240.0, 257.0, 360.0, 400.0, 500.0, 1000.0])


@settings(deadline=None, max_examples=80)
@given(n=st.integers(1, 700), rate=RATES, target=RATES, seed=st.integers(0, 1000))
def test_equals_scipy_signal_resample_at_any_pair_of_rates_and_any_length(n, rate, target, seed):
    x = np.random.default_rng(seed).normal(size=(2, 3, n))
    ours = fft_resample(x, rate, target)
    theirs = scipy.signal.resample(x, resampled_length(n, rate, target), axis=-1)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_a_sine_below_both_nyquist_frequencies_keeps_its_values_at_the_new_instants():
    t, new_t = np.arange(5000) / 500, np.arange(1000) / 100
    x = np.sin(2 * np.pi * 7 * t + 0.4)
    np.testing.assert_allclose(fft_resample(x, 500, 100), np.sin(2 * np.pi * 7 * new_t + 0.4), atol=1e-12)
    np.testing.assert_allclose(fft_resample(fft_resample(x, 500, 360), 360, 500), x, atol=1e-12)


def test_a_tone_above_the_new_nyquist_frequency_vanishes_instead_of_folding_down():
    x = np.sin(2 * np.pi * 130 * np.arange(5000) / 500)
    assert np.abs(fft_resample(x, 500, 100)).max() < 1e-12


def test_equal_rates_give_a_copy_of_the_samples():
    x = np.arange(12.0).reshape(2, 6)
    y = fft_resample(x, 500, 500)
    np.testing.assert_array_equal(x, y)
    assert not np.shares_memory(x, y)


def test_integers_and_float32_are_taken_as_float64():
    x = np.arange(-50, 50, dtype=np.int16)
    np.testing.assert_array_equal(fft_resample(x, 500, 100), fft_resample(x.astype(np.float64), 500, 100))
    assert fft_resample(x.astype(np.float32), 500, 100).dtype == np.float64


@pytest.mark.parametrize("rate", [0, -100, float("nan"), float("inf")])
def test_a_rate_that_is_no_rate_is_refused(rate):
    with pytest.raises(PreprocessingError, match="no sampling rate"):
        fft_resample(np.zeros(10), rate, 100)
    with pytest.raises(PreprocessingError, match="no sampling rate"):
        fft_resample(np.zeros(10), 100, rate)


def test_a_mirrored_signal_is_resampled_as_scipy_resamples_it_with_its_mirror_image():
    for n, rate, target in [(5000, 500, 100), (1000, 100, 500), (777, 360, 500), (1, 500, 100)]:
        x = np.random.default_rng(n).normal(size=(2, n)).cumsum(axis=-1)
        m = resampled_length(n, rate, target)
        both = scipy.signal.resample(np.concatenate([x, x[:, ::-1]], axis=1), 2 * m, axis=-1)
        np.testing.assert_allclose(fft_resample(x, rate, target, "mirror"), both[:, :m], atol=1e-10)


def test_mirrored_ends_do_not_ring_where_the_last_sample_is_far_from_the_first():
    t, new_t = np.arange(5000) / 500, np.arange(1000) / 100
    drift, expected = 0.3 * t + np.sin(2 * np.pi * t), 0.3 * new_t + np.sin(2 * np.pi * new_t)
    for method in ("fft", "polyphase"):
        periodic, mirrored = (np.abs(resample(drift, 500, 100, method, e) - expected) for e in ("periodic", "mirror"))
        assert periodic[:10].max() > 0.3
        assert mirrored[:10].max() < 0.02
        assert mirrored[100:-100].max() < 1e-2


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 700), rate=RATES, target=RATES, seed=st.integers(0, 1000))
def test_polyphase_equals_scipy_resample_poly(n, rate, target, seed):
    x = np.random.default_rng(seed).normal(size=(2, 3, n))
    divisor = np.gcd(int(rate), int(target))
    up, down, m = int(target) // divisor, int(rate) // divisor, resampled_length(n, rate, target)
    for edges, padtype in (("periodic", "wrap"), ("mirror", "symmetric")):
        theirs = scipy.signal.resample_poly(x, up, down, axis=-1, padtype=padtype)
        ours = polyphase_resample(x, rate, target, edges)
        assert ours.shape[-1] == m
        np.testing.assert_allclose(ours[..., : theirs.shape[-1]], theirs[..., :m], atol=1e-10)


def test_polyphase_agrees_with_fft_on_what_lies_well_below_both_nyquist_frequencies():
    t = np.arange(5000) / 500
    x = np.sin(2 * np.pi * 7 * t) + 0.5 * np.cos(2 * np.pi * 21 * t)
    np.testing.assert_allclose(polyphase_resample(x, 500, 100), fft_resample(x, 500, 100), atol=5e-3)


@pytest.mark.parametrize(("rate", "target"), [(500, 100.03), (1e5, 20), (20, 1e5)])
def test_rates_in_no_simple_ratio_are_refused_with_the_way_out(rate, target):
    with pytest.raises(PreprocessingError, match="by FFT"):
        polyphase_resample(np.zeros(50), rate, target)
    assert resample(np.zeros(50), rate, target).size == resampled_length(50, rate, target)


@pytest.mark.parametrize(
    ("n", "rate", "target", "expected"),
    [(5000, 500, 100, 1000), (999, 500, 100, 200), (4997, 500, 100, 999), (333, 257, 500, 648), (3, 1000, 100, 1)],
)
def test_the_length_is_the_nearest_whole_number_of_samples(n, rate, target, expected):
    """999 samples at 500 Hz last 1.998 s, which are 199.8 samples at 100 Hz: 200, not 199."""
    assert resampled_length(n, rate, target) == expected
    assert fft_resample(np.zeros(n), rate, target).shape == (expected,)
