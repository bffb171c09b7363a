"""Routes of long work in an exchange: verified, indexed, withdrawn. Its jobs belong to the exchange, to no project."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse

from backend.api.deps import ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.jobs import STREAM, events_of, stream_of
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.exchanges import ExchangeJobIn
from backend.api.schemas.jobs import ExchangeJob, JobEvent
from backend.services import exchange_jobs, exchanges, jobs

router = APIRouter(prefix="/exchanges/{exchange_id}/jobs", tags=["exchanges"])
ExchangeId = Annotated[str, Path(min_length=1, max_length=64)]


@router.post("", operation_id="start_exchange_job", status_code=202, responses=responses(404, 409))
def start_exchange_job(
    session: WriteDep, exchange_id: ExchangeId, body: ExchangeJobIn, location: LocationDep
) -> ExchangeJob:
    """Queue the verifying of models, the making of the index, or the withdrawal of a version."""
    request = exchange_jobs.Request(**body.model_dump())
    row = exchange_jobs.create(session, exchanges.get(session, exchange_id), request)
    session.refresh(row)
    location.says("get_exchange_job", job_id=row.id)
    return ExchangeJob.model_validate(row)


@router.get("", operation_id="list_exchange_jobs", responses=responses(404))
def list_exchange_jobs(session: ReadDep, exchange_id: ExchangeId, page: PageDep) -> Page[ExchangeJob]:
    """Page the jobs of an exchange, the newest first; transfers are jobs of their projects."""
    rows, total = exchange_jobs.page(session, exchanges.get(session, exchange_id).id, page.page, page.size)
    return Page(items=[ExchangeJob.model_validate(row) for row in rows], total=page.tell(total))


@router.get("/{job_id}", operation_id="get_exchange_job", responses=responses(404))
def get_exchange_job(session: ReadDep, exchange_id: ExchangeId, job_id: str) -> ExchangeJob:
    """Return one job of an exchange."""
    return ExchangeJob.model_validate(jobs.get_of_exchange(session, exchange_id, job_id))


@router.post("/{job_id}/cancel", operation_id="cancel_exchange_job", responses=responses(404, 409))
def cancel_exchange_job(session: WriteDep, exchange_id: ExchangeId, job_id: str) -> ExchangeJob:
    """Ask a job to stop; a running one stops at its next step."""
    row = jobs.get_of_exchange(session, exchange_id, job_id)
    return ExchangeJob.model_validate(jobs.request_cancel(session, row))


@router.get("/{job_id}/events", operation_id="list_exchange_job_events", responses=responses(404))
def list_exchange_job_events(
    session: ReadDep, exchange_id: ExchangeId, job_id: str, page: ArrayPageDep,
    after: Annotated[int, Query(ge=0)] = 0,
) -> list[JobEvent]:  # fmt: skip
    """Return what the job said after the event of that number; its `result` says what was found."""
    return events_of(session, jobs.get_of_exchange(session, exchange_id, job_id), page, after)


def _watched(session: ReadDep, exchange_id: ExchangeId, job_id: str) -> str:
    return jobs.get_of_exchange(session, exchange_id, job_id).id


@router.get("/{job_id}/stream", operation_id="stream_exchange_job", response_class=StreamingResponse, responses=STREAM)
async def stream_exchange_job(
    settings: SettingsDep,
    job_id: Annotated[str, Depends(_watched)],
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> StreamingResponse:
    """Stream the job as server-sent events, as `stream_job` does; `event: job` carries an ExchangeJob."""
    return stream_of(settings, job_id, last_event_id)
