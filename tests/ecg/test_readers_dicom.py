"""DICOM waveforms against pydicom's own arrays, and what odd or damaged files get."""

import contextlib
import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS, LIMB_LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read

FOLDER = Path("../shared/data/formats/dicom")
OWN = Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))
FILES = [OWN, *sorted(FOLDER.glob("*.dcm"))]
UNITS = {"uV": 1e-3, "mV": 1.0, "V": 1e3}
ORDER = {"1": 0, "2": 1, "61": 2, "62": 3, "63": 4, "64": 5, "3": 6, "4": 7, "5": 8, "6": 9, "7": 10, "8": 11}


def one(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    (recording,) = read(FileSet((SourceFile("a.dcm", data),)), options, limits)
    return recording


def saved(dataset: pydicom.Dataset, **how: object) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream, **how)
    return stream.getvalue()


@pytest.fixture
def dataset() -> pydicom.Dataset:
    return pydicom.dcmread(OWN)


def oracle(path: Path, group: int = 0) -> np.ndarray:
    """mV by pydicom, in canonical order by the number of the lead in the code."""
    dataset = pydicom.dcmread(path)
    channels = dataset.WaveformSequence[group].ChannelDefinitionSequence
    array = dataset.waveform_array(group)
    raw = np.frombuffer(dataset.WaveformSequence[group].WaveformData, "<i2").reshape(-1, len(channels))
    out = np.empty((12, len(array)))
    for i, channel in enumerate(channels):
        source = channel.ChannelSourceSequence[0].CodeValue.rsplit("-", 1)[-1]
        unit = UNITS[channel.ChannelSensitivityUnitsSequence[0].CodeValue]
        out[ORDER[source]] = np.where(
            raw[: len(array), i] == -32768 if "WaveformPaddingValue" in dataset.WaveformSequence[group] else False,
            np.nan,
            array[:, i] * unit,
        )
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_real_file_equals_waveform_array_in_mv(path):
    """The original platform read the raw integers, without calibration."""
    recording = one(path.read_bytes())
    np.testing.assert_allclose(recording.signal, oracle(path), rtol=0, atol=1e-6, equal_nan=True)
    item = pydicom.dcmread(path).WaveformSequence[0]
    assert recording.rate == float(item.SamplingFrequency)
    assert recording.n_samples == item.NumberOfWaveformSamples
    assert not {"einthoven", "goldberger", "amplitude"} & {f.code for f in check(recording)}


def test_facts_of_the_own_file_and_the_median_beat_left_out():
    recording = one(OWN.read_bytes())
    assert recording.patient.id == "642341"
    assert (recording.patient.age, recording.patient.sex) == (42, "F")
    assert recording.start == datetime(2013, 1, 25, 10, 59, 19)
    assert recording.device.model == "Mortara Instrument, Inc. el250"
    assert recording.notes == (
        "Left out: waveform group 2 (median beat).",
        "Left out: statements in free text (2).",
    )
    device = recording.device
    assert (device.high_pass, device.low_pass, device.notch) == (0.05, 300, None)
    assert device.measurements == {
        "rr": 982, "pr": 161, "qrs": 75, "qt": 368, "qtc": 370, "p_axis": 74, "qrs_axis": 52, "t_axis": 57,
    }  # fmt: skip
    assert device.statements == ()
    assert "RITMO" not in str(recording)
    assert (recording.rate, recording.n_samples) == (1000, 10000)


@pytest.mark.skipif(not FOLDER.exists(), reason="the real files of ../shared/data are not here")
def test_age_comes_from_the_birth_date_where_it_is_not_stated():
    assert one((FOLDER / "ge_marquette_test_ecg.dcm").read_bytes()).patient.age == 55


def test_the_rhythm_group_is_found_wherever_it_stands(dataset):
    dataset.WaveformSequence = list(reversed(dataset.WaveformSequence))
    np.testing.assert_array_equal(one(saved(dataset)).signal, one(OWN.read_bytes()).signal)


def test_the_longer_of_two_original_groups_is_taken(dataset):
    for item in dataset.WaveformSequence:
        item.WaveformOriginality = "ORIGINAL"
    dataset.WaveformSequence = list(reversed(dataset.WaveformSequence))
    assert one(saved(dataset)).n_samples == 10000


@pytest.mark.parametrize("unit", ["uV", "mV", "V", "nV"])
def test_sensitivity_correction_baseline_and_unit_calibrate(dataset, unit):
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[1]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = "2.5", "0.5"
    channel.ChannelBaseline = "7"
    channel.ChannelSensitivityUnitsSequence[0].CodeValue = unit
    raw = dataset.waveform_array(0)[:, 1]
    factor = {"nV": 1e-6, **UNITS}[unit]
    np.testing.assert_allclose(one(saved(dataset)).signal[1], raw * factor, rtol=1e-6, atol=1e-9)


def test_padding_becomes_nan(dataset):
    item = dataset.WaveformSequence[0]
    raw = np.frombuffer(item.WaveformData, "<i2").copy().reshape(-1, 12)
    raw[100:110, 5] = -32768
    item.WaveformData, item.WaveformPaddingValue = raw.tobytes(), b"\x00\x80"
    item["WaveformPaddingValue"].VR = "OW"
    recording = one(saved(dataset))
    assert np.isnan(recording.signal[5, 100:110]).all()
    assert np.isnan(recording.signal).sum() == 10


