"""Simulated ECGs: laws of the leads, the signs of each class, seeds and sets, R peaks, likeness to real ones."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import neurokit2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.ecg.errors import EcgError
from backend.ecg.leads import LEADS
from backend.ecg.synthesize import CLASSES, SimulatedEcg, simulate, simulate_set
from backend.ecg.synthesize.simulate import SHARES
from backend.ecg.zero_phase import bandpass

PTBXL = Path(__file__).parents[2] / ".." / "shared" / "data" / "ptbxl"
needs_ptbxl = pytest.mark.skipif(not PTBXL.is_dir(), reason="the PTB-XL excerpt is not beside the project")


def median_beat(ecg: SimulatedEcg) -> dict[str, np.ndarray]:
    """Median over the beats, from 300 ms before to 500 ms after R at 500 Hz, zero between P and QRS.

    R comes in the middle of the broad QRS of left bundle branch block, so that QRS begins earlier.
    """
    quiet = slice(90, 102) if ecg.label == "CLBBB" else slice(105, 118)
    x = bandpass(ecg.recording.signal, 500, 0.5, 100)
    beats = np.median([x[:, r - 150 : r + 250] for r in ecg.r_peaks if 150 <= r < 4750], axis=0)
    return dict(zip(LEADS, beats - np.median(beats[:, quiet], axis=1, keepdims=True), strict=True))


def typical(label: str) -> dict[str, np.ndarray]:
    """The median over 25 patients of their median beats."""
    beats = [median_beat(simulate(label, seed)) for seed in range(25)]
    return {lead: np.median([beat[lead] for beat in beats], axis=0) for lead in LEADS}


@pytest.fixture(scope="module")
def beats() -> dict[str, dict[str, np.ndarray]]:
    return {label: typical(label) for label in CLASSES}


@settings(deadline=None, max_examples=40)
@given(
    label=st.sampled_from(sorted(CLASSES)),
    seed=st.integers(0, 2**32),
    rate=st.sampled_from([100.0, 250.0, 360.0, 500.0, 1000.0]),
    duration_s=st.sampled_from([1.0, 3.0, 10.0, 30.0]),
)
def test_every_recording_is_finite_of_life_size_and_obeys_einthoven_and_goldberger(label, seed, rate, duration_s):
    ecg = simulate(label, seed, rate, duration_s)
    signal = ecg.recording.signal
    assert signal.shape == (12, round(rate * duration_s))
    assert np.isfinite(signal).all()
    assert np.abs(signal).max() < 15
    microvolt = np.rint(signal.astype(np.float64) * 1000)
    np.testing.assert_allclose(signal * 1000, microvolt, atol=0.002)
    np.testing.assert_array_equal(ecg.recording.step, np.full(12, 0.001))
    i, ii, iii, avr, avl, avf = microvolt[:6]
    np.testing.assert_array_equal(i + iii, ii)
    np.testing.assert_array_equal(2 * avr, -(i + ii))
    np.testing.assert_array_equal(2 * avl, 2 * i - ii)
    np.testing.assert_array_equal(2 * avf, 2 * ii - i)
    assert (np.diff(ecg.r_peaks) > 0).all()
    assert ((ecg.r_peaks >= 0) & (ecg.r_peaks < signal.shape[1])).all()
    assert 18 <= ecg.age <= 92


def test_the_same_seed_gives_the_same_samples_and_another_seed_others():
    a, b, c = simulate("NORM", 1), simulate("NORM", 1), simulate("NORM", 2)
    np.testing.assert_array_equal(a.recording.signal, b.recording.signal)
    assert not np.array_equal(a.recording.signal, c.recording.signal)


def test_unknown_classes_and_impossible_sizes_are_refused():
    with pytest.raises(EcgError, match=r"no class 'LVH' to simulate\. Use NORM, AFIB"):
        simulate("LVH", 1)
    for wrong in [{"rate": 50.0}, {"rate": float("nan")}, {"duration_s": 0.0}, {"duration_s": 1e9}]:
        with pytest.raises(EcgError, match="cannot be simulated"):
            simulate("NORM", 1, **wrong)
    with pytest.raises(EcgError, match="negative"):
        simulate("NORM", -1)


def test_a_set_has_the_classes_in_proportion_and_patients_that_stay_themselves():
    ecgs = list(simulate_set(300, seed=5))
    counts = Counter(ecg.label for ecg in ecgs)
    assert counts == {"NORM": 90, "AFIB": 60, "CLBBB": 45, "CRBBB": 51, "IMI": 54}
    assert len({ecg.recording.name for ecg in ecgs}) == 300
    patients = defaultdict(list)
    for ecg in ecgs:
        patients[ecg.patient_id].append(ecg)
        assert ecg.recording.patient.id == ecg.patient_id
    assert 0.1 < np.mean([len(visits) == 2 for visits in patients.values()]) < 0.3
    for visits in patients.values():
        assert len({(ecg.label, ecg.age, ecg.sex) for ecg in visits}) == 1
        assert len({ecg.recording.signal.tobytes() for ecg in visits}) == len(visits)
    # neither the order nor the number of a patient gives the class away
    for number in (np.arange(300), np.array([int(ecg.patient_id[4:]) for ecg in ecgs])):
        means = [number[[ecg.label == label for ecg in ecgs]].mean() for label in CLASSES]
        assert np.ptp(means) < 90


def test_sets_are_seeded_and_of_any_size():
    first, again = (next(iter(simulate_set(20, seed=3))) for _ in range(2))
    np.testing.assert_array_equal(first.recording.signal, again.recording.signal)
    assert [len(list(simulate_set(n))) for n in (0, 1, 2, 7)] == [0, 1, 2, 7]
    assert {ecg.label for ecg in simulate_set(7)} == set(CLASSES)


def test_heart_rates_are_between_40_and_150_and_only_fibrillation_is_irregular():
    variation = defaultdict(list)
    for label in CLASSES:
        for seed in range(20):
            rr = np.diff(simulate(label, seed).r_peaks) / 500
            assert 40 < 60 / rr.mean() < 150
            assert rr.min() > 0.25
            variation[label].append(rr.std() / rr.mean())
    assert np.median(variation["AFIB"]) > 0.14
    for label in CLASSES.keys() - {"AFIB"}:
        assert np.median(variation[label]) < 0.06


def test_sinus_rhythm_has_a_p_wave_before_qrs_upright_in_lead_ii_and_fibrillation_none(beats):
    for label in CLASSES.keys() - {"AFIB"}:
        assert 0.05 < beats[label]["II"][35:100].max() < 0.25
    assert beats["AFIB"]["II"][35:100].max() < 0.04


def test_the_normal_qrs_has_r_growing_from_v1_to_v5_q_in_v6_and_a_concordant_t(beats):
    normal = beats["NORM"]
    r = [normal[lead][130:175].max() for lead in ("V1", "V2", "V3", "V4")]
    s = [-normal[lead][130:175].min() for lead in ("V1", "V2", "V3", "V4", "V5", "V6")]
    assert r == sorted(r)
    assert s[1] > s[2] > s[3] > s[4] > s[5]
    assert s[0] > r[0]
    assert -0.4 < normal["V6"][130:148].min() < -0.01
    for lead in ("I", "II", "V3", "V4", "V5", "V6"):
        assert normal[lead][200:350].max() > 0.1
    assert normal["aVR"][140:160].min() < -0.4
    assert abs(normal["III"][190]) < 0.06


def test_left_bundle_branch_block_is_broad_upright_in_v6_and_i_deep_in_v1_with_t_against_it(beats):
    block = beats["CLBBB"]
    for lead in ("I", "aVL", "V5", "V6"):
        assert block[lead][110:200].max() > 0.3
        assert block[lead][105:150].min() > -0.08, "no q"
    for lead in ("V1", "V2"):
        assert block[lead][110:200].min() < -1
        assert block[lead][230:330].max() > 0.3
    assert block["V6"][230:330].min() < -0.15
    wide, narrow = ((np.abs(b["V6"]) > 0.4 * b["V6"].max())[100:210].sum() / 500 for b in (block, beats["NORM"]))
    assert wide > 0.08 > 0.05 > narrow
    notches = 0
    for seed in range(20):
        lead = median_beat(simulate("CLBBB", seed))["I"][100:210]
        rises = np.diff(np.sign(np.diff(bandpass(lead, 500, 0.5, 60))))
        notches += (rises < 0).sum() >= 2
    assert notches >= 10, "R is notched in most"


def test_right_bundle_branch_block_has_rsr_in_v1_broad_s_in_i_and_v6_and_t_down_in_v1(beats):
    block = beats["CRBBB"]
    r, s, late_r = block["V1"][125:145].max(), block["V1"][140:160].min(), block["V1"][155:195].max()
    assert late_r > r > 0.1
    assert s < 0
    for lead in ("I", "V6"):
        assert block[lead][155:195].min() < -0.25
        assert block[lead][140:160].max() > 0.4
    assert block["V1"][230:320].min() < -0.1
    assert block["V6"][230:320].max() > 0.1


def test_inferior_infarction_has_q_and_st_elevation_below_and_depression_in_i_and_avl(beats):
    infarct, normal = beats["IMI"], beats["NORM"]
    for lead in ("II", "III", "aVF"):
        assert infarct[lead][125:150].min() < -0.2, "Q"
        assert infarct[lead][190] > 0.08, "ST at about J + 60 ms"
        assert infarct[lead][190] > normal[lead][190] + 0.08
    assert infarct["III"][190] > infarct["II"][190]
    assert infarct["aVL"][190] < -0.05
    assert infarct["I"][190] < 0


def test_neurokit_finds_the_same_r_peaks():
    for label in CLASSES:
        hits = total = found = 0
        for seed in range(5):
            ecg = simulate(label, seed)
            best = np.array([])
            for lead in ("II", "V5", "V2"):
                clean = neurokit2.ecg_clean(ecg.recording.signal[LEADS.index(lead)], 500)
                peaks = np.asarray(neurokit2.ecg_findpeaks(clean, 500)["ECG_R_Peaks"])
                near = np.abs(peaks[:, np.newaxis] - ecg.r_peaks).min(axis=1) <= 38 if len(peaks) else np.array([])
                best = max(best, near, key=np.sum)
            hits, total, found = hits + best.sum(), total + len(ecg.r_peaks), found + len(best)
        assert hits / total > 0.94, label  # it leaves out beats cut by an edge
        assert hits / found > 0.94, label


def test_classes_are_told_apart_by_their_beats_and_rhythm_but_not_by_an_artefact():
    ecgs = list(simulate_set(250, seed=11))
    labels, patients = [ecg.label for ecg in ecgs], [ecg.patient_id for ecg in ecgs]
    signals = np.stack([ecg.recording.signal for ecg in ecgs])
    beat = [np.concatenate([lead[::10] for lead in median_beat(ecg).values()]) for ecg in ecgs]
    rr = [np.diff(ecg.r_peaks) for ecg in ecgs]
    rhythm = [[r.mean(), r.std() / r.mean()] for r in rr]

    def macro_f1(features: object) -> float:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
        guess = cross_val_predict(model, np.asarray(features), labels, groups=patients, cv=GroupKFold(4))
        return float(f1_score(labels, guess, average="macro"))

    assert macro_f1(np.hstack([beat, rhythm])) > 0.93
    assert macro_f1(signals.mean(axis=-1)) < 0.35
    assert macro_f1(signals[:, :, 0]) < 0.35
    assert macro_f1([[len(ecg.r_peaks)] for ecg in ecgs]) < 0.35
    assert macro_f1([[ecg.age, ecg.sex == "F"] for ecg in ecgs]) < 0.45


@needs_ptbxl
def test_amplitudes_noise_and_drift_of_normal_ecgs_are_those_of_ptbxl():
    data = np.load(PTBXL / "ptbxl_raw_500hz.npz")
    with (PTBXL / "labels.csv").open() as file:
        rows = [int(r["raw_row"]) for r in csv.DictReader(file) if r["raw_row"] and "NORM" in r["scp_codes"].split(";")]
    real = data["x"][rows[:120]] * float(data["unit_mv"])
    ours = np.stack([simulate("NORM", seed).recording.signal for seed in range(60)])
    sizes = []
    for x in (real, ours):
        y = bandpass(x, 500, 0.5, 100)
        r, s = np.quantile(y, 0.999, axis=-1), -np.quantile(y, 0.001, axis=-1)
        noise = np.median(np.abs(bandpass(x, 500, 60, 120)), axis=(1, 2))
        drift = (x - y).std(axis=-1).mean(axis=1)
        wanted = [r[:, k] for k in (0, 1, 6, 7, 10, 11)] + [s[:, k] for k in (6, 7)] + [noise, drift]
        sizes.append([np.median(v) for v in wanted])
    ratio = np.array(sizes[1]) / np.array(sizes[0])
    assert ((ratio > 0.6) & (ratio < 1.7))[:8].all(), ratio
    assert ((ratio > 0.4) & (ratio < 2.5)).all(), ratio


def test_the_documentation_names_every_class_and_its_share():
    page = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text()
    assert set(SHARES) == set(CLASSES)
    for label, share in SHARES.items():
        assert f"| `{label}` | {share:.0%} |".replace("%", " %") in page
