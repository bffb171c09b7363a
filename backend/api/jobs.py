"""Routes of jobs: where they stand, what they said, and a live stream of both."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.schemas.jobs import Job, JobEvent
from backend.db.session import read_session
from backend.errors import NotFoundError
from backend.services import jobs

router = APIRouter(prefix="/projects/{project_id}/jobs", tags=["jobs"])
POLL_S = 0.4
PING_S = 15.0


@router.get("", operation_id="list_jobs", responses=responses(404))
def list_jobs(session: ReadDep, project: ProjectDep) -> list[Job]:
    """List the newest jobs of a project."""
    return [Job.model_validate(row) for row in jobs.list_jobs(session, project.id)]


@router.get("/{job_id}", operation_id="get_job", responses=responses(404))
def get_job(session: ReadDep, project: ProjectDep, job_id: str) -> Job:
    """Return one job."""
    return Job.model_validate(jobs.get(session, project.id, job_id))


@router.post("/{job_id}/cancel", operation_id="cancel_job", responses=responses(404, 409))
def cancel_job(session: WriteDep, project: ProjectWriteDep, job_id: str) -> Job:
    """Ask a job to stop; a running one stops at its next step."""
    return Job.model_validate(jobs.request_cancel(session, jobs.get(session, project.id, job_id)))


@router.get("/{job_id}/events", operation_id="list_job_events", responses=responses(404))
def list_job_events(
    session: ReadDep, project: ProjectDep, job_id: str, after: Annotated[int, Query(ge=0)] = 0
) -> list[JobEvent]:
    """Return what the job said after the event of that number."""
    row = jobs.get(session, project.id, job_id)
    return [JobEvent.model_validate(event) for event in jobs.events(session, row.id, after)]


@router.get(
    "/{job_id}/stream",
    operation_id="stream_job",
    response_class=StreamingResponse,
    responses=responses(404) | {200: {"content": {"text/event-stream": {}}}},
)
def stream_job(
    settings: SettingsDep,
    session: ReadDep,
    project: ProjectDep,
    job_id: str,
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> StreamingResponse:
    """Stream the job as server-sent events, from the event after Last-Event-ID on.

    `id` is the number of the event, `event` its kind and `data` a JobEvent; `event: job` carries the Job whenever it
    has changed, and `event: end` closes the stream once the job has ended.
    """
    jobs.get(session, project.id, job_id)
    stream = _stream(settings.resolved_database_url, project.id, job_id, last_event_id)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(url: str, project_id: str, job_id: str, number: int) -> AsyncIterator[str]:
    last_job, silent_s = "", 0.0
    while True:
        try:
            job, events = await run_in_threadpool(_news, url, project_id, job_id, number)
        except NotFoundError:  # deleted while it was looked at
            yield "event: end\ndata: {}\n\n"
            return
        text = "".join(
            f"id: {event.number}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n" for event in events
        )
        number = events[-1].number if events else number
        shown = job.model_dump_json()
        if shown != last_job:
            text += f"event: job\ndata: {shown}\n\n"
            last_job = shown
        if job.status in jobs.FINISHED:
            yield text + "event: end\ndata: {}\n\n"
            return
        silent_s = 0.0 if text else silent_s + POLL_S
        if silent_s >= PING_S:
            text, silent_s = ": still here\n\n", 0.0
        if text:
            yield text
        await asyncio.sleep(POLL_S)


def _news(url: str, project_id: str, job_id: str, after: int) -> tuple[Job, list[JobEvent]]:
    with read_session(url) as session:
        job = Job.model_validate(jobs.get(session, project_id, job_id))
        return job, [JobEvent.model_validate(event) for event in jobs.events(session, job_id, after)]
