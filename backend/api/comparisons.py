"""Routes of comparisons: which model suits a dataset?"""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.comparisons import (
    CandidateDifference,
    CandidateIn,
    ComparedCandidate,
    Comparison,
    ComparisonDetail,
    ComparisonEstimate,
    ComparisonIn,
    ComparisonResult,
    ExpectedCandidate,
)
from backend.api.schemas.jobs import Job
from backend.db import tables
from backend.errors import ConflictError
from backend.services import candidates, comparison_results, comparisons, runs
from backend.services.candidates import Candidate, Question

router = APIRouter(prefix="/projects/{project_id}/comparisons", tags=["comparisons"])


@router.get("", operation_id="list_comparisons", responses=responses(404))
def list_comparisons(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Comparison]:
    """List the comparisons of a project, the newest first."""
    rows = page.of(comparisons.list_comparisons(session, project.id))
    return [Comparison(**_shown(session, row)) for row in rows]


@router.post("", operation_id="create_comparison", status_code=202, responses=responses(404, 409))
def create_comparison(
    session: WriteDep, storage: StorageDep, project: ProjectWriteDep, body: ComparisonIn, location: LocationDep
) -> Comparison:
    """Check all candidates and queue their trainings, each a run of its own."""
    row = comparisons.create(session, storage, project.id, _question(body))
    location.says("get_comparison", comparison_id=row.id)
    return Comparison(**_shown(session, row))


@router.post("/estimate", operation_id="estimate_comparison", responses=responses(404, 409))
def estimate_comparison(session: ReadDep, project: ProjectDep, body: ComparisonIn) -> ComparisonEstimate:
    """Say which candidates would be compared and how long it would take, without starting it."""
    told = candidates.expected(session, project.id, _question(body))
    return ComparisonEstimate(
        seconds=sum(one.seconds for one in told if one.included),
        candidates=[ExpectedCandidate.model_validate(one) for one in told],
    )


@router.get("/{comparison_id}", operation_id="get_comparison", responses=responses(404))
def get_comparison(session: ReadDep, project: ProjectDep, comparison_id: str) -> ComparisonDetail:
    """Return a comparison; once its trainings have ended, with what it found."""
    row = comparisons.get(session, project.id, comparison_id)
    shown = _shown(session, row)
    if comparisons.status(row) == "running":
        return ComparisonDetail(**shown, result=None)
    try:
        found = comparison_results.found(session, row)
    except ConflictError as problem:
        return ComparisonDetail(**shown, result=None, no_result=str(problem))
    if found is None:
        return ComparisonDetail(**shown, result=None, no_result="Fewer than two candidates are done.")
    told: list[ComparedCandidate] = shown["candidates"]  # type: ignore[assignment]
    scores = dict(zip(found.places, found.paired.scores, strict=True))
    shown["candidates"] = [one.model_copy(update={"score": scores.get(place)}) for place, one in enumerate(told)]
    return ComparisonDetail(**shown, result=_result(found))


@router.post("/{comparison_id}/cancel", operation_id="cancel_comparison", responses=responses(404, 409))
def cancel_comparison(session: WriteDep, project: ProjectWriteDep, comparison_id: str) -> Comparison:
    """Cancel the trainings that go on; those that are done stay."""
    row = comparisons.get(session, project.id, comparison_id)
    comparisons.cancel(session, row)
    return Comparison(**_shown(session, row))


@router.post(
    "/{comparison_id}/resume", operation_id="resume_comparison", status_code=202, responses=responses(404, 409)
)
def resume_comparison(
    session: WriteDep, storage: StorageDep, project: ProjectWriteDep, comparison_id: str, location: LocationDep
) -> Comparison:
    """Train again what has failed, was cancelled or deleted."""
    row = comparisons.get(session, project.id, comparison_id)
    comparisons.resume(session, storage, row)
    location.says("get_comparison", comparison_id=row.id)
    return Comparison(**_shown(session, row))


@router.delete("/{comparison_id}", operation_id="delete_comparison", status_code=204, responses=responses(404, 409))
def delete_comparison(session: WriteDep, project: ProjectWriteDep, comparison_id: str) -> None:
    """Delete a comparison whose trainings have ended; runs and models stay."""
    comparisons.delete(session, comparisons.get(session, project.id, comparison_id))


def _question(body: ComparisonIn) -> Question:
    wanted = None if body.candidates is None else [Candidate(**one.model_dump()) for one in body.candidates]
    return Question(**body.model_dump(exclude={"candidates"}), candidates=wanted)


def _shown(session: Session, row: tables.Comparison) -> dict[str, object]:
    return {
        "id": row.id, "name": row.name, "dataset_id": row.dataset_id, "dataset_name": row.settings["dataset"],
        "labels": row.settings["labels"], "folds_by": row.settings.get("folds_by", "patient"),
        "folds": row.settings["folds"], "repeats": row.settings["repeats"], "split_seed": row.settings["split_seed"],
        "created_at": row.created_at, "status": comparisons.status(row),
        "candidates": _candidates(session, row.candidates),
    }  # fmt: skip


def _candidates(session: Session, rows: Sequence[tables.ComparedRun]) -> list[ComparedCandidate]:
    made = runs.models_of(session, [row.run_id for row in rows if row.run_id])
    found = []
    for row in rows:
        model, run = made.get(row.run_id or ""), row.run
        done = run is not None and run.job.status == "done"
        found.append(
            ComparedCandidate(
                title=row.title, asked=CandidateIn(**row.asked), run_id=row.run_id, model_id=model and model[0],
                architecture=run.architecture if run else None, parameters=model and model[1],
                job=Job.model_validate(run.job) if run else None,
                seconds=comparison_results.seconds_of(session, row) if done else None, score=None,
            )
        )  # fmt: skip
    return found


def _result(found: comparison_results.Found) -> ComparisonResult:
    paired, places = found.paired, found.places
    return ComparisonResult(
        measure=found.measure,
        labels=list(paired.labels),
        n=paired.n,
        n_patients=paired.n_patients,
        differences=[
            CandidateDifference(
                first=places[one.first], second=places[one.second], estimate=one.estimate, p=one.p,
                distinguishable=one.distinguishable,
            )
            for one in paired.differences
        ],
        verdict=found.recommendation.verdict,
        alike=[places[one] for one in found.recommendation.alike],
        chosen=None if found.recommendation.chosen is None else places[found.recommendation.chosen],
        text=list(found.text),
        sources=list(found.sources),
    )  # fmt: skip
