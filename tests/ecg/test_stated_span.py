"""A file whose times of begin and end contradict its samples: pointed out as a finding, and only then."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UndeclaredError
from backend.ecg.findings import check
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording
from tests.ecg.aecg_files import TWELVE, aecg, clock, lead, sequences
from tests.ecg.fhir_files import observation
from tests.samples import LEADS, microvolts

HELD_S = 12.0
ROWS = microvolts(3, 1200)  # at 100 Hz
BEGIN = datetime(2024, 5, 3, 23, 59, 55, 250_000)
LONG = [lead(name, row) for name, row in zip(LEADS, ROWS, strict=True)]


def of_aecg(low: str, high: str, *sets: str) -> Recording:
    times = f'<effectiveTime><low value="{low}"/><high value="{high}"/></effectiveTime>'
    found = aecg(*(sets or [sequences(clock(), *LONG)])).replace(
        '<code code="RHYTHM"/>', f'<code code="RHYTHM"/>{times}'
    )
    (recording,) = read(FileSet((SourceFile("a.xml", found.encode()),)), ReadOptions(partial=True))
    return recording


def of_fhir(low: str, high: str) -> Recording:
    from tests.ecg.fhir_files import component

    parts = [component(name, row) for name, row in zip(LEADS, ROWS, strict=True)]
    found = observation(parts, effectivePeriod={"start": low, "end": high})
    (recording,) = read(FileSet((SourceFile("a.json", json.dumps(found).encode()),)))
    return recording


def hl7(when: datetime) -> str:
    return when.strftime("%Y%m%d%H%M%S.%f")[:18]


KINDS = {"aecg": (of_aecg, hl7), "fhir": (of_fhir, lambda when: when.isoformat(timespec="milliseconds") + "+02:00")}


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25)
@given(st.floats(0.5, 60).filter(lambda seconds: abs(seconds - HELD_S) > 0.1))
def test_times_that_contradict_the_samples_are_pointed_out(kind, seconds):
    reading, written = KINDS[kind]
    end = BEGIN + timedelta(seconds=round(seconds, 3))
    recording = reading(written(BEGIN), written(end))
    assert recording.n_samples == 1200
    assert recording.stated_samples == pytest.approx(100 * seconds, abs=1)
    assert "length" in {one.code for one in check(recording)}


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=15)
@given(st.floats(-0.01, 0.01))
def test_the_end_may_be_that_of_the_last_sample_or_the_next(kind, off):
    reading, written = KINDS[kind]
    end = BEGIN + timedelta(seconds=HELD_S + round(off, 3))
    assert reading(written(BEGIN), written(end)).stated_samples is None


@pytest.mark.parametrize(
    ("low", "high"),
    [("20240503235955", "20240504000006"), ("20240503235955", "20240504000008"), ("20240503235955", "20240503235955"),
     ("20240503235955.000", "20240504000006.000"), ("202405032359", "202405040059"), ("20240503", "20240504"),
     ("20240503235955", "20240503235900"), ("20240503235955.5+0100", "20240503225958.5+0000"), ("x", "y")],
)  # fmt: skip
def test_times_that_say_too_little_claim_nothing(low, high):
    assert of_aecg(low, high).stated_samples is None
    assert "length" not in {one.code for one in check(of_aecg(low, high))}


def test_whole_seconds_contradict_what_is_more_than_a_second_off():
    assert of_aecg("20240503235955", "20240504000015").stated_samples == 2000
    assert of_aecg("20240503235955", "20240504000005").stated_samples == 1000


def test_the_times_of_a_series_say_nothing_of_one_of_its_parts():
    sets = [sequences(clock(), *LONG), sequences(clock(), *TWELVE)]
    assert of_aecg(hl7(BEGIN), hl7(BEGIN + timedelta(seconds=40)), *sets).stated_samples is None


def test_time_sequences_that_contradict_each_other_state_no_rate():
    twice = sequences(clock("0.01"), clock("0.002"), *LONG)
    with pytest.raises(UndeclaredError, match="sampling rate"):
        of_aecg("", "", twice)
    assert of_aecg("", "", sequences(clock("0.01"), clock("10", "ms"), *LONG)).rate == 100
