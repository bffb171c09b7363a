"""Route of drawings: an ECG on a sheet of paper, true to scale."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from backend.api.deps import ProjectDep, ReadDep, StorageDep
from backend.api.errors import responses
from backend.api.recordings import attachment
from backend.ecg.clinical_filters import Band
from backend.ecg.drawing import FORMATS, Sheet
from backend.ecg.drawing.layout import LayoutName, Orientation, Paper
from backend.services import drawings, recordings

router = APIRouter(prefix="/projects/{project_id}/recordings/{recording_id}/drawing", tags=["recordings"])


@router.get(
    "",
    operation_id="draw_recording",
    response_class=Response,
    responses=responses(404) | {200: {"content": {media_type: {} for media_type, _ in FORMATS.values()}}},
)
def draw_recording(
    session: ReadDep,
    storage: StorageDep,
    project: ProjectDep,
    recording_id: str,
    format: Annotated[Literal["pdf", "svg", "png"], Query()] = "pdf",  # noqa: A002
    paper: Annotated[Paper, Query()] = "a4",
    orientation: Annotated[Orientation, Query()] = "landscape",
    layout: Annotated[LayoutName, Query()] = "3x4+1",
    speed: Annotated[float, Query(description="mm/s: 12.5, 25 or 50.")] = 25.0,
    gain: Annotated[float | None, Query(description="mm/mV: 2.5, 5, 10 or 20; none: 10, or what fits.")] = None,
    start: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Seconds to begin at.")] = 0.0,
    band: Annotated[Band | None, Query(alias="filter", description="Hz; none: unfiltered.")] = None,
    notch: Annotated[int | None, Query(description="Mains frequency to take out: 50 or 60 Hz.")] = None,
    preprocessing: Annotated[str | None, Query(max_length=60, description="Preset: as a model reads it.")] = None,
) -> Response:
    """Return the ECG on a sheet of ECG paper, true to scale: PDF and SVG are vectors, PNG has 300 dots an inch."""
    row = recordings.get(session, project.id, recording_id)
    sheet = Sheet(paper=paper, orientation=orientation, layout=layout, speed=speed, gain=gain, start=start)
    name, media_type, data = drawings.drawing_of(storage, row, format, sheet, band, notch, preprocessing)
    return Response(data, media_type=media_type, headers=attachment(name))
