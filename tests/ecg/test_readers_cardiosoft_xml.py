"""GE CardioSoft XML against a second parse, and what odd or damaged files get."""

import contextlib
import re
import xml.etree.ElementTree as ET
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording
from tests.samples import FORMATS, LEADS, NO_SHARED, microvolts

FILES = sorted((FORMATS / "cardiologyxml").glob("*.xml"))
real = pytest.mark.skipif(not FILES, reason=NO_SHARED)
SIGNAL = microvolts(7, 200)
HEAD = (
    '<SampleRate units="Hz">100</SampleRate><ChannelSampleCountTotal>200</ChannelSampleCountTotal>'
    '<Resolution units="uVperLsb">5</Resolution>'
)
PATIENT = (
    '<PatientInfo><PID>42</PID><Name><FamilyName>Who</FamilyName></Name><Age units="years">91</Age>'
    "<Gender>FEMALE</Gender></PatientInfo>"
)


def every(data: bytes | str, options: ReadOptions | None = None) -> list[Recording]:
    data = data.encode("latin-1") if isinstance(data, str) else data
    return read(FileSet((SourceFile("a.xml", data),)), options)


def one(data: bytes | str, options: ReadOptions | None = None) -> Recording:
    (recording,) = every(data, options)
    return recording


def strip(head: str = HEAD, leads: tuple[str, ...] = LEADS, tag: str = "StripData") -> str:
    waves = "".join(
        f'<WaveformData lead="{name}">\t\t{",".join(map(str, SIGNAL[LEADS.index(name), :100]))},\n\t'
        f"{','.join(map(str, SIGNAL[LEADS.index(name), 100:]))}</WaveformData>"
        for name in leads
    )
    return f"<{tag}><NumberOfLeads>{len(leads)}</NumberOfLeads>{head}{waves}</{tag}>"


def cardiology(*parts: str) -> str:
    return f'<?xml version="1.0" encoding="ISO8859-1" ?><CardiologyXML>{"".join(parts)}</CardiologyXML>'


@real
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_real_file_equals_a_second_parse(path):
    """The strip is compared with the standard library's parse: no other library at hand reads this format."""
    recording = one(path.read_bytes())
    root = ET.fromstring(path.read_bytes().decode("latin-1").partition("?>")[2])
    found = root.find("StripData")
    resolution = float(found.findtext("Resolution"))
    for wave in found.iter("WaveformData"):
        expected = np.array([int(sample) for sample in wave.text.split(",")]) * resolution / 1000
        np.testing.assert_allclose(recording.signal[LEADS.index(wave.get("lead"))], expected, rtol=0, atol=1e-6)
    assert recording.rate == float(found.findtext("SampleRate"))
    assert recording.n_samples == recording.stated_samples == 5000
    assert recording.step == pytest.approx(np.full(12, resolution / 1000))
    assert not check(recording)


@real
def test_the_facts_of_a_real_file():
    recording = one(FILES[0].read_bytes())
    device = recording.device
    assert (device.model, device.low_pass, device.notch) == ("CardioSoft", 150, 50)
    assert device.measurements == {
        "heart_rate": 74, "rr": 815, "p": 120, "pr": 172, "qrs": 74, "qt": 394, "qtc": 437, "p_axis": 43,
        "qrs_axis": -20, "t_axis": 41,
    }  # fmt: skip
    assert [statement.code for statement in device.statements] == ["426783006", "102594003"]
    assert recording.start == datetime(2000, 1, 1)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == (None, None, None)
    assert recording.notes[0] == "Left out: median beat."


def test_samples_over_several_lines_are_one_list():
    recording = one(cardiology(PATIENT, strip()))
    np.testing.assert_allclose(recording.signal, SIGNAL * 5 / 1000, rtol=0, atol=1e-6)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("42", 91, "F")
    assert "Who" not in repr(recording)


def test_eight_leads_give_twelve_and_missing_ones_are_refused():
    eight = tuple(lead for lead in LEADS if lead not in ("III", "aVR", "aVL", "aVF"))
    recording = one(cardiology(strip(leads=eight)))
    np.testing.assert_allclose(recording.signal, SIGNAL * 5 / 1000, rtol=0, atol=1e-6)
    with pytest.raises(MissingLeadsError, match="V1"):
        one(cardiology(strip(leads=("I", "II", "V2"))))


def test_units_of_resolution_are_read():
    recording = one(cardiology(strip(HEAD.replace(">5<", ">0.005<").replace("uVperLsb", "mVperLsb"))))
    np.testing.assert_allclose(recording.signal, SIGNAL * 5 / 1000, rtol=0, atol=1e-6)
    with pytest.raises(UndeclaredError):
        one(cardiology(strip(HEAD.replace(' units="uVperLsb"', ""))))
    with pytest.raises(UndeclaredError):
        one(cardiology(strip(re.sub("<SampleRate.*?</SampleRate>", "", HEAD))))


def test_the_strip_goes_before_the_full_disclosure_and_several_strips_are_several_recordings():
    side_by_side = ",".join(map(str, SIGNAL.T.reshape(-1)))
    full = (
        f"<FullDisclosure><NumberOfChannels>12</NumberOfChannels>{HEAD}<LeadOrder>{','.join(LEADS)}</LeadOrder>"
        f"<FullDisclosureData><SampleCountTotal>2400</SampleCountTotal>{side_by_side},</FullDisclosureData>"
        "</FullDisclosure>"
    )
    both = one(cardiology(strip(), full))
    assert both.notes == ("Left out: full disclosure.",)
    alone = one(cardiology(full))
    np.testing.assert_array_equal(alone.signal, both.signal)
    three = full.replace(",".join(LEADS), "I,2,3").replace(side_by_side, ",".join(map(str, SIGNAL[:3].T.reshape(-1))))
    with pytest.raises(MissingLeadsError):
        one(cardiology(three))
    partial = one(cardiology(three), ReadOptions(partial=True))
    np.testing.assert_allclose(partial.signal[0], SIGNAL[0] * 5 / 1000, rtol=0, atol=1e-6)
    assert partial.missing == LEADS[1:]  # channels 2 and 3 of an exercise test have no electrode on a leg
    strips = every(cardiology(f"<Strip>{strip()}</Strip><Strip>{strip()}</Strip>"))
    assert [recording.name for recording in strips] == ["a.xml[0]", "a.xml[1]"]


def test_a_median_beat_alone_is_refused():
    with pytest.raises(UnreadableFileError, match="no rhythm strip"):
        one(cardiology(strip(tag="MedianSamples")))


def test_gaps_and_text_among_the_samples_are_refused():
    for wrong in ("1,,2", "1, x", "1,-,2"):
        with pytest.raises(UnreadableFileError):
            one(cardiology(re.sub(r"(?<=lead=\"I\">)[^<]*", wrong, strip())))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_raises_nothing_but_errors_of_ecgs(data):
    small = cardiology(PATIENT, re.sub(r"(?<=\">)[^<]*(?=</Wave)", "1,2,-3,4", strip())).encode()
    damaged = bytearray(small[: data.draw(st.integers(1, len(small)))] if data.draw(st.booleans()) else small)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        every(bytes(damaged))
