"""Routes of stress tests: how a model stands the ECGs of an evaluation when these are made worse."""

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.schemas.stress_tests import StressTest
from backend.db import tables
from backend.services import stress_tests

router = APIRouter(prefix="/projects/{project_id}/evaluations/{evaluation_id}", tags=["evaluations"])


@router.post("/stress-test", operation_id="create_stress_test", status_code=202, responses=responses(404, 409))
def create_stress_test(
    session: WriteDep, project: ProjectWriteDep, evaluation_id: str, location: LocationDep
) -> StressTest:
    """Queue a stress test: wander, muscle noise, mains hum, leads off, arms interchanged, gain and rate, in steps.

    At most 300 patients of the evaluation, drawn by lot. An earlier test of the same evaluation is replaced.
    """
    row = stress_tests.create(session, project.id, evaluation_id)
    session.refresh(row)
    location.says("get_stress_test", evaluation_id=evaluation_id)
    return _shown(row)


@router.get("/stress-test", operation_id="get_stress_test", responses=responses(404))
def get_stress_test(session: ReadDep, project: ProjectDep, evaluation_id: str) -> StressTest:
    """Return the stress test of an evaluation; once its job is done, with its curves. 404 where there is none."""
    return _shown(stress_tests.of_evaluation(session, project.id, evaluation_id))


def _shown(row: tables.StressTest) -> StressTest:
    return StressTest.model_validate(row)
