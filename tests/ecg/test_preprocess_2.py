"""What version 2 of the preprocessing brought: filters, edges, windows, streams."""

import multiprocessing

import numpy as np
import pytest
import scipy.signal
from scipy import ndimage

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import PRESETS, many, preset
from backend.ecg.preprocess.many import preprocess_many
from backend.ecg.synthesize import simulate
from backend.ecg.zero_phase import notch


def walk(seed: int, n: int) -> np.ndarray:
    """Random walks with all frequencies."""
    return np.random.default_rng(seed).normal(0, 0.05, size=(12, n)).cumsum(axis=-1).astype(np.float32)


def test_st_preserving_is_a_zero_phase_high_pass_a_mirrored_resampling_and_clipping():
    x = walk(0, 5000).astype(np.float64)
    sos = scipy.signal.butter(4, 0.5, "highpass", fs=500, output="sos")
    y = scipy.signal.sosfiltfilt(sos, x, axis=-1)
    y = scipy.signal.resample(np.concatenate([y, y[:, ::-1]], axis=1), 2000, axis=-1)[:, :1000]
    low, high = np.quantile(y, (0.01, 0.99), axis=-1, keepdims=True, method="nearest")
    y = np.clip(y, low - 1.5 * (high - low), high + 1.5 * (high - low))
    np.testing.assert_allclose(PRESETS["st_preserving"](x, 500), y, atol=1e-5)


def test_the_two_stage_baseline_is_a_third_of_the_window_and_then_the_whole():
    x = walk(1, 1000).astype(np.float64)
    p = preset("exchangeai", clip=None, baseline="two_stage", baseline_ms=600)
    expected = [
        row - ndimage.median_filter(ndimage.median_filter(row, size=21, mode="reflect"), size=61, mode="reflect")
        for row in x
    ]
    np.testing.assert_allclose(p(x, 100), expected, atol=1e-6)


def test_an_automatic_notch_is_that_of_the_hum_there_is_and_none_without():
    x = simulate("NORM", 1).recording.signal.astype(np.float64)
    x -= x.mean(axis=-1, keepdims=True)
    hum = 0.1 * np.sin(2 * np.pi * 60 * np.arange(5000) / 500)
    automatic = preset("exchangeai", notch="auto", rate=500)
    plain = preset("exchangeai", rate=500)
    np.testing.assert_allclose(automatic(x + hum, 500), plain(notch(x + hum, 500, 60), 500), atol=1e-6)
    quiet = notch(x, 500, 50)
    np.testing.assert_array_equal(automatic(quiet, 500), plain(quiet, 500))
    assert np.isfinite(preset("clinical", notch=50)(x[:, ::5], 100)).all()


@pytest.mark.parametrize("hz", [50, 60])
def test_a_notch_at_a_stated_frequency_takes_that_hum_away_and_no_other(hz):
    x = simulate("NORM", 1).recording.signal.astype(np.float64)
    hum = 0.1 * np.sin(2 * np.pi * hz * np.arange(5000) / 500)
    stated, other, plain = (
        preset("exchangeai", notch=notch_hz, rate=500, clip=None) for notch_hz in (hz, 110 - hz, None)
    )
    left = np.abs(stated(x + hum, 500) - plain(x, 500)).max()
    assert left < 0.03 < 0.09 < np.abs(other(x + hum, 500) - plain(x, 500)).max()


def test_minmax_spans_minus_one_to_one_over_the_recording_and_is_safe_for_gaps():
    x = walk(2, 1000)
    x[3, 100:300] = np.nan
    y = preset("exchangeai", standardise="minmax")(x, 100)
    assert (y.min(), y.max()) == (-1, 1)
    assert not y[3, 100:300].any()
    assert not preset("exchangeai", standardise="minmax")(np.full((12, 1000), np.nan), 100).any()


def test_windows_of_a_long_recording_are_filtered_once_and_reach_its_end():
    x = walk(3, 17_250)  # 34.5 s
    p = preset("exchangeai", clip=None, baseline_ms=None)
    windows = list(p.windows(x, 500, stride_s=10))
    assert [start for start, _ in windows] == [0, 10, 20, 24.5]
    whole = preset("exchangeai", clip=None, baseline_ms=None, window_s=34.5)(x, 500)
    for start, window in windows:
        np.testing.assert_array_equal(window, whole[:, round(start * 100) : round(start * 100) + 1000])
    np.testing.assert_array_equal(next(PRESETS["clinical"].windows(x, 500, 5))[1], PRESETS["clinical"](x, 500))


def test_a_short_recording_has_one_window_or_is_refused():
    x = walk(4, 300)
    ((start, window),) = PRESETS["clinical"].windows(x, 100, stride_s=1)
    assert start == 0
    np.testing.assert_array_equal(window, PRESETS["clinical"](x, 100))
    with pytest.raises(PreprocessingError, match="lasts 3 s"):
        list(preset("clinical", short="refuse").windows(x, 100, 1))
    with pytest.raises(PreprocessingError, match="stride_s"):
        list(PRESETS["clinical"].windows(x, 100, 0))


def recordings(n: int) -> list[tuple[np.ndarray, float]]:
    return [(walk(seed, 700 + 40 * seed), 100.0 if seed % 2 else 250.0) for seed in range(n)]


def test_many_workers_give_bitwise_what_one_gives_in_order(monkeypatch):
    monkeypatch.setattr(many, "SHARED_BYTES", 6 * 100_000)  # two recordings a chunk, or one larger by pipe
    given = recordings(17)
    given[5] = (walk(50, 5000), 500.0)
    p = PRESETS["exchangeai"]
    expected = [p(signal, rate) for signal, rate in given]
    for workers in (1, 2):
        results = list(preprocess_many(iter(given), p, workers=workers))
        assert len(results) == len(expected)
        for one, other in zip(results, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_stream_is_read_only_a_little_ahead_and_its_fault_comes_out(monkeypatch):
    monkeypatch.setattr(many, "SHARED_BYTES", 6 * 100_000)
    taken = 0

    def stream():
        nonlocal taken
        for one in [*recordings(4), *[(walk(1, 1000), 100.0)] * 60, (walk(1, 1000), -1.0)]:
            taken += 1
            yield one

    results = preprocess_many(stream(), preset("exchangeai"), workers=2)
    next(results)
    assert taken <= 20
    with pytest.raises(PreprocessingError, match="-1 Hz"):
        list(results)


def test_nothing_in_gives_nothing_out_and_a_pools_worker_starts_no_children(monkeypatch):
    assert list(preprocess_many([], PRESETS["paper"], workers=2)) == []

    class Daemon:
        daemon = True

    monkeypatch.setattr(many, "current_process", Daemon)
    monkeypatch.setattr(many, "ProcessPoolExecutor", None)
    assert len(list(preprocess_many(recordings(3), PRESETS["paper"], workers=2))) == 3
    assert not multiprocessing.active_children()
