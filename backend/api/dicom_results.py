"""Routes of results as objects of DICOM: a file, or sent to the destination that the installation names."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.recordings import attachment
from backend.api.schemas.intake import DicomSendIn
from backend.api.schemas.jobs import Job
from backend.services import dicom_results, dicom_sender, predictions, recordings
from backend.services.dicom_results import MEDIA_TYPE, Kind

router = APIRouter(prefix="/projects/{project_id}/predictions/{prediction_id}", tags=["hospital systems"])


@router.get(
    "/recordings/{recording_id}/dicom",
    operation_id="get_dicom_result",
    response_class=Response,
    responses=responses(404) | {200: {"content": {MEDIA_TYPE: {}}}},
)
def get_dicom_result(
    session: ReadDep,
    storage: StorageDep,
    project: ProjectDep,
    prediction_id: str,
    recording_id: str,
    kind: Annotated[Kind, Query(description="sr: a structured report (Enhanced SR); pdf: the ECG and the answer.")],
) -> Response:
    """Return what a prediction says of a recording as a DICOM object, preliminary and for research use.

    The patient is the pseudonym. An ECG that came as DICOM, and whose original is kept, is named with its study.
    """
    prediction = predictions.get(session, project.id, prediction_id)
    row = recordings.get(session, project.id, recording_id)
    result = dicom_results.stored(session, prediction, row.id)
    name, data = dicom_results.as_dicom(storage, row, result, prediction.created_at, kind)
    return Response(data, media_type=MEDIA_TYPE, headers=attachment(name))


@router.post("/dicom", operation_id="send_dicom_results", status_code=202, responses=responses(404, 409))
def send_dicom_results(
    session: WriteDep, settings: SettingsDep, project: ProjectWriteDep, prediction_id: str, body: DicomSendIn,
    location: LocationDep,
) -> Job:  # fmt: skip
    """Send results to the DICOM destination of the installation (C-STORE), as a job; 409 where it names none."""
    prediction = predictions.get(session, project.id, prediction_id)
    for recording_id in body.recording_ids:
        dicom_results.stored(session, prediction, recordings.get(session, project.id, recording_id).id)
    job = dicom_sender.send(session, settings, project.id, body.recording_ids, body.kinds, prediction_id=prediction.id)
    session.refresh(job)
    location.says("get_job", keep=("project_id",), job_id=job.id)
    return Job.model_validate(job)
