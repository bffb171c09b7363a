"""DICOM: leads spread over groups, bits stored, sample types, filters, measurements and statements."""

import io
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import UID

from backend.ecg.errors import EcgError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.recording import Statement
from tests.samples import FORMATS, NO_SHARED

OWN = Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))


def one(dataset: Dataset, options: ReadOptions | None = None):
    stream = io.BytesIO()
    dataset.save_as(stream)
    (recording,) = read(FileSet((SourceFile("a.dcm", stream.getvalue()),)), options)
    return recording


@pytest.fixture
def dataset() -> Dataset:
    dataset = pydicom.dcmread(OWN)
    dataset.WaveformSequence = dataset.WaveformSequence[:1]
    return dataset


def raw(item: Dataset) -> np.ndarray:
    return np.frombuffer(item.WaveformData, "<i2").reshape(-1, int(item.NumberOfWaveformChannels))


def part(item: Dataset, channels: Sequence[int]) -> Dataset:
    """A group of some channels of another."""
    piece = deepcopy(item)
    piece.WaveformData = raw(item)[:, list(channels)].tobytes()
    piece.NumberOfWaveformChannels = len(channels)
    piece.ChannelDefinitionSequence = [item.ChannelDefinitionSequence[channel] for channel in channels]
    return piece


def three_groups(dataset: Dataset) -> list[Dataset]:
    item = dataset.WaveformSequence[0]
    return [part(item, range(start, start + 4)) for start in (0, 4, 8)]


def test_leads_of_several_groups_of_one_rate_and_length_are_joined(dataset):
    whole = one(dataset)
    dataset.WaveformSequence = three_groups(dataset)
    recording = one(dataset)
    np.testing.assert_array_equal(recording.signal, whole.signal)
    np.testing.assert_array_equal(recording.step, whole.step)
    assert "Joined from the waveform groups 1, 2, 3." in recording.notes
    assert one(dataset, ReadOptions(partial=True)).missing == ()


def test_a_group_that_repeats_a_lead_is_left_out(dataset):
    groups = three_groups(dataset)
    dataset.WaveformSequence = [*groups, part(groups[0], [1])]
    recording = one(dataset)
    assert recording.n_samples == 10000
    assert any(note.startswith("Left out: waveform group 4") for note in recording.notes)


def test_groups_of_another_rate_are_never_joined(dataset):
    groups = three_groups(dataset)
    groups[1].SamplingFrequency = "500"
    dataset.WaveformSequence = groups
    with pytest.raises(MissingLeadsError, match="differing sampling rates"):
        one(dataset)
    partial = one(dataset, ReadOptions(partial=True))
    assert partial.missing
    assert not set(partial.missing) & {"I", "II", "III"}


def test_groups_that_start_later_lie_where_their_offset_says(dataset):
    whole = one(dataset).signal
    groups = three_groups(dataset)
    groups[1].MultiplexGroupTimeOffset = "2500"
    dataset.WaveformSequence = groups
    recording = one(dataset)
    late = [row for row in range(12) if np.isnan(recording.signal[row, 0])]
    assert late
    np.testing.assert_array_equal(recording.signal[late, 2500:], whole[late])
    rest = [row for row in range(12) if row not in late]
    np.testing.assert_array_equal(recording.signal[rest, :10000], whole[rest])


@pytest.mark.parametrize(
    "name", ["1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.9.1.2", "1.2.840.10008.5.1.4.1.1.9.1.3"]
)
def test_twelve_lead_general_and_ambulatory_waveforms_are_read(dataset, name):
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = UID(name)
    assert one(dataset).n_samples == 10000


def store(dataset: Dataset, samples: np.ndarray, kind: str, bits: int) -> None:
    item = dataset.WaveformSequence[0]
    item.WaveformData, item.NumberOfWaveformSamples = samples.tobytes() + b"\0" * (samples.nbytes % 2), len(samples)
    item.WaveformSampleInterpretation, item.WaveformBitsAllocated = kind, bits
    item["WaveformData"].VR = "OB" if bits == 8 else "OW"


@pytest.mark.parametrize(
    ("kind", "bits", "dtype"),
    [("SB", 8, "i1"), ("UB", 8, "u1"), ("SS", 16, "<i2"), ("US", 16, "<u2"), ("SL", 32, "<i4"), ("UL", 32, "<u4")],
)
def test_every_type_of_sample_equals_pydicom(dataset, kind, bits, dtype):
    samples = np.random.default_rng(0).integers(0, 127, (101, 12)) - (50 if kind[0] == "S" else 0)
    store(dataset, samples.astype(dtype), kind, bits)
    recording = one(dataset)
    np.testing.assert_allclose(recording.signal, dataset.waveform_array(0).T / 1000, rtol=1e-6)
    np.testing.assert_allclose(recording.signal, samples.T * 1.25e-3, rtol=1e-6)


@pytest.mark.parametrize(("kind", "word"), [("MB", "mu-law"), ("AB", "A-law")])
def test_companded_samples_are_refused_by_name(dataset, kind, word):
    store(dataset, np.zeros((100, 12), "u1"), kind, 8)
    with pytest.raises(UnreadableFileError, match=f"samples by {word}.*Export it with 16-bit signed"):
        one(dataset)


