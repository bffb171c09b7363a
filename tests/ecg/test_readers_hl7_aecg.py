"""HL7 aECG against a second parse and an independent library, and what odd or damaged files get."""

import contextlib
import re
import warnings
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording, Statement
from tests.ecg.aecg_files import SIGNAL, TWELVE, aecg, clock, lead, sequences
from tests.samples import FORMATS, LEADS, NO_SHARED

FOLDER = FORMATS / "hl7_aecg"
FILES = sorted(FOLDER.glob("*.xml"))
real = pytest.mark.skipif(not FILES, reason=NO_SHARED)
HL7 = "{urn:hl7-org:v3}"


def one(data: bytes | str, options: ReadOptions | None = None, limits: Limits | None = None) -> Recording:
    data = data.encode() if isinstance(data, str) else data
    (recording,) = read(FileSet((SourceFile("a.xml", data),)), options, limits)
    return recording


def mini_parse(path: Path) -> tuple[dict[str, np.ndarray], float]:
    """mV by lead code and Hz of the first sequence set, by the standard library alone."""
    first = next(ET.parse(path).getroot().iter(f"{HL7}sequenceSet"))
    found: dict[str, np.ndarray] = {}
    rate = 0.0
    for sequence in first.iter(f"{HL7}sequence"):
        code, value = sequence.find(f"{HL7}code").get("code"), sequence.find(f"{HL7}value")
        if code.startswith("TIME"):
            rate = 1 / float(value.find(f"{HL7}increment").get("value"))
            continue
        scale, origin = (float(value.find(f"{HL7}{part}").get("value")) for part in ("scale", "origin"))
        assert value.find(f"{HL7}scale").get("unit") == "uV"
        digits = [int(digit) for digit in value.find(f"{HL7}digits").text.split()]
        found[code.removeprefix("MDC_ECG_LEAD_")] = (origin + scale * np.array(digits)) / 1000
    return found, rate


