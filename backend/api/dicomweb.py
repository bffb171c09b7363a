"""DICOMweb: PACS and carts push ECGs into a project (STOW-RS, DICOM PS3.18, 10.5)."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from backend.api.bodies import INSTANCES, instances_of
from backend.api.deps import ProjectId, SettingsDep, StorageDep
from backend.api.errors import responses
from backend.api.turns import in_turn
from backend.db.session import read_session
from backend.errors import ConflictError
from backend.services import dicom_intake, projects
from backend.services.dicom_intake import Stored
from backend.settings import Settings
from backend.storage import Storage

router = APIRouter(prefix="/projects/{project_id}/dicomweb", tags=["hospital systems"])
MEDIA_TYPE = "application/dicom+json"
CANNOT_UNDERSTAND = 0xC000
_ANSWER = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}


@router.post(
    "/studies", operation_id="store_dicom_instances", response_class=Response, openapi_extra=INSTANCES,
    responses=responses(404, 409, 413, 507) | {200: _ANSWER, 202: _ANSWER | {"description": "Some were refused."}},
)  # fmt: skip
async def store_dicom_instances(
    request: Request, settings: SettingsDep, storage: StorageDep, project_id: ProjectId
) -> JSONResponse:
    """Store DICOM instances (multipart/related; type="application/dicom").

    The answer is DICOM JSON: what is kept is named by ReferencedSOPSequence, what is not by FailedSOPSequence. 200: all
    are kept, 202: some are, 409: none is.
    """
    objects = await instances_of(request)
    import_id, stored = await in_turn("upload", _store, settings, storage, project_id, objects)
    problems = [one.problem for one in stored if one.problem]
    if len(problems) == len(stored):
        raise ConflictError(f"None of the instances was kept. {problems[0]}")
    where = request.app.url_path_for("get_import", project_id=project_id, import_id=import_id)
    return JSONResponse(_described(stored), 202 if problems else 200, {"Location": where}, MEDIA_TYPE)


def _store(settings: Settings, storage: Storage, project_id: str, objects: list[bytes]) -> tuple[str, list[Stored]]:
    with read_session(settings.resolved_database_url) as session:
        projects.get(session, project_id)
    return dicom_intake.store(settings, storage, project_id, objects)


def _described(stored: list[Stored]) -> dict[str, Any]:
    kept = [_reference(one) for one in stored if not one.problem]
    failed = [_reference(one) | {"00081197": {"vr": "US", "Value": [CANNOT_UNDERSTAND]},
                                 "00080063": {"vr": "LO", "Value": [one.problem[:64]]}}
              for one in stored if one.problem]  # fmt: skip
    sequences = {"00081199": kept, "00081198": failed}
    return {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}


def _reference(one: Stored) -> dict[str, Any]:
    if one.identity is None:
        return {}
    uids = {"00081150": one.identity.sop_class, "00081155": one.identity.sop_instance}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in uids.items()}
