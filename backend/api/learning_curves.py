"""Routes of learning curves: what more data would bring a candidate of a comparison."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.schemas.jobs import Job
from backend.api.schemas.learning_curves import LearningCurve, LearningCurvePoint
from backend.services import comparisons, learning_curves, runs
from backend.services.candidates import MOST
from backend.services.learning_curves import Curve

router = APIRouter(prefix="/projects/{project_id}/comparisons/{comparison_id}/learning-curves", tags=["comparisons"])
Place = Annotated[int, Path(ge=0, lt=MOST, description="Of the candidate in the comparison, from 0.")]


@router.get("/{place}", operation_id="get_learning_curve", responses=responses(404))
def get_learning_curve(session: ReadDep, project: ProjectDep, comparison_id: str, place: Place) -> LearningCurve:
    """Return the learning curve of a candidate; before it is started, what it would take or why there can be none."""
    return _shown(session, learning_curves.get(session, comparisons.get(session, project.id, comparison_id), place))


@router.post("/{place}", operation_id="start_learning_curve", status_code=202, responses=responses(404, 409))
def start_learning_curve(
    session: WriteDep, project: ProjectWriteDep, comparison_id: str, place: Place, location: LocationDep
) -> LearningCurve:
    """Train a candidate on a quarter and on half of what each fold may learn from; what is done or goes on stays."""
    row = comparisons.get(session, project.id, comparison_id)
    found = learning_curves.start(session, row, place)
    location.says("get_learning_curve", comparison_id=row.id)
    return _shown(session, found)


@router.post("/{place}/cancel", operation_id="cancel_learning_curve", responses=responses(404, 409))
def cancel_learning_curve(
    session: WriteDep, project: ProjectWriteDep, comparison_id: str, place: Place
) -> LearningCurve:
    """Cancel the trainings of the curve that go on; those that are done stay."""
    row = comparisons.get(session, project.id, comparison_id)
    return _shown(session, learning_curves.cancel(session, row, place))


def _shown(session: Session, curve: Curve) -> LearningCurve:
    made = runs.model_ids(session, [one.run.id for one in curve.points if one.run])
    found = curve.found
    return LearningCurve(
        place=curve.place, title=curve.title, status=curve.status, why_not=curve.why_not, seconds=curve.seconds,
        measure=curve.measure,
        points=[
            LearningCurvePoint(
                share=one.share, n=one.n, n_patients=one.n_patients, run_id=one.run and one.run.id,
                model_id=made.get(one.run.id) if one.run else None,
                job=Job.model_validate(one.run.job) if one.run else None, score=one.score, why_not=one.why_not,
            )
            for one in curve.points
        ],
        verdict=found and found.verdict, last=found and found.last, ahead=found and found.ahead,
        labels=list(found.labels) if found else [], n=found and found.n, n_patients=found and found.n_patients,
        text=list(curve.text),
    )  # fmt: skip
