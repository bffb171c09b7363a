"""Wave delineation: against the true waves of simulated ECGs, annotated real ones, and what is no ECG."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.ecg.beats import Beats, r_peaks
from backend.ecg.delineate import WAVES, delineate, delineate_batch, delineate_lead
from backend.ecg.leads import LEADS
from backend.ecg.median_beat import median_beat
from backend.ecg.synthesize import CLASSES, simulate
from tests.ecg_truth import errors, true_waves
from tests.samples import FORMATS, NO_SHARED, SHARED

SEEDS = range(4)


def in_order(points: dict[str, NDArray]) -> bool:
    """Whether each beat's waves follow each other: P, QRS, T, and onset, peak, offset in each."""
    rows = np.stack([points[name] for name in WAVES]).T
    return all((np.diff(row[np.isfinite(row)]) >= 0).all() for row in rows)


@pytest.mark.parametrize("rate", [100.0, 250.0, 500.0, 1000.0])
@pytest.mark.parametrize(
    ("label", "tolerance_ms"),
    [("NORM", 12), ("IMI", 14), ("CRBBB", 14), ("AFIB", 35)],
)
def test_the_waves_of_simulated_ecgs_are_where_they_were_put(label: str, tolerance_ms: float, rate: float) -> None:
    for seed in SEEDS:
        found = delineate(simulate(label, seed, rate).recording.signal, rate).points
        truth = true_waves(label, seed)
        for name, times in truth.items():
            if label == "AFIB" and name.startswith("p_"):
                continue
            difference = errors(found[name] / rate, times) * 1000
            assert len(difference) >= 0.8 * len(found[name]) - 1
            assert np.median(np.abs(difference)) < tolerance_ms + (4 if rate == 100 else 0), (seed, name)


def test_a_wide_qrs_is_measured_wide() -> None:
    for seed in SEEDS:
        truth = true_waves("CLBBB", seed)
        points = delineate(simulate("CLBBB", seed).recording.signal, 500).points
        width = np.nanmedian(points["qrs_offset"] - points["qrs_onset"]) / 500
        true = (truth["qrs_offset"] - truth["qrs_onset"])[0]
        assert true - 0.02 < width < true + 0.09


def test_fibrillation_has_no_p_wave_and_sinus_rhythm_has() -> None:
    for seed in range(8):
        assert np.isnan(delineate(simulate("AFIB", seed).recording.signal, 500).points["p_peak"]).all()
        assert np.isfinite(delineate(simulate("NORM", seed).recording.signal, 500).points["p_peak"]).mean() > 0.75


@pytest.mark.parametrize("label", CLASSES)
def test_the_waves_of_a_beat_follow_each_other(label: str) -> None:
    for seed in SEEDS:
        signal = simulate(label, seed).recording.signal
        beats = r_peaks(signal, 500)
        assert in_order(delineate(signal, 500, beats).points)


def test_one_lead_alone_has_its_waves_too() -> None:
    truth = true_waves("NORM", 3)
    signal = simulate("NORM", 3).recording.signal
    beats = r_peaks(signal, 500)
    for lead in ("II", "V5"):
        row = signal[LEADS.index(lead)]
        points = delineate_lead(row, 500, beats).points
        for name, times in truth.items():
            assert np.median(np.abs(errors(points[name] / 500, times))) < 0.025, (lead, name)
        assert np.abs(row[points["r_peak"].astype(int)] - np.median(row)).min() > 0.3  # on the top of QRS


def test_a_batch_gives_what_each_recording_gives_alone() -> None:
    signals = np.stack([simulate(label, 5).recording.signal for label in CLASSES])
    signals[2, :, 1000:1400] = np.nan
    for alone, together in zip([delineate(x, 500) for x in signals], delineate_batch(signals, 500), strict=True):
        for name in WAVES:
            np.testing.assert_array_equal(alone.points[name], together.points[name])
    assert delineate_batch(signals[:0], 500) == []


def test_an_extrasystole_is_not_among_the_usual_beats() -> None:
    signal = simulate("NORM", 1).recording.signal.copy()
    beats = r_peaks(signal, 500)
    at = int(beats.samples[4])
    bump = np.exp(-0.5 * ((np.arange(5000) - at) / 30) ** 2)
    signal[:, at - 60 : at + 60] = 0
    signal += (2 * bump * np.where(np.arange(12) % 2, 1, -1)[:, np.newaxis]).astype(np.float32)
    usual = delineate(signal, 500, beats).usual
    assert not usual[4]
    assert usual.sum() == len(beats) - 1


def test_missing_leads_and_gaps_leave_the_rest_measured() -> None:
    signal = simulate("NORM", 2).recording.signal.copy()
    whole = delineate(signal, 500).points
    signal[[0, 5, 7]] = np.nan
    part = delineate(signal, 500).points
    assert np.nanmedian(np.abs(part["qrs_onset"] - whole["qrs_onset"])) <= 4
    assert np.nanmedian(np.abs(part["t_offset"] - whole["t_offset"])) <= 12


@pytest.mark.parametrize("value", [0.0, np.nan, 1e30])
def test_a_signal_without_beats_has_no_waves(value: float) -> None:
    found = delineate(np.full((12, 3000), value), 500)
    assert set(found.points) == set(WAVES)
    assert all(points.size == 0 for points in found.points.values())


