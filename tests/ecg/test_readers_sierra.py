"""Philips Sierra XML: real files against ecgdatakit and against their own beats, XLI against an encoder."""

import base64
import contextlib
import re
import warnings
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.readers.xml.sierra_xli import decode_xli
from backend.ecg.recording import Recording, Statement
from tests.ecg.sierra_files import PULSE, sierra_file, xli_block, xli_lead
from tests.samples import FORMATS, LEADS, NO_SHARED, microvolts

FOLDER = FORMATS / "philips_sierra_xml"
NAMES = ("v1_03_129DYPRG", "v1_03_cvrg_Example01", "v1_04_ad4d3d80", "v1_04_01_2020-5-18")
real = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_SHARED)
SPACE = "{http://www3.medical.philips.com}"


def reading(data: bytes, limits: Limits | None = None, options: ReadOptions | None = None) -> Recording:
    (recording,) = read(FileSet((SourceFile("ecg.xml", data),)), options, limits)
    return recording


def file_of(name: str) -> bytes:
    return (FOLDER / f"{name}.xml").read_bytes()


def recording_of(name: str) -> Recording:
    return reading(file_of(name))


def steps(recording: Recording) -> np.ndarray:
    assert recording.step is not None
    return np.rint(recording.signal / recording.step[:, None]).astype(int)


