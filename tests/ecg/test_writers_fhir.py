"""FHIR out: the samples by plain JSON, the shape that R4 asks for, and our own reader."""

import json
import re
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings

from backend.ecg.errors import UnwritableError
from backend.ecg.recording import DeviceFacts, Patient, Recording
from backend.ecg.writers import write
from tests.samples import LEADS
from tests.written import Case, arbitrary, assert_same, cases, floats, read_back

# ISO/IEEE 11073-10101: MDC_ECG_LEAD_*.
CODES = dict(zip(LEADS, (131329, 131330, 131389, 131390, 131391, 131392, *range(131331, 131337)), strict=True))
DECIMALS = re.compile(r"(E|-?\d+(\.\d+)?)( (E|-?\d+(\.\d+)?))*")


def _observation(recording: Recording) -> dict:
    (file,) = write(recording, "fhir", "written")
    assert file.name == "written.json"
    return json.loads(file.data)


def _lead(observation: dict, lead: str) -> dict:
    (found,) = [part["valueSampledData"] for part in observation["component"] if part["code"]["text"] == lead]
    return found


def _values(data: dict) -> np.ndarray:
    raw = np.array([np.nan if part == "E" else float(part) for part in data["data"].split(" ")])
    return raw * data.get("factor", 1) + data["origin"]["value"]


@settings(max_examples=25, deadline=None)
@given(cases())
def test_our_reader_reads_back_the_same_recording(case: Case) -> None:
    back = read_back(case.recording, "fhir")
    assert back.rate == pytest.approx(case.recording.rate, rel=1e-9)
    back = Recording(back.signal, case.recording.rate, back.name, back.format, missing=back.missing)
    assert_same(back, case.recording)


@settings(max_examples=25, deadline=None)
@given(cases(largest=8_000_000))
def test_plain_json_gives_the_source_values(case: Case) -> None:
    observation = _observation(case.recording)
    for lead in case.names:
        data = _lead(observation, lead)
        np.testing.assert_allclose(_values(data), case.millivolts(lead), rtol=1e-12)
        assert 1000 / data["period"] == pytest.approx(case.recording.rate, rel=1e-12)


def test_the_observation_has_the_shape_of_r4() -> None:
    made = Recording(
        floats().signal, 500.0, "a", "x", start=datetime(2021, 12, 3, 4, 5, 6), patient=Patient("p-1", 63.0, "F"),
        device=DeviceFacts(model="Cardio 12"), derived=("III",),
    )  # fmt: skip
    observation = _observation(made)
    assert (observation["resourceType"], observation["status"]) == ("Observation", "final")
    assert observation["code"]["coding"][0]["code"] == "11524-6"
    assert observation["category"][0]["coding"][0]["code"] == "procedure"
    assert observation["effectiveDateTime"] == "2021-12-03"  # a time of day needs an offset, which nobody stated
    assert "04:05:06" in observation["note"][0]["text"]
    assert "III" in observation["note"][0]["text"]
    person, device = observation["contained"]
    assert observation["subject"] == {"reference": f"#{person['id']}"}
    assert person == {
        "resourceType": "Patient", "id": "patient", "identifier": [{"value": "p-1"}], "gender": "female",
    }  # fmt: skip
    assert observation["device"] == {"reference": f"#{device['id']}"}
    assert (device["resourceType"], device["modelNumber"]) == ("Device", "Cardio 12")
    back = read_back(made, "fhir")
    assert (back.patient, back.device.model) == (Patient("p-1", 63.0, "F"), "Cardio 12")
    leads = [part for part in observation["component"] if "valueSampledData" in part]
    for lead, part in zip(LEADS, leads, strict=True):
        (coding,) = part["code"]["coding"]
        assert coding["system"] == "urn:iso:std:iso:11073:10101"
        assert (coding["code"], coding["display"]) == (str(CODES[lead]), f"MDC_ECG_LEAD_{lead.upper()}")
        data = part["valueSampledData"]
        assert data["origin"] == {"value": 0, "unit": "mV", "system": "http://unitsofmeasure.org", "code": "mV"}
        assert (data["dimensions"], data["period"]) == (1, 2)
        assert DECIMALS.fullmatch(data["data"])
    (age,) = [part["valueQuantity"] for part in observation["component"] if "valueQuantity" in part]
    assert (age["value"], age["code"]) == (63, "a")


def test_a_patient_of_whom_only_the_sex_is_known_gets_no_identifier() -> None:
    made = Recording(floats().signal, 500.0, "a", "x", patient=Patient(sex="M"))
    assert read_back(made, "fhir").patient == Patient(sex="M")


def test_nothing_is_said_of_an_unknown_patient_and_time() -> None:
    assert _observation(floats()).keys() == {"resourceType", "status", "category", "code", "component"}


@pytest.mark.parametrize("largest", [1e-4, 3.0, 900.0])
def test_floats_are_written_as_the_shortest_decimals(largest: float) -> None:
    made = floats(largest=largest)
    made.signal[3, 5:9] = np.nan
    observation = _observation(made)
    for lead, row in zip(LEADS, made.signal, strict=True):
        data = _lead(observation, lead)
        assert "factor" not in data
        assert DECIMALS.fullmatch(data["data"])
        np.testing.assert_array_equal(_values(data).astype(np.float32), row)
    np.testing.assert_array_equal(read_back(made, "fhir").signal, made.signal)


def test_data_without_a_scale_are_refused_with_a_remedy() -> None:
    with pytest.raises(UnwritableError, match="has no mV scale"):
        write(arbitrary(), "fhir", "x")
