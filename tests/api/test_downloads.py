"""Downloads: a stored recording as a file of every format that can be written."""

import io
import json
import zipfile
from urllib.parse import unquote

import numpy as np
import pydicom
import pytest

from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.writers import WRITERS
from tests.api_calls import Api, refusal
from tests.samples import csv_file, microvolts, npy_file, wfdb_pair


def _upload(api: Api, **options: str) -> str:
    header, data = wfdb_pair("r1", 7, n=2000, rate=250)
    header += b"# Age: 95\n# Sex: M\n# Patient ID: Mueller\n"
    report = api.upload({"Anna Müller/r1.hea": header, "Anna Müller/r1.dat": data}, **options)
    return report["outcomes"][0]["recording_ids"][0]


def _download(api: Api, recording_id: str, name: str):
    return api.client.get(api.url(f"/recordings/{recording_id}/download"), params={"format": name})


def _files(answer) -> list[SourceFile]:
    name = unquote(answer.headers["content-disposition"].partition("''")[2])
    if not name.endswith(".zip"):
        return [SourceFile(name, answer.content)]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [SourceFile(entry, archive.read(entry)) for entry in archive.namelist()]


@pytest.mark.parametrize("name", [writer.name for writer in WRITERS])
def test_what_is_downloaded_reads_as_what_was_uploaded(api: Api, name: str) -> None:
    answer = _download(api, _upload(api), name)
    assert answer.status_code == 200, answer.text
    (files,) = group(_files(answer))
    assert files.stem == "r1"
    (back,) = read(files)
    np.testing.assert_allclose(back.signal, microvolts(7, 2000, 250) / 1000, atol=1e-7)
    assert (back.format, back.rate, back.unit) == (name, 250, "mV")
    assert b"Mueller" not in b"".join(file.data for file in files.files)


def test_the_page_learns_what_can_be_downloaded(api: Api) -> None:
    shown = api.client.get("/api/v1/system").json()["writers"]
    assert [writer["name"] for writer in shown] == ["wfdb", "dicom", "edf", "fhir", "csv", "npy"]
    assert shown[1] == {"name": "dicom", "title": "DICOM ECG waveform (.dcm)", "extension": ".dcm"}


def test_the_patient_of_a_download_is_the_one_of_the_project(api: Api) -> None:
    recording_id = _upload(api)
    shown = api.get(f"/recordings/{recording_id}")
    dataset = pydicom.dcmread(io.BytesIO(_download(api, recording_id, "dicom").content))
    assert dataset.PatientID == shown["patient_id"]
    assert dataset.PatientID.startswith("p-")
    assert (dataset.PatientSex, dataset.PatientAge) == ("M", "090Y")


def test_partial_recordings_keep_the_leads_they_have(api: Api) -> None:
    table = "II,V1\n" + "\n".join(f"{n % 50},{-n}" for n in range(500))
    report = api.upload({"two.csv": table.encode()}, rate="100", partial="true")
    answer = _download(api, report["outcomes"][0]["recording_ids"][0], "npy")
    with np.load(io.BytesIO(answer.content)) as arrays:
        assert arrays["leads"].tolist() == ["II", "V1"]
        np.testing.assert_array_equal(arrays["x"][1], -np.arange(500))


def test_records_of_a_stack_keep_their_number(api: Api) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.stack([microvolts(0), microvolts(1)]))
    report = api.upload({"deep/stack.npy": buffer.getvalue()}, rate="100")
    names = [_files(_download(api, one, "csv"))[0].name for one in report["outcomes"][0]["recording_ids"]]
    assert names == ["stack[0].csv", "stack[1].csv"]


def test_what_a_format_cannot_hold_is_refused_with_a_remedy(api: Api) -> None:
    report = api.upload({"z.npy": npy_file(3)}, rate="100", unit="arbitrary")
    recording_id = report["outcomes"][0]["recording_ids"][0]
    answer = _download(api, recording_id, "dicom")
    assert refusal(answer, 422, "UnwritableError").startswith("z.npy has no mV scale")
    (back,) = read(FileSet(tuple(_files(_download(api, recording_id, "csv")))), ReadOptions(unit="arbitrary"))
    np.testing.assert_array_equal(back.signal, microvolts(3))


def test_an_unknown_format_and_an_unknown_recording_are_refused(api: Api) -> None:
    recording_id = api.upload({"a.csv": csv_file(1)})["outcomes"][0]["recording_ids"][0]
    assert "Choose one of" in refusal(_download(api, recording_id, "pdf"), 422, "UnwritableError")
    assert _download(api, "no-such-id", "csv").status_code == 404


def test_fhir_comes_as_json_of_its_media_type(api: Api) -> None:
    answer = _download(api, _upload(api), "fhir")
    assert answer.headers["content-type"] == "application/fhir+json"
    assert json.loads(answer.content)["resourceType"] == "Observation"