def test_twelve_bits_stored_without_their_sign_get_it_back(dataset):
    samples = np.random.default_rng(0).integers(-2048, 2048, (200, 12))
    for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
        channel.WaveformBitsStored = 12
    store(dataset, samples.astype("<i2"), "SS", 16)
    extended = one(dataset)
    store(dataset, (samples & 0xFFF).astype("<i2"), "SS", 16)
    np.testing.assert_array_equal(one(dataset).signal, extended.signal)
    np.testing.assert_allclose(extended.signal, samples.T * 1.25e-3, rtol=1e-6)


def test_samples_beyond_the_bits_stated_are_kept_with_a_note(dataset):
    whole = one(dataset)
    for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
        channel.WaveformBitsStored = 4
    recording = one(dataset)
    np.testing.assert_array_equal(recording.signal, whole.signal)
    assert any("beyond the bits it states as stored" in note for note in recording.notes)


def test_a_skew_is_noted(dataset):
    dataset.WaveformSequence[0].ChannelDefinitionSequence[2].ChannelSampleSkew = "2"
    assert any("a skew of the leads Lead III" in note or "skew of the leads III" in note for note in one(dataset).notes)


def coded(value: str, scheme: str) -> list[Dataset]:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, "Mrs Smith"
    return [code]


def measured(code: str, scheme: str, value: str, unit: str, channels: list[int] | None = None) -> Dataset:
    item = Dataset()
    item.ConceptNameCodeSequence, item.MeasurementUnitsCodeSequence = coded(code, scheme), coded(unit, "UCUM")
    item.NumericValue, item.ReferencedWaveformChannels = value, channels or [1, 0]
    return item


def test_measurements_by_mdc_codes_in_any_unit(dataset):
    dataset.WaveformAnnotationSequence = [
        measured("2:16770", "MDC", "72", "/min"),
        measured("2:15872", "MDC", "0.16", "s"),
        measured("2:7936", "MDC", "77", "ms", [1, 2]),  # of one lead
        measured("2:16156", "MDC", "98", "ms"),
        measured("2:16156", "MDC", "99", "ms"),  # said again
        measured("2:16160", "MDC", "398", "mV"),  # no unit of time
        measured("2:15880", "MDC", "421.6", "ms"),
        measured("2:16132", "MDC", "-45", "deg"),
        measured("2:16136", "MDC", "999", "deg"),  # no angle
    ]
    assert one(dataset).device.measurements == {
        "heart_rate": 72, "pr": 160, "qrs": 98, "qtc": 421.6, "qrs_axis": -45,
    }  # fmt: skip


def test_statements_are_kept_as_codes_and_never_as_text(dataset):
    name, concept, point, text = Dataset(), Dataset(), Dataset(), Dataset()
    name.ConceptNameCodeSequence = coded("10:9472", "MDC")
    concept.ConceptNameCodeSequence, concept.ConceptCodeSequence = coded("1", "99X"), coded("59118001", "SCT")
    point.ConceptNameCodeSequence, point.ReferencedSamplePositions = coded("5.10.3-1", "SCPECG"), 120
    text.UnformattedTextValue = "Mrs Smith has sinus rhythm"
    odd = Dataset()
    odd.ConceptNameCodeSequence = coded("Mrs Smith, 61", "99LOCAL")
    dataset.WaveformAnnotationSequence = [name, concept, point, text, odd]
    recording = one(dataset)
    assert recording.device.statements == (Statement("10:9472", "MDC"), Statement("59118001", "SNOMED-CT"))
    assert "Left out: statements in free text (1)." in recording.notes
    assert "Smith" not in str(recording.device) + str(recording.notes)


def test_filters_are_those_all_leads_share(dataset):
    channels = dataset.WaveformSequence[0].ChannelDefinitionSequence
    channels[3].FilterHighFrequency = "40"
    for channel in channels:
        channel.NotchFilterFrequency = "50"
    device = one(dataset).device
    assert (device.high_pass, device.low_pass, device.notch) == (0.05, None, 50)


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_filters_and_measurements_of_real_files():
    def read_file(name: str):
        data = (FORMATS / "dicom" / name).read_bytes()
        return read(FileSet((SourceFile(name, data),)))[0].device

    assert read_file("ge_marquette_test_ecg.dcm").measurements == {"heart_rate": 69}
    device = read_file("ecgprocess_example1.dcm")
    assert (device.high_pass, device.low_pass, device.notch) == (0.56, 150, 50)


def test_damaged_groups_only_ever_raise_errors_of_the_tree(dataset):
    dataset.WaveformSequence = three_groups(dataset)
    for keyword in ("SamplingFrequency", "NumberOfWaveformSamples", "ChannelDefinitionSequence", "WaveformData"):
        broken = deepcopy(dataset)
        del broken.WaveformSequence[1][keyword]
        with pytest.raises(EcgError, match=r"a\.dcm"):
            one(broken)
    assert one(dataset).missing == ()
    assert len(LEADS) == one(dataset).signal.shape[0]


def test_more_samples_than_stated_are_told_and_the_least_number_is_missing_also_without_a_padding_value(dataset):
    item = dataset.WaveformSequence[0]
    values = raw(item).copy()
    values[100:200, 3] = -32768
    item.WaveformData = values.tobytes()
    item.NumberOfWaveformSamples = 9000
    recording = one(dataset)
    assert np.isnan(recording.signal[3, 100:200]).all()
    assert np.isnan(recording.signal).sum() == 100
    assert "waveform group 1 (rhythm) holds 10000 samples a lead and states 9000: those were read." in recording.notes
