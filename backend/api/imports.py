"""Routes of imports: what became of each file of a batch."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ReadDep
from backend.api.errors import responses
from backend.api.paging import PageDep
from backend.api.recordings import attachment
from backend.api.schemas.base import Page
from backend.api.schemas.imports import Import
from backend.api.schemas.recordings import Outcome
from backend.db import tables
from backend.services import imports

router = APIRouter(prefix="/projects/{project_id}/imports", tags=["imports"])
Status = Literal["imported", "duplicate", "updated", "refused"]
Search = Annotated[str, Query(max_length=200)]


async def _query(status: Status | None = None, findings_only: bool = False, search: Search = "") -> imports.Query:
    return imports.Query(status or "", findings_only, search)


QueryDep = Annotated[imports.Query, Depends(_query)]


@router.get("", operation_id="list_imports", responses=responses(404))
def list_imports(session: ReadDep, project: ProjectDep, page: PageDep) -> Page[Import]:
    """Page the imports of a project, the newest first."""
    rows, total = imports.list_imports(session, project.id, page.page, page.size)
    return Page(items=_shown(session, rows), total=page.tell(total))


@router.get("/{import_id}", operation_id="get_import", responses=responses(404))
def get_import(session: ReadDep, project: ProjectDep, import_id: str) -> Import:
    """Return one import with its counts."""
    return _shown(session, [imports.get(session, project.id, import_id)])[0]


@router.get("/{import_id}/outcomes", operation_id="list_outcomes", responses=responses(404))
def list_outcomes(
    session: ReadDep,
    project: ProjectDep,
    import_id: str,
    query: QueryDep,
    page: PageDep,
) -> Page[Outcome]:
    """Page what became of the files of an import, in their order."""
    row = imports.get(session, project.id, import_id)
    rows, total = imports.outcomes(session, row.id, query, page.page, page.size)
    return Page(items=[_outcome(one) for one in rows], total=page.tell(total))


@router.get(
    "/{import_id}/report.csv",
    operation_id="get_import_report",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/csv": {}}}},
)
def get_import_report(
    session: ReadDep,
    project: ProjectDep,
    import_id: str,
    query: QueryDep,
) -> Response:
    """Return what became of the files of an import as CSV."""
    row = imports.get(session, project.id, import_id)
    text = "".join(imports.report(session, row.id, query))
    return Response(text.encode(), media_type="text/csv", headers=attachment("import.csv"))


def _outcome(row: tables.ImportOutcome) -> Outcome:
    kept = (name for name in Outcome.model_fields if name in tables.ImportOutcome.__table__.columns)
    return Outcome.model_validate({name: getattr(row, name) for name in kept})


def _shown(session: Session, rows: Sequence[tables.Import]) -> list[Import]:
    counts = imports.counts(session, [row.id for row in rows])
    return [Import(id=row.id, created_at=row.created_at, declared=row.declared, **counts[row.id]) for row in rows]
