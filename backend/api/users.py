"""Routes of users, for admins of the installation."""

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.deps import ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.accounts import Identity, IdentityIn, NewUser, User, UserIn, UserLink, UserPatch
from backend.db import tables
from backend.services import identities, users

router = APIRouter(prefix="/users", tags=["accounts"])
UserId = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("", operation_id="list_users", responses=responses())
def list_users(session: ReadDep, page: ArrayPageDep) -> list[User]:
    """List all users by name."""
    n = identities.counts(session)
    return [_shown(row, n.get(row.id, 0)) for row in page.of(users.list_users(session))]


@router.post("", operation_id="add_user", status_code=201, responses=responses(409))
def add_user(session: WriteDep, body: UserIn, location: LocationDep) -> NewUser:
    """Add a user; hand the link over, with which they choose a password."""
    row = users.add(session, body.name, is_admin=body.is_admin)
    location.says("get_user", user_id=row.id)
    return NewUser(user=_shown(row, 0), link=_link(users.new_link(session, row)))


@router.get("/{user_id}", operation_id="get_user", responses=responses(404))
def get_user(session: ReadDep, user_id: UserId) -> User:
    """Return one user."""
    return _shown(users.get(session, user_id), len(identities.of_user(session, user_id)))


@router.patch("/{user_id}", operation_id="change_user", responses=responses(404, 409))
def change_user(session: WriteDep, user_id: UserId, body: UserPatch) -> User:
    """Make somebody an admin or not, shut them out or let them in again."""
    row = users.get(session, user_id)
    changed = users.change(session, row, is_admin=body.is_admin, disabled=body.disabled)
    return _shown(changed, len(identities.of_user(session, user_id)))


@router.post("/{user_id}/link", operation_id="new_user_link", responses=responses(404))
def new_user_link(session: WriteDep, user_id: UserId) -> UserLink:
    """Make a new link with which the user chooses a password; older links end, the password stays."""
    return _link(users.new_link(session, users.get(session, user_id)))


@router.get("/{user_id}/identities", operation_id="list_user_identities", responses=responses(404))
def list_user_identities(session: ReadDep, user_id: UserId, page: ArrayPageDep) -> list[Identity]:
    """List the identities at providers by which a user signs in."""
    rows = identities.of_user(session, users.get(session, user_id).id)
    return [Identity.model_validate(row) for row in page.of(rows)]


@router.post("/{user_id}/identities", operation_id="add_user_identity", status_code=201, responses=responses(404, 409))
def add_user_identity(
    session: WriteDep, settings: SettingsDep, user_id: UserId, body: IdentityIn, location: LocationDep
) -> Identity:
    """Give a user an identity at the provider of this installation."""
    row = identities.add(session, users.get(session, user_id), settings.oidc_issuer, body.subject)
    location.says("get_user_identity", user_id=user_id, identity_id=row.id)
    return Identity.model_validate(row)


@router.get("/{user_id}/identities/{identity_id}", operation_id="get_user_identity", responses=responses(404))
def get_user_identity(session: ReadDep, user_id: UserId, identity_id: UserId) -> Identity:
    """Return an identity of a user."""
    return Identity.model_validate(identities.get(session, user_id, identity_id))


@router.delete(
    "/{user_id}/identities/{identity_id}",
    operation_id="remove_user_identity",
    status_code=204,
    responses=responses(404),
)
def remove_user_identity(session: WriteDep, user_id: UserId, identity_id: UserId) -> None:
    """Take an identity from a user; sessions that were begun with it end."""
    identities.remove(session, identities.get(session, user_id, identity_id))


def _link(token: str) -> UserLink:
    return UserLink(path=f"{users.LINK_PATH}{token}", days=users.LINK_DAYS)


def _shown(row: tables.User, n_identities: int) -> User:
    kept = {name: getattr(row, name) for name in User.model_fields if name not in ("has_password", "n_identities")}
    return User(**kept, has_password=row.password_hash is not None, n_identities=n_identities)
