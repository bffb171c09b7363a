"""Routes of what is measured in a recording."""

from typing import Literal

from fastapi import APIRouter, Response

from backend.api.deps import ProjectDep, ReadDep, StorageDep
from backend.api.errors import responses
from backend.api.recordings import OCTETS
from backend.api.schemas.measurements import Measurements
from backend.services import measurements, recordings

router = APIRouter(prefix="/projects/{project_id}/recordings/{recording_id}", tags=["recordings"])


@router.get("/measurements", operation_id="get_measurements", responses=responses(404))
def get_measurements(session: ReadDep, storage: StorageDep, project: ProjectDep, recording_id: str) -> Measurements:
    """Measure a recording: rate, intervals, axes, ST levels, the waves of each beat, and how far it can be trusted.

    What cannot be measured is null, and `reasons` says why.
    """
    row = recordings.get(session, project.id, recording_id)
    return Measurements.model_validate({"rhythm_regular": None} | measurements.measurements(storage, row))


@router.get(
    "/aligned",
    operation_id="get_aligned",
    response_class=Response,
    responses=responses(404) | {200: {"content": {OCTETS: {}}}},
)
def get_aligned(
    session: ReadDep,
    storage: StorageDep,
    project: ProjectDep,
    recording_id: str,
    scale: Literal["hrc", "linear"] = "hrc",
    aggregate: Literal["none", "median", "mean"] = "none",
) -> Response:
    """Return the recording with its R peaks aligned to 60 beats a minute (Rlign), or its typical aligned beat.

    Bytes as of `get_signal`; what the recording has nothing for is missing (−32768).
    """
    row = recordings.get(session, project.id, recording_id)
    data = measurements.aligned(storage, row, scale, None if aggregate == "none" else aggregate)
    return Response(data, media_type=OCTETS)
