"""Fingerprints of real ECGs: copies share bands, other ECGs do not. Copies are made by scipy, not by our filters."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfiltfilt

import backend.ecg.fingerprint as module
from backend.ecg.fingerprint import ALIKE, BANDS, bands, fingerprint

SHARED = Path(__file__).parents[3] / "shared" / "data"
SETS = ("challenge_mix/challenge_mix_500hz.npz", "ludb/ludb_500hz.npz", "ptbxl/ptbxl_raw_500hz.npz")
of_real = pytest.mark.skipif(not SHARED.is_dir(), reason="the real ECGs are not here")


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """60 real ECGs (60, 12, 5000) in mV at 500 Hz, of three collections."""
    loaded = [np.load(SHARED / name) for name in SETS]
    return np.concatenate([one["x"][:160:8] * float(one["unit_mv"]) for one in loaded])


def _shared_bands(a: list[str], b: list[str]) -> np.ndarray:
    return (bands(a)[:, None] == bands(b)[None]).sum(axis=2)


def _to_100_hz(x):
    return resample_poly(x, 1, 5, axis=1)


RANDOM = np.random.default_rng(1)
BAND = butter(4, [0.5, 40], "band", fs=500, output="sos")
COPIES = {
    "100 Hz": (_to_100_hz, 100),
    "rounded to 5 µV": (lambda x: np.round(x / 0.005) * 0.005, 500),
    "a gain of 1 % in each lead": (lambda x: x * RANDOM.uniform(0.99, 1.01, (12, 1)), 500),
    "in µV": (lambda x: x * 1000, 500),
    "noise of 10 µV": (lambda x: x + RANDOM.normal(0, 0.01, x.shape), 500),
    "0.5 to 40 Hz": (lambda x: sosfiltfilt(BAND, x, axis=1), 500),
    "all at once": (lambda x: np.round(_to_100_hz(x) * 1.01 / 0.005 + RANDOM.normal(0, 2, (12, 1000))) * 0.005, 100),
}


@of_real
@pytest.mark.parametrize("name", COPIES)
def test_a_copy_shares_bands_with_its_original_and_with_no_other(real: np.ndarray, name: str) -> None:
    change, rate = COPIES[name]
    originals = [fingerprint(x, 500) for x in real]
    shared = _shared_bands(originals, [fingerprint(change(x), rate) for x in real])
    assert (np.diag(shared) >= ALIKE).mean() >= 0.98
    others = shared[~np.eye(len(real), dtype=bool)]
    assert (others >= ALIKE).sum() == 0


@of_real
def test_a_signal_without_course_or_of_less_than_two_seconds_has_no_fingerprint(real: np.ndarray) -> None:
    assert fingerprint(np.zeros((12, 5000)), 500) is None
    assert fingerprint(np.full((12, 5000), 3.5), 500) is None
    assert fingerprint(np.full((12, 5000), np.nan), 500) is None
    assert fingerprint(real[0][:, :900], 500) is None
    assert len(fingerprint(real[0][:, :1001], 500)) == 8 * BANDS


@of_real
def test_missing_samples_are_no_obstacle(real: np.ndarray) -> None:
    gaps = real[0].copy()
    gaps[3, :] = np.nan
    gaps[6, 100:120] = np.nan
    assert _shared_bands([fingerprint(gaps, 500)], [fingerprint(real[0], 500)])[0, 0] >= 1


def _waves(rate: int) -> np.ndarray:
    time = np.arange(10 * rate) / rate
    return np.stack(
        [
            np.sin(2 * np.pi * (1.1 + 0.01 * i) * time + i) ** 15 * (i + 1) / 6 + 0.1 * np.sin(0.7 * time * i)
            for i in range(12)
        ]
    ).astype(np.float32)


@pytest.mark.parametrize("rate", [128, 250, 500, 1000])
def test_fingerprints_are_those_that_were_stored_before(rate: int) -> None:
    """Computed by the first version of this module: those of old recordings stay comparable."""
    stored = "e29c602c44a4828fdb7ae3c457f23e01073a76c44cb3e730b99542a301c16310"
    assert fingerprint(_waves(rate), rate) == (stored.replace("57f23e", "53f23e") if rate == 128 else stored)


def test_steps_of_whole_samples_are_those_of_the_lines_between_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short way, where a step of 20 ms is a whole number of samples, beside the general one."""
    random = np.random.default_rng(7)
    signals = []
    for rate in (50, 100, 200, 250, 300, 500, 1000, 2000) * 12:
        x = random.normal(size=(12, int(rate * random.uniform(1.9, 12)))).cumsum(axis=1).astype(np.float32)
        if random.random() < 0.3:
            x[random.integers(12), random.integers(x.shape[1])] = random.choice([np.nan, np.inf, -np.inf])
        signals.append((x, rate))
    short = [fingerprint(x, rate) for x, rate in signals]
    monkeypatch.setattr(module, "_in_whole_steps", lambda _signal, _rate: None)
    assert short == [fingerprint(x, rate) for x, rate in signals]
    assert sum(one is not None for one in short) > 80
