"""Results as objects of DICOM: read back by pydicom and by the programs of others, and nobody is named in them."""

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pydicom
import pypdfium2
import pytest

from backend.ecg.dicom_results.document import document
from backend.ecg.dicom_results.report import report
from backend.ecg.dicom_results.told import NOTICE, Label, Told
from backend.ecg.readers.dicom.identity import Origin
from backend.ecg.recording import Patient
from backend.services.dicom_results import known_as
from tests.api_calls import Api
from tests.dicom_objects import DICOM, dicom_ecg
from workers import predictions
from workers.lifecycle import run

AT = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
ORIGIN = Origin("1.2.3.4", "1.2.3.4.5", "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.3.4.5.6")
TOLD = Told(
    key="k", recording_id="r" * 32, recorded_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), told_at=AT,
    patient=Patient("p-0123456789abcdef", 63.0, "F"), origin=ORIGIN, model_name="Ward net", model_sha256="a" * 64,
    version="1.0", notes=("The ECG is short.",),
    labels=(
        Label("AFIB", "atrial fibrillation", 0.83, None, 0.4, predicted=True, known_as=known_as("AFIB", "AFIB")),
        Label("NORM", "NORM", 0.1234567, None, 0.5, abstains=True), Label("a label of more than 16", "Größe", 0.2),
    ),
)  # fmt: skip


