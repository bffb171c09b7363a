"""Routes of projects."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.recordings import attachment
from backend.api.schemas.jobs import Job
from backend.api.schemas.projects import DemoIn, DemoProject, Project, ProjectIn, ProjectPatch
from backend.api.turns import in_turn
from backend.db import tables
from backend.db.session import write_session
from backend.services import project_deletion, project_export, projects
from backend.storage import Storage

router = APIRouter(prefix="/projects", tags=["projects"])
ZIP = "application/zip"


@router.get("", operation_id="list_projects", responses=responses())
def list_projects(session: ReadDep, page: ArrayPageDep) -> list[Project]:
    """List all projects, the newest first."""
    return _shown(session, page.of(projects.list_projects(session)))


@router.post("", operation_id="create_project", status_code=201, responses=responses())
def create_project(session: WriteDep, body: ProjectIn, location: LocationDep) -> Project:
    """Create a project."""
    row = projects.create(session, body.name, body.description, body.keep_originals)
    location.says("get_project", project_id=row.id)
    return _shown(session, [row])[0]


@router.post("/demo", operation_id="create_demo_project", status_code=202, responses=responses())
def create_demo_project(session: WriteDep, body: DemoIn, location: LocationDep) -> DemoProject:
    """Create a project and fill it, as a job, with simulated ECGs of five classes and their labels."""
    project, job = projects.create_demo(session, body.name, body.n_recordings, body.seed)
    location.says("get_project", project_id=project.id)
    return DemoProject(project=_shown(session, [project])[0], job=Job.model_validate(job))


@router.get("/{project_id}", operation_id="get_project", responses=responses(404))
def get_project(session: ReadDep, project: ProjectDep) -> Project:
    """Return one project."""
    return _shown(session, [project])[0]


@router.patch("/{project_id}", operation_id="update_project", responses=responses(404))
def update_project(session: WriteDep, project: ProjectWriteDep, body: ProjectPatch) -> Project:
    """Change name or description."""
    return _shown(session, [projects.rename(project, body.name, body.description)])[0]


@router.delete("/{project_id}", operation_id="delete_project", status_code=204, responses=responses(404, 409))
async def delete_project(settings: SettingsDep, storage: StorageDep, project_id: ProjectId) -> None:
    """Delete a project and all that is in it. It is out of sight at once; the answer comes when all of it is gone."""
    await in_turn("deletion", _delete, settings.resolved_database_url, storage, project_id)


def _delete(url: str, storage: Storage, project_id: str) -> None:
    with write_session(url) as session:
        projects.delete(session, projects.get(session, project_id))
    project_deletion.finish(url, storage, project_id)


def _shown(session: Session, rows: Sequence[tables.Project]) -> list[Project]:
    counts = projects.counts(session, [row.id for row in rows])
    return [
        Project(
            id=row.id, name=row.name, description=row.description, keep_originals=row.keep_originals,
            simulated=row.simulated, created_at=row.created_at, **counts[row.id],
        )
        for row in rows
    ]  # fmt: skip


@router.get(
    "/{project_id}/export",
    operation_id="export_project",
    response_class=StreamingResponse,
    responses=responses(404) | {200: {"content": {ZIP: {}}}},
)
def export_project(
    session: ReadDep, settings: SettingsDep, storage: StorageDep, project: ProjectDep
) -> StreamingResponse:
    """Return everything of a project as one zip: originals, signals, labels, readings, models, evaluations.

    `SHA256SUMS` in it holds the sums of all files, `manifest.json` says what is left out and what could not be read.
    """
    url, name = settings.resolved_database_url, f"{project_export.plain(project.name)}.zip"
    project_export.note_everything(session, project.id)
    return StreamingResponse(project_export.export(url, storage, project.id), media_type=ZIP, headers=attachment(name))