def test_one_beat_has_a_qrs_and_a_t_but_no_certain_p() -> None:
    signal = simulate("NORM", 1).recording.signal
    at = int(r_peaks(signal, 500).samples[3])
    found = delineate(signal[:, at - 200 : at + 300], 500)
    assert len(found.beats) == 1
    assert np.isfinite(found.points["qrs_onset"][0])
    assert np.isfinite(found.points["t_offset"][0])
    assert np.isnan(found.points["p_peak"][0])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), rate=st.sampled_from((20.0, 100.0, 250.0, 500.0, 1000.0, 4321.0)))
def test_no_content_raises(data: st.DataObject, rate: float) -> None:
    n = data.draw(st.integers(1, 1500))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    signal = rng.normal(0, 1, (12, n)) * 10.0 ** rng.integers(-12, 39, (12, 1))
    odd = data.draw(st.sampled_from((np.nan, np.inf, 0.0, 1e300)))
    signal[rng.random((12, n)) < data.draw(st.sampled_from((0.0, 0.01, 0.5, 1.0)))] = odd
    count = data.draw(st.integers(0, min(n, 12)))
    samples = np.sort(rng.choice(n, count, replace=False))
    found = delineate(signal, rate, Beats(samples, rate, LEADS))
    for points in found.points.values():
        assert points.shape == (count,)
        known = points[np.isfinite(points)]
        assert ((known >= 0) & (known <= n - 1)).all()


def test_the_median_beat_is_the_beat_without_its_noise() -> None:
    clean = simulate("NORM", 4).recording.signal
    noisy = clean + np.random.default_rng(0).normal(0, 0.05, clean.shape)
    beats = r_peaks(clean, 500)
    found = delineate(clean, 500, beats)
    pure, denoised = (median_beat(x, 500, found) for x in (clean, noisy))
    assert pure.signal.shape == (12, 526)
    assert pure.r_index == 200
    inner = slice(100, 420)
    assert np.nanstd(denoised.signal[:, inner] - pure.signal[:, inner]) < 0.03
    points = pure.delineation.points
    assert all(
        points[name][0] == pytest.approx(np.nanmedian(found.points[name] - beats.samples) + 200, abs=3)
        for name in ("qrs_onset", "qrs_offset", "t_offset", "p_onset")
    )
    onset = round(points["qrs_onset"][0])
    assert np.abs(pure.signal[:, onset - 5]).max() < 0.03  # zero before QRS


def test_there_is_no_median_beat_without_beats() -> None:
    nothing = delineate(np.zeros((12, 1000)), 500)
    with pytest.raises(ValueError, match="without beats"):
        median_beat(np.zeros((12, 1000)), 500, nothing)


def test_a_recording_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be delineated"):
        delineate(np.zeros((3, 1000)), 500)


@pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
@pytest.mark.parametrize(("extension", "lead"), [("i", "I"), ("ii", "II"), ("v5", "V5")])
def test_the_waves_that_cardiologists_marked_are_found(extension: str, lead: str) -> None:
    wfdb = pytest.importorskip("wfdb")
    record = str(FORMATS / "wfdb" / "ludb_1")
    annotation = wfdb.rdann(record, extension)
    signal = wfdb.rdrecord(record).p_signal.T
    found = delineate_lead(signal[LEADS.index(lead)], 500, r_peaks(signal, 500)).points
    symbols = np.array(annotation.symbol)
    for wave, symbol, peak in (("p", "p", "p_peak"), ("qrs", "N", "r_peak"), ("t", "t", "t_peak")):
        at = np.flatnonzero(symbols == symbol)
        for shift, name, limit in ((-1, f"{wave}_onset", 0.025), (0, peak, 0.012), (1, f"{wave}_offset", 0.025)):
            difference = errors(found[name] / 500, annotation.sample[at + shift] / 500)
            assert len(difference) == len(at)
            assert abs(difference.mean()) < (0.035 if name == "t_onset" else limit), name


@pytest.mark.skipif(not SHARED.is_dir(), reason=NO_SHARED)
def test_p_waves_are_where_the_labels_of_ptb_xl_say_sinus_rhythm_or_fibrillation() -> None:
    stored = np.load(SHARED / "ptbxl" / "ptbxl_raw_500hz.npz")
    signals = stored["x"] * np.float32(stored["unit_mv"])
    with (SHARED / "ptbxl" / "labels.csv").open() as file:
        codes = {int(row["raw_row"]): row["scp_codes"].split(";") for row in csv.DictReader(file) if row["raw_row"]}
    with_p: dict[str, list[float]] = {"AFIB": [], "SR": []}
    for row, said in codes.items():
        label = "AFIB" if "AFIB" in said else "SR" if "SR" in said else None
        if label is not None and len(with_p[label]) < 80:
            with_p[label].append(float(np.isfinite(delineate(signals[row], 500).points["p_peak"]).mean()))
    assert len(with_p["AFIB"]) >= 10
    assert len(with_p["SR"]) >= 50
    assert np.mean(np.array(with_p["AFIB"]) < 0.5) >= 0.9
    assert np.mean(np.array(with_p["SR"]) > 0.5) >= 0.97
