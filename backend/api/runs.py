"""Routes of training runs."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.schemas.jobs import Job
from backend.api.schemas.runs import Estimate, Run, RunIn
from backend.db import tables
from backend.services import runs

router = APIRouter(prefix="/projects/{project_id}/runs", tags=["runs"])


@router.get("", operation_id="list_runs", responses=responses(404))
def list_runs(session: ReadDep, project: ProjectDep) -> list[Run]:
    """List the training runs of a project, the newest first."""
    return _shown(session, runs.list_runs(session, project.id))


@router.post("", operation_id="create_run", status_code=202, responses=responses(404, 409))
def create_run(session: WriteDep, project: ProjectWriteDep, body: RunIn) -> Run:
    """Check a training in full and queue it."""
    return _shown(session, [runs.create(session, project.id, _request(body))])[0]


@router.post("/estimate", operation_id="estimate_run", responses=responses(404, 409))
def estimate_run(session: ReadDep, project: ProjectDep, body: RunIn) -> Estimate:
    """Say how long a training would take, without starting it."""
    return Estimate.model_validate(runs.estimate(session, project.id, _request(body)))


@router.get("/{run_id}", operation_id="get_run", responses=responses(404))
def get_run(session: ReadDep, project: ProjectDep, run_id: str) -> Run:
    """Return one run."""
    return _shown(session, [runs.get(session, project.id, run_id)])[0]


@router.delete("/{run_id}", operation_id="delete_run", status_code=204, responses=responses(404, 409))
def delete_run(session: WriteDep, project: ProjectWriteDep, run_id: str) -> None:
    """Delete a run that has ended; its model stays."""
    runs.delete(session, runs.get(session, project.id, run_id))


def _request(body: RunIn) -> runs.Request:
    return runs.Request(**body.model_dump())


def _shown(session: Session, rows: Sequence[tables.Run]) -> list[Run]:
    models = runs.model_ids(session, [row.id for row in rows])
    return [
        Run(
            id=row.id, dataset_id=row.dataset_id, base_model_id=row.base_model_id, name=row.name,
            architecture=row.architecture, settings=row.settings,
            facts=row.facts, created_at=row.created_at, job=Job.model_validate(row.job), model_id=models.get(row.id),
        )
        for row in rows
    ]  # fmt: skip
