"""Signal statistics: known signals have known numbers, and each fault of a recording is seen."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from backend.ecg.leads import LEADS
from backend.ecg.signal_statistics import FLAGS, NUMBERS, measure
from backend.ecg.synthesize import simulate

Float = NDArray[np.float32]


def _numbers(signal: Float, rate: float = 500.0, unit: str = "mV") -> dict[str, float]:
    return dict(zip(NUMBERS, measure(signal, rate, unit)[0].tolist(), strict=True))


def _flags(signal: Float, rate: float = 500.0) -> set[str]:
    return {name for name, yes in zip(FLAGS, measure(signal, rate)[1], strict=True) if yes}


@pytest.fixture(scope="module")
def ecg() -> Float:
    return simulate("NORM", 1).recording.signal


def _einthoven(one: NDArray[np.float64], two: NDArray[np.float64]) -> Float:
    chest = [one * factor for factor in (-0.5, 0.3, 0.8, 1.2, 1.0, 0.8)]
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.array([*limb, *chest], np.float32)


def test_a_sound_ecg_has_sound_numbers_and_no_fault(ecg: Float) -> None:
    found = _numbers(ecg)
    assert 40 < found["heart_rate"] < 120
    assert found["correlation_V4_V5"] > 0.5
    assert not _flags(ecg)


def test_the_same_ecg_at_another_rate_has_the_same_numbers(ecg: Float) -> None:
    at_500, at_250 = _numbers(ecg), _numbers(resample_poly(ecg, 1, 2, axis=1).astype(np.float32), 250.0)
    for name in set(NUMBERS) - {"mains", "noise"}:
        assert at_250[name] == pytest.approx(at_500[name], rel=0.03, abs=0.01), name


def test_a_rate_declared_twice_too_high_doubles_heart_rate_and_moves_the_band(ecg: Float) -> None:
    right, wrong = _numbers(ecg), _numbers(np.tile(ecg, 2), 1000.0)
    assert wrong["heart_rate"] == pytest.approx(2 * right["heart_rate"], rel=0.1)
    assert wrong["bandwidth"] > 1.3 * right["bandwidth"]


def test_amplitudes_are_in_mv_and_not_known_of_what_has_no_scale(ecg: Float) -> None:
    second = np.sin(2 * np.pi * 5 * np.arange(5000) / 500)
    found = _numbers(_einthoven(second, 0.5 * second))
    assert found["amplitude_I"] == pytest.approx(2.0, rel=0.01)
    assert found["amplitude_V4"] == pytest.approx(2.4, rel=0.01)
    unscaled = _numbers(ecg, unit="unknown")
    assert np.isnan([unscaled["amplitude_I"], unscaled["noise"], unscaled["mains"]]).all()
    assert np.isfinite(unscaled["heart_rate"])


@pytest.mark.parametrize("hz", [50, 60])
def test_hum_is_measured_in_microvolt_where_the_rate_holds_it(ecg: Float, hz: int) -> None:
    hum = (0.05 * np.sin(2 * np.pi * hz * np.arange(ecg.shape[1]) / 500)).astype(np.float32)
    assert _numbers(ecg + hum)["mains"] == pytest.approx(50, rel=0.1)
    assert _numbers(ecg)["mains"] < 5
    assert np.isnan(_numbers(ecg[:, ::5], 100.0)["mains"])


def test_what_lies_below_a_frequency_is_counted() -> None:
    t = np.arange(5000) / 500
    slow, quick = np.sin(2 * np.pi * 3 * t), np.sin(2 * np.pi * 20 * t)
    found = _numbers(_einthoven(slow + quick, 0.3 * (slow + quick)))
    assert found["slow"] == pytest.approx(0.5, abs=0.1)
    assert found["bandwidth"] == pytest.approx(20, abs=0.5)


def test_leads_in_another_order_have_other_correlations(ecg: Float) -> None:
    swapped = ecg.copy()
    places = [LEADS.index(lead) for lead in ("V1", "V6")]
    swapped[places] = swapped[places[::-1]]
    assert _numbers(swapped)["correlation_V5_V6"] < _numbers(ecg)["correlation_V5_V6"] - 0.5


def test_each_fault_is_seen(ecg: Float) -> None:
    flat, mixed, holes = ecg.copy(), ecg.copy(), ecg.copy()
    flat[LEADS.index("V3")] = 0.001
    mixed[[0, 1]] = mixed[[1, 0]]
    holes[:, :100] = np.nan
    assert _flags(flat) == {"flat_lead"}
    assert "inconsistent" in _flags(mixed)
    assert _flags(holes) == {"missing_samples"}
    arms = ecg.copy()
    one, two, three = (ecg[LEADS.index(lead)] for lead in ("I", "II", "III"))
    for lead, values in (("I", -one), ("II", three), ("III", two)):
        arms[LEADS.index(lead)] = values
    arms[[LEADS.index("aVR"), LEADS.index("aVL")]] = ecg[[LEADS.index("aVL"), LEADS.index("aVR")]]
    assert _flags(arms) == {"limb_swap"}


@pytest.mark.parametrize("signal", [np.zeros((12, 10)), np.full((12, 1000), np.nan), np.zeros((12, 1000))])
def test_odd_signals_raise_nothing(signal: NDArray[np.float64]) -> None:
    numbers, flags = measure(signal.astype(np.float32), 100.0)
    assert numbers.shape == (len(NUMBERS),)
    assert flags.shape == (len(FLAGS),)
