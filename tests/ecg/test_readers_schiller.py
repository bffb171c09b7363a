"""Schiller XML: the real file against a plain reading of its numbers, and what odd or damaged files get."""

import contextlib
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import (
    EcgError,
    LimitError,
    MissingLeadsError,
    UndeclaredError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from backend.ecg.findings import check
from backend.ecg.leads import einthoven_residual
from backend.ecg.readers import FileSet, Limits, SourceFile, read
from backend.ecg.recording import Recording
from tests.samples import FORMATS, LEADS, NO_SHARED, microvolts

FILE = FORMATS / "schiller_xml" / "schiller.xml"
real = pytest.mark.skipif(not FILE.is_file(), reason=NO_SHARED)


def reading(data: bytes, limits: Limits | None = None) -> Recording:
    (recording,) = read(FileSet((SourceFile("ecg.xml", data),)), None, limits)
    return recording


def wave(kind: str, signal: np.ndarray, names=LEADS, size="1.0", unit="UV", rate="500") -> str:
    channels = "".join(
        f"<channel><name>{name}</name><data>{','.join(map(str, row))}</data><datastype>COMMASEPARATE</datastype>"
        f"<samplecount>{len(row)}</samplecount></channel>"
        for name, row in zip(names, signal, strict=True)
    )
    return (
        f"<wavedata><type>{kind}</type><resolution><samplerate><exponent>1</exponent><value>{rate}</value></samplerate>"
        f"<yres><unitperbit>{size}</unitperbit><units>{unit}</units></yres></resolution>{channels}</wavedata>"
    )


def schiller_file(*waves: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<com.xiriuz.sema.xml.schillerEDI.SchillerEDI><patdata><id>7</id><lastname>Doe</lastname><birthdate>19500301</birthdate>
<gender>FEMALE</gender></patdata><examdescript><startdatetime><date>20060502</date><time>140610000</time>
</startdatetime></examdescript><eventdata><event>{"".join(waves)}
<annotation_global><name>HR</name><value>59</value></annotation_global>
<annotation_global><name>QT</name><value>-</value></annotation_global>
<textdata><type>INTERPRETATION</type><textdata>seen by Dr Doe</textdata></textdata></event></eventdata>
</com.xiriuz.sema.xml.schillerEDI.SchillerEDI>""".encode()


@real
def test_the_rhythm_of_the_real_file_is_read_number_by_number():
    recording = reading(FILE.read_bytes())
    blocks = {block.findtext("type"): block for block in ElementTree.parse(FILE).getroot().iter("wavedata")}
    channels = {
        channel.findtext("name").upper(): np.fromstring(channel.findtext("data"), sep=",")
        for channel in blocks["ECG_RHYTHMS"].iter("channel")
    }
    assert recording.rate == 500
    assert recording.signal.shape == (12, 4998)
    for lead, row in zip(LEADS, recording.signal, strict=True):
        assert np.abs(row - channels[lead.upper()] / 1000).max() < 1e-6
    assert einthoven_residual(recording.signal) <= 0.002
    assert recording.stated_samples == 4998
    assert not check(recording)


@real
def test_the_facts_of_the_real_file():
    recording = reading(FILE.read_bytes())
    assert recording.start == datetime(2006, 5, 2, 14, 6, 10)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("2241428", None, "M")
    device = recording.device
    assert (device.model, device.high_pass, device.low_pass, device.notch) == ("Schiller AT-110", 0.05, 150, None)
    assert device.measurements == {
        "heart_rate": 59, "rr": 1012, "p": 122, "pr": 214, "qrs": 146, "qt": 458, "qtc": 454,
        "p_axis": 91, "qrs_axis": -67, "t_axis": -30,
    }  # fmt: skip


def test_averages_and_shorter_rhythms_are_left_out_and_leads_are_placed_by_name():
    signal = microvolts(n=600)
    data = schiller_file(
        wave("ECG_AVERAGES", microvolts(5, 2000)),
        wave("ECG_RHYTHMS", microvolts(6, 300)),
        wave("ECG_RHYTHMS", signal[::-1], [name.upper() for name in LEADS[::-1]], "0.005", "MV", "250"),
    )
    recording = reading(data)
    assert recording.rate == 250
    assert np.allclose(recording.signal, signal * 0.005)
    assert recording.notes == ("Left out: 1 shorter rhythms of the file.",)
    assert (recording.patient.age, recording.patient.sex) == (56, "F")
    assert recording.device.measurements == {"heart_rate": 59}
    assert "Doe" not in repr(recording)


def test_eight_leads_are_completed():
    rows = [0, 1, *range(6, 12)]
    recording = reading(schiller_file(wave("ECG_RHYTHM", microvolts()[rows], [LEADS[row] for row in rows])))
    assert np.allclose(recording.signal, microvolts() / 1000, atol=1e-6)
    assert recording.derived == ("III", "aVR", "aVL", "aVF")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("ECG_RHYTHMS", "ECG_AVERAGES"), UnreadableFileError, "no rhythm"),
        (("<exponent>1", "<exponent>3"), UnreadableFileError, "exponent 3"),
        (("<unitperbit>1.0", "<unitperbit>"), UnreadableFileError, "no voltage"),
        (("<units>UV", "<units>KG"), UndeclaredError, "no voltage"),
        (("COMMASEPARATE", "HUFFMAN"), UnsupportedFormatError, "HUFFMAN"),
        (("<name>V6", "<name>V5"), MissingLeadsError, "named twice"),
        (("<data>", "<data>x,"), UnreadableFileError, "text"),
        (("<channel>", "<channel/>" * 40 + "<channel>"), UnreadableFileError, "too many"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(change, error, message):
    data = schiller_file(wave("ECG_RHYTHMS", microvolts(n=300))).decode().replace(*change).encode()
    with pytest.raises(error, match=message):
        reading(data)


def test_too_many_samples_are_refused():
    with pytest.raises(LimitError, match="samples a lead"):
        reading(schiller_file(wave("ECG_RHYTHMS", microvolts(n=300))), Limits(samples=299))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_files_only_raise_errors_of_the_tree(data):
    content = bytearray(schiller_file(wave("ECG_RHYTHMS", microvolts(n=60))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        assert reading(bytes(content)).signal.shape[0] == 12
