"""FHIR observations: R4 and R5, bundles, pieces, tokens; against the written rules of SampledData."""

import contextlib
import json
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording, Statement
from tests.ecg.fhir_files import CODES, MDC, SIGNAL, bundle, component, observation, sampled
from tests.samples import LEADS


def every(tree: Any, options: ReadOptions | None = None, limits: Limits | None = None) -> list[Recording]:
    data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return read(FileSet((SourceFile("a.json", data),)), options, limits)


def one(tree: Any, options: ReadOptions | None = None, limits: Limits | None = None) -> Recording:
    (recording,) = every(tree, options, limits)
    return recording


def test_an_observation_of_release_4_is_calibrated_and_exact():
    recording = one(observation())
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert (recording.rate, recording.format, recording.derived) == (100, "fhir", ())
    assert recording.step == pytest.approx(np.full(12, 0.001))
    assert recording.start == datetime(2015, 2, 19, 9, 30, 35)
    assert recording.patient.id == "f001"
    assert not any(word in repr(recording) for word in ("Heuvel", "Langeveld", "dizzy"))


@pytest.mark.parametrize(
    "time", [{"interval": 10, "intervalUnit": "ms"}, {"interval": 0.01, "intervalUnit": "s"}, {"period": 10.0}]
)
def test_the_interval_of_release_5_gives_the_rate(time):
    def changed(row: Any) -> dict[str, Any]:
        data = sampled(row) | time
        if "interval" in time:
            del data["period"]
        return data

    components = [
        component(lead, row) | {"valueSampledData": changed(row)} for lead, row in zip(LEADS, SIGNAL, strict=True)
    ]
    assert one(observation(components)).rate == pytest.approx(100)


@pytest.mark.parametrize(
    ("origin", "factor"),
    [
        ({"value": 0, "unit": "uV"}, 1),
        ({"value": 0, "code": "uV", "unit": "microvolts of some kind"}, 1),
        ({"value": 0, "unit": "µV"}, 1.0),
        ({"value": 0, "unit": "V"}, 1e-6),
        ({"value": 0, "code": "266419", "system": MDC}, 1),
    ],
)
def test_units_of_the_origin_are_those_of_the_factor(origin, factor):
    components = [component(lead, row, origin=origin, factor=factor) for lead, row in zip(LEADS, SIGNAL, strict=True)]
    np.testing.assert_allclose(one(observation(components)).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_the_origin_is_added_after_the_factor():
    """SampledData: the factor is applied to the data before they are added to the origin."""
    components = [
        component(lead, row, origin={"value": -50, "unit": "uV"}, factor=2.5)
        for lead, row in zip(LEADS, SIGNAL, strict=True)
    ]
    recording = one(observation(components))
    np.testing.assert_allclose(recording.signal, (SIGNAL * 2.5 - 50) / 1000, rtol=0, atol=1e-6)
    assert recording.step is not None


def test_without_a_unit_the_uploader_is_asked():
    """The official example states none."""
    components = [component(lead, row, origin={"value": 0}) for lead, row in zip(LEADS, SIGNAL, strict=True)]
    with pytest.raises(UndeclaredError, match="one mV"):
        one(observation(components))
    recording = one(observation(components), ReadOptions(units_per_mv=2))
    np.testing.assert_allclose(recording.signal, SIGNAL * 0.001 / 2, rtol=0, atol=1e-6)
    assert recording.declared == ("unit",)


def test_tokens_are_missing_samples_and_decimals_are_read():
    words = "E U L 1.5 " + " ".join(map(str, SIGNAL[0][4:]))
    components = [component("I", words), *observation()["component"][1:]]
    recording = one(observation(components))
    assert np.isnan(recording.signal[0, :3]).all()
    assert recording.signal[0, 3] == pytest.approx(0.0015)
    assert recording.notes == ("3 samples are errors or beyond the limits of the device: marked as missing.",)
    whole = [component("I", words.replace("1.5", "2"), origin={"value": 5, "unit": "uV"}, factor=1), *components[1:]]
    recording = one(observation(whole))
    assert np.flatnonzero(np.isnan(recording.signal[0])).tolist() == [0, 1, 2]
    assert recording.signal[0, 3] == pytest.approx(0.007)
    assert recording.step is not None


def test_pieces_of_a_lead_are_put_together_in_the_order_of_the_file():
    """The official example has two chunks a lead."""
    components = [
        component(lead, part) for lead, row in zip(LEADS, SIGNAL, strict=True) for part in (row[:80], row[80:])
    ]
    recording = one(observation(components))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)
    assert recording.notes == ("Each lead was put together from 2 pieces.",)
    with pytest.raises(UnreadableFileError, match="more pieces"):
        one(observation(components[1:]))


