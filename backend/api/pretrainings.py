"""The route of pre-trainings."""

from fastapi import APIRouter

from backend.api.deps import ProjectWriteDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.schemas.jobs import Job
from backend.api.schemas.pretrainings import PretrainingIn
from backend.services import pretrainings

router = APIRouter(prefix="/projects/{project_id}/pretrainings", tags=["models"])


@router.post("", operation_id="create_pretraining", status_code=202, responses=responses(404))
def create_pretraining(session: WriteDep, project: ProjectWriteDep, body: PretrainingIn, location: LocationDep) -> Job:
    """Queue a pre-training on all recordings of the project; its result is a model that trainings can start from."""
    request = pretrainings.Request(**body.model_dump())
    job = pretrainings.create(session, project.id, request)
    location.says("get_job", job_id=job.id)
    return Job.model_validate(job)
