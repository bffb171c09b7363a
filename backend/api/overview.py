"""Routes that look at a whole: a project at a glance, and what the recordings of a table of labels are like."""

from typing import Any

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ReadDep
from backend.api.errors import responses
from backend.api.schemas.overview import DatasetSources, DatasetStatistics, Overview, RateCount, SourcesOfKind
from backend.api.schemas.recording_lists import FacetValue
from backend.services import dataset_statistics, datasets, overview, sources

router = APIRouter(prefix="/projects/{project_id}", tags=["projects"])


@router.get("/overview", operation_id="get_overview", responses=responses(404))
def get_overview(session: ReadDep, project: ProjectDep) -> Overview:
    """Return what a project holds, what is newest and unfinished in it, and what is best done next."""
    return Overview.model_validate(overview.overview(session, project.id))


@router.get(
    "/datasets/{dataset_id}/statistics",
    operation_id="get_dataset_statistics",
    responses=responses(404),
    tags=["datasets"],
)
def get_dataset_statistics(session: ReadDep, project: ProjectDep, dataset_id: str) -> DatasetStatistics:
    """Return labels and which go together, age, sex, rate, device and quality of the recordings of a dataset."""
    found, counted_at = dataset_statistics.kept(session, datasets.get(session, project.id, dataset_id))
    counted: dict[str, Any] = {
        name: [FacetValue(value=value, n=n) for value, n in getattr(found, name)]
        for name in ("labels", "sex", "device", "format", "finding")
    }
    same = ("n_recordings", "n_patients", "pairs", "n_unlabelled", "age", "n_without_age", "n_good", "n_doubtful")
    rates = [RateCount(hz=hz, n=n) for hz, n in found.rate]
    return DatasetStatistics(
        **counted, rate=rates, counted_at=counted_at, **{name: getattr(found, name) for name in same}
    )


@router.get(
    "/datasets/{dataset_id}/sources", operation_id="get_dataset_sources", responses=responses(404), tags=["datasets"]
)
def get_dataset_sources(session: ReadDep, project: ProjectDep, dataset_id: str) -> DatasetSources:
    """Return by which sources of its recordings the folds of a cross-validation can be made."""
    found = sources.offered(session, datasets.get(session, project.id, dataset_id))
    return DatasetSources(kinds=[SourcesOfKind.model_validate(one) for one in found])
