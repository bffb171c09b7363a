"""Routes of users, for admins of the installation."""

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.deps import ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.accounts import NewUser, User, UserIn, UserLink, UserPatch
from backend.db import tables
from backend.services import users

router = APIRouter(prefix="/users", tags=["accounts"])
UserId = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("", operation_id="list_users", responses=responses())
def list_users(session: ReadDep, page: ArrayPageDep) -> list[User]:
    """List all users by name."""
    return [_shown(row) for row in page.of(users.list_users(session))]


@router.post("", operation_id="add_user", status_code=201, responses=responses(409))
def add_user(session: WriteDep, body: UserIn, location: LocationDep) -> NewUser:
    """Add a user; hand the link over, with which they choose a password."""
    row = users.add(session, body.name, is_admin=body.is_admin)
    location.says("get_user", user_id=row.id)
    return NewUser(user=_shown(row), link=_link(users.new_link(session, row)))


@router.get("/{user_id}", operation_id="get_user", responses=responses(404))
def get_user(session: ReadDep, user_id: UserId) -> User:
    """Return one user."""
    return _shown(users.get(session, user_id))


@router.patch("/{user_id}", operation_id="change_user", responses=responses(404, 409))
def change_user(session: WriteDep, user_id: UserId, body: UserPatch) -> User:
    """Make somebody an admin or not, shut them out or let them in again."""
    row = users.get(session, user_id)
    return _shown(users.change(session, row, is_admin=body.is_admin, disabled=body.disabled))


@router.post("/{user_id}/link", operation_id="new_user_link", responses=responses(404))
def new_user_link(session: WriteDep, user_id: UserId) -> UserLink:
    """Make a new link with which the user chooses a password; older links end, the password stays."""
    return _link(users.new_link(session, users.get(session, user_id)))


def _link(token: str) -> UserLink:
    return UserLink(path=f"{users.LINK_PATH}{token}", days=users.LINK_DAYS)


def _shown(row: tables.User) -> User:
    kept = {name: getattr(row, name) for name in User.model_fields if name != "has_password"}
    return User(**kept, has_password=row.password_hash is not None)
