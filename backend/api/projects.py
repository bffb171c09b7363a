"""Routes of projects."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.schemas.jobs import Job
from backend.api.schemas.projects import DemoIn, DemoProject, Project, ProjectIn, ProjectPatch
from backend.db import tables
from backend.services import projects

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", operation_id="list_projects")
def list_projects(session: ReadDep) -> list[Project]:
    """List all projects, the newest first."""
    return _shown(session, projects.list_projects(session))


@router.post("", operation_id="create_project", status_code=201, responses=responses())
def create_project(session: WriteDep, body: ProjectIn) -> Project:
    """Create a project."""
    return _shown(session, [projects.create(session, body.name, body.description, body.keep_originals)])[0]


@router.post("/demo", operation_id="create_demo_project", status_code=202, responses=responses())
def create_demo_project(session: WriteDep, body: DemoIn) -> DemoProject:
    """Create a project and fill it, as a job, with simulated ECGs of five classes and their labels."""
    project, job = projects.create_demo(session, body.name, body.n_recordings, body.seed)
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
def delete_project(session: WriteDep, storage: StorageDep, project: ProjectWriteDep) -> None:
    """Delete a project and all that is in it."""
    projects.delete(session, storage, project)


def _shown(session: Session, rows: Sequence[tables.Project]) -> list[Project]:
    counts = projects.counts(session, [row.id for row in rows])
    return [
        Project(
            id=row.id, name=row.name, description=row.description, keep_originals=row.keep_originals,
            simulated=row.simulated, created_at=row.created_at, **counts[row.id],
        )
        for row in rows
    ]  # fmt: skip
