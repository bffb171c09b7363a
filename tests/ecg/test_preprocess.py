"""Preprocessing: against the released original's steps, its JSON, its policies, and what bad input gets."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import PRESETS, Preprocessing, preset

PTBXL = Path(__file__).parents[2] / ".." / "shared" / "data" / "ptbxl"
needs_ptbxl = pytest.mark.skipif(not PTBXL.is_dir(), reason="the PTB-XL excerpt is not beside the project")
PRESET_NAMES = st.sampled_from(sorted(PRESETS))


def walk(seed: int, n: int, leads: int = 12) -> np.ndarray:
    """A random walk with a spike: drift, outliers and all frequencies."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.05, size=(leads, n)).cumsum(axis=-1)
    x[:, rng.integers(n)] += 20
    return x.astype(np.float32)


def as_the_original(x: np.ndarray, rate: float, size: int) -> np.ndarray:
    """The released platform's order: resample, crop, clip by nearest quantiles, subtract the moving median."""
    n = int(x.shape[-1] * 100 / rate)
    y = np.stack([scipy.signal.resample(lead.astype(np.float64), n) if rate != 100 else lead for lead in x])[:, :1000]
    low, high = (np.quantile(y, q, axis=1, method="nearest", keepdims=True) for q in (0.01, 0.99))
    y = np.clip(y, low - 1.5 * (high - low), high + 1.5 * (high - low))
    return np.stack([lead - ndimage.median_filter(lead, size=size, mode="reflect") for lead in y])


@pytest.mark.parametrize(("rate", "n"), [(500, 5000), (100, 1000), (400, 4000), (1000, 12_000), (500, 7350)])
def test_the_presets_exchangeai_and_paper_equal_the_released_originals_steps(rate, n):
    x = walk(1, n)
    np.testing.assert_allclose(PRESETS["exchangeai"](x, rate), as_the_original(x, rate, 201), atol=2e-5)
    np.testing.assert_allclose(PRESETS["paper"](x, rate), as_the_original(x, rate, 21), atol=2e-5)


def test_the_preset_clinical_equals_filter_then_resampling_then_z_score():
    x = walk(2, 6000)
    sos = scipy.signal.butter(4, (0.5, 40), "bandpass", fs=500, output="sos")
    y = scipy.signal.resample(scipy.signal.sosfiltfilt(sos, x.astype(np.float64)), 1200, axis=-1)[:, :1000]
    np.testing.assert_allclose(PRESETS["clinical"](x, 500), scipy.stats.zscore(y, axis=-1), atol=1e-5)


@needs_ptbxl
def test_clinical_agrees_with_ptbxl_recordings_filtered_and_standardised_elsewhere():
    raw, done = (np.load(PTBXL / name) for name in ("ptbxl_raw_500hz.npz", "ptbxl_zscored_100hz.npz"))
    lines = (PTBXL / "labels.csv").read_text().splitlines()
    columns = lines[0].split(",")
    raw_at, done_at = columns.index("raw_row"), columns.index("zscored_row")
    both = [(f[raw_at], f[done_at]) for f in (line.split(",") for line in lines[1:]) if f[raw_at] and f[done_at]]
    assert len(both) >= 20
    signals, expected = raw["x"], done["x"]
    for i, j in both:
        ours = PRESETS["clinical"](signals[int(i)] * float(raw["unit_mv"]), 500)
        theirs = expected[int(j)] * float(done["unit_sd"])
        inner = slice(50, -50)  # the two resamplings differ at the edges
        for a, b in zip(ours[:, inner], theirs[:, inner], strict=True):
            if a.std() > 0:
                assert np.corrcoef(a, b)[0, 1] > 0.99