def test_a_report_says_each_label_with_probability_threshold_and_decision() -> None:
    found = pydicom.dcmread(io.BytesIO(report(TOLD)))
    assert found.SOPClassUID.name == "Enhanced SR Storage"
    assert (found.VerificationFlag, found.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    outputs = next(item for item in found.ContentSequence if item.ValueType == "CONTAINER").ContentSequence
    said = {}
    for item in outputs:
        if item.ValueType != "NUM":
            continue
        name = item.ConceptNameCodeSequence[0]
        inner = {one.ConceptNameCodeSequence[0].CodeValue: one for one in item.ContentSequence}
        limit = inner["threshold"].MeasuredValueSequence[0].NumericValue if "threshold" in inner else None
        label = name.get("CodeValue") or name.LongCodeValue
        said[label] = (
            float(item.MeasuredValueSequence[0].NumericValue), limit, inner["decision"].ConceptCodeSequence[0].CodeValue
        )  # fmt: skip
        assert name.CodingSchemeDesignator == "99EXCHANGEAI"
    assert said == {
        "AFIB": (0.83, 0.4, "told"), "NORM": (0.123457, 0.5, "open"),
        "a label of more than 16": (0.2, None, "not-told"),
    }  # fmt: skip
    texts = [item.TextValue for item in found.ContentSequence if item.ValueType == "TEXT"]
    assert {NOTICE, f"sha256 {'a' * 64}"} <= set(texts)
    assert "diagnosis" not in " ".join(texts).replace("not a diagnosis", "")


def test_codes_of_vocabularies_stand_beside_a_label_and_none_is_likened() -> None:
    found = pydicom.dcmread(io.BytesIO(report(TOLD)))
    outputs = next(item for item in found.ContentSequence if item.ValueType == "CONTAINER").ContentSequence
    beside = outputs[0].ConceptNameCodeSequence[0].EquivalentCodeSequence
    assert ("AFIB", "SCPECG") in {(one.CodeValue, one.CodingSchemeDesignator) for one in beside}
    assert known_as("atrial fibrillation", "") == (("SCPECG", "AFIB", "atrial fibrillation"),
                                                     ("SCT", "164889003", "atrial fibrillation"))  # fmt: skip
    assert known_as("AFIB?", "fibrillation") == known_as("afib", "") == known_as("x", "I48") == ()


@pytest.mark.parametrize("make", [report, lambda told: document(told, None)], ids=["sr", "pdf"])
def test_the_ecg_and_its_study_are_named_where_it_came_as_dicom(make) -> None:
    found = pydicom.dcmread(io.BytesIO(make(TOLD)))
    assert (found.StudyInstanceUID, found.PatientID, found.PatientName) == ("1.2.3.4", "p-0123456789abcdef", "")
    assert (found.PatientIdentityRemoved, found.PatientAge, found.PatientSex) == ("YES", "063Y", "F")
    named = [str(one.value) for one in found.iterall() if one.keyword == "ReferencedSOPInstanceUID"]
    assert named
    assert set(named) == {ORIGIN.sop_instance}
    alone = pydicom.dcmread(io.BytesIO(make(replace(TOLD, origin=None))))
    assert alone.StudyInstanceUID.startswith("2.25.")
    assert alone.SOPInstanceUID == found.SOPInstanceUID
    assert not [one for one in alone.iterall() if one.keyword == "ReferencedSOPInstanceUID"]
    assert make(TOLD) == make(TOLD)


def test_a_pdf_holds_the_answer_in_words_and_what_it_is_for() -> None:
    found = pydicom.dcmread(io.BytesIO(document(TOLD, None)))
    assert found.MIMETypeOfEncapsulatedDocument == "application/pdf"
    data = found.EncapsulatedDocument[: found.EncapsulatedDocumentLength]
    with pypdfium2.PdfDocument(data) as pages:
        text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    for words in (NOTICE, "Ward net", "The ECG is short.",
                  "AFIB (atrial fibrillation): probability 0.830, threshold 0.400: told by the model",
                  "NORM: probability 0.123, threshold 0.500: left open by the model"):  # fmt: skip
        assert words in text


def test_a_model_of_values_and_a_model_without_an_answer_are_told_too() -> None:
    value = replace(TOLD, labels=(Label("LVEF (%)", "LVEF (%)", value=41.2),), notes=())
    failed = replace(TOLD, labels=(), notes=(), error="It is too short.")
    for told, words in ((value, "LVEF (%): 41.2"), (failed, "No answer: It is too short.")):
        data = pydicom.dcmread(io.BytesIO(document(told, None))).EncapsulatedDocument
        with pypdfium2.PdfDocument(data) as pages:
            assert words in pages[0].get_textpage().get_text_bounded()
    (output,) = pydicom.dcmread(io.BytesIO(report(value))).ContentSequence[-1].ContentSequence
    assert (output.MeasuredValueSequence[0].NumericValue, "ContentSequence" in output) == (41.2, False)
    (why,) = pydicom.dcmread(io.BytesIO(report(failed))).ContentSequence[-1].ContentSequence
    assert why.TextValue == "It is too short."


@pytest.mark.parametrize("program", ["dsrdump", "dciodvfy"])
@pytest.mark.parametrize("told", [TOLD, replace(TOLD, origin=None), replace(TOLD, labels=(), error="Too short.")])
def test_programs_of_others_find_no_fault(program: str, told: Told, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    for kind, data in (("sr", report(told)), ("pdf", document(told, None))):
        if program == "dsrdump" and kind == "pdf":
            continue
        file = tmp_path / f"{kind}.dcm"
        file.write_bytes(data)
        done = subprocess.run([program, file], capture_output=True, text=True, timeout=60, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert not [line for line in said.splitlines() if line.startswith(("E:", "Error"))], said


def _predicted(api: Api) -> tuple[str, str]:
    """Send a DICOM ECG and have the model predict all; return the prediction and the recording."""
    headers = {"Content-Type": DICOM}
    sent = api.client.post(api.url("/intake"), params={"model_id": api.get("/models")[0]["id"]}, content=dicom_ecg(),
                           headers=headers)  # fmt: skip
    made = api.client.post(api.url("/predictions"), json={"model_id": api.get("/models")[0]["id"]}).json()
    run(made["job"]["id"], predictions.predict)
    return made["id"], sent.json()["results"][0]["recording_id"]


@pytest.mark.parametrize("kind", ["sr", "pdf"])
def test_the_api_answers_a_result_of_a_pushed_ecg_with_its_study_and_without_its_patient(
    trained_api: Api, kind: str
) -> None:
    prediction, recording = _predicted(trained_api)
    path = trained_api.url(f"/predictions/{prediction}/recordings/{recording}/dicom")
    answer = trained_api.client.get(path, params={"kind": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, DICOM)
    found, ecg = pydicom.dcmread(io.BytesIO(answer.content)), pydicom.dcmread(io.BytesIO(dicom_ecg()))
    assert found.StudyInstanceUID == ecg.StudyInstanceUID
    named = {str(one.value) for one in found.iterall() if one.keyword == "ReferencedSOPInstanceUID"}
    assert named == {str(ecg.SOPInstanceUID)}
    assert found.PatientID == trained_api.get(f"/recordings/{recording}")["patient_id"] != ecg.PatientID
    assert b"Meier" not in answer.content
    assert trained_api.client.get(path, params={"kind": kind}).content == answer.content
    if kind == "sr":
        row = next(
            one for one in trained_api.get(f"/predictions/{prediction}/results", size=200)["items"]
            if one["recording_id"] == recording
        )  # fmt: skip
        outputs = next(item for item in found.ContentSequence if item.ValueType == "CONTAINER").ContentSequence
        told = [float(item.MeasuredValueSequence[0].NumericValue) for item in outputs]
        assert told == pytest.approx(row["probabilities"], rel=1e-5)
    assert trained_api.client.get(path.replace(recording, "0" * 32), params={"kind": kind}).status_code == 404
