"""Routes of training runs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.recordings import attachment
from backend.api.schemas.jobs import Job
from backend.api.schemas.runs import Run, RunIn, RunMistakes, RunSources, TrainingEstimate
from backend.api.schemas.runs_side_by_side import RunsSideBySide
from backend.db import tables
from backend.services import (
    job_control,
    out_of_fold,
    out_of_fold_cells,
    runs,
    runs_side_by_side,
    shipped,
    source_results,
)

router = APIRouter(prefix="/projects/{project_id}/runs", tags=["runs"])


@router.get("", operation_id="list_runs", responses=responses(404))
def list_runs(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Run]:
    """List the training runs of a project, the newest first."""
    return _shown(session, page.of(runs.list_runs(session, project.id)))


@router.post("", operation_id="create_run", status_code=202, responses=responses(404, 409))
def create_run(
    session: WriteDep, storage: StorageDep, project: ProjectWriteDep, body: RunIn, location: LocationDep
) -> Run:
    """Check a training in full and queue it. One may start from a model that comes with the platform, by its name."""
    request = _request(body)
    if body.base_model_id is not None:
        request = replace(request, base_model_id=shipped.keep(session, storage, project.id, body.base_model_id))
    row = runs.create(session, project.id, request)
    location.says("get_run", run_id=row.id)
    return _shown(session, [row])[0]


@router.post("/estimate", operation_id="estimate_run", responses=responses(404, 409))
def estimate_run(session: ReadDep, project: ProjectDep, body: RunIn) -> TrainingEstimate:
    """Say how long a training would take, without starting it."""
    return TrainingEstimate.model_validate(runs.estimate(session, project.id, _request(body)))


RunIds = Annotated[
    list[str],
    Query(description="Id of a training; again for each, two to five.", max_length=100, examples=[["a", "b"]]),
]


@router.get("/side-by-side", operation_id="compare_runs", responses=responses(404))
def compare_runs(session: ReadDep, project: ProjectDep, run: RunIds) -> RunsSideBySide:
    """Set trainings side by side: settings that differ, curves, and figures with what may be compared of them."""
    return RunsSideBySide.model_validate(runs_side_by_side.side_by_side(session, project.id, run))


@router.get("/{run_id}", operation_id="get_run", responses=responses(404))
def get_run(session: ReadDep, project: ProjectDep, run_id: str) -> Run:
    """Return one run."""
    return _shown(session, [runs.get(session, project.id, run_id)])[0]


@router.get(
    "/{run_id}/out_of_fold.csv",
    operation_id="get_out_of_fold_csv",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/csv": {}}}},
)
def get_out_of_fold_csv(session: ReadDep, project: ProjectDep, run_id: str) -> Response:
    """Return what models of a cross-validation said of recordings they had not seen: logits, with the truth."""
    text = "".join(out_of_fold.to_csv(session, runs.get(session, project.id, run_id)))
    return Response(text.encode(), media_type="text/csv", headers=attachment("out_of_fold.csv"))


@router.get("/{run_id}/sources", operation_id="get_run_sources", responses=responses(404, 409))
def get_run_sources(session: ReadDep, project: ProjectDep, run_id: str) -> RunSources:
    """Return how good a cross-validation by source is on each source, as far as its folds are done."""
    return RunSources.model_validate(source_results.of_run(session, runs.get(session, project.id, run_id)))


@router.get("/{run_id}/mistakes", operation_id="get_run_mistakes", responses=responses(404, 409))
def get_run_mistakes(session: ReadDep, project: ProjectDep, run_id: str) -> RunMistakes:
    """Count what a cross-validation told wrongly, by the mean over its repeats and the thresholds of its model."""
    return RunMistakes.model_validate(out_of_fold_cells.of_run(session, runs.get(session, project.id, run_id)))


@router.delete("/{run_id}", operation_id="delete_run", status_code=204, responses=responses(404, 409))
def delete_run(session: WriteDep, project: ProjectWriteDep, run_id: str) -> None:
    """Delete a run that has ended; its model stays."""
    runs.delete(session, runs.get(session, project.id, run_id))


def _request(body: RunIn) -> runs.Request:
    return runs.Request(**body.model_dump() | {"split": body.split.model_dump(exclude_unset=True)})


def _shown(session: Session, rows: Sequence[tables.Run]) -> list[Run]:
    models = runs.model_ids(session, [row.id for row in rows])
    return [
        Run(
            id=row.id, dataset_id=row.dataset_id, base_model_id=row.base_model_id, name=row.name,
            architecture=row.architecture, settings=row.settings,
            how_tested=row.facts.get("how_tested"),
            facts=row.facts, created_at=row.created_at, job=Job.model_validate(row.job),
            can_keep=job_control.keeps_model(session, row.job), model_id=models.get(row.id),
            **{name: row.facts.get(name, []) for name in ("left_out", "not_checked", "questions", "cautions")},
        )
        for row in rows
    ]  # fmt: skip
