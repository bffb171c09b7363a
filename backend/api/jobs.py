"""Routes of jobs: where they stand, what they said, and a live stream of both."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.job_news import job_news
from backend.api.paging import ArrayPageDep, Paging
from backend.api.schemas.jobs import Job, JobEvent
from backend.db import tables
from backend.services import job_control, jobs
from backend.settings import Settings

router = APIRouter(prefix="/projects/{project_id}/jobs", tags=["jobs"])
NEWEST = 100
MOST_EVENTS = 10_000
STREAM = responses(404) | {200: {"content": {"text/event-stream": {}}}}


@router.get("", operation_id="list_jobs", responses=responses(404))
def list_jobs(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Job]:
    """List the jobs of a project, the newest first; the newest hundred where no page is asked for."""
    if page.whole:
        page.size = NEWEST
    page.tell(jobs.count(session, project.id))
    return [Job.model_validate(row) for row in jobs.list_jobs(session, project.id, page.size, page.start)]


@router.get("/{job_id}", operation_id="get_job", responses=responses(404))
def get_job(session: ReadDep, project: ProjectDep, job_id: str) -> Job:
    """Return one job."""
    return Job.model_validate(jobs.get(session, project.id, job_id))


@router.post("/{job_id}/cancel", operation_id="cancel_job", responses=responses(404, 409))
def cancel_job(
    session: WriteDep,
    project: ProjectWriteDep,
    job_id: str,
    keep_model: Annotated[
        bool, Query(description="Of a training: do not cancel it, but stop it and make the model of its best epoch.")
    ] = False,
) -> Job:
    """Ask a job to stop; a running one stops at its next step. A training may keep the model so far."""
    row = jobs.get(session, project.id, job_id)
    return Job.model_validate((job_control.stop_and_keep if keep_model else jobs.request_cancel)(session, row))


@router.post("/{job_id}/resume", operation_id="resume_job", responses=responses(404, 409))
def resume_job(session: WriteDep, project: ProjectWriteDep, job_id: str) -> Job:
    """Queue a job again that has failed or was cancelled; it goes on from what it has kept."""
    return Job.model_validate(job_control.resume(session, jobs.get(session, project.id, job_id)))


@router.get("/{job_id}/events", operation_id="list_job_events", responses=responses(404))
def list_job_events(
    session: ReadDep,
    project: ProjectDep,
    job_id: str,
    page: ArrayPageDep,
    after: Annotated[int, Query(ge=0)] = 0,
) -> list[JobEvent]:
    """Return what the job said after the event of that number; ten thousand events where no page is asked for."""
    return events_of(session, jobs.get(session, project.id, job_id), page, after)


def events_of(session: Session, row: tables.Job, page: Paging, after: int) -> list[JobEvent]:
    """Return a page of what a job said after the event of that number."""
    if page.whole:
        page.size = MOST_EVENTS
    total = jobs.count_events(session, row.id, after)
    found = jobs.events(session, row.id, after, page.size, page.start)
    if not page.whole:
        page.tell(total)
    elif total > len(found):  # no page is as large: on from the last number
        page.link({"next": {"after": found[-1].number}}, total)
    else:
        page.link({}, total)
    return [JobEvent.model_validate(event) for event in found]


def _watched(session: ReadDep, project: ProjectDep, job_id: str) -> str:
    return jobs.get(session, project.id, job_id).id


@router.get(
    "/{job_id}/stream",
    operation_id="stream_job",
    response_class=StreamingResponse,
    responses=STREAM,
)
async def stream_job(
    settings: SettingsDep,
    job_id: Annotated[str, Depends(_watched)],
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> StreamingResponse:
    """Stream the job as server-sent events, from the event after Last-Event-ID on.

    `id` is the number of the event, `event` its kind and `data` a JobEvent; `event: job` carries the Job whenever it
    has changed, and `event: end` closes the stream once the job has ended.
    """
    return stream_of(settings, job_id, last_event_id)


def stream_of(settings: Settings, job_id: str, last_event_id: int) -> StreamingResponse:
    """Return the stream of a job from the event after `last_event_id` on."""
    # Not FastAPI's EventSourceResponse: it logs an error, as of a fault, whenever somebody closes the page.
    stream = job_news(settings.resolved_database_url).follow(job_id, last_event_id)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
