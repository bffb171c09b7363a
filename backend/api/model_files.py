"""Routes of the files of models: ONNX, package, weights, card. Those of other projects too: they may be used."""

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from backend.api.deps import ProjectDep, ReadDep, StorageDep
from backend.api.errors import responses
from backend.api.recordings import OCTETS, attachment
from backend.api.stored_file import RANGES, StoredFile
from backend.services import model_library, models, seen, shipped

router = APIRouter(prefix="/projects/{project_id}/models", tags=["models"])
ZIP, MARKDOWN = "application/zip", "text/markdown; charset=utf-8"


@router.get(
    "/{model_id}/onnx",
    operation_id="get_onnx",
    response_class=StoredFile,
    responses=responses(404) | RANGES | {status: {"content": {OCTETS: {}}} for status in (200, 206)},
)
def get_onnx(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> StoredFile:
    """Return the ONNX file; its metadata hold all that is needed to use it."""
    row = model_library.usable(session, project.id, model_id)
    return StoredFile(storage.checked_path(row.onnx_key), media_type=OCTETS, headers=attachment(models.file_name(row)))


@router.get(
    "/{model_id}/package",
    operation_id="get_package",
    response_class=StreamingResponse,
    responses=responses(404) | {200: {"content": {ZIP: {}}}},
)
def get_package(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> StreamingResponse:
    """Return the whole model as a zip: ONNX, named weights, manifest and model card."""
    row = model_library.usable(session, project.id, model_id)
    return StreamingResponse(
        models.package(storage, row, seen.for_package(session, row), row.profile),
        media_type=ZIP,
        headers=attachment(models.file_name(row, ".zip")),
    )


@router.get(
    "/{model_id}/weights",
    operation_id="get_weights",
    response_class=StoredFile,
    responses=responses(404) | RANGES | {status: {"content": {OCTETS: {}}} for status in (200, 206)},
)
def get_weights(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> StoredFile:
    """Return the named weights as safetensors; 404 for a model of which only the graph is known."""
    row = model_library.usable(session, project.id, model_id)
    path = models.weights_path(storage, row)
    return StoredFile(path, media_type=OCTETS, headers=attachment(models.file_name(row, ".safetensors")))


@router.get(
    "/{model_id}/card",
    operation_id="get_model_card",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/markdown": {}}}},
)
def get_model_card(session: ReadDep, project: ProjectDep, model_id: str) -> Response:
    """Return the model card: what it tells, how good it is, what it was trained on, its limits, as Markdown."""
    return Response(shipped.card(shipped.base(session, project.id, model_id)), media_type=MARKDOWN)
