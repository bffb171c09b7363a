"""Routes of saved views: lists of recordings kept under a name."""

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.views import View, ViewIn
from backend.services import saved_views

router = APIRouter(prefix="/projects/{project_id}/views", tags=["recordings"])


@router.get("", operation_id="list_views", responses=responses(404))
def list_views(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[View]:
    """List the saved views of a project by name."""
    return [View.model_validate(row) for row in page.of(saved_views.list_views(session, project.id))]


@router.post("", operation_id="save_view", status_code=201, responses=responses(404, 409))
def save_view(session: WriteDep, project: ProjectWriteDep, body: ViewIn, location: LocationDep) -> View:
    """Keep a list of recordings under a name; one of the same name is replaced."""
    row = saved_views.save(session, project.id, body.name, body.query)
    location.says("list_views")
    return View.model_validate(row)


@router.delete("/{view_id}", operation_id="delete_view", status_code=204, responses=responses(404))
def delete_view(session: WriteDep, project: ProjectWriteDep, view_id: str) -> None:
    """Delete a saved view; the recordings are kept."""
    saved_views.delete(session, project.id, view_id)
