"""DICOM channels whose code and text name differing leads, groups of differing rates; recordings in numbered arrays."""

import copy
import io
from collections.abc import Callable

import h5py
import numpy as np
import pydicom
import pytest

from backend.ecg.errors import MissingLeadsError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording
from backend.ecg.writers import WRITERS
from tests.samples import microvolts

SIGNAL = (microvolts(4, 400) / 1000).astype(np.float32)


def dicom(change: Callable[[pydicom.Dataset, pydicom.Dataset], object]):
    recording = Recording(signal=SIGNAL, rate=500.0, name="a", format="csv", step=np.full(12, 0.001))
    writer = next(one for one in WRITERS if one.name == "dicom")
    dataset = pydicom.dcmread(io.BytesIO(writer.write(recording, "a")[0].data))
    change(dataset, dataset.WaveformSequence[0])
    stream = io.BytesIO()
    dataset.save_as(stream)
    (found,) = read(FileSet((SourceFile("a.dcm", stream.getvalue()),)))
    return found


def label(names: list[str]) -> Callable[[pydicom.Dataset, pydicom.Dataset], object]:
    def change(_: pydicom.Dataset, group: pydicom.Dataset) -> None:
        for channel, name in zip(group.ChannelDefinitionSequence, names, strict=True):
            channel.ChannelLabel = name

    return change


def meaning(names: list[str]) -> Callable[[pydicom.Dataset, pydicom.Dataset], object]:
    def change(_: pydicom.Dataset, group: pydicom.Dataset) -> None:
        for channel, name in zip(group.ChannelDefinitionSequence, names, strict=True):
            channel.ChannelSourceSequence[0].CodeMeaning = name

    return change


@pytest.mark.parametrize("change", [label, meaning])
@pytest.mark.parametrize("place", [0, 3, 11])
def test_a_channel_of_one_lead_by_its_code_and_of_another_by_its_text_is_refused(change, place):
    names = list(LEADS)
    names[place], names[(place + 1) % 12] = names[(place + 1) % 12], names[place]
    with pytest.raises(UnreadableFileError, match=r"the code of lead \S+ and calls it"):
        dicom(change(names))


@pytest.mark.parametrize(
    "names",
    [
        list(LEADS),
        [f"Lead {one}" for one in LEADS],
        [str(i) for i in range(1, 13)],
        [f"Ch{i}" for i in range(1, 13)],
        [f"{one} (Einthoven)" for one in LEADS],
    ],
)
def test_texts_that_name_the_same_lead_or_none_do_no_harm(names):
    np.testing.assert_allclose(dicom(label(names)).signal, SIGNAL, atol=1e-6)
    np.testing.assert_allclose(dicom(meaning(names)).signal, SIGNAL, atol=1e-6)


def test_leads_in_groups_of_differing_rates_are_refused_with_the_rates():
    def change(dataset: pydicom.Dataset, group: pydicom.Dataset) -> None:
        other = copy.deepcopy(group)
        samples = np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12)
        for one, columns, rate in ((group, slice(6), 500), (other, slice(6, 12), 250)):
            one.ChannelDefinitionSequence = one.ChannelDefinitionSequence[columns]
            kept = samples[:: 500 // rate, columns]
            one.WaveformData, one.NumberOfWaveformSamples = kept.astype("<i2").tobytes(), len(kept)
            one.NumberOfWaveformChannels, one.SamplingFrequency = 6, str(rate)
        dataset.WaveformSequence.append(other)

    with pytest.raises(MissingLeadsError, match=r"differing sampling rates .*500 Hz.*250 Hz"):
        dicom(change)


@pytest.mark.parametrize("name", ["ecg_{}", "lead_{}", "record{}", "{}"])
def test_arrays_that_differ_in_a_number_are_recordings_each(name):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for i in (1, 2, 3):
            file[name.format(i)] = SIGNAL * i
    found = read(FileSet((SourceFile("a.h5", stream.getvalue()),)), ReadOptions(500, 1))
    assert [one.record_id for one in found] == [name.format(i) for i in (1, 2, 3)]
    for i, one in enumerate(found, 1):
        np.testing.assert_allclose(one.signal, SIGNAL * i, atol=1e-6)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n", b"\xef\xbb\xbf \n"])
def test_a_printout_is_told_also_behind_a_byte_order_mark(before):
    with pytest.raises(UnsupportedFormatError, match="a PDF: a printout"):
        read(FileSet((SourceFile("a.pdf", before + b"%PDF-1.4\n" + bytes(range(256)) * 4),)))
