"""Results sent by DICOM: a PACS (pynetdicom) receives them, again where it was away, and each is in the audit log."""

import gc
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pydicom
import pytest
from pynetdicom import AE, evt
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import AuditEntry, Job
from backend.services import dicom_intake, dicom_sender
from backend.services.dicom_results import KINDS
from backend.settings import get_settings
from backend.storage import storage_of
from tests.api_calls import Api
from tests.dicom_objects import dicom_ecg
from tests.installation import installation
from tests.servers import free_port
from tests.shell_calls import fault
from tests.shell_calls import run as shell
from tests.trained import Trained
from workers import dicom_results, predictions
from workers.lifecycle import run

pytestmark = pytest.mark.usefixtures("quick_collections")
CLASSES = ("1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.104.1")


class Pacs:
    """An archive of a hospital: keeps what comes, and answers with the statuses it is given, then with success."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[pydicom.Dataset] = []
        self.callers: list[str] = []
        self.statuses = list(statuses)

    def store(self, event: evt.Event) -> int:
        self.callers.append(event.assoc.requestor.ae_title)
        status = self.statuses.pop(0) if self.statuses else 0
        if not status:
            self.received.append(pydicom.dcmread(io.BytesIO(event.encoded_dataset())))
        return status


@contextmanager
def _listening(pacs: Pacs, port: int, classes: tuple[str, ...] = CLASSES) -> Iterator[None]:
    entity = AE(ae_title="PACS")
    entity.require_called_aet = True
    for kind in classes:
        entity.add_supported_context(kind)
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, pacs.store)])
    yield
    server.shutdown()
    entity.shutdown()
    _collect()


def _collect() -> None:
    with warnings.catch_warnings():  # pynetdicom leaves some sockets of ended associations to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def port(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A platform that sends to a port of this machine, and keeps an audit log."""
    monkeypatch.setattr(dicom_results, "PAUSES_S", (0, 0))
    at = free_port()
    with installation(trained.folder, dicom_destination=f"PACS@127.0.0.1:{at}", audit="always"):
        yield at


def _prediction(api: Api) -> tuple[str, list[str]]:
    made = api.client.post(api.url("/predictions"), json={"model_id": api.get("/models")[0]["id"]}).json()
    run(made["job"]["id"], predictions.predict)
    return made["id"], [one["recording_id"] for one in api.get(f"/predictions/{made['id']}/results", size=3)["items"]]


def _send(api: Api, prediction: str, ids: list[str], kinds: list[str]) -> dict:
    answer = api.client.post(api.url(f"/predictions/{prediction}/dicom"), json={"recording_ids": ids, "kinds": kinds})
    assert answer.status_code == 202, answer.text
    run(answer.json()["id"], dicom_results.send)
    job: dict = api.get(f"/jobs/{answer.json()['id']}")
    return job


def test_a_pacs_gets_reports_and_documents_and_the_audit_log_says_so(trained_api: Api, port: int) -> None:
    prediction, ids = _prediction(trained_api)
    pacs = Pacs()
    with _listening(pacs, port):
        job = _send(trained_api, prediction, ids, ["sr", "pdf"])
    assert (job["status"], len(pacs.received)) == ("done", 6)
    assert {one.SOPClassUID for one in pacs.received} == set(CLASSES)
    assert {one.StudyInstanceUID for one in pacs.received if one.Modality == "SR"} == {
        one.StudyInstanceUID for one in pacs.received if one.Modality == "DOC"
    }
    assert set(pacs.callers) == {"EXCHANGEAI"}
    with read_session(get_settings().resolved_database_url) as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "dicom C-STORE sent"))
        assert (line.person, sorted(line.subject["recordings"])) == ("PACS", sorted(ids))


def test_a_pacs_without_room_gets_the_rest_later_and_nothing_under_another_number(trained_api: Api, port: int) -> None:
    prediction, ids = _prediction(trained_api)
    pacs = Pacs(0, 0xA700, 0xA701)
    with _listening(pacs, port):
        assert _send(trained_api, prediction, ids, ["sr"])["status"] == "done"
        assert _send(trained_api, prediction, ids, ["sr"])["status"] == "done"
    numbers = [str(one.SOPInstanceUID) for one in pacs.received]
    assert (len(numbers), len(set(numbers))) == (6, 3)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # pynetdicom leaves the socket that found nobody
@pytest.mark.parametrize(
    ("pacs", "classes", "words"),
    [
        (None, CLASSES, "does not answer"), (Pacs(0xA900), CLASSES, "0xa900"),
        (Pacs(), CLASSES[1:], "takes no objects of the class 1.2.840.10008.5.1.4.1.1.88.22"),
    ],
)  # fmt: skip
def test_what_is_not_taken_fails_the_job_in_words(
    trained_api: Api, port: int, pacs: Pacs | None, classes: tuple[str, ...], words: str
) -> None:
    prediction, ids = _prediction(trained_api)
    if pacs is None:
        job = _send(trained_api, prediction, ids, ["sr"])
    else:
        with _listening(pacs, port, classes):
            job = _send(trained_api, prediction, ids, ["sr"])
    assert job["status"] == "failed"
    assert words in job["error"]


def test_a_cart_that_pushes_an_ecg_has_the_result_of_that_ecg_sent_to_the_pacs(trained: Trained, port: int) -> None:
    settings = get_settings()
    pacs = Pacs()
    dicom_intake.store(settings, storage_of(settings), trained.project_id, [dicom_ecg(5)], trained.model_id, KINDS)
    with read_session(settings.resolved_database_url) as session:
        job_id = session.scalars(select(Job.id).where(Job.kind == "dicom_results.send")).one()
    with _listening(pacs, port):
        run(job_id, dicom_results.send)
    sent = pydicom.dcmread(io.BytesIO(dicom_ecg(5)))
    assert [one.Modality for one in pacs.received] == ["SR", "DOC"]
    for one in pacs.received:
        named = {str(item.value) for item in one.iterall() if item.keyword == "ReferencedSOPInstanceUID"}
        assert (one.StudyInstanceUID, named) == (sent.StudyInstanceUID, {str(sent.SOPInstanceUID)})
        assert one.PatientID.startswith("p-")


@pytest.mark.parametrize("wrong", ["PACS", "PACS@host", "@host:104", "PACS@host:0", "PACS@a b:1", f"{'A' * 17}@h:1"])
def test_a_destination_of_another_form_is_refused(trained: Trained, wrong: str) -> None:
    with installation(trained.folder, dicom_destination=wrong) as settings, pytest.raises(Exception, match="PACS@10"):
        dicom_sender.destination(settings)


def test_without_a_destination_nothing_is_queued(trained_api: Api, trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session, pytest.raises(Exception, match="sends no"):
        dicom_sender.send(session, get_settings(), trained.project_id, ["r"], ["sr"])


def test_the_shell_writes_and_sends_a_result(trained_api: Api, port: int, tmp_path) -> None:
    prediction, ids = _prediction(trained_api)
    file = tmp_path / "result.dcm"
    words = ["dicom-result", prediction, ids[0], "-p", "Simulated"]
    assert shell(*words, "--kind", "pdf", "-o", str(file)).exit_code == 0
    assert pydicom.dcmread(file).MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert "sr or pdf" in fault(*words, "--kind", "doc", "-o", str(file))
    assert "--output FILE" in fault(*words)
