"""Routes of the members of a project: who may do what in it."""

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.paging import ArrayPageDep
from backend.api.schemas.accounts import Member, MemberIn
from backend.db import tables
from backend.services import members, users

router = APIRouter(prefix="/projects/{project_id}/members", tags=["accounts"])
UserId = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("", operation_id="list_members", responses=responses(404))
def list_members(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Member]:
    """List the members of a project by name."""
    return [_shown(row) for row in page.of(members.list_members(session, project.id))]


@router.put("", operation_id="set_member", responses=responses(404))
def set_member(session: WriteDep, project: ProjectWriteDep, body: MemberIn) -> Member:
    """Make a user a member of the project, or give a member another role."""
    return _shown(members.grant(session, project.id, users.find(session, body.name), body.role))


@router.get("/{user_id}", operation_id="get_member", responses=responses(404))
def get_member(session: ReadDep, project: ProjectDep, user_id: UserId) -> Member:
    """Return one member."""
    return _shown(members.get(session, project.id, user_id))


@router.delete("/{user_id}", operation_id="remove_member", status_code=204, responses=responses(404))
def remove_member(session: WriteDep, project: ProjectWriteDep, user_id: UserId) -> None:
    """End a membership; what the person has made stays."""
    members.revoke(session, members.get(session, project.id, user_id))


def _shown(row: tables.Member) -> Member:
    return Member(user_id=row.user_id, name=row.user.name, role=row.role, created_at=row.created_at)
