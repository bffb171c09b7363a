"""Results as FHIR R4, held against the definitions of HL7 (fhir.resources, R4B)."""

from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.services.ecg_results import EcgResult, LabelResult
from backend.services.fhir_report import MEASUREMENTS, bundle
from tests.api_calls import Api
from tests.dicom_objects import DICOM, dicom_ecg

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20).map(
    lambda text: f"x{text.strip()}"
)
SHARE = st.floats(0, 1)


def _labels(task: str) -> st.SearchStrategy[LabelResult]:
    if task == "regression":
        return st.builds(LabelResult, label=TEXT, name=TEXT, value=st.floats(-1e6, 1e6), threshold=st.none())
    threshold = SHARE if task == "multi_label" else st.none()
    return st.builds(
        LabelResult, label=TEXT, name=TEXT, probability=SHARE, value=st.none(), threshold=threshold,
        predicted=st.booleans(), abstains=st.booleans(),
    )  # fmt: skip


@st.composite
def results(draw: st.DrawFn) -> EcgResult:
    task = draw(st.sampled_from(["single_label", "multi_label", "regression"]))
    return EcgResult(
        recording_id="r" * 32, file_name="f", patient=draw(st.none() | TEXT), model_id="m", model_name=draw(TEXT),
        model_sha256="a" * 64, task=task, labels=draw(st.lists(_labels(task), max_size=3)),
        notes=draw(st.lists(TEXT, max_size=2)), error=draw(st.none() | TEXT),
        measurements=draw(st.dictionaries(st.sampled_from([*MEASUREMENTS, "p_ms"]), st.floats(-400, 900))),
    )  # fmt: skip


@settings(max_examples=40)
@given(st.lists(results(), max_size=2), st.text(max_size=0) | TEXT, st.lists(TEXT, max_size=2))
def test_every_result_is_a_valid_bundle_of_reports(found: list[EcgResult], reference: str, refused: list[str]) -> None:
    made = Bundle.model_validate(bundle(found, NOW, reference, refused))
    kinds = [entry.resource.get_resource_type() for entry in made.entry or []]
    assert kinds == ["DiagnosticReport"] * len(found) + ["OperationOutcome"] * len(refused)


def test_a_report_says_what_the_model_and_the_ruler_say(trained_api: Api) -> None:
    model = trained_api.get("/models")[0]
    headers = {"Content-Type": DICOM, "Accept": "application/fhir+json"}
    query = {"model_id": model["id"], "reference": "order 17"}
    answer = trained_api.client.post(
        trained_api.url("/intake"), params=query, content=dicom_ecg(), headers=headers
    )  # fmt: skip
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert "Meier" not in answer.text
    plain = trained_api.client.post(
        trained_api.url("/intake"), params=query, content=dicom_ecg(), headers={"Content-Type": DICOM}
    ).json()["results"][0]
    report = Bundle.model_validate(answer.json()).entry[0].resource
    assert isinstance(report, DiagnosticReport)
    assert report.status == "preliminary"  # no person has seen it
    assert {one.value for one in report.identifier} == {plain["recording_id"], "order 17"}
    assert report.subject.identifier.value == plain["patient"]
    assert [one.reference for one in report.result] == [f"#{one.id}" for one in report.contained]
    said = {one.code.text: one for one in report.contained if one.code.text}
    for label in plain["labels"]:
        observation = said[label["name"]]
        assert observation.valueBoolean is label["predicted"]
        assert float(observation.component[0].valueQuantity.value) == pytest.approx(label["probability"])
    measured = {one.code.coding[0].code: one.valueQuantity for one in report.contained if not one.code.text}
    assert float(measured["8867-4"].value) == plain["measurements"]["heart_rate"]
    assert (float(measured["8634-8"].value), measured["8634-8"].unit) == (plain["measurements"]["qt_ms"], "ms")


def test_what_cannot_be_read_is_an_operation_outcome(trained_api: Api) -> None:
    headers = {"Content-Type": DICOM, "Accept": "application/fhir+json"}
    query = {"model_id": trained_api.get("/models")[0]["id"]}
    answer = trained_api.client.post(trained_api.url("/intake"), params=query, content=b"no ECG", headers=headers)
    (entry,) = Bundle.model_validate(answer.json()).entry
    assert entry.resource.issue[0].severity == "error"
