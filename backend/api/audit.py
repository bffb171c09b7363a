"""Routes of the audit log, for admins of the installation."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from backend.api.deps import ReadDep, SettingsDep
from backend.api.errors import responses
from backend.api.paging import PageDep
from backend.api.recordings import OCTETS, attachment
from backend.api.schemas.audit import AuditEntry, AuditVerdict
from backend.api.schemas.base import Page
from backend.api.turns import in_turn
from backend.services import audit

router = APIRouter(prefix="/audit", tags=["audit"])
Text = Annotated[str, Query(max_length=100)]


async def _query(
    person: Text = "",
    action: Text = "",
    project_id: Text = "",
    recording_id: Text = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> audit.Query:
    return audit.Query(
        person=person, action=action, project_id=project_id, recording_id=recording_id, since=since, until=until
    )


QueryDep = Annotated[audit.Query, Depends(_query)]


@router.get("", operation_id="list_audit_entries", responses=responses())
def list_audit_entries(session: ReadDep, query: QueryDep, page: PageDep) -> Page[AuditEntry]:
    """Page the lines of the audit log, the newest first."""
    rows, total = audit.page(session, query, page.page, page.size)
    return Page(items=[AuditEntry.model_validate(row) for row in rows], total=page.tell(total))


@router.post("/verify", operation_id="verify_audit", responses=responses())
async def verify_audit(
    settings: SettingsDep, expected: Annotated[str, Query(max_length=100, description="number:seal")] = ""
) -> AuditVerdict:
    """Go through the whole chain: was a line changed, added, moved or dropped?"""
    verdict = await in_turn(
        "audit", audit.verify, settings.resolved_database_url, settings.resolved_secret_key, expected
    )
    return AuditVerdict(holds=not verdict.fault, number=verdict.number, seal=verdict.seal, fault=verdict.fault)


@router.get(
    "/export",
    operation_id="export_audit",
    response_class=StreamingResponse,
    responses=responses() | {200: {"content": {OCTETS: {}}}},
)
def export_audit(settings: SettingsDep, query: QueryDep) -> StreamingResponse:
    """Return the lines asked for, the oldest first, each a JSON object with its seal."""

    def lines() -> Iterator[str]:
        yield from audit.export(settings.resolved_database_url, query)

    return StreamingResponse(lines(), media_type=OCTETS, headers=attachment("audit.ndjson"))
