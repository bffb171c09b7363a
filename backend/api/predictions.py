"""Routes of predictions of many recordings."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.recordings import attachment
from backend.api.schemas.base import Page
from backend.api.schemas.cautions import Caution
from backend.api.schemas.jobs import Job
from backend.api.schemas.predictions import Prediction, PredictionIn, PredictionRow
from backend.db import tables
from backend.ml.inference.decisions import undecided
from backend.ml.spec import ModelSpec
from backend.services import prediction_results, predictions

router = APIRouter(prefix="/projects/{project_id}/predictions", tags=["predictions"])
Partial = Annotated[bool, Query(description="What there is of a prediction that goes on, was cancelled or failed.")]


@router.get("", operation_id="list_predictions", responses=responses(404))
def list_predictions(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Prediction]:
    """List the predictions of a project, the newest first."""
    return [_shown(session, row) for row in page.of(predictions.list_predictions(session, project.id))]


@router.post("", operation_id="create_prediction", status_code=202, responses=responses(404))
def create_prediction(
    session: WriteDep, project: ProjectWriteDep, body: PredictionIn, location: LocationDep
) -> Prediction:
    """Queue the prediction of a dataset, or of all recordings."""
    row = predictions.create(session, project.id, body.model_id, body.dataset_id)
    session.refresh(row)
    location.says("get_prediction", prediction_id=row.id)
    return _shown(session, row)


@router.get("/{prediction_id}", operation_id="get_prediction", responses=responses(404))
def get_prediction(session: ReadDep, project: ProjectDep, prediction_id: str) -> Prediction:
    """Return one prediction with its counts and, where the labels are known, how good it was."""
    return _shown(session, predictions.get(session, project.id, prediction_id))


@router.delete("/{prediction_id}", operation_id="delete_prediction", status_code=204, responses=responses(404, 409))
def delete_prediction(session: WriteDep, project: ProjectWriteDep, prediction_id: str) -> None:
    """Delete a prediction that has ended."""
    predictions.delete(session, predictions.get(session, project.id, prediction_id))


@router.get("/{prediction_id}/results", operation_id="list_prediction_results", responses=responses(404, 409))
def list_prediction_results(
    session: ReadDep,
    project: ProjectDep,
    prediction_id: str,
    page: PageDep,
    partial: Partial = False,
    predicted: Annotated[str, Query(max_length=200, description="Only those with this predicted label.")] = "",
    disagreement: Annotated[bool, Query(description="Only those of which a table tells other labels.")] = False,
) -> Page[PredictionRow]:
    """Page the results by file name. Those of a prediction that is not done are refused with 409, but for `partial`."""
    row = predictions.get(session, project.id, prediction_id)
    predictions.check_complete(row, partial)
    rows, total = prediction_results.page(session, row, page.page, page.size, predicted, disagreement)
    spec = ModelSpec.from_json(row.model.spec)
    items = [
        PredictionRow(
            recording_id=one.recording.id, file_name=one.recording.file_name, predicted=one.result.predicted,
            probabilities=one.result.probabilities, error=one.result.error, known=one.known,
            seen=one.seen.status, seen_text=one.seen.text, undecided=undecided(spec, one.result.probabilities),
        )
        for one in rows
    ]  # fmt: skip
    return Page(items=items, total=page.tell(total.n), about=total.about)


@router.get(
    "/{prediction_id}/csv",
    operation_id="get_prediction_csv",
    response_class=Response,
    responses=responses(404, 409) | {200: {"content": {"text/csv": {}}}},
)
def get_prediction_csv(session: ReadDep, project: ProjectDep, prediction_id: str, partial: Partial = False) -> Response:
    """Return the results as CSV. Those of a prediction that is not done are refused with 409, but for `partial`."""
    row = predictions.get(session, project.id, prediction_id)
    predictions.check_complete(row, partial)
    text = "".join(prediction_results.to_csv(session, row))
    return Response(text.encode(), media_type="text/csv", headers=attachment("predictions.csv"))


def _shown(session: Session, row: tables.Prediction) -> Prediction:
    n_results, n_errors, counts = predictions.kept_summary(session, row)
    return Prediction(
        id=row.id, model_id=row.model_id, model_name=row.model.name, dataset_id=row.dataset_id,
        created_at=row.created_at, job=Job.model_validate(row.job), n_results=n_results, n_errors=n_errors,
        counts=counts, evaluation=row.evaluation, seen=row.seen, routes=row.routes,
        cautions=[Caution(**one.to_dict()) for one in prediction_results.cautions_of(row)],
    )  # fmt: skip