def test_leads_are_named_by_code_then_by_meaning_then_by_label(dataset):
    expected = one(OWN.read_bytes()).signal
    channels = dataset.WaveformSequence[0].ChannelDefinitionSequence
    for channel, number in zip(channels, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True):
        channel.ChannelSourceSequence[0].CodeValue = f"2:{number}"
        channel.ChannelSourceSequence[0].CodingSchemeDesignator = "MDC"
    np.testing.assert_array_equal(one(saved(dataset)).signal, expected)
    for channel, lead in zip(channels, LEADS, strict=True):
        channel.ChannelSourceSequence[0].CodeValue = "X"
        channel.ChannelSourceSequence[0].CodeMeaning = f"Lead {lead} (Einthoven)"
    np.testing.assert_array_equal(one(saved(dataset)).signal, expected)
    for channel, lead in zip(channels, LEADS, strict=True):
        del channel.ChannelSourceSequence
        channel.ChannelLabel = lead
    np.testing.assert_array_equal(one(saved(dataset)).signal, expected)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_every_transfer_syntax_reads_equal(dataset, syntax):
    for _ in dataset.iterall():
        pass  # values in hand, not bytes in the byte order they came in
    if syntax == ExplicitVRBigEndian:
        for item in dataset.WaveformSequence:
            item.WaveformData = np.frombuffer(item.WaveformData, "<i2").astype(">i2").tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    how = {"implicit_vr": syntax == ImplicitVRLittleEndian, "little_endian": syntax != ExplicitVRBigEndian}
    pydicom.dcmwrite(stream, dataset, force_encoding=True, **how)
    np.testing.assert_array_equal(one(stream.getvalue()).signal, one(OWN.read_bytes()).signal)


def test_a_deflated_bomb_is_refused(dataset):
    dataset.WaveformSequence[0].WaveformData = bytes(50_000_000)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    with pytest.raises(LimitError, match=r"a\.dcm expands to more than"):
        one(saved(dataset))


def test_a_file_without_a_preamble_is_known_by_its_first_element(dataset):
    del dataset.file_meta
    assert one(saved(dataset, implicit_vr=False, little_endian=True)).n_samples == 10000


def refused(dataset: pydicom.Dataset, error: type[EcgError], words: str, **more: object) -> None:
    with pytest.raises(error, match=words) as caught:
        one(saved(dataset), **more)
    assert "a.dcm" in str(caught.value)


def test_an_image_is_refused_by_its_modality(dataset):
    del dataset.WaveformSequence
    dataset.Modality = "CT"
    refused(dataset, UnreadableFileError, r"without a waveform \(modality CT\)")


def test_a_missing_sensitivity_is_refused_unless_declared(dataset):
    for item in dataset.WaveformSequence:
        for channel in item.ChannelDefinitionSequence:
            del channel.ChannelSensitivity
    refused(dataset, UndeclaredError, "does not say how many mV.*Declare the units per mV")
    raw = np.frombuffer(dataset.WaveformSequence[0].WaveformData, "<i2").reshape(-1, 12)
    np.testing.assert_allclose(one(saved(dataset), ReadOptions(units_per_mv=800)).signal, raw.T / 800, rtol=1e-6)


def test_odd_files_are_refused_with_a_remedy(dataset):
    item = dataset.WaveformSequence[0]
    del dataset.WaveformSequence[1]
    refused(dataset, LimitError, "10,000 samples a lead; at most 9,999", limits=Limits(samples=9999))
    item.ChannelDefinitionSequence[0].ChannelSensitivityUnitsSequence[0].CodeValue = "mm[Hg]"
    refused(dataset, UndeclaredError, r"Lead I is in 'mm\[Hg\]', which is no voltage")
    item.ChannelDefinitionSequence[0].ChannelSensitivityUnitsSequence[0].CodeValue = "uV"
    item.WaveformData = item.WaveformData[:1000]
    refused(dataset, UnreadableFileError, "240,000 bytes of samples are promised, 1,000 are there")
    item.WaveformSampleInterpretation = "AB"
    refused(dataset, UnreadableFileError, "16-bit signed")
    item.WaveformSampleInterpretation = "SS"
    item.SamplingFrequency = "0"
    refused(dataset, UnreadableFileError, "sampling rate of 0 Hz")


def test_a_file_with_three_leads_names_those_that_are_missing(dataset):
    del dataset.WaveformSequence[1]
    item = dataset.WaveformSequence[0]
    raw = np.frombuffer(item.WaveformData, "<i2").reshape(-1, 12)
    item.WaveformData, item.NumberOfWaveformChannels = raw[:, :6].tobytes(), 6
    item.ChannelDefinitionSequence = item.ChannelDefinitionSequence[:6]
    refused(dataset, MissingLeadsError, f"V1.*the file has {', '.join(LIMB_LEADS)}")


def test_the_rate_of_the_file_goes_before_a_declared_one():
    recording = one(OWN.read_bytes(), ReadOptions(rate=500))
    assert recording.rate == 1000
    assert any("declared 500 Hz was not used" in note for note in recording.notes)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_damaged_files_only_ever_raise_errors_of_the_tree(data):
    content = bytearray(OWN.read_bytes())
    spots = st.one_of(st.integers(128, 4000), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(spots)] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(132, len(content)))) :]
    with contextlib.suppress(EcgError):
        assert one(bytes(content)).n_samples > 0


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.booleans())
def test_garbage_behind_the_mark_only_ever_raises_errors_of_the_tree(garbage, element):
    start = b"\x02\x00\x00\x00UL\x04\x00" if element else b"DICM"
    with contextlib.suppress(EcgError):
        one(bytes(128) + start + garbage if not element else start + garbage)
