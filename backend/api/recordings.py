"""Routes of recordings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response, UploadFile
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.paging import PageDep
from backend.api.recording_lists import ListQueryDep
from backend.api.schemas.base import Page
from backend.api.schemas.recordings import Outcome, Preview, Recording, UploadReport
from backend.api.turns import in_turn
from backend.api.uploads import OptionsDep, sources
from backend.db import tables
from backend.db.session import read_session
from backend.ecg import display
from backend.ecg.clinical_filters import Band
from backend.ecg.preprocess import preset
from backend.ecg.readers import ReadOptions
from backend.errors import InvalidInputError
from backend.services import downloads, imports, ingest, preview, projects, recording_lists, recordings
from backend.settings import Settings
from backend.storage import Storage

router = APIRouter(prefix="/projects/{project_id}/recordings", tags=["recordings"])
OCTETS = "application/octet-stream"


@router.get("", operation_id="list_recordings", responses=responses(404))
def list_recordings(
    session: ReadDep,
    project: ProjectDep,
    page: PageDep,
    query: ListQueryDep,
    after: Annotated[
        str, Query(max_length=64, description="Id of a recording: the page begins behind it, and `page` is not asked.")
    ] = "",
) -> Page[Recording]:
    """Search, filter, sort and page the recordings of a project.

    Of very many the total is about how many there are, and the link to the next page asks for those `after` the last
    one of this page: it takes no longer, however far behind it is.
    """
    asked = replace(query, page=page.page, size=page.size, after=after)
    rows, total, about = recording_lists.list_recordings(session, project.id, asked)
    if about or asked.after:
        page.go_on(total, rows[-1].id if len(rows) == page.size else None)
    else:
        page.tell(total)
    return Page(items=_shown(session, project.id, rows), total=total, about=about)


@router.post("", operation_id="upload_recordings", responses=responses(404, 413, 507))
async def upload_recordings(
    settings: SettingsDep,
    storage: StorageDep,
    project_id: ProjectId,
    files: list[UploadFile],
    options: OptionsDep,
    import_id: Annotated[str | None, Form(description="Import that these files go on with; none: a new one.")] = None,
) -> UploadReport:
    """Read files in any supported format (zips too) and store their recordings; each file gets its own outcome.

    Files that belong together, such as .hea and .dat, must be sent in one request. The name of a file may hold a path.
    The outcomes are kept: see list_imports.
    """
    return await in_turn("upload", _upload, settings, storage, project_id, files, options, import_id)


def _upload(
    settings: Settings,
    storage: Storage,
    project_id: str,
    files: Sequence[UploadFile],
    options: ReadOptions,
    import_id: str | None,
) -> UploadReport:
    url = settings.resolved_database_url
    with read_session(url) as session:
        projects.get(session, project_id)
        if import_id is not None:
            imports.get(session, project_id, import_id)
    batches = ingest.read_in_turn(sources(files), options, ingest.limits_from(settings))
    import_id, outcomes = imports.read_and_store(url, storage, project_id, import_id, batches, options)
    shown = [Outcome.model_validate(outcome.as_row() | {"offers": outcome.offers}) for outcome in outcomes]
    return UploadReport(
        import_id=import_id or "",
        outcomes=shown,
        imported=sum(outcome.status == "imported" for outcome in shown),
        duplicate=sum(outcome.status == "duplicate" for outcome in shown),
        updated=sum(outcome.status == "updated" for outcome in shown),
        refused=sum(outcome.status == "refused" for outcome in shown),
    )


@router.post("/preview", operation_id="preview_upload", responses=responses(404, 413, 507))
async def preview_upload(
    settings: SettingsDep, project_id: ProjectId, files: list[UploadFile], options: OptionsDep
) -> Preview:
    """Read files as an upload would, store nothing, and show the first that leaves rate, unit or leads open.

    Without such a file the first that can be read is shown, else the reason why none can.
    """
    return await in_turn("preview", _preview, settings, project_id, files, options)


def _preview(settings: Settings, project_id: str, files: Sequence[UploadFile], options: ReadOptions) -> Preview:
    with read_session(settings.resolved_database_url) as session:
        projects.get(session, project_id)
    return Preview.model_validate(preview.preview(sources(files), options, ingest.limits_from(settings)))


@router.get("/{recording_id}", operation_id="get_recording", responses=responses(404))
def get_recording(session: ReadDep, project: ProjectDep, recording_id: str) -> Recording:
    """Return one recording with the ids of its neighbours by file name."""
    row = recordings.get(session, project.id, recording_id)
    shown = _shown(session, project.id, [row])[0]
    shown.previous_id, shown.next_id = recordings.neighbours(session, row)
    return shown


@router.get(
    "/{recording_id}/signal",
    operation_id="get_signal",
    response_class=Response,
    responses=responses(404) | {200: {"content": {OCTETS: {}}}},
)
def get_signal(
    session: ReadDep,
    storage: StorageDep,
    project: ProjectDep,
    recording_id: str,
    preprocessing: str | None = None,
    band: Annotated[Band | None, Query(alias="filter", description="Hz; none: unfiltered.")] = None,
    notch: Annotated[int | None, Query(description="Mains frequency to take out: 50 or 60 Hz.")] = None,
    from_s: Annotated[float, Query(ge=0, le=1e7, allow_inf_nan=False, description="Where to begin, in s.")] = 0.0,
    seconds: Annotated[float | None, Query(gt=0, le=1e7, allow_inf_nan=False, description="How much; all.")] = None,
    points: Annotated[
        int | None,
        Query(ge=2, le=1_000_000, description="Samples a lead at most: lowest and highest of equal stretches."),
    ] = None,
) -> Response:
    """Return the signal as stored, through clinical filters or, where a preset is named, as a network would get it.

    Bytes: uint32 length of a JSON header {rate, n_samples, leads, unit, step[12]}, the header, then int16 [12][n]
    little-endian; value = int16 · step of the lead, −32768 = missing. Of a part, `rate` is that of its samples.
    """
    row = recordings.get(session, project.id, recording_id)
    part = recordings.Part(from_s, seconds, points)
    if preprocessing is None:
        data = recordings.to_show(storage, row, band, notch, part)
    elif band is not None or notch is not None:
        raise InvalidInputError(
            "A network gets its own preprocessing: ask for it without clinical filters, or for these."
        )
    else:
        chosen = preset(preprocessing)
        unit = recordings.unit_after(chosen, recordings.unit_of(row))
        shown, rate = part.of(recordings.preprocessed(storage, row, chosen), chosen.rate)
        data = display.to_payload(shown, rate, unit=unit)
    return Response(data, media_type=OCTETS)


@router.get(
    "/{recording_id}/original",
    operation_id="get_original",
    response_class=Response,
    responses=responses(404, 409) | {200: {"content": {OCTETS: {}}}},
)
def get_original(session: ReadDep, storage: StorageDep, project: ProjectDep, recording_id: str) -> Response:
    """Return the uploaded file, or a zip of the files of a set."""
    name, data = recordings.original(storage, recordings.get(session, project.id, recording_id))
    return Response(data, media_type=OCTETS, headers=attachment(name))


@router.get(
    "/{recording_id}/download",
    operation_id="download_recording",
    response_class=Response,
    responses=responses(404) | {200: {"content": {kind: {} for kind in (OCTETS, *downloads.MEDIA_TYPES)}}},
)
def download_recording(
    session: ReadDep,
    storage: StorageDep,
    project: ProjectDep,
    recording_id: str,
    format: Annotated[str, Query(max_length=40, description="One of the writers of /system.")],  # noqa: A002
) -> Response:
    """Return the recording as a file of another format, or a zip where the format takes several files."""
    row = recordings.get(session, project.id, recording_id)
    name, media_type, data = downloads.download(storage, row, format)
    return Response(data, media_type=media_type, headers=attachment(name))


@router.delete("/{recording_id}", operation_id="delete_recording", status_code=204, responses=responses(404))
def delete_recording(session: WriteDep, storage: StorageDep, project: ProjectWriteDep, recording_id: str) -> None:
    """Delete a recording for good."""
    recordings.delete(session, storage, recordings.get(session, project.id, recording_id))


def attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser save an answer under a name in any script."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def _shown(session: Session, project_id: str, rows: Sequence[tables.Recording]) -> list[Recording]:
    labels = recordings.labels_of(session, project_id, [row.id for row in rows])
    columns = [name for name in Recording.model_fields if name in tables.Recording.__table__.columns]
    return [
        Recording(
            **{name: getattr(row, name) for name in columns},
            duration_s=row.n_samples / row.rate,
            labels=labels[row.id].labels,
            values=labels[row.id].values,
        )
        for row in rows
    ]
