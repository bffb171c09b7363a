"""Filters for looking at an ECG; oracle: scipy's own filters and sines of known frequency."""

import numpy as np
import pytest
from scipy import signal as sps

from backend.ecg.clinical_filters import BANDS, filtered, words
from backend.ecg.errors import PreprocessingError

RATE = 500.0
T = np.arange(int(20 * RATE)) / RATE


def sine(hz: float) -> np.ndarray:
    return np.tile(np.sin(2 * np.pi * hz * T), (12, 1)).astype(np.float32)


def kept(hz: float, **how: object) -> float:
    """How much of a sine is left in the middle of a recording."""
    middle = slice(int(5 * RATE), int(15 * RATE))
    return float(np.std(filtered(sine(hz), RATE, **how)[0, middle]) / np.std(sine(hz)[0, middle]))  # type: ignore[arg-type]


@pytest.mark.parametrize("band", BANDS)
def test_what_is_in_the_band_stays_and_its_corners_are_down_by_six_decibel(band: str) -> None:
    low, high = BANDS[band]  # type: ignore[index]
    assert kept(np.sqrt(low * high) if low > 0.1 else 10.0, band=band) == pytest.approx(1, abs=0.02)
    assert kept(high, band=band) == pytest.approx(0.5, abs=0.05)
    if low > 0.1:
        assert kept(low, band=band) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("mains", [50, 60])
def test_a_notch_takes_the_mains_and_leaves_the_ecg(mains: int) -> None:
    assert kept(mains, mains=mains) < 0.01
    assert kept(mains - 10, mains=mains) == pytest.approx(1, abs=0.02)
    assert kept(15, mains=mains) == pytest.approx(1, abs=0.01)


def test_no_wave_moves_in_time() -> None:
    x = np.zeros((12, 5000), np.float32)
    x[:, 2500] = 1
    for how in ({"band": "0.5-40"}, {"band": "0.05-150", "mains": 50}):
        assert int(np.argmax(filtered(x, RATE, **how)[0])) == 2500  # type: ignore[arg-type]


def test_it_is_the_filter_of_scipy_run_both_ways() -> None:
    x = np.random.default_rng(0).normal(size=(12, 5000)).astype(np.float32)
    sos = sps.butter(2, (0.5, 40), "bandpass", fs=RATE, output="sos")
    np.testing.assert_allclose(filtered(x, RATE, "0.5-40"), sps.sosfiltfilt(sos, x.astype(float)), atol=1e-5)


def test_what_is_missing_stays_missing_and_nothing_else_becomes_so() -> None:
    x = sine(5.0)
    x[3, 100:400] = np.nan
    x[7] = np.nan
    found = filtered(x, RATE, "0.5-40", 50)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(x))


def test_without_a_filter_the_signal_is_the_same() -> None:
    x = sine(5.0)
    assert filtered(x, RATE) is x
    assert words(None, None) == "unfiltered"
    assert words("0.05-150", 50) == "0.05–150 Hz, notch 50 Hz"


@pytest.mark.parametrize("how", [{"band": "1-2"}, {"mains": 55}])
def test_what_is_not_offered_is_refused(how: dict[str, object]) -> None:
    with pytest.raises(PreprocessingError, match="not offered"):
        filtered(sine(5.0), RATE, **how)  # type: ignore[arg-type]
