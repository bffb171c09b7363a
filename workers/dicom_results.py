"""Sending results to the DICOM destination of the installation, again and again where it is away."""

from datetime import datetime

from backend.db.session import write_session
from backend.db.tables import Job, Recording
from backend.errors import UnavailableError
from backend.services import audit, dicom_results, dicom_sender, ecg_results, predictions, recordings
from backend.services.ecg_results import EcgResult
from backend.services.person import Person
from workers.lifecycle import RunningJob

PAUSES_S = (1, 2, 5, 10, 30, 60, 120, 240, 480)
AT_ONCE = 20  # recordings of an association; a job that is taken up again sends the last ones twice at most


def send(job: RunningJob) -> None:
    """Build the objects and send them. Raises ConflictError where they are refused; what was taken stays there.

    An object that comes twice has the same UIDs, by which a PACS knows it.
    """
    ids: list[str] = job.payload["recording_ids"]
    to = dicom_sender.destination(job.settings)
    pauses = list(PAUSES_S)
    for start in range(0, len(ids), AT_ONCE):
        files = _files(job, ids[start : start + AT_ONCE])
        while files:
            job.check()
            problem = "The DICOM destination takes no more for now."
            try:
                taken = dicom_sender.store(job.settings, to, [data for _, data in files])
            except UnavailableError as error:
                taken, problem = 0, str(error)
            _record(job, to.title, sorted({one for one, _ in files[:taken]}))
            files = files[taken:]
            if files:
                job.log(problem)
                if not pauses:
                    raise UnavailableError(f"{problem} The results are in the project; send them again later.")
                job.pause(pauses.pop(0))
        job.progress(min(1.0, (start + AT_ONCE) / len(ids)), f"{min(len(ids), start + AT_ONCE)} of {len(ids)} sent")


def _files(job: RunningJob, ids: list[str]) -> list[tuple[str, bytes]]:
    """Return (recording, DICOM file) of each result and kind; a recording that is gone meanwhile has none."""
    kinds: list[dicom_results.Kind] = job.payload["kinds"]
    with job.read() as session:
        rows = {one: row for one in ids if (row := session.get(Recording, one)) and row.project_id == job.project_id}
        told_at = session.get_one(Job, job.id).created_at
        results: list[EcgResult] = []
        if job.payload["prediction_id"]:
            prediction = predictions.get(session, job.project_id, job.payload["prediction_id"])
            told_at = prediction.created_at
            results = [dicom_results.stored(session, prediction, one) for one in rows]
        for row in rows.values():
            recordings.get(session, job.project_id, row.id)
            _ = row.originals
    if not job.payload["prediction_id"]:
        url = job.settings.resolved_database_url
        results = ecg_results.results_of(url, job.storage, job.project_id, job.payload["model_id"], list(rows))
    return [(one.recording_id, _file(job, rows[one.recording_id], one, told_at, kind)) for one in results
            for kind in kinds]  # fmt: skip


def _file(job: RunningJob, row: Recording, result: EcgResult, told_at: datetime, kind: dicom_results.Kind) -> bytes:
    return dicom_results.as_dicom(job.storage, row, result, told_at, kind)[1]


def _record(job: RunningJob, title: str, recording_ids: list[str]) -> None:
    """Write into the audit log, where one is kept, what has left the platform, and for whom."""
    if not job.settings.keeps_audit or not recording_ids:
        return
    with write_session(job.settings.resolved_database_url) as session:
        audit.append(
            session, job.settings.resolved_secret_key, Person(id="dicom", name=title, via="dicom"),
            "dicom C-STORE sent", project_id=job.project_id, subject=audit.of_recordings(recording_ids),
        )  # fmt: skip
