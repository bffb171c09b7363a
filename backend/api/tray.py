"""Routes of the jobs that somebody follows from everywhere, whatever project they belong to."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from backend.api.deps import PersonDep, ReadDep, SettingsDep
from backend.api.errors import responses
from backend.api.paging import ArrayPageDep
from backend.api.schemas.jobs import TrayJob
from backend.api.tray_news import shown, tray_news
from backend.services import job_tray

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", operation_id="list_followed_jobs", responses=responses())
def list_followed_jobs(session: ReadDep, person: PersonDep, page: ArrayPageDep) -> list[TrayJob]:
    """List the jobs of all projects of whoever asks: those that wait and run, and the newest that have ended."""
    return [shown(one) for one in page.of(job_tray.tray(session, person.projects))]


@router.get(
    "/stream",
    operation_id="stream_followed_jobs",
    response_class=StreamingResponse,
    responses=responses() | {200: {"content": {"text/event-stream": {}}}},
)
async def stream_followed_jobs(settings: SettingsDep, person: PersonDep) -> StreamingResponse:
    """Stream that list as server-sent events: `tray`, with an array of TrayJob, at once and whenever it changes.

    The stream ends after some minutes; connect again.
    """
    stream = tray_news(settings.resolved_database_url).follow(person.projects)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
