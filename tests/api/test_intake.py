"""One call for hospital systems: an ECG goes in, a result comes out; sent twice it is done once."""

import httpx2 as httpx
import pytest

from backend.db.session import write_session
from backend.db.tables import AnsweredRequest, utc_now
from backend.errors import ConflictError
from backend.services import answered_requests, ecg_results
from backend.services.answered_requests import GIVEN_UP
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.dicom_objects import DICOM, OCTETS, dicom_ecg
from tests.samples import csv_file

FHIR = {"Accept": "application/fhir+json"}


@pytest.fixture
def api(trained_api: Api) -> Api:
    return trained_api


def _send(api: Api, data: bytes = b"", kind: str = DICOM, headers: dict[str, str] | None = None, **query: str):
    model = {"model_id": api.get("/models")[0]["id"]}
    sent = {"Content-Type": kind} | (headers or {})
    return api.client.post(api.url("/intake"), params=model | query, content=data, headers=sent)


def _result(answer: httpx.Response) -> dict:
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    return result


def test_a_dicom_ecg_is_stored_predicted_and_measured_in_one_call(api: Api) -> None:
    answer = _send(api, dicom_ecg(), reference="order 17")
    result = _result(answer)
    assert (answer.json()["reference"], answer.json()["outcomes"][0]["status"]) == ("order 17", "imported")
    stored = {"recording_id": result["recording_id"]}
    beside = api.client.post(api.url(f"/models/{result['model_id']}/predict"), json=stored).json()
    assert [one["probability"] for one in result["labels"]] == pytest.approx(
        [one["probability"] for one in beside["labels"]], abs=1e-6
    )
    assert result["predicted"] == beside["predicted"]
    assert result["measurements"]["heart_rate"] == pytest.approx(60, abs=1)  # a beat each second: tests.samples
    assert result["patient"].startswith("p-")
    assert "Meier" not in answer.text


def test_a_raw_body_and_a_form_are_taken_alike(api: Api) -> None:
    declared = {"rate": "500", "units_per_mv": "1000"}
    raw = _result(_send(api, csv_file(3), OCTETS, file_name="ward/a.csv", **declared))
    assert raw["file_name"] == "ward/a.csv"
    query = declared | {"model_id": raw["model_id"]}
    form = api.client.post(api.url("/intake"), params=query, files={"files": ("a.csv", csv_file(3))})
    assert form.json()["outcomes"][0]["status"] == "duplicate"
    assert _result(form)["labels"] == raw["labels"]


def test_a_file_that_cannot_be_used_is_an_outcome_that_says_why(api: Api) -> None:
    answer = _send(api, b"no ECG")
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert answer.json()["outcomes"][0]["status"] == "refused"


def test_other_bodies_and_unknown_models_are_refused(api: Api) -> None:
    assert DICOM in refusal(_send(api, b"{}", "application/json"), 422, "InvalidInputError")
    refusal(_send(api, dicom_ecg(), model_id="unknown"), 404, "NotFoundError")
    refusal(_send(api, dicom_ecg(), deliver="webhook"), 404, "NotFoundError")
    assert api.recordings(search="ecg.dcm") == []


def test_the_same_request_twice_is_done_once_and_answered_twice_the_same(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Idempotency-Key": "cart-3/2026-11-30/17"}
    first = _send(api, dicom_ecg(), headers=key)
    monkeypatch.setattr(ecg_results, "results_of", lambda *_: pytest.fail("it is done again"))
    again = _send(api, dicom_ecg(), headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.json()["outcomes"][0]["status"] == "imported"


def test_a_key_does_not_stand_for_another_request(api: Api) -> None:
    key = {"Idempotency-Key": "17"}
    _send(api, dicom_ecg(), headers=key)
    assert "another request" in refusal(_send(api, dicom_ecg(1), headers=key), 422, "InvalidInputError")
    refusal(_send(api, dicom_ecg(), headers=key | FHIR), 422, "InvalidInputError")
    api.project = api.new_project(name="Next door")  # where keys are others
    query = {"model_id": api.client.get(api.url("/models"), params={"everywhere": True}).json()[0]["id"]}
    sent = {"Content-Type": DICOM} | key
    assert api.client.post(api.url("/intake"), params=query, content=dicom_ecg(1), headers=sent).status_code == 200


def test_what_failed_may_be_tried_again_under_its_key(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ecg_results, "results_of", lambda *_: 1 / 0)
        assert _send(api, dicom_ecg(), headers={"Idempotency-Key": "17"}).status_code == 500
    assert _send(api, dicom_ecg(), headers={"Idempotency-Key": "17"}).status_code == 200


def test_a_key_that_cannot_be_forgotten_hides_no_reason(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(error: Exception) -> None:
        raise error

    monkeypatch.setattr(ecg_results, "results_of", lambda *_: raising(ConflictError("The model has been deleted.")))
    monkeypatch.setattr(answered_requests, "forget", lambda *_: raising(RuntimeError("the database is away")))
    answer = _send(api, dicom_ecg(), headers={"Idempotency-Key": "17"})
    assert refusal(answer, 409, "ConflictError") == "The model has been deleted."


def test_a_request_that_is_worked_at_is_not_begun_again_until_it_is_given_up(api: Api) -> None:
    url = get_settings().resolved_database_url
    assert answered_requests.begin(url, api.project, "k", "d") is None
    with pytest.raises(answered_requests.ConflictError):
        answered_requests.begin(url, api.project, "k", "d")
    with write_session(url) as session:
        session.get_one(AnsweredRequest, (api.project, "k")).created_at = utc_now() - GIVEN_UP * 2
    assert answered_requests.begin(url, api.project, "k", "d") is None


def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    url = get_settings().resolved_database_url
    answered_requests.begin(url, api.project, "old", "d")
    answered_requests.finish(url, api.project, "old", answered_requests.Answered(200, "a/b", b"x"))
    with write_session(url) as session:
        session.get_one(AnsweredRequest, (api.project, "old")).created_at = utc_now() - answered_requests.KEPT * 2
    assert answered_requests.begin(url, api.project, "old", "another") is None
