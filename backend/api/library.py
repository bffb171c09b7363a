"""The route of the library: the models of all projects."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from backend.api.deps import ReadDep
from backend.api.errors import responses
from backend.api.models import model_shown
from backend.api.paging import PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.models import Model
from backend.services import model_library

router = APIRouter(prefix="/models", tags=["models"])


@router.get("", operation_id="list_library", responses=responses())
def list_library(
    session: ReadDep,
    page: PageDep,
    purpose: Annotated[
        Literal["prediction", "training"] | None, Query(alias="for", description="Only models offered for this.")
    ] = None,
) -> Page[Model]:
    """Page the models of all projects, project by project, in each the best by its own test first."""
    rows = model_library.offered(session, "", purpose)
    shown = rows[page.start : page.start + page.size]
    named = model_library.names(session, shown)
    return Page(items=[model_shown(row, named.get(row.project_id, "")) for row in shown], total=page.tell(len(rows)))
