"""Routes of retention: the rule of a project, what is going to be erased, holds."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.deps import PersonDep, ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.retention import (
    Days,
    Retention,
    RetentionHold,
    RetentionHoldIn,
    RetentionNotice,
    RetentionOutlook,
    RetentionRule,
    RetentionRuleIn,
)
from backend.db import tables
from backend.services import retention, retention_holds, retention_pass

router = APIRouter(prefix="/projects/{project_id}/retention", tags=["retention"])
HoldId = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("", operation_id="get_retention", responses=responses(404))
def get_retention(session: ReadDep, project: ProjectDep) -> Retention:
    """Say how long recordings are kept, and what is going to be erased when."""
    rule = retention.get(session, project.id)
    if rule is None:
        return Retention(grace_days=retention.GRACE_DAYS, rule=None, outlook=None, waits_for_jobs=False)
    return Retention(
        grace_days=retention.GRACE_DAYS, rule=RetentionRule.model_validate(rule),
        outlook=_outlook(retention.outlook(session, rule)), waits_for_jobs=retention_pass.waits(session, rule),
    )  # fmt: skip


@router.put("", operation_id="put_retention", responses=responses(404))
def put_retention(
    session: WriteDep, project: ProjectWriteDep, person: PersonDep, body: RetentionRuleIn
) -> RetentionOutlook:
    """Have recordings erased so many days after their import; says what that is going to do. Nothing goes at once."""
    rule = retention.put(session, project.id, body.days, body.reason, person)
    return _outlook(retention.outlook(session, rule))


@router.delete("", operation_id="delete_retention", status_code=204, responses=responses(404))
def delete_retention(session: WriteDep, project: ProjectWriteDep) -> None:
    """Erase nothing by itself any more, nor what has a notice."""
    retention.remove(session, project.id)


@router.get("/preview", operation_id="preview_retention", responses=responses(404))
def preview_retention(session: ReadDep, project: ProjectDep, days: Annotated[Days, Query()]) -> RetentionOutlook:
    """Say what a rule would do if it were set now; nothing is changed."""
    return _outlook(retention.preview(session, project.id, days))


@router.get("/notices", operation_id="list_retention_notices", responses=responses(404))
def list_retention_notices(session: ReadDep, project: ProjectDep, page: PageDep) -> Page[RetentionNotice]:
    """Page the recordings that are going to be erased, those of the next day first."""
    rows, total = retention.notices(session, project.id, page.start, page.size)
    shown = [
        RetentionNotice(
            recording_id=recording.id, file_name=recording.file_name, imported_at=recording.created_at,
            noticed_at=notice.noticed_at, erase_on=retention.day_of(notice.erase_at),
        )
        for notice, recording in rows
    ]  # fmt: skip
    return Page(items=shown, total=page.tell(total))


@router.get("/holds", operation_id="list_retention_holds", responses=responses(404))
def list_retention_holds(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[RetentionHold]:
    """List what is kept whatever the rule says, the oldest hold first."""
    return [_hold(row) for row in page.of(retention_holds.list_holds(session, project.id))]


@router.post("/holds", operation_id="add_retention_hold", status_code=201, responses=responses(404))
def add_retention_hold(
    session: WriteDep, project: ProjectWriteDep, person: PersonDep, body: RetentionHoldIn, location: LocationDep
) -> RetentionHold:
    """Keep a recording, a patient or the whole project, whatever the rule says; it takes notices back."""
    row = retention_holds.add(
        session, project.id, body.reason, person, recording_id=body.recording_id, patient=body.patient
    )
    retention.look_again(session, project.id)
    location.says("get_retention_hold", hold_id=row.id)
    return _hold(row)


@router.get("/holds/{hold_id}", operation_id="get_retention_hold", responses=responses(404))
def get_retention_hold(session: ReadDep, project: ProjectDep, hold_id: HoldId) -> RetentionHold:
    """Return a hold."""
    return _hold(retention_holds.get(session, project.id, hold_id))


@router.delete("/holds/{hold_id}", operation_id="remove_retention_hold", status_code=204, responses=responses(404))
def remove_retention_hold(session: WriteDep, project: ProjectWriteDep, hold_id: HoldId) -> None:
    """End a hold. What it kept is not erased at once: it gets a notice first."""
    retention_holds.remove(session, retention_holds.get(session, project.id, hold_id))
    retention.look_again(session, project.id)


def _outlook(found: retention.Outlook) -> RetentionOutlook:
    return RetentionOutlook.model_validate(asdict(found))


def _hold(row: tables.RetentionHold) -> RetentionHold:
    return RetentionHold(
        id=row.id, kind=retention_holds.kind_of(row), recording_id=row.recording_id, patient=row.patient_id,
        reason=row.reason, placed_by=row.placed_by, created_at=row.created_at,
    )  # fmt: skip
