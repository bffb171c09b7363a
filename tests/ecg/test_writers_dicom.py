"""DICOM out: our reader and pydicom read back what was written, and the standard's required attributes are there."""

import io
from datetime import datetime

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from pydicom.uid import (
    AmbulatoryECGWaveformStorage,
    General32bitECGWaveformStorage,
    GeneralECGWaveformStorage,
    TwelveLeadECGWaveformStorage,
)

from backend.ecg.errors import UnwritableError
from backend.ecg.recording import DeviceFacts, Patient, Recording
from backend.ecg.writers import write
from tests.samples import LEADS
from tests.written import Case, arbitrary, assert_same, cases, floats, read_back

# Types 1 and 2 of PS3.3: Patient, General Study, General Series, General Equipment, Waveform Identification,
# Acquisition Context and SOP Common; type 1 ones must have a value.
WITH_A_VALUE = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "InstanceNumber",
    "ContentDate", "ContentTime", "AcquisitionDateTime", "WaveformSequence",
)  # fmt: skip
THERE = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "ReferringPhysicianName",
    "StudyID", "AccessionNumber", "SeriesNumber", "Manufacturer", "AcquisitionContextSequence",
)  # fmt: skip
OF_A_GROUP = (
    "WaveformOriginality", "NumberOfWaveformChannels", "NumberOfWaveformSamples", "SamplingFrequency",
    "ChannelDefinitionSequence", "WaveformBitsAllocated", "WaveformSampleInterpretation", "WaveformPaddingValue",
    "WaveformData",
)  # fmt: skip
OF_A_CHANNEL = (
    "ChannelSourceSequence", "ChannelSensitivity", "ChannelSensitivityUnitsSequence", "ChannelBaseline",
    "ChannelSensitivityCorrectionFactor", "ChannelSampleSkew", "WaveformBitsStored",
)  # fmt: skip
SCP_NUMBERS = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))


def _dataset(recording: Recording) -> pydicom.Dataset:
    (file,) = write(recording, "dicom", "written")
    assert file.name == "written.dcm"
    return pydicom.dcmread(io.BytesIO(file.data))


def _counts(n: int = 600, rate: float = 500.0, top: int = 1000, **facts) -> Recording:
    counts = np.random.default_rng(n).integers(-top, top, (12, n), endpoint=True)
    counts[0, 0] = top
    return Recording((counts / 1000).astype(np.float32), rate, "a.csv", "csv", step=np.full(12, 0.001), **facts)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_our_reader_reads_back_the_same_recording(case: Case) -> None:
    back = read_back(case.recording, "dicom")
    if case.recording.rate == 1000 / 3:  # a decimal string has sixteen characters
        assert back.rate == pytest.approx(1000 / 3, rel=1e-14)
        back = Recording(back.signal, 1000 / 3, back.name, back.format, missing=back.missing)
    assert_same(back, case.recording)