@real
@pytest.mark.parametrize("name", NAMES)
def test_every_lead_of_a_real_file_is_what_ecgdatakit_reads_to_the_last_sample(name):
    ours = recording_of(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SierraXMLParser().parse(FOLDER / f"{name}.xml")
    assert [lead.label for lead in theirs.leads] == list(LEADS)
    assert ours.rate == 500 == theirs.leads[0].sampling_rate
    counts = np.array([lead.samples for lead in theirs.leads]).astype(int)
    assert (ours.step == 0.005).all()
    assert np.array_equal(steps(ours), counts)
    (note,) = ours.notes
    assert "calibration pulse" in note
    rest = counts[:, -round(500 * float(note.split()[2])) :]  # one and the same in all leads: zeros and a pulse of 1 mV
    assert (rest == rest[0]).all()
    assert set(rest[0]) == {0, 200}
    assert (rest[0] == 200).sum() == 100


@real
@pytest.mark.parametrize("name", NAMES)
def test_einthoven_and_goldberger_hold_to_the_rounding_of_a_step(name):
    one, two, three, right, left, foot = steps(recording_of(name))[:6, :5000]  # before the calibration pulse
    assert np.abs(one + three - two).max() <= 2
    for residual in (2 * right + one + two, 2 * left - one + three, 2 * foot - two - three):
        assert np.abs(residual).max() <= 3


def beats_of(name: str) -> dict[str, np.ndarray]:
    """The representative beats the device stored, in mV at 500 Hz, by lead; 32767 ends the first version of them."""
    root = ElementTree.fromstring(file_of(name))
    found = root.find(f".//{SPACE}repbeats")
    every = round(float(found.get("samplespersec")) / 500)
    beats = {}
    for beat in found:
        text = beat.find(f"{SPACE}waveform").text
        counts = np.frombuffer(base64.b64decode(text), "<i2")[::every]
        beats[beat.get("leadname")] = counts[counts < 32000] * float(found.get("resolution")) / 1000
    return beats


def straightened(x: np.ndarray) -> np.ndarray:
    time = np.arange(len(x))
    return x - np.polyval(np.polyfit(time, x, 1), time)


@real
@pytest.mark.parametrize(("name", "expected"), [("v1_04_ad4d3d80", 7), ("v1_04_01_2020-5-18", 10)])
def test_the_beats_of_all_leads_have_shape_and_millivolts_of_the_beats_stored_beside_them(name, expected):
    """The stored beats are not compressed and state their own resolution: where they agree, both are right.

    The first file has V3 at -17 mV: a baseline that settles, as its own quality statement QMBW says of V3, no error.
    """
    signal, beats = recording_of(name).signal, beats_of(name)
    start = int(np.argmax(np.abs(np.diff(beats["V2"])))) - 60
    template = straightened(beats["V2"][start : start + 150])
    windows = np.lib.stride_tricks.sliding_window_view(signal[7].astype(float), 150)
    windows = windows - windows.mean(axis=1, keepdims=True)
    likeness = windows @ template / np.sqrt((windows**2).sum(axis=1) * (template @ template))
    found: list[int] = []
    for place in np.argsort(-likeness):
        if likeness[place] > 0.9 and all(abs(place - other) > 150 for other in found):
            found.append(int(place))
    assert len(found) >= expected
    for row, lead in enumerate(LEADS):
        beat = straightened(beats[lead][start : start + 150])
        if np.ptp(beat) < 0.3:
            continue
        mean = straightened(np.mean([straightened(signal[row, at : at + 150].astype(float)) for at in found], axis=0))
        assert np.corrcoef(mean, beat)[0, 1] > 0.98, lead
        assert 0.9 < (mean @ beat) / (beat @ beat) < 1.1, lead


@real
def test_the_settling_baseline_of_minus_17_millivolts_is_smooth_and_comes_back_to_the_exact_calibration():
    """A wrong code would leave an error that grows to the end, as every sample is summed from all before it."""
    v3 = recording_of("v1_04_ad4d3d80").signal[8, :5300]  # before the calibration pulse
    assert v3.min() == pytest.approx(-17.225)
    assert np.abs(np.diff(v3)).max() < 0.2
    assert (np.diff(v3[::500]) > -0.2).all()
    text = ElementTree.fromstring(file_of("v1_04_ad4d3d80")).find(f".//{SPACE}parsedwaveforms").text
    raw = decode_xli(base64.b64decode(text), 16, 10_000)
    assert len(raw) == 16
    assert (raw[8][5350:5450] == 200).all()
    assert not raw[8][5450:].any()


@real
@pytest.mark.parametrize(("name", "lead"), [("v1_03_129DYPRG", 0), ("v1_03_cvrg_Example01", 10)])
def test_the_qrs_of_version_1_03_has_the_microvolts_that_the_device_measured(name, lead):
    recording = recording_of(name)
    root = ElementTree.fromstring(file_of(name))
    measured = float(root.findall(f".//{SPACE}leadmeasurement")[lead].find(f"{SPACE}qrsppk").text)
    x = recording.signal[lead].astype(float)
    windows = np.lib.stride_tricks.sliding_window_view(x, 60)
    heights = np.sort(np.ptp(windows, axis=1))
    assert heights[-1] * 1000 == pytest.approx(measured, rel=0.2)


@real
def test_the_facts_of_real_files_are_read_without_names_and_free_text():
    old, newer = recording_of("v1_03_cvrg_Example01"), recording_of("v1_04_ad4d3d80")
    assert old.start == datetime(2003, 6, 9, 15, 12, 38)
    assert (old.patient.id, old.patient.age, old.patient.sex) == ("2", 22.0, "M")
    assert old.device.model == "Philips Medical Products PageWriter Touch"
    assert (old.device.high_pass, old.device.low_pass, old.device.notch) == (0.05, 150, None)
    assert old.device.measurements == {
        "heart_rate": 59, "pr": 176, "qrs": 110, "qt": 384, "qtc": 380, "p_axis": 55, "qrs_axis": -31, "t_axis": 25,
    }  # fmt: skip
    assert [statement.code for statement in old.device.statements] == ["SA", "IRBBB", "LVH1"]
    assert newer.device.statements == (Statement("SB", "Philips"), Statement("NPTA", "Philips"))
    assert newer.device.measurements["rr"] == 1463
    assert "p" not in newer.device.measurements  # 508 ms before a PR of 144 ms
    assert "Masoudi" not in repr(newer)
    assert recording_of("v1_03_129DYPRG").patient.age == 50
    assert recording_of("v1_04_01_2020-5-18").patient.sex is None


def counts(n: int = 1000, seed: int = 0) -> np.ndarray:
    return microvolts(seed, n, 500).astype(np.int64) // 2


def test_a_compressed_file_is_put_together_from_residuals_and_its_calibration_is_pointed_out():
    signal = counts()
    signal[4] += 3  # what does not follow from I and II is kept as it is
    with_pulse = np.concatenate([signal, np.broadcast_to(PULSE, (12, 200))], axis=1)
    recording = reading(sierra_file(xli_block(with_pulse), n=1200))
    assert np.array_equal(steps(recording), with_pulse)
    assert recording.notes == (
        "The last 0.40 s hold the calibration pulse of the device, no ECG.",
        "Statements of the device that have no code here and were not kept: 1.",
    )
    assert recording.stated_samples == 1200
    assert (recording.format, recording.rate, recording.derived) == ("sierra-xml", 500, ())


def test_facts_are_taken_by_code_and_number_only():
    recording = reading(sierra_file(xli_block(counts())))
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("77", 1.5, "F")
    assert recording.device.measurements == {"heart_rate": 60, "pr": 144, "p_axis": -19}
    assert recording.device.statements == (Statement("SR", "Philips"),)
    assert recording.device.notch == 60
    assert "Doe" not in repr(recording)


@pytest.mark.parametrize("attributes", ['compressflag="False" compressmethod="XLI"', "", 'compression="Uncompressed"'])
def test_uncompressed_leads_are_taken_as_they_are_in_base64_and_in_text(attributes):
    signal = counts()
    packed = reading(sierra_file(signal.astype("<i2").tobytes(), attributes))
    text = reading(sierra_file("\n".join(" ".join(map(str, row)) for row in signal), attributes))
    assert (steps(packed) == signal).all()
    assert (steps(text) == signal).all()


def test_an_offset_is_taken_off_and_further_channels_are_left_out():
    signal = counts()
    data = sierra_file((signal + 7).astype("<i2").tobytes(), 'signaloffset="7"')
    assert (steps(reading(data)) == signal).all()
    sixteen = xli_block(signal) + xli_lead(signal[0]) * 2
    more = reading(sierra_file(sixteen, labels=" ".join([*LEADS, "V7", "V3R"])))
    assert (steps(more) == signal).all()
    assert "V7, V3R" in more.notes[-1]


def test_the_same_file_in_utf_16_is_the_same_recording():
    data = sierra_file(xli_block(counts()))
    wide = data.decode().replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")
    assert (reading(wide).signal == reading(data).signal).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ((b'compression="XLI"', b'compression="Huffman"'), UnsupportedFormatError, "HUFFMAN"),
        ((b'bitspersample="16"', b'bitspersample="8"'), UnsupportedFormatError, "8 bits"),
        ((b"Base64", b"Hex"), UnsupportedFormatError, "hex"),
        ((b"parsedwaveforms", b"unparsedwaveforms"), UnreadableFileError, "no waveform"),
        ((b'leadlabels="', b'leadlabels="V7 '), UnreadableFileError, "13 leads of one length"),
        ((b'leadlabels="I II', b'leadlabels="I I'), MissingLeadsError, "named twice"),
        ((b'"500"', b'""'), None, ""),
        ((b'="500"', b'="0"'), None, ""),
        ((b'signalsigned="True"', b""), None, ""),
        ((b'compression="XLI"', b'compression="XLI" signaloffset="1e300"'), UnreadableFileError, "offset"),
        ((b'durationperchannel="2000"', b'durationperchannel="1e308"'), None, ""),
        ((b'leadlabels="', b'leadlabels="' + b"X " * 40), LimitError, "names 52 leads"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(change, error, message):
    data = sierra_file(xli_block(counts())).replace(*change)
    if error is None:
        assert reading(data).rate == 500
        return
    with pytest.raises(error, match=message):
        reading(data)


def test_a_file_without_lead_names_needs_a_standard_lead_set():
    data = re.sub(rb'\sleadlabels="[^"]*"', b"", sierra_file(xli_block(counts())))
    assert reading(data).n_samples == 1000
    with pytest.raises(MissingLeadsError, match="names no leads"):
        reading(data.replace(b"10-WIRE", b"EASI"))


def test_uncompressed_data_shorter_than_stated_is_refused():
    with pytest.raises(UnreadableFileError, match=r"12 leads of 1,000 samples are stated, but 11,988"):
        reading(sierra_file(counts()[:, :999].astype("<i2").tobytes(), ""))


def test_a_recording_past_the_limit_of_samples_is_refused():
    with pytest.raises(LimitError, match="more than 500 samples"):
        reading(sierra_file(xli_block(counts())), Limits(samples=500))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_files_only_raise_errors_of_the_tree(data):
    content = bytearray(sierra_file(xli_block(counts(300)), n=300))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        assert reading(bytes(content)).signal.shape[0] == 12


def test_of_sixteen_labels_those_of_the_leads_there_count():
    """A device that can record 16 leads names them all; the number of leads says how many are in the file."""
    signal = counts()
    labels = " ".join([*LEADS, "V3R", "V4R", "V7", "V8"])
    data = sierra_file(xli_block(signal), labels=labels).replace(b'numberofleads="16"', b'numberofleads="12"')
    recording = reading(data)
    assert (steps(recording) == signal).all()
    twelve = sierra_file(signal.astype("<i2").tobytes(), "").replace(b'numberofleads="12"', b'numberofleads="16"')
    sixteen = sierra_file(np.vstack([signal, signal[:4]]).astype("<i2").tobytes(), "")
    with pytest.raises(UnreadableFileError, match="16 leads"):
        reading(twelve)
    found = reading(sixteen.replace(b'numberofleads="12"', b'numberofleads="16"'))
    assert (steps(found) == signal).all()
    assert "channel 13" in found.notes[-1]
