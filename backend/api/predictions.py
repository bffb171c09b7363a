"""Routes of predictions of many recordings."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.recordings import attachment
from backend.api.schemas.base import Page
from backend.api.schemas.jobs import Job
from backend.api.schemas.predictions import Prediction, PredictionIn, PredictionRow
from backend.db import tables
from backend.services import predictions

router = APIRouter(prefix="/projects/{project_id}/predictions", tags=["predictions"])


@router.get("", operation_id="list_predictions", responses=responses(404))
def list_predictions(session: ReadDep, project: ProjectDep) -> list[Prediction]:
    """List the predictions of a project, the newest first."""
    return [_shown(session, row) for row in predictions.list_predictions(session, project.id)]


@router.post("", operation_id="create_prediction", status_code=202, responses=responses(404))
def create_prediction(session: WriteDep, project: ProjectWriteDep, body: PredictionIn) -> Prediction:
    """Queue the prediction of a dataset, or of all recordings."""
    row = predictions.create(session, project.id, body.model_id, body.dataset_id)
    session.refresh(row)
    return _shown(session, row)


@router.get("/{prediction_id}", operation_id="get_prediction", responses=responses(404))
def get_prediction(session: ReadDep, project: ProjectDep, prediction_id: str) -> Prediction:
    """Return one prediction with its counts and, where the labels are known, how good it was."""
    return _shown(session, predictions.get(session, project.id, prediction_id))


@router.delete("/{prediction_id}", operation_id="delete_prediction", status_code=204, responses=responses(404, 409))
def delete_prediction(session: WriteDep, project: ProjectWriteDep, prediction_id: str) -> None:
    """Delete a prediction that has ended."""
    predictions.delete(session, predictions.get(session, project.id, prediction_id))


@router.get("/{prediction_id}/results", operation_id="list_prediction_results", responses=responses(404))
def list_prediction_results(
    session: ReadDep,
    project: ProjectDep,
    prediction_id: str,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[PredictionRow]:
    """Page the results by file name."""
    rows, total = predictions.results(session, predictions.get(session, project.id, prediction_id), page, size)
    items = [
        PredictionRow(
            recording_id=recording.id, file_name=recording.file_name, predicted=result.predicted,
            probabilities=result.probabilities, error=result.error,
        )
        for result, recording in rows
    ]  # fmt: skip
    return Page(items=items, total=total)


@router.get(
    "/{prediction_id}/csv",
    operation_id="get_prediction_csv",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/csv": {}}}},
)
def get_prediction_csv(session: ReadDep, project: ProjectDep, prediction_id: str) -> Response:
    """Return the results as CSV."""
    row = predictions.get(session, project.id, prediction_id)
    text = "".join(predictions.to_csv(session, row))
    return Response(text.encode(), media_type="text/csv", headers=attachment("predictions.csv"))


def _shown(session: Session, row: tables.Prediction) -> Prediction:
    n_results, n_errors, counts = predictions.summary(session, row)
    return Prediction(
        id=row.id, model_id=row.model_id, model_name=row.model.name, dataset_id=row.dataset_id,
        created_at=row.created_at, job=Job.model_validate(row.job), n_results=n_results, n_errors=n_errors,
        counts=counts, evaluation=row.evaluation,
    )  # fmt: skip
