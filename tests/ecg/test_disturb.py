"""ECGs made worse: by as much as is said, alike whenever asked, and limb leads that go on fitting each other."""

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.ecg.disturb import KINDS, STEPS, Kind, disturbed, step_words
from backend.ecg.leads import LEADS
from backend.ecg.limb_swap import RA_LA, suspected_swap
from backend.ecg.synthesize import simulate

RATE = 500.0
Float = NDArray[np.float32]
ONE, TWO, THREE, AVR = range(4)


@pytest.fixture(scope="module")
def ecg() -> Float:
    return simulate("NORM", 1).recording.signal


def _noise(ecg: Float, kind: Kind, step: float, seed: int = 1) -> Float:
    return disturbed(ecg, RATE, kind, step, np.random.default_rng(seed))[0] - ecg


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_lot_gives_the_same_and_leaves_the_original(ecg: Float, kind: Kind) -> None:
    before = ecg.copy()
    once, again, other = (
        disturbed(ecg, RATE, kind, STEPS[kind].steps[0], np.random.default_rng(seed))[0] for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(ecg, before)
    if kind in ("wander", "muscle", "mains", "dropout"):
        assert not np.array_equal(once, other)


@pytest.mark.parametrize("kind", ["wander", "muscle", "mains", "gain", "swap"])
def test_limb_leads_go_on_fitting_each_other(ecg: Float, kind: Kind) -> None:
    x = disturbed(ecg, RATE, kind, STEPS[kind].steps[-1], np.random.default_rng(1))[0]
    np.testing.assert_allclose(x[ONE] + x[THREE], x[TWO], atol=0.01)
    np.testing.assert_allclose(x[AVR], -(x[ONE] + x[TWO]) / 2, atol=0.01)


def test_noise_is_as_strong_as_its_step_says_and_in_its_band(ecg: Float) -> None:
    sizes = [float(np.median(_noise(ecg, "muscle", 100, seed).std(axis=1))) for seed in range(20)]
    assert np.mean(sizes) == pytest.approx(0.1, rel=0.2)
    hum = np.array([_noise(ecg, "mains", 100, seed)[:2].std(axis=1) * 2**0.5 for seed in range(60)])
    assert np.sqrt((hum**2).mean()) == pytest.approx(0.1, rel=0.2)
    wander = [float(np.ptp(_noise(ecg, "wander", 1.0, seed)[:2], axis=1).mean()) for seed in range(20)]
    assert np.mean(wander) == pytest.approx(1.0, rel=0.25)
    for kind, (low, high) in {"wander": (0.0, 0.6), "muscle": (19.0, 151.0), "mains": (49.8, 50.2)}.items():
        power = np.abs(np.fft.rfft(_noise(ecg, kind, STEPS[kind].steps[-1]) * np.hanning(ecg.shape[1]))) ** 2  # type: ignore[arg-type,index]
        hz = np.fft.rfftfreq(ecg.shape[1], 1 / RATE)
        assert power[:, (hz >= low) & (hz <= high)].sum() > 0.95 * power.sum(), kind


def test_leads_off_are_zero_and_as_many_as_are_asked_for(ecg: Float) -> None:
    for n in STEPS["dropout"].steps:
        x = disturbed(ecg, RATE, "dropout", n, np.random.default_rng(5))[0]
        assert (np.abs(x).max(axis=1) == 0).sum() == n


def test_arms_interchanged_are_what_the_check_of_the_electrodes_finds(ecg: Float) -> None:
    x = disturbed(ecg, RATE, "swap", 1.0, np.random.default_rng(0))[0]
    assert suspected_swap(x, RATE) == RA_LA
    np.testing.assert_array_equal(x[LEADS.index("V3")], ecg[LEADS.index("V3")])
    hit = [not np.array_equal(disturbed(ecg, RATE, "swap", 0.25, np.random.default_rng(n))[0], ecg) for n in range(200)]
    assert np.mean(hit) == pytest.approx(0.25, abs=0.08)


def test_gain_multiplies_and_a_lower_rate_is_told_with_the_signal(ecg: Float) -> None:
    np.testing.assert_allclose(disturbed(ecg, RATE, "gain", 2.0, np.random.default_rng(0))[0], 2 * ecg)
    x, rate = disturbed(ecg, RATE, "rate", 50.0, np.random.default_rng(0))
    assert rate == 50.0
    assert x.shape == (12, ecg.shape[1] // 10)
    same, rate = disturbed(ecg, RATE, "rate", 1000.0, np.random.default_rng(0))
    assert rate == RATE
    np.testing.assert_array_equal(same, ecg)


def test_missing_samples_stay_missing_and_short_signals_raise_nothing(ecg: Float) -> None:
    holes = ecg.copy()
    holes[:, 100:200] = np.nan
    for kind in KINDS:
        x, _ = disturbed(holes, RATE, kind, STEPS[kind].steps[0], np.random.default_rng(0))
        if kind not in ("rate", "dropout"):
            assert np.isnan(x[:, 150]).all(), kind
        disturbed(ecg[:, :3], RATE, kind, STEPS[kind].steps[0], np.random.default_rng(0))


def test_steps_are_told_in_words() -> None:
    assert step_words("muscle", 50.0) == "50 µV (RMS)"
    assert step_words("swap", 0.25) == "25% of the ECGs"
