"""Routes of transfers: models pulled from an exchange into a project, or pushed from it into one."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import PageDep
from backend.api.schemas.base import Page
from backend.api.schemas.transfers import Publication, PublicationFinding, PullIn, PushIn, Transfer
from backend.api.turns import in_turn
from backend.db import tables
from backend.db.session import read_session
from backend.services import exchange_pull, exchange_push, exchanges, models, projects, transfers
from backend.settings import Settings
from backend.storage import Storage

router = APIRouter(prefix="/projects/{project_id}", tags=["exchanges"])


@router.get("/transfers", operation_id="list_transfers", responses=responses(404))
def list_transfers(
    session: ReadDep,
    project: ProjectDep,
    page: PageDep,
) -> Page[Transfer]:
    """Page the transfers of a project, the newest first."""
    rows, total = transfers.page(session, project.id, page.page, page.size)
    return Page(items=[Transfer.model_validate(row) for row in rows], total=page.tell(total))


@router.post("/transfers/pull", operation_id="pull_model", status_code=202, responses=responses(404, 409))
def pull_model(session: WriteDep, project: ProjectWriteDep, body: PullIn, location: LocationDep) -> Transfer:
    """Queue the fetching of a model into this project.

    One that is signed with a key that is new here is refused with 409, which names the key, until `trust` names it.
    """
    exchange = exchanges.get(session, body.exchange_id)
    request = exchange_pull.Request(**body.model_dump(exclude={"exchange_id"}))
    row = exchange_pull.create(session, project.id, exchange, request)
    location.says("get_transfer", transfer_id=row.id)
    return _shown(session, row)


@router.post("/transfers/push", operation_id="push_model", status_code=202, responses=responses(404, 409))
def push_model(
    session: WriteDep, settings: SettingsDep, project: ProjectWriteDep, body: PushIn, location: LocationDep
) -> Transfer:
    """Queue the publishing of a model of this project; see `get_publication` for what stands in its way."""
    exchange = exchanges.get(session, body.exchange_id)
    request = exchange_push.Request(**body.model_dump(exclude={"exchange_id"}))
    row = exchange_push.create(session, settings, project.id, exchange, request)
    location.says("get_transfer", transfer_id=row.id)
    return _shown(session, row)


@router.get("/transfers/{transfer_id}", operation_id="get_transfer", responses=responses(404))
def get_transfer(session: ReadDep, project: ProjectDep, transfer_id: str) -> Transfer:
    """Return one transfer."""
    return Transfer.model_validate(transfers.get(session, project.id, transfer_id))


@router.delete(
    "/transfers/{transfer_id}", operation_id="delete_transfer", status_code=204, responses=responses(404, 409)
)
def delete_transfer(session: WriteDep, settings: SettingsDep, project: ProjectWriteDep, transfer_id: str) -> None:
    """Forget a transfer that has ended, and what it left in quarantine; a model that it brought stays."""
    transfers.delete(session, settings, transfers.get(session, project.id, transfer_id))


@router.get("/models/{model_id}/publication", operation_id="get_publication", responses=responses(404, 409))
async def get_publication(
    settings: SettingsDep,
    storage: StorageDep,
    project_id: ProjectId,
    model_id: str,
    exchange_id: Annotated[str, Query(min_length=1, max_length=64)],
    slug: Annotated[str, Query(max_length=60, description="As which it is to be published.")] = "",
) -> Publication:
    """Say what stands in the way of publishing a model, what would be left out of it, and as what it would appear."""
    return await in_turn("model", _publication, settings, storage, project_id, model_id, exchange_id, slug)


def _publication(
    settings: Settings, storage: Storage, project_id: str, model_id: str, exchange_id: str, slug: str
) -> Publication:
    with read_session(settings.resolved_database_url) as session:
        project = projects.get(session, project_id)
        model = models.get(session, project.id, model_id)
        exchange = exchanges.get(session, exchange_id)
        said = exchange_push.publication(session, storage, settings, model, exchange, slug)
    return Publication(
        **{name: getattr(said, name) for name in Publication.model_fields if name != "findings"},
        findings=[PublicationFinding(place=one.place, reason=one.reason, mended=one.mended) for one in said.findings],
    )


def _shown(session: Session, row: tables.Transfer) -> Transfer:
    session.refresh(row)
    return Transfer.model_validate(row)
