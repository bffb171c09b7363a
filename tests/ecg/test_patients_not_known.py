"""What a file says where it does not know the patient is no patient, and what may be so is told."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.readers.facts import identifier
from backend.ecg.recording import Recording
from tests.ecg.aecg_files import TWELVE, aecg, clock, sequences
from tests.ecg.fhir_files import observation
from tests.samples import LEADS, microvolts

NOBODY = ("", "0", "0000", "-1", "-9", "XXX", "xxxx", "UNKNOWN", "k.A.", "n/a", "00000000-0000-0000-0000-000000000000",
          "Not available", "?", "--")  # fmt: skip
REAL = ("1", "10", "P0", "0a", "1-0", "00001", "X1", "XX", "Kant", "9999", "1.2.840.0", "A-1")


def stack(ids: list[object]) -> list[Recording]:
    stream = io.BytesIO()
    signal = np.stack([microvolts(n, 40) for n in range(len(ids))])
    np.savez(stream, x=signal, patient_id=np.array(ids), leads=np.array(LEADS), fs=100, unit_mv=0.001)
    return read(FileSet((SourceFile("a.npz", stream.getvalue()),)))


@pytest.mark.parametrize("text", NOBODY)
def test_a_device_that_knows_no_patient_names_none(text):
    told = aecg(sequences(clock(), *TWELVE), more=f'<trialSubject><id extension="{text}"/></trialSubject>')
    (recording,) = read(FileSet((SourceFile("a.xml", told.encode()),)))
    assert recording.patient.id is None
    found = observation(subject={"identifier": {"value": text}})
    (recording,) = read(FileSet((SourceFile("a.json", json.dumps(found).encode()),)))
    assert recording.patient.id is None


@pytest.mark.parametrize("text", REAL)
def test_identifiers_that_look_alike_are_kept(text):
    assert identifier(f" {text} ") == text


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 12), st.integers(1, 2), st.integers(0, 1))
def test_patients_that_a_stack_numbers_are_real(n_patients, each, first):
    ids = [first + n for n in range(n_patients) for _ in range(each)]
    found = stack(ids)
    assert [one.patient.id for one in found] == list(map(str, ids))
    assert not any("identifier" in note for one in found for note in one.notes)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([0, -1, 9999, 99]), st.integers(1, 8), st.randoms())
def test_a_number_of_far_too_many_recordings_of_a_stack_is_told(filler, n_patients, random):
    ids = [filler] * 5 + [100 + n for n in range(n_patients)]
    random.shuffle(ids)
    for one in stack(ids):
        assert f"The identifier {filler} of a patient stands for 5 recordings of the file" in " ".join(one.notes)


def test_names_in_single_bytes_are_read_and_names_that_are_no_leads_are_not_passed_over():
    signal = microvolts(1, 60)
    backwards = list(reversed(LEADS))

    def saved(names: np.ndarray, options: ReadOptions | None = None, **more: object) -> Recording:
        stream = io.BytesIO()
        np.savez(stream, x=signal[::-1], leads=names, fs=100, unit_mv=0.001, **more)
        (recording,) = read(FileSet((SourceFile("a.npz", stream.getvalue()),)), options)
        return recording

    for names in (np.array(backwards), np.array([one.encode() for one in backwards]),
                  np.array([str(one.encode()) for one in backwards])):  # fmt: skip
        recording = saved(names, patient_id=np.array(b"p1"))
        np.testing.assert_allclose(recording.signal, signal / 1000, atol=1e-6)
        assert recording.patient.id == "p1"
    strange = np.array([f"Kanal {one}" for one in "ABCDEFGHIJKL"])
    with pytest.raises(Exception, match="none of them is a lead, so that their order cannot be told"):
        saved(strange)
    assert saved(strange, ReadOptions(leads=tuple(backwards))).signal[0, 0] == pytest.approx(signal[0, 0] / 1000)
    assert saved(np.array([f"ch{n}" for n in range(12)])).declared == ("leads",)
