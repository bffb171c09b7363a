"""GE MUSE XML against a second parse and an independent library, and what odd or damaged files get."""

import base64
import contextlib
import re
import xml.etree.ElementTree as ET
import zlib
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording
from tests.samples import FORMATS, LEADS, NO_SHARED, microvolts

FILES = sorted((FORMATS / "ge_muse_xml").glob("*.xml"))
real = pytest.mark.skipif(not FILES, reason=NO_SHARED)
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
SIGNAL = microvolts(5, 200)


def one(data: bytes | str, options: ReadOptions | None = None, limits: Limits | None = None) -> Recording:
    data = data.encode() if isinstance(data, str) else data
    (recording,) = read(FileSet((SourceFile("a.xml", data),)), options, limits)
    return recording


def lead(
    name: str, row: np.ndarray, units: str = "1", unit: str = "MICROVOLTS", dtype: str = "<i2", more: str = ""
) -> str:
    payload = row.astype(dtype).tobytes()
    written = base64.encodebytes(payload).decode()
    return (
        f"<LeadData><LeadByteCountTotal>{len(payload)}</LeadByteCountTotal>"
        f"<LeadSampleCountTotal>{len(row)}</LeadSampleCountTotal>"
        f"<LeadAmplitudeUnitsPerBit>{units}</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>{unit}</LeadAmplitudeUnits>"
        f"<LeadID>{name}</LeadID><LeadSampleSize>{dtype[-1]}</LeadSampleSize>{more}"
        f"<LeadDataCRC32>{zlib.crc32(payload)}</LeadDataCRC32><WaveFormData>{written}</WaveFormData></LeadData>"
    )


def waveform(
    *leads: str, kind: str = "<WaveformType>Rhythm</WaveformType>", base: str = "100", exponent: str = "0"
) -> str:
    return (
        f"<Waveform>{kind}<SampleBase>{base}</SampleBase><SampleExponent>{exponent}</SampleExponent>"
        f"<HighPassFilter>5</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>60</ACFilter>{''.join(leads)}"
        "</Waveform>"
    )


def muse(*parts: str) -> str:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'
    return f"{head}<RestingECG>{''.join(parts)}</RestingECG>"


def rows(names: tuple[str, ...] = LEADS, **how: str) -> list[str]:
    return [lead(name, SIGNAL[LEADS.index(name)], **how) for name in names]


@real
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_real_file_equals_a_second_parse_and_an_independent_library(path):
    from ecgdatakit import FileParser

    recording = one(path.read_bytes())
    rhythm = next(w for w in ET.parse(path).getroot().iter("Waveform") if w.findtext("WaveformType") == "Rhythm")
    assert recording.rate == float(rhythm.findtext("SampleBase")) == 500
    for element in rhythm.iter("LeadData"):
        samples = np.frombuffer(base64.b64decode(element.findtext("WaveFormData")), "<i2")
        expected = samples * float(element.findtext("LeadAmplitudeUnitsPerBit")) / 1000
        row = recording.signal[LEADS.index(element.findtext("LeadID"))]
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-6)
    other = FileParser().parse(path)
    assert [theirs.label for theirs in other.leads] == list(EIGHT)  # it does not derive the other four
    for theirs in other.leads:
        np.testing.assert_allclose(recording.signal[LEADS.index(theirs.label)], theirs.samples, rtol=0, atol=1e-6)
        assert (theirs.units, theirs.sampling_rate) == ("mV", recording.rate)
    two, first = recording.signal[1], recording.signal[0]
    np.testing.assert_allclose(recording.signal[2], two - first, atol=1e-6)
    np.testing.assert_allclose(recording.signal[5], (two + recording.signal[2]) / 2, atol=1e-6)
    assert recording.derived == ("III", "aVR", "aVL", "aVF")


@real
def test_the_facts_of_a_real_file():
    recording = one(FILES[0].read_bytes())
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("201700237", 40, "M")
    assert recording.start == datetime(2020, 9, 22, 9, 3, 32)
    device = recording.device
    assert (device.model, device.high_pass, device.low_pass, device.notch) == ("GE MAC55", 0.16, 150, None)
    assert device.measurements == {
        "heart_rate": 56, "pr": 330, "qrs": 94, "qt": 434, "qtc": 418, "p_axis": 6, "qrs_axis": -22, "t_axis": 2,
        "rr": 1062,
    }  # fmt: skip
    assert [statement.text for statement in device.statements] == [
        "sinus bradycardia", "sinus arrhythmia", "first degree atrioventricular block",
    ]  # fmt: skip
    assert recording.stated_samples == 5000


