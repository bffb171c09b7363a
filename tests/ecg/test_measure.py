"""Clinical measurements: against what is known of simulated hearts, textbook formulas and the devices' own values."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.ecg.delineate import delineate
from backend.ecg.device_comparison import compare
from backend.ecg.leads import LEADS
from backend.ecg.measure import Measurement, measure
from backend.ecg.readers import read
from backend.ecg.readers.sources import FileSet, SourceFile
from backend.ecg.recording import DeviceFacts
from backend.ecg.synthesize import CLASSES, simulate
from tests.ecg_truth import true_waves
from tests.samples import FORMATS, NO_SHARED

INTERVALS = {
    "pr_ms": ("p_onset", "qrs_onset"),
    "qrs_ms": ("qrs_onset", "qrs_offset"),
    "qt_ms": ("qrs_onset", "t_offset"),
    "p_ms": ("p_onset", "p_offset"),
}


def turned(degrees: float, st_mv: float = 0.0) -> NDArray:
    """An ECG (12, 5000) at 60 a minute whose frontal P, QRS and T all point to `degrees`, ST lifted in V4 alone."""
    time = np.arange(5000) / 500
    distance = time - np.arange(0.5, 10, 1)[:, np.newaxis]
    wave = sum(
        height * np.exp(-0.5 * ((distance - at) / width) ** 2)
        for height, at, width in ((0.15, -0.16, 0.02), (1.2, 0, 0.012), (0.35, 0.28, 0.04))
    ).sum(axis=0)
    x, y = np.cos(np.radians(degrees)) * wave, np.sin(np.radians(degrees)) * wave  # to the left and down
    one, avf = x, y * np.sqrt(3) / 2
    two = avf + one / 2
    three = two - one
    limbs = [one, two, three, -(one + two) / 2, one - two / 2, avf]
    chest = [wave * gain for gain in (-0.5, 0.4, 0.8, 1.2, 1.1, 0.9)]
    lifted = st_mv * ((distance > 0.05) & (distance < 0.2)).any(axis=0)
    chest[3] = chest[3] + lifted
    return np.stack([*limbs, *chest]).astype(np.float32)


@pytest.mark.parametrize("label", ["NORM", "IMI", "CRBBB", "AFIB"])
def test_the_intervals_of_simulated_hearts_are_measured(label: str) -> None:
    for seed in range(4):
        ecg = simulate(label, seed)
        found = measure(ecg.recording.signal, 500)
        truth = true_waves(label, seed)
        for name, (first, last) in INTERVALS.items():
            value = getattr(found, name)
            if label == "AFIB" and name in ("pr_ms", "p_ms"):
                assert value is None
                assert "P wave" in found.reasons[name]
            else:
                true = float((truth[last] - truth[first])[0]) * 1000
                assert value == pytest.approx(true, abs=40 if label == "AFIB" else 22), (name, seed)
        rr = np.diff(ecg.r_peaks) * 2
        assert found.heart_rate == pytest.approx(60_000 / np.median(rr), rel=0.03)


def test_the_variation_of_rr_is_that_of_its_shortest_and_longest_interval() -> None:
    steady = measure(turned(60), 500).rr_ms
    assert steady is not None
    assert steady.variation == pytest.approx(0, abs=0.5)
    ecg = simulate("AFIB", 2)
    rr = np.diff(ecg.r_peaks)
    found = measure(ecg.recording.signal, 500).rr_ms
    assert found is not None
    assert found.variation == pytest.approx(100 * np.ptp(rr) / rr.mean(), rel=0.1)
    assert found.variation > 40
    few = measure(turned(60)[:, :1400], 500)
    assert few.rr_ms is not None
    assert few.rr_ms.variation is None
    assert few.reasons["rr_variation"] == "Four beats are needed to tell."


@pytest.mark.parametrize("degrees", [-150, -90, -45, 0, 30, 60, 90, 135, 179])
def test_axes_point_where_the_waves_point(degrees: float) -> None:
    found = measure(turned(degrees), 500)
    for axis in (found.p_axis, found.qrs_axis, found.t_axis):
        assert axis is not None
        assert (axis - degrees + 180) % 360 - 180 == pytest.approx(0, abs=6)


def test_an_axis_that_cancels_out_is_none_with_a_reason() -> None:
    signal = turned(60)
    signal[[LEADS.index("I"), LEADS.index("aVF")]] = 0
    found = measure(signal, 500)
    assert found.qrs_axis is None
    assert "cancels" in found.reasons["qrs_axis"]


@pytest.mark.parametrize("level", [-0.2, 0.0, 0.3])
def test_st_is_measured_over_the_level_before_qrs(level: float) -> None:
    signal = turned(60, level) + 0.7  # an offset of the amplifier is no ST shift
    found = measure(signal, 500)
    assert found.st_mv["V4"] == pytest.approx(level, abs=0.04)
    assert found.st_mv["V2"] == pytest.approx(0, abs=0.04)


def test_amplitudes_are_those_of_the_leads() -> None:
    found = measure(turned(0), 500)
    assert found.r_mv["I"] == pytest.approx(1.2, abs=0.03)
    assert found.s_mv["I"] == pytest.approx(0, abs=0.03)
    assert found.s_mv["V1"] == pytest.approx(-0.6, abs=0.03)
    assert found.t_mv["I"] == pytest.approx(0.35, abs=0.03)
    assert found.t_mv["V1"] == pytest.approx(-0.175, abs=0.03)


def test_qt_is_corrected_by_the_textbook_formulas() -> None:
    found = measure(turned(60), 500)
    assert found.qt_ms is not None
    assert all(value == pytest.approx(found.qt_ms, abs=1) for value in found.qtc_ms.values())  # RR is 1 s
    fast = measure(simulate("NORM", 1).recording.signal, 500)
    assert fast.qt_ms is not None
    assert fast.rr_ms is not None
    qt, rr = fast.qt_ms, fast.rr_ms.mean / 1000
    assert fast.qtc_ms["bazett"] == pytest.approx(qt / np.sqrt(rr))
    assert fast.qtc_ms["fridericia"] == pytest.approx(qt / np.cbrt(rr))
    assert fast.qtc_ms["framingham"] == pytest.approx(qt + 154 * (1 - rr))
    assert fast.qtc_ms["hodges"] == pytest.approx(qt + 1.75 * (60 / rr - 60))


@pytest.mark.parametrize("rate", [100.0, 1000.0])
def test_the_rate_of_sampling_does_not_matter(rate: float) -> None:
    for label in ("NORM", "IMI"):
        one = measure(simulate(label, 3, 500).recording.signal, 500)
        other = measure(simulate(label, 3, rate).recording.signal, rate)
        for name in INTERVALS:
            assert getattr(other, name) == pytest.approx(getattr(one, name), abs=14), name


def test_a_known_delineation_saves_the_work_and_changes_nothing() -> None:
    signal = simulate("CLBBB", 2).recording.signal
    assert measure(signal, 500, delineation=delineate(signal, 500)) == measure(signal, 500)


def test_everything_measured_can_be_written_as_json() -> None:
    for label in CLASSES:
        json.dumps(asdict(measure(simulate(label, 1).recording.signal, 500)), allow_nan=False)
    json.dumps(asdict(measure(np.zeros((12, 5000)), 500)), allow_nan=False)


def test_a_recording_without_a_scale_has_no_amplitudes() -> None:
    found = measure(simulate("NORM", 1).recording.signal, 500, "arbitrary")
    assert found.st_mv == found.r_mv == found.t_mv == {}
    assert "scale" in found.reasons["st_mv"]
    assert found.qt_ms is not None


def test_leads_that_are_missing_are_said_to_be() -> None:
    signal = turned(60)
    signal[[LEADS.index("I"), LEADS.index("V3")]] = np.nan
    found = measure(signal, 500)
    assert "V3" not in found.st_mv
    assert "missing" in found.reasons["V3_mv"]
    assert found.qrs_axis is None
    assert "missing" in found.reasons["qrs_axis"]
    assert found.qrs_ms is not None


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_without_beats_the_reason_is_given(value: float) -> None:
    found = measure(np.full((12, 5000), value), 500)
    assert found.heart_rate is None
    assert found.reasons["heart_rate"] == "Every lead is flat or missing."


def test_one_beat_has_no_rate() -> None:
    found = measure(turned(60)[:, 250:700] * 1.0, 500)
    assert found.n_beats == 1
    assert found.heart_rate is None
    assert found.reasons["heart_rate"] == "There is only one beat."
    assert found.qrs_ms is not None


@settings(max_examples=40, deadline=None)
@given(data=st.data(), rate=st.sampled_from((100.0, 250.0, 500.0, 1000.0)))
def test_no_content_raises_and_nothing_is_nan(data: st.DataObject, rate: float) -> None:
    label = data.draw(st.sampled_from(list(CLASSES)))
    signal = simulate(label, data.draw(st.integers(0, 3)), rate, 3).recording.signal.copy()
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    signal *= np.float32(10.0 ** data.draw(st.integers(-9, 30)))
    for _ in range(data.draw(st.integers(0, 6))):
        first = int(rng.integers(0, signal.shape[1]))
        lead = rng.integers(0, 12) if rng.random() < 0.5 else slice(None)
        signal[lead, first : first + int(rng.integers(1, 900))] = rng.choice([0.0, np.nan, np.inf, 5.0])
    json.dumps(asdict(measure(signal, rate)), allow_nan=False)


DEVICES = [
    "cardiologyxml/dummy_ecg.xml",
    "ge_muse_xml/muse_500hz_mac55_testone.xml",
    "hl7_aecg/mortara_Example.xml",
    "philips_sierra_xml/v1_03_129DYPRG.xml",
    "philips_sierra_xml/v1_03_cvrg_Example01.xml",
    "philips_sierra_xml/v1_04_01_2020-5-18.xml",
    "philips_sierra_xml/v1_04_ad4d3d80.xml",
    "schiller_xml/schiller.xml",
]


@pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
@pytest.mark.parametrize("name", DEVICES)
def test_the_devices_measured_about_the_same(name: str) -> None:
    path = FORMATS / name
    [recording] = read(FileSet((SourceFile(path.name, path.read_bytes()),)))
    found, theirs = measure(recording.signal, recording.rate), recording.device.measurements
    limits = {"pr": 25, "qrs": 35, "qt": 30}  # two makers' devices differ by as much
    compared = [key for key in limits if key in theirs]
    assert compared
    for key in compared:
        assert getattr(found, f"{key}_ms") == pytest.approx(theirs[key], abs=limits[key]), key
    if "heart_rate" in theirs:
        assert found.heart_rate == pytest.approx(theirs["heart_rate"], abs=2)
    assert found.qrs_axis == pytest.approx(theirs["qrs_axis"], abs=15)


STATED = {  # files whose device states the rhythm, and between which % RR varies in them
    "ge_muse_xml/muse_500hz_mac55_testone.xml": ("427393009", 20, 100),  # sinus arrhythmia
    "philips_sierra_xml/v1_03_cvrg_Example01.xml": ("SA", 20, 100),
    "cardiologyxml/dummy_ecg.xml": ("426783006", 0, 15),  # sinus rhythm
    "hl7_aecg/mortara_Example.xml": ("MDC_ECG_RHY_SINUS_RHY", 0, 15),
    "wfdb_mat/Q0001.hea": ("427084000", 0, 15),  # sinus tachycardia
}


@pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
@pytest.mark.parametrize("name", STATED)
def test_rr_varies_as_the_device_states(name: str) -> None:
    path, (code, low, high) = FORMATS / name, STATED[name]
    beside = [path.with_suffix(".mat")] if path.suffix == ".hea" else []
    [recording] = read(FileSet(tuple(SourceFile(one.name, one.read_bytes()) for one in (path, *beside))))
    assert code in [statement.code for statement in recording.device.statements]
    rr = measure(recording.signal, recording.rate).rr_ms
    assert rr is not None
    assert rr.variation is not None
    assert low < rr.variation < high


def test_a_difference_from_the_device_is_marked_where_two_devices_agree_better() -> None:
    found = Measurement(heart_rate=72, qrs_ms=96, qrs_axis=-179, qtc_ms={"bazett": 420})
    rows = {row.name: row for row in compare(found, DeviceFacts(measurements={"qrs": 120, "qrs_axis": 178, "pr": 160}))}
    assert list(rows) == ["heart_rate", "pr", "qrs", "qtc", "qrs_axis"]
    assert (rows["qrs"].difference, rows["qrs"].differs) == (-24, True)
    assert (rows["qrs_axis"].difference, rows["qrs_axis"].differs) == (3, False)  # the short way around
    assert (rows["pr"].ours, rows["pr"].difference, rows["pr"].differs) == (None, None, None)
    assert (rows["heart_rate"].device, rows["heart_rate"].differs) == (None, None)
    assert compare(Measurement(), DeviceFacts()) == ()


@pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
def test_of_the_real_files_only_known_differences_are_marked() -> None:
    marked = {}
    for name in DEVICES:
        path = FORMATS / name
        [recording] = read(FileSet((SourceFile(path.name, path.read_bytes()),)))
        rows = compare(measure(recording.signal, recording.rate), recording.device)
        marked[name] = [row.name for row in rows if row.differs]
    assert {name: found for name, found in marked.items() if found} == {
        "ge_muse_xml/muse_500hz_mac55_testone.xml": ["p_axis"],  # of a P wave on top of T
        "philips_sierra_xml/v1_03_129DYPRG.xml": ["qrs"],
        "schiller_xml/schiller.xml": ["p", "t_axis"],
    }