@real
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_real_file_equals_a_second_parse_and_an_independent_library(path):
    from ecgdatakit import FileParser

    recording = one(path.read_bytes())
    expected, rate = mini_parse(path)
    assert recording.rate == pytest.approx(rate, abs=1e-6)
    for name, row in zip(LEADS, recording.signal, strict=True):
        np.testing.assert_allclose(row, expected[name.upper()], rtol=0, atol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a heart rate in "bmp"
        other = FileParser().parse(path)
    for theirs in other.leads:
        np.testing.assert_allclose(recording.signal[LEADS.index(theirs.label)], theirs.samples, rtol=0, atol=1e-6)
        assert (theirs.units, theirs.sampling_rate) == ("mV", recording.rate)
    assert recording.step == pytest.approx(np.full(12, 0.0025))
    assert not recording.derived


@real
def test_the_facts_of_the_implementation_guides_example():
    recording = one((FOLDER / "fda_subject1_0.xml").read_bytes())
    assert recording.start == datetime(2002, 11, 22, 9, 10)
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("subject1", 46, "M")
    device = recording.device
    assert (device.model, device.low_pass, device.high_pass, device.notch) == (
        "Mortara Instrument, Inc. ELI250", 150, None, 60,
    )  # fmt: skip
    assert device.measurements == {
        "p": 102, "pr": 148, "qrs": 120, "qt": 420, "qtc": 443, "p_axis": 44, "qrs_axis": -61, "t_axis": 86,
    }  # fmt: skip
    assert device.statements == (Statement("MDC_ECG_RHY_SINUS_RHY", "MDC"),)
    assert recording.notes == ("Left out: a derived series (representative beat).",)


@real
def test_the_age_comes_from_the_birth_date_where_none_is_reported():
    recording = one((FOLDER / "cvrg_hl7aecg-Example2.xml").read_bytes())
    assert (recording.patient.age, recording.patient.sex) == (32, None)
    assert recording.device.measurements == {"heart_rate": 52}


@real
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_name_place_or_comment_of_a_file_is_kept(path):
    text = repr(one(path.read_bytes()))
    assert not re.search(r"Clark|JMK|KAB|Smith|River City|dizzy|PPD|Investigator|Thomas", text)


@pytest.mark.parametrize(
    ("unit", "scale"), [("uV", "1"), ("mV", "0.001"), ("nV", "1000"), ("V", "1e-6"), ("µV", "1,0")]
)
def test_units_of_voltage_are_calibrated(unit, scale):
    data = aecg(sequences(clock(), *(lead(n, row, scale, unit) for n, row in zip(LEADS, SIGNAL, strict=True))))
    np.testing.assert_allclose(one(data).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("increment", "unit"), [("0.01", "s"), ("10", "ms"), ("10000", "us"), ("1e-2", "S")])
def test_increments_may_be_in_any_unit_of_time(increment, unit):
    assert one(aecg(sequences(clock(increment, unit), *TWELVE))).rate == pytest.approx(100)


def test_an_origin_is_added_and_integers_stay_exact():
    sets = sequences(clock(), *(lead(n, row, "2.5", "uV", "-25") for n, row in zip(LEADS, SIGNAL, strict=True)))
    recording = one(aecg(sets))
    np.testing.assert_allclose(recording.signal, (SIGNAL * 2.5 - 25) / 1000, rtol=0, atol=1e-6)
    assert recording.step is not None
    odd = sequences(clock(), *(lead(n, row, "2.5", "uV", "0.3") for n, row in zip(LEADS, SIGNAL, strict=True)))
    np.testing.assert_allclose(one(aecg(odd)).signal, (SIGNAL * 2.5 + 0.3) / 1000, rtol=0, atol=1e-6)


def test_eight_leads_give_twelve():
    eight = [part for part, name in zip(TWELVE, LEADS, strict=True) if name not in ("III", "aVR", "aVL", "aVF")]
    recording = one(aecg(sequences(clock(), *eight)))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert recording.derived == ("III", "aVR", "aVL", "aVF")


def test_the_longest_complete_rhythm_is_taken_and_the_rest_is_named():
    short = sequences(clock(), *(lead(n, row[:50]) for n, row in zip(LEADS, SIGNAL, strict=True)))
    monitor = sequences(clock(), lead("II", np.tile(SIGNAL[1], 3)))
    recording = one(aecg(short, sequences(clock(), *TWELVE), monitor))
    assert recording.n_samples == 200
    assert recording.notes == (
        "Left out: a further rhythm of 12 leads, 50 samples.",
        "Left out: a further rhythm of 1 leads, 600 samples.",
    )


def test_leads_recorded_one_group_after_the_other_stand_at_their_times():
    groups = [
        sequences(clock(head=f'value="{start}" unit="s"'), *TWELVE[first : first + 3])
        for first, start in ((0, 0), (3, 0), (6, 2), (9, 2))
    ]
    recording = one(aecg(*groups))
    assert recording.n_samples == 400
    np.testing.assert_allclose(recording.signal[:6, :200], SIGNAL[:6] / 1000, rtol=0, atol=1e-6)
    np.testing.assert_allclose(recording.signal[6:, 200:], SIGNAL[6:] / 1000, rtol=0, atol=1e-6)
    assert np.isnan(recording.signal[:6, 200:]).all()
    assert np.isnan(recording.signal[6:, :200]).all()
    assert recording.step is not None
    assert "do not span the whole recording" in recording.notes[0]


def test_leads_stated_to_lie_far_apart_take_no_memory():
    sets = [sequences(clock(head=f'value="{k * 1000}" unit="s"'), TWELVE[k]) for k in range(12)]
    with pytest.raises(UnreadableFileError, match="far apart"):
        one(aecg(*sets))
    for head in ("1e308", "-1e308", "1e400", "x"):
        with pytest.raises(EcgError):
            one(aecg(sequences(clock(head=f'value="{head}" unit="s"'), *TWELVE[:6]), sequences(clock(), *TWELVE[6:-1])))


def test_prefixes_utf_16_and_extra_leads_read_alike():
    plain = aecg(sequences(clock(), *TWELVE, lead("X", SIGNAL[0])))
    expected = one(plain)
    assert expected.notes == ("Left out, being none of the twelve leads: X.",)
    prefixed = re.sub(r"<(/?)(?=\w)", r"<\1h:", plain).replace("xmlns=", "xmlns:h=")
    utf16 = ('<?xml version="1.0" encoding="UTF-16"?>' + plain).encode("utf-16")
    wrongly_declared = '<?xml version="1.0" encoding="utf-16"?>' + plain
    for variant in (prefixed, utf16, wrongly_declared, b"\xef\xbb\xbf" + plain.encode()):
        np.testing.assert_array_equal(one(variant).signal, expected.signal)


def test_sequences_that_are_no_voltages_are_left_out():
    recording = one(aecg(sequences(clock(), *TWELVE, lead("RESP", SIGNAL[0], unit="Ohm"))))
    assert recording.notes == ("Left out, being none of the twelve leads: RESP.",)
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_a_representative_beat_alone_is_no_rhythm():
    with pytest.raises(UnreadableFileError, match="without the waveform of a rhythm"):
        one(aecg(sequences(clock(), *TWELVE), code="REPRESENTATIVE_BEAT"))


def test_what_the_file_leaves_open_is_asked_for():
    no_time = aecg(sequences(*TWELVE))
    with pytest.raises(UndeclaredError, match="sampling rate"):
        one(no_time)
    recording = one(no_time, ReadOptions(rate=100))
    assert (recording.rate, recording.declared) == (100, ("rate",))
    no_unit = aecg(sequences(clock(), *TWELVE)).replace(' unit="uV"', "")
    with pytest.raises(UndeclaredError, match="units of the file are one mV"):
        one(no_unit)
    recording = one(no_unit, ReadOptions(units_per_mv=1000))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert recording.declared == ("unit",)


def test_missing_leads_unknown_units_and_text_are_refused():
    with pytest.raises(MissingLeadsError, match="V6"):
        one(aecg(sequences(clock(), *TWELVE[:-1])))
    with pytest.raises(UndeclaredError, match="no voltage"):
        one(aecg(sequences(clock(), *TWELVE)).replace('"uV"', '"mmHg"'))
    for digits in ("1 2 x", "1 - 2", "1_0 2", "1,,2", "1-2"):
        with pytest.raises(UnreadableFileError):
            one(aecg(sequences(clock(), lead("I", digits), *TWELVE[1:])))
    with pytest.raises(MissingLeadsError, match="twice"):
        one(aecg(sequences(clock(), *TWELVE, TWELVE[0])))


def test_limits_count_real_samples():
    with pytest.raises(LimitError, match="100 samples"):
        one(aecg(sequences(clock(), *TWELVE)), limits=Limits(samples=100))


def test_only_codes_become_statements_and_a_persons_annotations_are_left_out():
    def annotations(value: str, author: str = "") -> str:
        return (
            f"<subjectOf><annotationSet>{author}<component><annotation>"
            f'<code code="MDC_ECG_RHY"/><value {value}/></annotation></component></annotationSet></subjectOf>'
        )

    person = (
        "<author><assignedEntity><assignedAuthorType><assignedPerson/></assignedAuthorType></assignedEntity></author>"
    )
    data = aecg(
        sequences(clock(), *TWELVE),
        annotations('code="MDC_ECG_RHY_AFIB"'),
        annotations('code="Mr Smith is ill"'),
        annotations('code="MDC_ECG_RHY_VFIB"', person),
    )
    assert one(data).device.statements == (Statement("MDC_ECG_RHY_AFIB", "MDC"),)


def test_entities_and_external_files_are_refused():
    bomb = '<!DOCTYPE a [<!ENTITY a "1 1 1"><!ENTITY b "&a;&a;&a;">]>' + aecg(sequences(clock(), lead("I", "&b;")))
    external = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + aecg(sequences(clock(), lead("I", "&a;")))
    for hostile in (bomb, external):
        with pytest.raises(UnreadableFileError, match="entities"):
            one(hostile)
    undefined = '<!DOCTYPE a SYSTEM "http://example.org/a.dtd">' + aecg(sequences(clock(), lead("I", "&a;")))
    with pytest.raises(UnreadableFileError, match="holds text"):  # its name, which stands for nothing
        one(undefined)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_raises_nothing_but_errors_of_ecgs(data):
    small = aecg(sequences(clock(), *(lead(n, row[:20]) for n, row in zip(LEADS, SIGNAL, strict=True)))).encode()
    damaged = bytearray(small[: data.draw(st.integers(1, len(small)))] if data.draw(st.booleans()) else small)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        one(bytes(damaged))


@pytest.mark.parametrize("first", [131072, 131328])
def test_leads_are_known_by_number_and_by_display_name(first):
    numbers = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))
    numbered = [
        part.replace(f"MDC_ECG_LEAD_{lead.upper()}", str(first + numbers[lead]))
        for lead, part in zip(LEADS, TWELVE, strict=True)
    ]
    shown = [
        part.replace(f'code="MDC_ECG_LEAD_{lead.upper()}"', f'code="X{k}" displayName="Lead {lead}"')
        for k, (lead, part) in enumerate(zip(LEADS, TWELVE, strict=True))
    ]
    for parts in (numbered, shown):
        recording = one(aecg(sequences(clock(), *parts)))
        np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_an_inverted_lead_and_those_of_the_right_and_the_back_are_no_others():
    more = [lead(name, -SIGNAL[0]) for name in ("AVRneg", "V3R", "V4R", "V7", "F", "LA")]
    recording = one(aecg(sequences(clock(), *TWELVE, *more)))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert "AVRNEG, V3R, V4R, V7, F, LA" in recording.notes[-1]


@pytest.mark.parametrize("written", [("0.002", "s"), ("2", "ms"), ("2000", "us"), ("2.0E-3", "s")])
def test_an_increment_of_two_milliseconds_is_500_hz_exactly(written):
    assert one(aecg(sequences(clock(*written), *TWELVE))).rate == 500.0