@settings(max_examples=15, deadline=None)
@given(cases(largest=8_000_000))
def test_wide_samples_are_read_back_too(case: Case) -> None:
    back = read_back(case.recording, "dicom")
    np.testing.assert_array_equal(np.isnan(back.signal), np.isnan(case.recording.signal))
    np.testing.assert_allclose(back.signal, case.recording.signal, rtol=1.5e-7, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_pydicom_reads_the_source_values_in_microvolts(case: Case) -> None:
    dataset = _dataset(case.recording)
    item = dataset.WaveformSequence[0]
    channels = [channel.ChannelLabel for channel in item.ChannelDefinitionSequence]
    shown = dataset.waveform_array(0)
    padding = int.from_bytes(item.WaveformPaddingValue, "little", signed=True)
    kind = {16: "<i2", 32: "<i4"}[item.WaveformBitsAllocated]
    raw = np.frombuffer(item.WaveformData, kind).reshape(shown.shape)
    for lead in case.names:
        column, wanted = channels.index(lead), case.millivolts(lead) * 1000
        np.testing.assert_array_equal(raw[:, column] == padding, np.isnan(wanted))
        there = ~np.isnan(wanted)
        np.testing.assert_allclose(shown[there, column], wanted[there], rtol=1e-12)


def test_everything_that_the_standard_requires_is_there() -> None:
    dataset = _dataset(_counts())
    assert all(getattr(dataset, keyword) not in ("", None) for keyword in WITH_A_VALUE)
    assert all(keyword in dataset for keyword in THERE)
    (item,) = dataset.WaveformSequence
    assert all(keyword in item for keyword in OF_A_GROUP)
    assert len(item.ChannelDefinitionSequence) == 12
    for lead, channel in zip(LEADS, item.ChannelDefinitionSequence, strict=True):
        assert all(keyword in channel for keyword in OF_A_CHANNEL)
        (source,) = channel.ChannelSourceSequence
        assert (source.CodeValue, source.CodingSchemeDesignator) == (f"2:{SCP_NUMBERS[lead]}", "MDC")
        (unit,) = channel.ChannelSensitivityUnitsSequence
        assert (unit.CodeValue, unit.CodingSchemeDesignator) == ("uV", "UCUM")
        assert (channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor) == (1, 1)
    assert dataset.Modality == "ECG"


def test_the_file_is_valid_where_pydicom_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.RAISE)
    monkeypatch.setattr(pydicom.config.settings, "writing_validation_mode", pydicom.config.RAISE)
    facts = {
        "patient": Patient("x\\y\n\u2028\ud800" * 40, 33.5, "F"),
        "start": datetime(2020, 2, 29, 23, 59, 59, 999999),
        "device": DeviceFacts(model="Gerät " * 30, high_pass=0.05, low_pass=150.0, notch=50.0),
    }
    dataset = _dataset(_counts(rate=257.31, **facts))
    for element in dataset.iterall():  # every value is decoded and checked
        assert element.value is not None
    assert dataset.PatientAge == "402M"
    assert dataset.AcquisitionDateTime == "20200229235959.999999"
    assert len(dataset.PatientID) == 60
    assert "\\" not in str(dataset.PatientID)
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[0]
    assert (channel.FilterLowFrequency, channel.FilterHighFrequency, channel.NotchFilterFrequency) == (0.05, 150, 50)


@pytest.mark.parametrize(
    ("facts", "uid"),
    [
        ({}, TwelveLeadECGWaveformStorage),
        ({"n": 16384, "rate": 1000.0}, TwelveLeadECGWaveformStorage),
        ({"n": 16385, "rate": 1000.0}, GeneralECGWaveformStorage),
        ({"rate": 200.0}, TwelveLeadECGWaveformStorage),
        ({"rate": 199.0}, AmbulatoryECGWaveformStorage),
        ({"rate": 2000.0}, General32bitECGWaveformStorage),
        ({"top": 40_000}, General32bitECGWaveformStorage),
    ],
)
def test_the_storage_class_is_one_that_allows_the_recording(facts: dict, uid: str) -> None:
    assert _dataset(_counts(**facts)).SOPClassUID == uid
    assert_same(read_back(_counts(**facts), "dicom"), _counts(**facts))


def test_facts_come_back_and_no_name_is_written() -> None:
    start = datetime(2021, 5, 6, 7, 8, 9, 250000)
    made = _counts(start=start, patient=Patient("p-1", 63.0, "M"), device=DeviceFacts(model="Cardio 12"))
    back = read_back(made, "dicom")
    assert (back.start, back.patient, back.device.model) == (start, made.patient, "Cardio 12")
    assert _dataset(made).PatientName == ""


def test_an_unknown_time_is_read_back_as_unknown() -> None:
    made = _counts()
    assert _dataset(made).AcquisitionDateTime.startswith("1900")
    assert read_back(made, "dicom").start is None
    assert read_back(made, "dicom").patient == Patient()


@pytest.mark.parametrize("age", [0.01, 0.5, 1.75, 4.0, 12.5, 63.0, 89.0])
def test_ages_come_back_in_the_unit_that_holds_them(age: float) -> None:
    made = _counts(patient=Patient(age=age))
    assert read_back(made, "dicom").patient.age == pytest.approx(age, abs=0.01)


def test_the_same_recording_gives_the_same_file_and_another_one_other_identifiers() -> None:
    assert write(_counts(), "dicom", "x")[0].data == write(_counts(), "dicom", "x")[0].data
    one, other = _dataset(_counts()), _dataset(_counts(n=601))
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert one[keyword].value.startswith("2.25.")
        assert one[keyword].value != other[keyword].value


def test_floats_are_rounded_to_half_a_step() -> None:
    made = floats(largest=3.2)
    assert np.abs(read_back(made, "dicom").signal - made.signal).max() <= 0.051e-3


def test_data_without_a_scale_are_refused_with_a_remedy() -> None:
    with pytest.raises(UnwritableError, match=r"has no mV scale.*npy"):
        write(arbitrary(), "dicom", "x")
