"""Routes of evaluations of a model on a dataset."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep, PageDep
from backend.api.recordings import OCTETS, attachment
from backend.api.schemas.cautions import Caution
from backend.api.schemas.evaluations import (
    EvaluatedRecording,
    EvaluatedRecordings,
    EvaluationHeadline,
    EvaluationIn,
    EvaluationSettings,
    LeftOutRows,
    ModelEvaluation,
    ModelEvaluationDetail,
)
from backend.api.schemas.jobs import Job
from backend.db import tables
from backend.services import (
    evaluation_cautions,
    evaluation_deleted,
    evaluation_report,
    evaluation_rows,
    evaluation_thresholds,
    evaluations,
)
from backend.services.evaluation_comparison import SideBySide, side_by_side
from backend.services.evaluation_rows import Cell

router = APIRouter(prefix="/projects/{project_id}/evaluations", tags=["evaluations"])


@router.get("", operation_id="list_evaluations", responses=responses(404))
def list_evaluations(
    session: ReadDep, project: ProjectDep, page: ArrayPageDep, model_id: str | None = None
) -> list[ModelEvaluation]:
    """List the evaluations of a project, or of one of its models, the newest first."""
    rows = page.of(evaluations.list_evaluations(session, project.id, model_id))
    return [ModelEvaluation(**_shown(row)) for row in rows]


@router.post("", operation_id="create_evaluation", status_code=202, responses=responses(404, 409))
def create_evaluation(
    session: WriteDep, project: ProjectWriteDep, body: EvaluationIn, location: LocationDep
) -> ModelEvaluation:
    """Queue the evaluation of a model of this project on a dataset of this or another one.

    Recordings from which the model has learned are left out unless `include_seen` says otherwise.
    """
    settings = evaluations.Settings(**body.model_dump(exclude={"model_id", "dataset_id", "dataset_project_id"}))
    row = evaluations.create(
        session, project.id, body.model_id, body.dataset_id, settings, body.dataset_project_id
    )  # fmt: skip
    session.refresh(row)
    location.says("get_evaluation", evaluation_id=row.id)
    return ModelEvaluation(**_shown(row))


@router.get("/side-by-side", operation_id="compare_evaluations", responses=responses(404))
def compare_evaluations(session: ReadDep, project: ProjectDep, model_id: str) -> SideBySide:
    """Return the newest evaluation of a model on each dataset side by side, with the spread over external ones."""
    return side_by_side(session, project.id, model_id)


@router.get("/{evaluation_id}", operation_id="get_evaluation", responses=responses(404))
def get_evaluation(session: ReadDep, project: ProjectDep, evaluation_id: str) -> ModelEvaluationDetail:
    """Return one evaluation with its result, which is null until the job is done."""
    row = evaluations.get(session, project.id, evaluation_id)
    said = [Caution(**one.to_dict()) for one in evaluation_cautions.of_evaluation(row)]
    return ModelEvaluationDetail(**_shown(row), result=row.result, cautions=said)


@router.delete("/{evaluation_id}", operation_id="delete_evaluation", status_code=204, responses=responses(404, 409))
def delete_evaluation(session: WriteDep, project: ProjectWriteDep, evaluation_id: str) -> None:
    """Delete an evaluation that has ended."""
    evaluations.delete(session, evaluations.get(session, project.id, evaluation_id))


@router.get("/{evaluation_id}/recordings", operation_id="list_evaluated_recordings", responses=responses(404, 409))
def list_evaluated_recordings(
    session: ReadDep,
    project: ProjectDep,
    evaluation_id: str,
    page: PageDep,
    label: Annotated[str, Query(description="A label (or value) of the model.")],
    cell: Annotated[Cell | None, Query(description="Of the confusion matrix of that label.")] = None,
    threshold: Annotated[float | None, Query(ge=0, le=1, description="Default: the label's own.")] = None,
    predicted_label: Annotated[
        str | None, Query(description="Of the matrix of all classes: `label` is the true one, this the predicted one.")
    ] = None,
) -> EvaluatedRecordings:
    """Page the recordings of one cell, those first of which the model is surest; of values the largest errors first.

    Recordings that have been deleted since they were measured are counted as `deleted`.
    """
    row = evaluations.get(session, project.id, evaluation_id)
    evaluations.check_done(row)
    found = evaluation_rows.columns(session, row)
    place, limits = evaluation_rows.place_of(row, label), evaluation_thresholds.of_evaluation(row)
    limit = limits[place] if threshold is None else threshold
    inside = evaluation_rows.chosen(row, found, label, cell, predicted_label, limit)
    n = evaluation_deleted.measured(row, label, limit, cell, predicted_label)
    return EvaluatedRecordings(
        items=_rows(session, row, found, inside[page.start : page.start + page.size], limits),
        total=page.tell(len(inside)),
        deleted=None if n is None else max(0, n - len(inside)),
    )


@router.get(
    "/{evaluation_id}/csv",
    operation_id="get_evaluation_csv",
    response_class=Response,
    responses=responses(404, 409) | {200: {"content": {"text/csv": {}}}},
)
def get_evaluation_csv(session: ReadDep, project: ProjectDep, evaluation_id: str) -> Response:
    """Return a row for each recording as CSV: what the table says, and what the model."""
    row = evaluations.get(session, project.id, evaluation_id)
    evaluations.check_done(row)
    text = "".join(evaluation_rows.to_csv(session, row, evaluation_thresholds.of_evaluation(row)))
    return Response(text.encode(), media_type="text/csv", headers=attachment("evaluation.csv"))


@router.get(
    "/{evaluation_id}/parquet",
    operation_id="get_evaluation_parquet",
    response_class=Response,
    responses=responses(404, 409) | {200: {"content": {OCTETS: {}}}},
)
def get_evaluation_parquet(session: ReadDep, project: ProjectDep, evaluation_id: str) -> Response:
    """Return the rows of the CSV as Parquet."""
    row = evaluations.get(session, project.id, evaluation_id)
    evaluations.check_done(row)
    data = evaluation_rows.to_parquet(session, row, evaluation_thresholds.of_evaluation(row))
    return Response(data, media_type=OCTETS, headers=attachment("evaluation.parquet"))


@router.get(
    "/{evaluation_id}/report",
    operation_id="get_evaluation_report",
    response_class=Response,
    responses=responses(404, 409) | {200: {"content": {"text/html": {}}}},
)
def get_evaluation_report(session: ReadDep, project: ProjectDep, evaluation_id: str) -> HTMLResponse:
    """Return a report as one HTML file that needs nothing else, to be printed or attached to a paper."""
    row = evaluations.get(session, project.id, evaluation_id)
    evaluations.check_done(row)
    return HTMLResponse(evaluation_report.html(row), headers=attachment("evaluation.html"))


def _shown(row: tables.Evaluation) -> dict[str, object]:
    headline = row.facts.get("headline")
    return {
        "id": row.id, "model_id": row.model_id, "model_name": row.model.name, "task": row.model.spec["task"],
        "labels": row.model.spec["labels"], "thresholds": evaluation_thresholds.of_evaluation(row),
        "threshold_told": evaluation_thresholds.of_settings(row),
        "dataset_id": row.dataset_id, "dataset_name": row.facts["dataset"],
        "dataset_project_id": row.dataset_project_id, "dataset_project_name": row.facts["dataset_project"],
        "external": row.facts["external"], "created_at": row.created_at, "job": Job.model_validate(row.job),
        "settings": EvaluationSettings(**row.settings), "n_seen": row.facts["n_seen"],
        "n_not_known": row.facts["n_not_known"], "not_known_told": row.facts.get("not_known_told", ""),
        "left_out": [LeftOutRows(**one) for one in row.facts["left_out"]],
        "headline": EvaluationHeadline(**headline) if headline else None,
    }  # fmt: skip


def _rows(
    session: Session,
    row: tables.Evaluation,
    found: evaluation_rows.Columns,
    chosen: NDArray[np.intp],
    limits: Sequence[float],
) -> list[EvaluatedRecording]:
    ids = [found.recording_ids[number] for number in chosen]
    ecgs = evaluation_rows.recordings(session, ids)
    told = evaluation_rows.predicted(row, found.outputs[chosen], limits)
    unsaid = evaluation_rows.left_open(row, found.outputs[chosen])
    unsure = evaluation_cautions.is_not_known(row)
    return [
        EvaluatedRecording(
            recording_id=ecgs[one].id, project_id=ecgs[one].project_id, file_name=ecgs[one].file_name,
            sex=ecgs[one].sex, age=ecgs[one].age,
            truth=[None if np.isnan(value) else float(value) for value in found.truth[number]],
            outputs=found.outputs[number].tolist(), predicted=labels, left_open=open_, seen=bool(found.seen[number]),
            seen_not_known=unsure and not found.seen[number],
        )
        for one, number, labels, open_ in zip(ids, chosen, told, unsaid, strict=True)
    ]  # fmt: skip
