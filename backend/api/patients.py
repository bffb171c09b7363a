"""Routes of patients: what a project has of one, and erasing it."""

from dataclasses import asdict

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ProjectId, ReadDep, SettingsDep, StorageDep
from backend.api.errors import responses
from backend.api.schemas.patients import PatientErased, PatientFound, PatientIn
from backend.api.turns import in_turn
from backend.services import erasure

router = APIRouter(prefix="/projects/{project_id}/patients", tags=["patients"])


@router.post("/find", operation_id="find_patient", responses=responses(404))
def find_patient(session: ReadDep, project: ProjectDep, body: PatientIn) -> PatientFound:
    """Say what the project has of a patient, and which models have learned from it: what erasing would concern."""
    return PatientFound(**asdict(erasure.look(session, project.id, body.patient)))


@router.post("/erase", operation_id="erase_patient", responses=responses(404, 409))
async def erase_patient(
    settings: SettingsDep, storage: StorageDep, project_id: ProjectId, body: PatientIn
) -> PatientErased:
    """Erase a patient for good: recordings, originals, labels, predictions, names; models that learned are flagged."""
    url = settings.resolved_database_url
    return PatientErased(**asdict(await in_turn("deletion", erasure.erase, url, storage, project_id, body.patient)))
