"""Routes of one's own API keys."""

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.deps import PersonDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.accounts import ApiKey, ApiKeyIn, NewApiKey
from backend.errors import ConflictError
from backend.services import api_keys, projects
from backend.services.person import Person

router = APIRouter(prefix="/api-keys", tags=["accounts"])
KeyId = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("", operation_id="list_api_keys", responses=responses())
def list_api_keys(session: ReadDep, person: PersonDep, page: ArrayPageDep) -> list[ApiKey]:
    """List one's API keys, the newest first."""
    return [ApiKey.model_validate(row) for row in page.of(api_keys.list_keys(session, person.id))]


@router.post("", operation_id="add_api_key", status_code=201, responses=responses(404, 409))
def add_api_key(session: WriteDep, person: PersonDep, body: ApiKeyIn, location: LocationDep) -> NewApiKey:
    """Make an API key. Its text is in this answer alone."""
    _needs_user(person)
    if body.project_id is not None:
        projects.get(session, body.project_id)
    row, secret = api_keys.add(session, person.id, body.name, body.role, body.days, body.project_id)
    location.says("get_api_key", key_id=row.id)
    return NewApiKey(key=ApiKey.model_validate(row), secret=secret)


@router.get("/{key_id}", operation_id="get_api_key", responses=responses(404))
def get_api_key(session: ReadDep, person: PersonDep, key_id: KeyId) -> ApiKey:
    """Return one of one's API keys."""
    return ApiKey.model_validate(api_keys.get(session, person.id, key_id))


@router.delete("/{key_id}", operation_id="remove_api_key", status_code=204, responses=responses(404))
def remove_api_key(session: WriteDep, person: PersonDep, key_id: KeyId) -> None:
    """Delete an API key; from now on it opens nothing."""
    api_keys.remove(session, api_keys.get(session, person.id, key_id))


def _needs_user(person: Person) -> None:
    if person.via == "local":
        raise ConflictError("In local mode no API key is needed: requests from this machine need none.")
