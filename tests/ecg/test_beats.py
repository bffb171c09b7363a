"""R peaks: against simulated truth, annotated and other detectors' real beats, and everything that is no ECG."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.ecg.beats import Beats, r_peaks, r_peaks_batch
from backend.ecg.leads import LEADS
from backend.ecg.synthesize import CLASSES, simulate
from tests.ecg_truth import matched
from tests.samples import FORMATS, NO_SHARED, SHARED

RATES = (100.0, 240.0, 360.0, 500.0, 1000.0)


def train(per_minute: float, seconds: float = 10, rate: float = 500, noise: float = 0.01) -> tuple[NDArray, NDArray]:
    """A plain ECG (12, n) at a steady rate with R peaks at known samples: QRS of 80 ms and a T wave, lead by lead."""
    rng = np.random.default_rng(1)
    time = np.arange(round(seconds * rate)) / rate
    beats = np.arange(0.4, seconds - 0.3, 60 / per_minute)
    distance = time - beats[:, np.newaxis]
    qrs = np.exp(-0.5 * (distance / 0.012) ** 2) - 0.2 * np.exp(-0.5 * ((distance - 0.03) / 0.01) ** 2)
    t = 0.25 * np.exp(-0.5 * ((distance - min(0.28, 18 / per_minute)) / 0.035) ** 2)
    gains = np.linspace(0.3, 1.5, 12)[:, np.newaxis]
    signal = gains * (qrs + t).sum(axis=0) + rng.normal(0, noise, (12, time.size))
    return signal.astype(np.float32), np.rint(beats * rate)


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("rate", [100.0, 500.0, 1000.0])
def test_the_beats_of_simulated_ecgs_are_found(label: str, rate: float) -> None:
    for seed in range(3):
        ecg = simulate(label, seed, rate)
        found = r_peaks(ecg.recording.signal, rate).samples
        inner = found[(found > 0.3 * rate) & (found < 9.7 * rate)]
        assert matched(ecg.r_peaks, found, 0.05 * rate) == len(ecg.r_peaks)
        assert matched(inner, ecg.r_peaks, 0.05 * rate) == len(inner)


@pytest.mark.parametrize("per_minute", [30, 45, 75, 120, 180, 220])
@pytest.mark.parametrize("rate", RATES)
def test_slow_and_fast_hearts_are_counted_to_the_beat(per_minute: int, rate: float) -> None:
    signal, truth = train(per_minute, rate=rate)
    beats = r_peaks(signal, rate)
    np.testing.assert_allclose(beats.samples, truth, atol=max(1, 0.004 * rate))
    assert beats.heart_rate == pytest.approx(per_minute, rel=0.02)


@pytest.mark.parametrize("seconds", [2.5, 5, 30, 60])
def test_short_and_long_recordings_are_counted_to_the_beat(seconds: float) -> None:
    signal, truth = train(70, seconds)
    np.testing.assert_allclose(r_peaks(signal, 500).samples, truth, atol=2)


def test_a_batch_gives_what_each_recording_gives_alone() -> None:
    signals = np.stack([simulate(label, 5).recording.signal for label in CLASSES])
    signals[1, 0] = 0  # lead I off: this one is looked at through other leads
    signals[2, :, 1000:1400] = np.nan
    for alone, together in zip([r_peaks(x, 500) for x in signals], r_peaks_batch(signals, 500), strict=True):
        np.testing.assert_array_equal(alone.samples, together.samples)
        assert alone.leads == together.leads
    assert r_peaks_batch(signals[:0], 500) == []


def test_the_unit_does_not_matter() -> None:
    signal = simulate("IMI", 2).recording.signal
    np.testing.assert_array_equal(r_peaks(signal, 500).samples, r_peaks(signal * 1000, 500).samples)


@pytest.mark.parametrize(
    ("signal", "why"),
    [
        (np.zeros((12, 5000)), "flat"),
        (np.full((12, 5000), np.nan), "flat or missing"),
        (np.full((12, 5000), 7.5), "flat"),
        (np.random.default_rng(0).normal(0, 0.1, (12, 5000)), "stand out"),
        (np.zeros((12, 100)), "shorter"),
        (np.zeros((12, 0)), "shorter"),
    ],
)
def test_where_there_is_no_beat_the_reason_says_why(signal: NDArray, why: str) -> None:
    beats = r_peaks(signal, 500)
    assert not len(beats)
    assert why in beats.reason
    assert beats.heart_rate is None
    assert beats.rr_ms.size == 0


def test_one_beat_is_one_beat() -> None:
    signal, truth = train(75, 10)
    one = signal[:, 100:500]  # 0.2 to 1 s: the beat at 0.4 s
    beats = r_peaks(one, 500)
    np.testing.assert_allclose(beats.samples, truth[:1] - 100, atol=2)
    assert beats.heart_rate is None


@pytest.mark.parametrize("off", [("I",), ("II",), ("I", "II"), ("V1", "V2", "V3", "V4", "V5", "V6")])
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_leads_that_are_off_are_left_out(off: tuple[str, ...], value: float) -> None:
    signal, truth = train(75)
    signal[[LEADS.index(lead) for lead in off]] = value
    beats = r_peaks(signal, 500)
    np.testing.assert_allclose(beats.samples, truth, atol=2)
    assert not set(off) & set(beats.leads)


def test_a_single_lead_is_enough() -> None:
    signal, truth = train(75)
    signal[np.arange(12) != LEADS.index("V3")] = np.nan
    beats = r_peaks(signal, 500)
    np.testing.assert_allclose(beats.samples, truth, atol=2)
    assert beats.leads == ("V3",)


def test_one_lead_full_of_artefacts_does_not_outvote_the_others() -> None:
    signal, truth = train(75)
    rng = np.random.default_rng(3)
    for at in rng.integers(100, 4900, 12):
        signal[1, at : at + 60] += rng.normal(0, 8)
    np.testing.assert_allclose(r_peaks(signal, 500).samples, truth, atol=3)


def test_pacing_spikes_are_no_beats_and_move_none() -> None:
    signal, truth = train(60)
    spiked = signal.copy()
    for at in truth.astype(int):  # of the atrium, 160 ms before QRS
        spiked[:, at - 80 : at - 78] += 5
    np.testing.assert_allclose(r_peaks(spiked, 500).samples, truth, atol=3)


def test_t_waves_higher_than_r_are_no_beats() -> None:
    time = np.arange(5000) / 500
    beats = np.arange(0.5, 9.5, 0.9)
    distance = time - beats[:, np.newaxis]
    lead = np.exp(-0.5 * (distance / 0.012) ** 2) + 1.5 * np.exp(-0.5 * ((distance - 0.3) / 0.04) ** 2)
    signal = np.tile(lead.sum(axis=0), (12, 1)) * np.linspace(0.5, 1.2, 12)[:, np.newaxis]
    np.testing.assert_allclose(r_peaks(signal, 500).samples, beats * 500, atol=2)


def test_drift_and_mains_hum_do_not_matter() -> None:
    signal, truth = train(75)
    time = np.arange(5000) / 500
    noisy = signal + 2 * np.sin(2 * np.pi * 0.3 * time) + 0.2 * np.sin(2 * np.pi * 50 * time)
    np.testing.assert_allclose(r_peaks(noisy, 500).samples, truth, atol=4)


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_padding_at_the_end_makes_no_beat(fill: float) -> None:
    signal, truth = train(75)
    signal = signal + 0.8  # so that the zeros begin with a step
    signal[:, 3600:] = fill
    np.testing.assert_allclose(r_peaks(signal, 500).samples, truth[truth < 3590], atol=2)


def test_a_pause_is_not_filled_with_beats() -> None:
    signal, truth = train(75)
    gap = slice(int(truth[4]) + 250, int(truth[7]) - 150)
    signal[:, gap] = signal[:, gap.start : gap.start + 1]
    found = r_peaks(signal, 500).samples
    np.testing.assert_allclose(found, np.delete(truth, (5, 6)), atol=2)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rate=st.sampled_from((20.0, 100.0, 250.0, 500.0, 1000.0, 12345.6)))
def test_no_content_raises(data: st.DataObject, rate: float) -> None:
    n = data.draw(st.integers(0, 1500))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    signal = rng.normal(0, 1, (12, n)) * 10.0 ** rng.integers(-12, 39, (12, 1))
    odd = data.draw(st.sampled_from((np.nan, np.inf, -np.inf, 0.0, 1e300, 3e38)))
    signal[rng.random((12, n)) < data.draw(st.sampled_from((0.0, 0.01, 0.5, 1.0)))] = odd
    beats = r_peaks(signal, rate)
    assert (np.diff(beats.samples) > 0).all()
    assert ((beats.samples >= 0) & (beats.samples < n)).all()
    assert bool(len(beats)) != bool(beats.reason)


@pytest.mark.parametrize(("shape", "rate"), [((3, 12), 500), ((8, 5000), 500), ((12, 5000), 0), ((12, 5000), np.nan)])
def test_what_is_no_recording_is_refused(shape: tuple[int, ...], rate: float) -> None:
    with pytest.raises(ValueError, match=r"cannot be found|no sampling rate"):
        r_peaks(np.zeros(shape), rate)


def test_intervals_come_in_ms() -> None:
    beats = Beats(np.array([0, 500, 1100]), 500.0, ("II",))
    np.testing.assert_array_equal(beats.rr_ms, [1000, 1200])
    np.testing.assert_array_equal(beats.seconds, [0, 1, 2.2])
    assert beats.heart_rate == pytest.approx(60_000 / 1100)


@pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
def test_the_annotated_beats_of_mit_bih_100_are_found() -> None:
    wfdb = pytest.importorskip("wfdb")
    record = wfdb.rdrecord(str(FORMATS / "wfdb" / "100"))
    annotation = wfdb.rdann(str(FORMATS / "wfdb" / "100"), "atr")
    signal = np.full((12, record.sig_len), np.nan, np.float32)
    signal[LEADS.index("II")], signal[LEADS.index("V5")] = record.p_signal.T
    truth = annotation.sample[np.isin(annotation.symbol, list("NAV"))]
    found = r_peaks(signal, 360).samples
    assert len(truth) == 2273
    assert matched(truth, found, 0.05 * 360) == len(truth) == len(found)


@pytest.mark.skipif(not SHARED.is_dir(), reason=NO_SHARED)
@pytest.mark.parametrize("name", ["ludb/ludb", "ptbxl/ptbxl_raw"])
def test_real_ecgs_have_the_beats_that_two_other_detectors_agree_on(name: str) -> None:
    nk = pytest.importorskip("neurokit2")
    from wfdb.processing import xqrs_detect

    stored = np.load(SHARED / f"{name}_500hz.npz")
    total = misses = extra = 0
    for counts in stored["x"][3:60:3]:
        signal = counts * np.float32(stored["unit_mv"])
        two = signal[1].astype(np.float64)
        one = nk.ecg_peaks(nk.ecg_clean(two, sampling_rate=500), sampling_rate=500)[1]["ECG_R_Peaks"]
        other = xqrs_detect(two, 500, verbose=False)
        one, other = (peaks[(peaks > 150) & (peaks < 4850)] for peaks in (one, other))
        if not (len(one) == len(other) == matched(one, other, 25)):
            continue
        found = r_peaks(signal, 500).samples
        inner = found[(found > 200) & (found < 4800)]
        total += len(one)
        misses += len(one) - matched(one, found, 25)
        extra += len(inner) - matched(inner, one, 25)
    assert total > 100
    assert misses <= 0.005 * total
    assert extra <= 0.005 * total