@settings(deadline=None, max_examples=40)
@given(
    name=PRESET_NAMES,
    n=st.integers(1, 1500),
    rate=st.sampled_from([60.0, 100.0, 128.0, 240.0, 500.0]),
    seed=st.integers(0, 10_000),
    gaps=st.booleans(),
)
def test_a_batch_gives_bitwise_what_each_recording_gives_alone_and_all_is_finite(name, n, rate, seed, gaps):
    rng = np.random.default_rng(seed)
    batch = np.stack([walk(seed + k, n) for k in range(6)]).reshape(2, 3, 12, n)
    if gaps:
        batch[rng.random(batch.shape) < 0.02] = np.nan
        batch[0, 1, 2, : n // 2] = np.nan
        batch[1, 2, 5] = np.nan
    p = PRESETS[name]
    together = p(batch, rate)
    assert together.shape == (2, 3, 12, 1000)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    for index in np.ndindex(2, 3):
        np.testing.assert_array_equal(together[index], p(batch[index], rate))
    if gaps:
        assert not together[1, 2, 5].any()


def test_the_input_is_left_as_it_was():
    x = walk(3, 5000)
    x[0, 10:20] = np.nan
    before = x.copy()
    for p in PRESETS.values():
        p(x, 500)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", PRESETS)
def test_constant_leads_become_zeros_without_a_warning(name):
    x = walk(4, 5000)
    x[2], x[7], x[9] = 0, 5, -3000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = PRESETS[name](x, 500)
    assert np.abs(y[[2, 7, 9]]).max() < 1e-6
    assert np.abs(y[0]).max() > 0.1


def test_clinical_leaves_what_is_already_clinical_nearly_as_it_is():
    once = PRESETS["clinical"](walk(5, 5000), 500)
    twice = PRESETS["clinical"](once, 100)
    for a, b in zip(once[:, 100:-100], twice[:, 100:-100], strict=True):
        assert np.corrcoef(a, b)[0, 1] > 0.98
    assert twice.std(axis=-1) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("rate", [20.0, 40.0, 60.0, 79.0, 80.0, 85.0])
def test_slow_recordings_get_the_high_pass_alone_and_stay_finite(rate):
    y = PRESETS["clinical"](walk(6, int(10 * rate)), rate)
    assert y.shape == (12, 1000)
    assert np.isfinite(y).all()


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("n", [1, 2, 5, 26, 27, 28, 200])
def test_recordings_shorter_than_every_filter_do_not_crash(name, n):
    y = PRESETS[name](walk(7, n), 500)
    assert y.shape == (12, 1000)
    assert np.isfinite(y).all()


def plain(**changes: object) -> Preprocessing:
    return preset("exchangeai", clip=None, baseline_ms=None, **changes)


def test_of_a_longer_recording_the_stated_window_is_taken():
    x = np.tile(np.arange(1500.0), (12, 1)) / 100
    for long, first in [("start", 0), ("centre", 250), ("end", 500)]:
        np.testing.assert_allclose(plain(long=long)(x, 100)[0], x[0, first : first + 1000], rtol=1e-6)


def test_a_shorter_recording_is_padded_at_its_end_or_refused():
    x = np.random.default_rng(0).normal(size=(12, 800))
    for short, fill in [("zero", 0.0), ("edge", x[:, -1:])]:
        y = plain(short=short)(x, 100)
        np.testing.assert_allclose(y[:, :800], x, rtol=1e-6)
        np.testing.assert_allclose(y[:, 800:], np.broadcast_to(fill, (12, 200)), rtol=1e-6)
    with pytest.raises(PreprocessingError, match="lasts 8 s, the network needs 10 s"):
        plain(short="refuse")(x, 100)
    assert plain(short="refuse")(np.ones((12, 4998)), 500).shape == (12, 1000)  # 9.996 s are ten seconds


def test_padding_does_not_enter_the_z_score():
    x = np.random.default_rng(0).normal(3, 2, size=(12, 300))
    y = plain(standardise="lead")(x, 100)
    np.testing.assert_allclose(y[:, :300], scipy.stats.zscore(x, axis=-1), atol=1e-5)
    assert not y[:, 300:].any()


def test_short_gaps_are_bridged_and_long_ones_become_zero_at_the_new_rate():
    x = np.tile(np.sin(np.arange(5000) / 80) + 5, (12, 1))
    x[3, 1000:1050] = np.nan  # 100 ms
    x[4, 2000:2500] = np.nan  # 1 s
    y = plain()(x, 500)
    np.testing.assert_allclose(y[3, 250:], y[0, 250:], atol=0.02)
    assert not y[4, 400:500].any()
    assert y[4, 399] > 1
    assert y[4, 500] > 1


def test_the_scale_is_what_the_network_expects_and_nothing_to_a_z_score():
    x = walk(8, 1000)
    np.testing.assert_allclose(plain(units_per_mv=1000)(x, 100), x * 1000, rtol=1e-6)
    clinical = PRESETS["clinical"]
    np.testing.assert_array_equal(preset("clinical", units_per_mv=1000)(x, 100), clinical(x, 100))


def test_standardising_the_recording_keeps_the_leads_relative_to_each_other():
    x = walk(9, 1000).astype(np.float64)
    y = plain(standardise="recording")(x, 100)
    np.testing.assert_allclose(y, (x - x.mean()) / x.std(), atol=1e-5)


@pytest.mark.parametrize("shape", [(12, 0), (5000,), (), (0,)])
def test_no_leads_or_no_samples_are_refused(shape):
    with pytest.raises(PreprocessingError, match="leads and samples"):
        PRESETS["clinical"](np.zeros(shape), 500)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(PreprocessingError, match="no sampling rate"):
        PRESETS["exchangeai"](np.zeros((12, 100)), rate)