@real
def test_no_name_or_free_text_of_a_file_is_kept():
    text = repr(one(FILES[0].read_bytes()))
    assert not re.search(r"TESTONE|MUSE'|Garg|PATEL|JIGNESH|CEDARS|SAPERSTEIN|Pain|Confirmed|272924610", text, re.I)


def test_twelve_stored_leads_are_taken_as_they_are():
    recording = one(muse(waveform(*rows())))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert (recording.derived, recording.rate, recording.device.high_pass) == ((), 100, 0.05)


@pytest.mark.parametrize(
    ("units", "unit"), [("0.001", "MILLIVOLTS"), ("1000", "NANOVOLTS"), ("1.0", "Microvolts"), ("1", "uV")]
)
def test_units_are_calibrated(units, unit):
    recording = one(muse(waveform(*rows(EIGHT, units=units, unit=unit))))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_an_exponent_multiplies_the_rate_by_a_power_of_ten():
    assert one(muse(waveform(*rows(EIGHT), base="5", exponent="2"))).rate == 500
    assert one(muse(waveform(*rows(EIGHT), base="4000", exponent="-1"))).rate == 400


def test_four_byte_samples_and_files_without_type_exponent_and_checksum_are_read():
    plain = muse(waveform(*rows(EIGHT, dtype="<i4"), kind=""))
    simple = re.sub(r"<(SampleExponent|LeadDataCRC32|HighPassFilter|LeadByteCountTotal)>.*?</\1>", "", plain)
    np.testing.assert_allclose(one(simple).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_the_median_beat_and_shorter_rhythms_are_left_out_with_a_note():
    median = waveform(*rows(EIGHT), kind="<WaveformType>Median</WaveformType>", base="500")
    short = waveform(*(lead(name, SIGNAL[0, :50]) for name in EIGHT))
    recording = one(muse(median, short, waveform(*rows(EIGHT))))
    assert recording.n_samples == 200
    assert recording.notes == ("Left out: median beat.", "Left out: a further waveform of 8 leads.")
    with pytest.raises(UnreadableFileError, match="but the median beat"):
        one(muse(median))


def test_a_lead_that_ends_early_is_missing_from_there_and_other_leads_are_left_out():
    leads = [*rows(EIGHT)[:-1], lead("V6", SIGNAL[11, :150]), lead("V7", SIGNAL[0])]
    recording = one(muse(waveform(*leads)))
    np.testing.assert_allclose(recording.signal[11, :150], SIGNAL[11, :150] / 1000, rtol=0, atol=1e-6)
    assert np.isnan(recording.signal[11, 150:]).all()
    assert np.isfinite(recording.signal[:11]).all()
    assert recording.notes == (
        "Left out, being none of the twelve leads: V7.",
        "The leads V6 do not span the whole recording; the rest of them is missing.",
    )


def test_a_changed_sample_is_told_by_the_checksum():
    crc = re.compile(r"(?<=<LeadDataCRC32>)\d+")
    recording = one(muse(waveform(*rows(EIGHT))).replace(">V1<", ">V1<", 1))
    assert recording.notes == ()
    changed = crc.sub("12345", muse(waveform(*rows(EIGHT))), count=1)
    assert one(changed).notes == (
        "The checksum is not that of the samples, which were changed or damaged after the export: I.",
    )


def test_leads_marked_off_or_without_data_are_named():
    leads = [lead("I", SIGNAL[0], more="<LeadOff>TRUE</LeadOff>"), *rows(EIGHT)[1:]]
    assert one(muse(waveform(*leads))).notes == ("The device marked these leads as off: I.",)
    empty = "<LeadData><LeadID>V6</LeadID><WaveFormData> </WaveFormData></LeadData>"
    with pytest.raises(MissingLeadsError, match="V6"):
        one(muse(waveform(*rows(EIGHT)[:-1], empty)))
    recording = one(muse(waveform(*rows(EIGHT)[:-1], empty)), ReadOptions(partial=True))
    assert recording.missing == ("V6",)
    assert recording.notes[0] == "Leads without data: V6."


def test_stated_samples_show_a_file_that_was_cut():
    cut = re.sub(r"(?<=<LeadSampleCountTotal>)200", "5000", muse(waveform(*rows(EIGHT))))
    assert (one(cut).n_samples, one(cut).stated_samples) == (200, 5000)


def test_ages_in_months_dates_in_iso_and_birth_dates_are_understood():
    def person(inner: str) -> str:
        test = "<AcquisitionDate>2020-03-02</AcquisitionDate><AcquisitionTime>07:08:09</AcquisitionTime>"
        return muse(
            f"<PatientDemographics>{inner}</PatientDemographics><TestDemographics>{test}</TestDemographics>",
            waveform(*rows(EIGHT)),
        )

    months = one(person("<PatientAge>6</PatientAge><AgeUnits>MONTHS</AgeUnits><Gender>FEMALE</Gender>"))
    assert (months.patient.age, months.patient.sex) == (0.5, "F")
    assert months.start == datetime(2020, 3, 2, 7, 8, 9)
    assert one(person("<DateofBirth>03-03-1960</DateofBirth>")).patient.age == 59
    assert one(person("<DateofBirth>25-02-1960</DateofBirth>")).patient.age == 60
    assert one(person("<PatientAge>94</PatientAge><AgeUnits>YEARS</AgeUnits>")).patient.age == 94


def test_only_standard_phrases_become_codes():
    phrases = ("Normal sinus rhythm", "Possible left atrial enlargement", "seen by Dr Who", "with Sinus Arrhythmia.")
    statements = "".join(
        f"<DiagnosisStatement><StmtText>{phrase}</StmtText></DiagnosisStatement>" for phrase in phrases
    )
    recording = one(muse(f"<Diagnosis>{statements}</Diagnosis>", waveform(*rows(EIGHT))))
    assert [one.code for one in recording.device.statements] == ["426783006", "427393009"]
    assert recording.notes == ("Statements of the device that have no code here and were not kept: 2.",)
    assert "Who" not in repr(recording)


def test_what_is_left_open_is_asked_for_and_nonsense_refused():
    no_rate = re.sub(r"<SampleBase>.*?</SampleBase>", "", muse(waveform(*rows(EIGHT))))
    with pytest.raises(UndeclaredError, match="sampling rate"):
        one(no_rate)
    assert one(no_rate, ReadOptions(rate=250)).rate == 250
    no_unit = re.sub(r"<LeadAmplitudeUnits>.*?</LeadAmplitudeUnits>", "", muse(waveform(*rows(EIGHT))))
    with pytest.raises(UndeclaredError, match="one mV"):
        one(no_unit)
    for wrong in ("0", "nan", "1e999"):
        with pytest.raises(EcgError):
            one(muse(waveform(*rows(EIGHT, units=wrong))))
    for old, new in (("<WaveFormData>", "<WaveFormData>!"), (">2</LeadSampleSize>", ">3</LeadSampleSize>")):
        with pytest.raises(UnreadableFileError):
            one(muse(waveform(*rows(EIGHT))).replace(old, new))
    with pytest.raises(LimitError):
        one(muse(waveform(*rows(EIGHT))), limits=Limits(samples=100))


def test_entities_are_refused():
    bomb = muse(waveform(*rows(EIGHT))).replace(
        'SYSTEM "restecg.dtd"', '[<!ENTITY a "AAAA"><!ENTITY b "&a;&a;&a;&a;">]'
    )
    with pytest.raises(UnreadableFileError, match="entities"):
        one(bomb)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_raises_nothing_but_errors_of_ecgs(data):
    small = muse(waveform(*(lead(name, SIGNAL[0, :20]) for name in EIGHT))).encode()
    damaged = bytearray(small[: data.draw(st.integers(1, len(small)))] if data.draw(st.booleans()) else small)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        one(bytes(damaged))


def test_fifteen_leads_of_a_child_keep_the_twelve():
    more = [lead(name, -SIGNAL[6]) for name in ("V3R", "V4R", "V7", "A1", "A2", "A3", "A4")]
    recording = one(muse(waveform(*rows(EIGHT), *more)))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert "V3R, V4R, V7, A1, A2, A3, A4" in recording.notes[-1]


def test_an_offset_in_time_is_pointed_out():
    late = lead("V1", SIGNAL[6], more="<LeadTimeOffset>2500</LeadTimeOffset>")
    recording = one(muse(waveform(*rows(("I", "II", *LEADS[7:])), late)))
    assert "not applied, its meaning being unknown: V1." in recording.notes[0]


@pytest.mark.parametrize(("heart_rate", "rr"), [("<VentricularRate>72</VentricularRate>", 832), ("", None)])
def test_an_rr_interval_of_muse_counts_only_beside_the_heart_rate_that_tells_its_unit(heart_rate, rr):
    said = f"<RestingECGMeasurements>{heart_rate}<QRSDuration>90</QRSDuration></RestingECGMeasurements>"
    times = "<QRSTimesTypes><GlobalRR>208</GlobalRR></QRSTimesTypes>"
    leads = [lead(name, SIGNAL[LEADS.index(name)]) for name in EIGHT]
    assert one(muse(said, times, waveform(*leads))).device.measurements.get("rr") == rr