@pytest.mark.parametrize(
    "code",
    [
        lambda lead: {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.24", "code": str(CODES[lead])}]},
        lambda lead: {"coding": [{"system": MDC, "code": f"2:{CODES[lead] - 131072}"}]},
        lambda lead: {"coding": [{"system": MDC, "code": f"2:{CODES[lead] - 131072 - 256}"}]},
        lambda lead: {"coding": [{"display": f"MDC_ECG_ELEC_POTL_{lead.upper()}"}]},
        lambda lead: {"coding": [{"system": MDC, "code": f"MDC_ECG_LEAD_{lead.upper()}"}]},
        lambda lead: {"coding": [{"system": "http://example.org", "code": "x", "display": f"Lead {lead}"}]},
        lambda lead: {"text": lead},
    ],
)
def test_leads_are_named_by_code_name_or_text(code):
    components = [
        {"code": code(lead), "valueSampledData": sampled(row)} for lead, row in zip(LEADS, SIGNAL, strict=True)
    ]
    np.testing.assert_allclose(one(observation(components)).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_a_bundle_gives_patient_device_and_a_recording_an_observation():
    patient = {
        "resourceType": "Patient", "id": "f001", "gender": "female", "birthDate": "1960-02-20",
        "identifier": [{"value": "K-1"}], "name": [{"family": "Heuvel"}],
    }  # fmt: skip
    device = {"resourceType": "Device", "manufacturer": "GE", "modelNumber": "MAC55", "serialNumber": "SN-9"}
    recording = one(bundle(patient, device, observation()))
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("K-1", 54, "F")
    assert recording.device.model == "GE MAC55"
    assert not any(word in repr(recording) for word in ("Heuvel", "SN-9"))
    several = every(bundle(patient, observation(), observation()))
    assert [recording.name for recording in several] == ["a.json[0]", "a.json[1]"]


def test_observations_of_single_leads_go_together():
    singles = [
        {key: value for key, value in observation([]).items() if key != "component"} | component(lead, row)
        for lead, row in zip(LEADS, SIGNAL, strict=True)
    ]
    np.testing.assert_allclose(one(bundle(*singles)).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_measurements_and_findings_are_read_by_code():
    measured = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "valueQuantity": {"value": 61}},
        {"code": {"coding": [{"code": "8634-8"}]}, "valueQuantity": {"value": 0.41, "code": "s"}},
        {"code": {"coding": [{"display": "MDC_ECG_TIME_PD_QRS"}]}, "valueQuantity": {"value": 94, "code": "ms"}},
        {
            "code": {"text": "finding"},
            "valueCodeableConcept": {
                "coding": [
                    {"system": "http://snomed.info/sct", "code": "426783006", "display": "of Mr Smith"},
                    {"system": "http://snomed.info/sct", "code": "Mr Smith"},
                ]
            },
        },
    ]
    recording = one(observation([*observation()["component"], *measured]))
    assert recording.device.measurements == {"heart_rate": 61, "qt": 410, "qrs": 94}
    assert recording.device.statements == (Statement("426783006", "SNOMED-CT"),)
    assert "Smith" not in repr(recording)


def test_a_stated_age_goes_before_the_birth_date():
    age = {"code": {"coding": [{"code": "30525-0"}]}, "valueQuantity": {"value": 93, "code": "a"}}
    patient = {"resourceType": "Patient", "id": "f001", "birthDate": "1960-02-20"}
    assert one(bundle(patient, observation([*observation()["component"], age]))).patient.age == 93


def test_sampled_data_of_other_kinds_are_left_out():
    pleth = {
        "code": {"text": "pleth"},
        "valueSampledData": sampled("1 2 3", period=8, origin={"value": 0, "unit": "%"}),
    }
    recording = one(observation([pleth, *observation()["component"]]))
    assert recording.notes == ("Left out, being none of the twelve leads: PLETH.",)
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_leads_side_by_side_need_their_order_declared():
    data = [{"code": {"text": "ECG"}, "valueSampledData": sampled(SIGNAL.T.reshape(-1), dimensions=12)}]
    with pytest.raises(UnreadableFileError, match="order of the leads"):
        one(observation(data))
    recording = one(observation(data), ReadOptions(leads=LEADS))
    np.testing.assert_allclose(recording.signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_what_is_no_ecg_is_refused():
    for tree in (
        observation([]),
        {"resourceType": "Patient"},
        bundle({"resourceType": "Observation", "valueQuantity": {"value": 3}}),
    ):
        with pytest.raises(UnreadableFileError, match="sampled data"):
            one(tree)
    rates = [component(lead, row, period=10 + k) for k, (lead, row) in enumerate(zip(LEADS, SIGNAL, strict=True))]
    with pytest.raises(UnreadableFileError, match="different sampling rates"):
        one(observation(rates))
    with pytest.raises(MissingLeadsError, match="V6"):
        one(observation(observation()["component"][:-1]))
    with pytest.raises(UndeclaredError, match="sampling rate"):
        one(observation([component(lead, row, period=None) for lead, row in zip(LEADS, SIGNAL, strict=True)]))
    with pytest.raises(LimitError):
        one(observation(), limits=Limits(samples=100))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_raises_nothing_but_errors_of_ecgs(data):
    small = json.dumps(
        observation([component(lead, row[:5]) for lead, row in zip(LEADS, SIGNAL, strict=True)])
    ).encode()
    damaged = bytearray(small[: data.draw(st.integers(1, len(small)))] if data.draw(st.booleans()) else small)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        every(bytes(damaged))


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1 2 3"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "resourceType",
                        "component",
                        "code",
                        "coding",
                        "valueSampledData",
                        "data",
                        "origin",
                        "factor",
                        "entry",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_any_json_raises_nothing_but_errors_of_ecgs(tree):
    with contextlib.suppress(EcgError):
        every({"resourceType": "Observation", "component": [{"valueSampledData": tree}, tree], "subject": tree})
    with contextlib.suppress(EcgError):
        every({"resourceType": "Bundle", "entry": [{"resource": tree}, tree]})


def test_two_recordings_of_single_leads_stay_two():
    """The same leads again at the same time are a second version, at another time a second recording."""
    first = [observation([], **component(lead, row)) for lead, row in zip(LEADS, SIGNAL, strict=True)]
    again = [observation([], **component(lead, -row)) for lead, row in zip(LEADS, SIGNAL, strict=True)]
    for later in ({}, {"effectiveDateTime": None, "effectivePeriod": {"start": "2015-02-20"}}):
        second = [one | later for one in again]
        recordings = every(bundle(*first, *second))
        assert [recording.n_samples for recording in recordings] == [200, 200]
        for recording, sign in zip(recordings, (1, -1), strict=True):
            np.testing.assert_allclose(recording.signal, sign * SIGNAL / 1000, rtol=0, atol=1e-6)


@pytest.mark.parametrize("first", ["131072", "131328", "2:0", "2:256"])
def test_leads_are_known_by_each_of_their_codes(first):
    """Of the lead (MDC_ECG_LEAD_I is 131073) and of its potential, with and without the partition."""
    head, mark, place = first.rpartition(":")
    components = []
    for lead, row in zip(LEADS, SIGNAL, strict=True):
        coding = {"system": MDC, "code": f"{head}{mark}{int(place) + CODES[lead] - 131328}"}
        components.append({"code": {"coding": [coding]}, "valueSampledData": sampled(row)})
    np.testing.assert_allclose(one(observation(components)).signal, SIGNAL / 1000, rtol=0, atol=1e-6)


def test_the_bare_number_of_a_lead_is_no_code():
    """3 is V1 in the list of leads, and would be III as a name."""
    wrong = component("III", SIGNAL[2])
    wrong["code"]["coding"][0] |= {"code": "3", "display": None}
    recording = one(observation([*(component(LEADS[i], SIGNAL[i]) for i in range(12) if i != 2), wrong]))
    assert recording.derived == ("III",)
