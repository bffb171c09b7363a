"""What lists of recordings have in common: the query of all their routes, the place of one in a list, and facets."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from backend.api.deps import ProjectDep, ReadDep
from backend.api.errors import responses
from backend.api.schemas.recording_lists import AgeRange, DateRange, Facets, FacetValue, Place
from backend.ecg.findings import QUALITY
from backend.services import recording_facets, recording_lists, recordings
from backend.services.evaluation_rows import Cell
from backend.services.recording_filters import Filter
from backend.services.seen import Status

router = APIRouter(prefix="/projects/{project_id}/recordings", tags=["recordings"])
_UTC = ZoneInfo("UTC")
Text = Annotated[str, Query(max_length=200)]
Years = Annotated[float | None, Query(ge=0, le=200, allow_inf_nan=False, description="Years; 90 stands for more.")]


async def _list_query(
    search: Text = "",
    dataset_id: Annotated[
        str, Query(max_length=64, description="Those with a row in this table; label, sex and age are what it says.")
    ] = "",
    label: Annotated[str, Query(max_length=200, description="In that table, or else in the newest of labels.")] = "",
    and_label: Annotated[str, Query(max_length=200, description="A second label beside the first.")] = "",
    findings_only: bool = False,
    finding: Annotated[str, Query(max_length=60, description="Code of a finding.")] = "",
    quality: Annotated[
        Literal["", "good", "doubtful"], Query(description=f"Doubtful: a finding among {', '.join(QUALITY)}.")
    ] = "",
    format: Text = "",  # noqa: A002
    device: Text = "",
    rate: Annotated[float | None, Query(gt=0, le=1e6, allow_inf_nan=False, description="Hz.")] = None,
    sex: Annotated[Literal["", "F", "M"], Query()] = "",
    age_min: Years = None,
    age_max: Years = None,
    recorded_from: Annotated[date | None, Query(description="Day of the recording, this one included.")] = None,
    recorded_until: Annotated[date | None, Query(description="Day of the recording, this one included.")] = None,
    patient_id: Annotated[str, Query(max_length=200, description="Pseudonym, whole.")] = "",
    import_id: Annotated[str, Query(max_length=64, description="Those that this import brought or found.")] = "",
    import_status: Annotated[str, Query(max_length=20, description="Outcome of the file in that import.")] = "",
    prediction_id: Annotated[str, Query(max_length=64, description="Those that this prediction is of.")] = "",
    predicted: Annotated[str, Query(max_length=200, description="Label that the prediction tells.")] = "",
    disagreement: Annotated[bool, Query(description="The prediction tells other labels than the table.")] = False,
    evaluation_id: Annotated[str, Query(max_length=64, description="Those in a cell of this evaluation.")] = "",
    run_id: Annotated[
        str,
        Query(
            max_length=64,
            description="Those in a cell of this cross-validated training, by the models that had not seen them.",
        ),
    ] = "",
    evaluated_label: Annotated[str, Query(max_length=200, description="A label of its model.")] = "",
    cell: Annotated[Cell | None, Query(description="Of the confusion matrix of that label.")] = None,
    predicted_label: Annotated[
        str,
        Query(max_length=200, description="In place of a cell: this one predicted, `evaluated_label` the true one."),
    ] = "",
    threshold: Annotated[float | None, Query(ge=0, le=1, description="Of the cell; default: the label's own.")] = None,
    seen_by: Annotated[str, Query(max_length=64, description="A model, of this project or another one.")] = "",
    seen: Annotated[Status, Query(description="What that model has seen of them.")] = "training",
    sort: Annotated[str, Query(description=f"One of {', '.join(recording_lists.SORTS)}.")] = "file_name",
    order: Literal["asc", "desc"] = "asc",
) -> recording_lists.Query:
    asked = Filter(
        search=search, dataset_id=dataset_id, label=label, and_label=and_label, findings_only=findings_only,
        finding=finding, quality=quality, format=format, device=device, rate=rate, sex=sex,
        age_min=age_min, age_max=age_max, recorded_from=_begin(recorded_from),
        recorded_until=None if recorded_until is None else _begin(recorded_until + timedelta(days=1)),
        patient_id=patient_id, import_id=import_id, import_status=import_status, prediction_id=prediction_id,
        predicted=predicted, disagreement=disagreement, evaluation_id=evaluation_id, evaluated_label=evaluated_label,
        run_id=run_id, cell=cell, predicted_label=predicted_label, threshold=threshold, seen_by=seen_by, seen=seen,
    )  # fmt: skip
    return recording_lists.Query(asked, sort, order == "desc")


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), _UTC)


ListQueryDep = Annotated[recording_lists.Query, Depends(_list_query)]
"""Which recordings, in which order: the same for the list and for a place in it."""


@router.get("/facets", operation_id="get_recording_facets", responses=responses(404))
def get_recording_facets(session: ReadDep, project: ProjectDep) -> Facets:
    """Return what the recordings of a project can be filtered by, with how many have each value."""
    found, counted_at = recording_facets.facets(session, project.id)
    counted: dict[str, Any] = {
        name: [FacetValue(value=value, n=n) for value, n in getattr(found, name)]
        for name in ("format", "device", "sex", "finding")
    }
    return Facets(
        **counted, labels=found.labels,
        age=found.age and AgeRange(low=found.age[0], high=found.age[1]),
        recorded=found.recorded and DateRange(first=found.recorded[0], last=found.recorded[1]), counted_at=counted_at,
    )  # fmt: skip


@router.get("/{recording_id}/place", operation_id="get_recording_place", responses=responses(404))
def get_recording_place(session: ReadDep, project: ProjectDep, recording_id: str, query: ListQueryDep) -> Place:
    """Return where a recording stands in the list of this query, and its neighbours there."""
    recordings.get(session, project.id, recording_id)
    return Place.model_validate(recording_lists.place_of(session, project.id, query, recording_id))
