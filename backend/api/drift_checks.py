"""Routes of drift checks: are these ECGs like those that a model learned from?"""

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.schemas.drift_checks import (
    DriftCheck,
    DriftCheckIn,
    DriftResult,
    NotChecked,
    OddRecording,
    OddRecordings,
)
from backend.api.schemas.jobs import Job
from backend.db import tables
from backend.services import drift_checks

router = APIRouter(prefix="/projects/{project_id}/drift-checks", tags=["drift checks"])


@router.get("", operation_id="list_drift_checks", responses=responses(404))
def list_drift_checks(
    session: ReadDep, project: ProjectDep, page: ArrayPageDep, model_id: str | None = None
) -> list[DriftCheck]:
    """List the drift checks of a project, or of one of its models, the newest first."""
    return [_shown(row) for row in page.of(drift_checks.list_checks(session, project.id, model_id))]


@router.post("", operation_id="create_drift_check", status_code=202, responses=responses(404, 409))
def create_drift_check(
    session: WriteDep, project: ProjectWriteDep, body: DriftCheckIn, location: LocationDep
) -> DriftCheck:
    """Queue a check whether the ECGs of a dataset are like those that a model learned from.

    Labels are not needed. Recordings from which the model has learned are left out. 409 where nothing is known of the
    ECGs of its training.
    """
    row = drift_checks.create(session, project.id, body.model_id, body.dataset_id)
    session.refresh(row)
    location.says("get_drift_check", check_id=row.id)
    return _shown(row)


@router.get("/{check_id}", operation_id="get_drift_check", responses=responses(404))
def get_drift_check(session: ReadDep, project: ProjectDep, check_id: str) -> DriftCheck:
    """Return a drift check; once its job is done, with its verdict and evidence."""
    return _shown(drift_checks.get(session, project.id, check_id))


@router.delete("/{check_id}", operation_id="delete_drift_check", status_code=204, responses=responses(404, 409))
def delete_drift_check(session: WriteDep, project: ProjectWriteDep, check_id: str) -> None:
    """Delete a drift check that has ended."""
    drift_checks.delete(session, drift_checks.get(session, project.id, check_id))


@router.get("/{check_id}/recordings", operation_id="list_odd_recordings", responses=responses(404))
def list_odd_recordings(session: ReadDep, project: ProjectDep, check_id: str, page: PageDep) -> OddRecordings:
    """Page the recordings that stick out, the oddest first; those deleted since are not listed."""
    row = drift_checks.get(session, project.id, check_id)
    total, rows = drift_checks.odd(session, row, page.start, page.size)
    items = [
        OddRecording(
            recording_id=ecg.id, file_name=ecg.file_name, distance=one.distance, reasons=list(one.reasons)
        )
        for one, ecg in rows
    ]  # fmt: skip
    return OddRecordings(items=items, total=page.tell(total))


def _shown(row: tables.DriftCheck) -> DriftCheck:
    return DriftCheck(
        id=row.id, model_id=row.model_id, model_name=row.facts["model"], dataset_id=row.dataset_id,
        dataset_name=row.facts["dataset"], created_at=row.created_at, job=Job.model_validate(row.job),
        left_out=[NotChecked(**one) for one in row.facts["left_out"]],
        result=DriftResult(**row.result) if row.result else None,
    )  # fmt: skip
