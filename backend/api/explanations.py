"""Routes of explanations: what did a model look at in a recording?"""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.explanations import Explanation, ExplanationDetail, ExplanationIn, ExplanationResult
from backend.api.schemas.jobs import Job
from backend.db import tables
from backend.services import explanations

router = APIRouter(prefix="/projects/{project_id}/explanations", tags=["explanations"])


@router.get("", operation_id="list_explanations", responses=responses(404))
def list_explanations(
    session: ReadDep,
    project: ProjectDep,
    page: PageDep,
    recording_id: Annotated[str | None, Query(max_length=64, description="None: of all recordings.")] = None,
) -> Page[Explanation]:
    """List the explanations of a project, or of one recording, the newest first."""
    rows = explanations.list_explanations(session, project.id, page.size, page.start, recording_id)
    total = page.tell(explanations.count(session, project.id, recording_id))
    return Page(items=[Explanation(**_shown(row)) for row in rows], total=total)


@router.post("", operation_id="create_explanation", status_code=202, responses=responses(404, 409))
def create_explanation(
    session: WriteDep, project: ProjectWriteDep, body: ExplanationIn, location: LocationDep
) -> Explanation:
    """Queue the maps of a recording, each with its control: the same network with random weights, many times."""
    row = explanations.create(session, project.id, body.model_id, body.recording_id, body.label, body.ways)
    session.refresh(row)
    location.says("get_explanation", explanation_id=row.id)
    return Explanation(**_shown(row))


@router.get("/{explanation_id}", operation_id="get_explanation", responses=responses(404))
def get_explanation(session: ReadDep, project: ProjectDep, explanation_id: str) -> ExplanationDetail:
    """Return an explanation with its maps. Show none as evidence whose control says that it is none."""
    row = explanations.get(session, project.id, explanation_id)
    if row.result is None:
        return ExplanationDetail(**_shown(row), result=None)
    found = dict(row.result)
    if found["nearest"] is not None:
        found["nearest"] = found["nearest"] | {"recordings": explanations.neighbours(session, row)}
    return ExplanationDetail(**_shown(row), result=ExplanationResult.model_validate(found))


@router.delete("/{explanation_id}", operation_id="delete_explanation", status_code=204, responses=responses(404, 409))
def delete_explanation(session: WriteDep, project: ProjectWriteDep, explanation_id: str) -> None:
    """Delete an explanation that has ended."""
    explanations.delete(session, explanations.get(session, project.id, explanation_id))


def _shown(row: tables.Explanation) -> dict[str, Any]:
    return {
        "id": row.id, "model_id": row.model_id, "model_name": row.model.name, "recording_id": row.recording_id,
        "file_name": row.recording.file_name, "label": row.label, "ways": row.ways, "created_at": row.created_at,
        "job": Job.model_validate(row.job),
    }  # fmt: skip
