"""DICOMweb: PACS and carts push ECGs into a project with STOW-RS."""

import httpx2 as httpx
import pydicom
import pytest
from pydicom.dataset import Dataset

from backend.api import bodies
from tests.accounts import House
from tests.api_calls import Api, refusal
from tests.dicom_objects import DICOM, RELATED, dicom_ecg, related


def _store(api: Api, *objects: bytes) -> httpx.Response:
    return api.client.post(api.url("/dicomweb/studies"), content=related(objects), headers={"Content-Type": RELATED})


def _uid(data: bytes) -> str:
    return str(pydicom.dcmread(pydicom.filebase.DicomBytesIO(data)).SOPInstanceUID)


def _named(answer: httpx.Response, sequence: str) -> list[str]:
    """The instances of a sequence, as pydicom reads the answer."""
    items = Dataset.from_json(answer.json()).get(sequence, [])
    return [str(item.ReferencedSOPInstanceUID) for item in items]


def test_instances_become_recordings_and_are_named_in_the_answer(api: Api) -> None:
    sent = [dicom_ecg(seed) for seed in range(3)]
    answer = _store(api, *sent)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom+json")
    assert _named(answer, "ReferencedSOPSequence") == [_uid(one) for one in sent]
    assert {row["format"] for row in api.recordings()} == {"dicom"}
    assert len(api.recordings()) == 3


def test_an_instance_that_comes_again_is_kept_once(api: Api) -> None:
    assert _store(api, dicom_ecg()).status_code == 200
    assert _store(api, dicom_ecg()).status_code == 200
    assert len(api.recordings()) == 1


def test_what_is_no_ecg_fails_and_stops_no_other(api: Api) -> None:
    answer = _store(api, b"no DICOM at all", dicom_ecg())
    assert answer.status_code == 202
    assert api.client.get(answer.headers["location"]).status_code == 200
    assert _named(answer, "ReferencedSOPSequence") == [_uid(dicom_ecg())]
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xC000]
    refusal(_store(api, b"no DICOM at all"), 409, "ConflictError")


def test_a_part_may_hold_what_looks_like_an_end_of_line(api: Api) -> None:
    data = bytearray(dicom_ecg())
    data[-40:-36] = b"\r\n\r\n"  # within the samples
    assert _store(api, bytes(data)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [(DICOM, b"x"), ("multipart/related", b"x"), (RELATED, b""), (RELATED, related([b"x"])[:-6])],
    ids=["not related", "no boundary", "empty", "broken off"],
)
def test_a_body_in_another_form_is_refused(api: Api, kind: str, body: bytes) -> None:
    answer = api.client.post(api.url("/dicomweb/studies"), content=body, headers={"Content-Type": kind})
    refusal(answer, 422, "InvalidInputError")


def test_a_body_that_is_too_large_is_not_held(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 1000)
    refusal(_store(api, dicom_ecg()), 413, "LimitError")


def test_in_server_mode_a_cart_pushes_with_an_api_key_and_the_audit_log_names_whose(house: House) -> None:
    ward, other = house.project(), house.project("Other")
    cart = house.user("cart 3", **{ward: "annotator", other: "annotator"})  # who never chooses a password
    with house.client(house.by_key(cart, "annotator", ward)) as api:
        api.project = ward
        assert _store(api, dicom_ecg()).status_code == 200
        (row,) = api.recordings()
        api.project = other
        refusal(_store(api, dicom_ecg()), 404, "NotFoundError")
    with house.client() as api:
        api.project = ward
        refusal(_store(api, dicom_ecg()), 401, "NotSignedInError")
    stored, _, foreign = house.lines()[:3]
    assert (stored["action"], stored["person"], stored["via"]) == ("store_dicom_instances", "cart 3", "key")
    assert (stored["status"], stored["subject"]["recordings"]) == (200, [row["id"]])
    assert (foreign["status"], foreign["subject"]) == (404, {})
