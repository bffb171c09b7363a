"""Routes of models, among them the prediction that is answered at once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Response, UploadFile
from fastapi.responses import FileResponse, StreamingResponse

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.recordings import OCTETS, attachment
from backend.api.schemas.models import Model, ModelPatch
from backend.api.schemas.predictions import FilePrediction, LabelProbability, PredictIn, RecordingPrediction
from backend.api.uploads import OptionsDep, sources
from backend.db import tables
from backend.db.session import read_session, write_session
from backend.errors import UserError
from backend.ml.spec import ModelSpec
from backend.services import ingest, model_import, models, predictions, projects, recordings, run_plan
from backend.services.model_declared import Declared

router = APIRouter(prefix="/projects/{project_id}/models", tags=["models"])
ZIP, MARKDOWN = "application/zip", "text/markdown; charset=utf-8"


def _declared(
    labels: Annotated[str | None, Form(max_length=400_000, description="Labels in the order of the outputs.")] = None,
    task: Annotated[Literal["single_label", "multi_label", "regression"] | None, Form()] = None,
    preset: Annotated[str | None, Form(max_length=40, description="Preprocessing that the network wants.")] = None,
    rate: Annotated[float | None, Form(description="Hz that the network wants.")] = None,
    units_per_mv: Annotated[float | None, Form(description="Of the input: 1 for mV, 1000 for µV.")] = None,
    architecture: Annotated[str | None, Form(max_length=100, description="Network the weights are of.")] = None,
    architecture_config: Annotated[str | None, Form(max_length=10_000, description="Its settings, as JSON.")] = None,
    licence: Annotated[str | None, Form(max_length=10_000)] = None,
) -> Declared:
    return Declared.parse(
        labels=labels, task=task, preset=preset, rate=rate, units_per_mv=units_per_mv, architecture=architecture,
        architecture_config=architecture_config, licence=licence,
    )  # fmt: skip


@router.get("", operation_id="list_models", responses=responses(404))
def list_models(
    session: ReadDep,
    project: ProjectDep,
    purpose: Annotated[
        Literal["prediction", "training"] | None, Query(alias="for", description="Only models offered for this.")
    ] = None,
) -> list[Model]:
    """List the models of a project, the newest first."""
    return [_shown(row) for row in models.list_models(session, project.id, purpose)]


@router.post("", operation_id="import_model", status_code=201, responses=responses(404, 409, 413))
def import_model(
    settings: SettingsDep,
    storage: StorageDep,
    project_id: ProjectId,
    file: UploadFile,
    declared: Annotated[Declared, Depends(_declared)],
    name: Annotated[str, Form(max_length=200)] = "",
) -> Model:
    """Take in a model: a package (.zip), an ONNX file, or weights (.safetensors, .pt) of a known architecture.

    What the file says of itself counts; the other fields are for what it leaves open. An ONNX file without a
    description needs `labels`, `task`, `preset` and `rate` (and `units_per_mv` where amplitudes are not standardised),
    weights need `architecture`, `labels`, `task` and `preset`. What is missing is answered with 422, a model that is
    here already with 409. The file is tried in a process of its own before it is kept.
    """
    url = settings.resolved_database_url
    with read_session(url) as session:
        projects.get(session, project_id)
    checked = model_import.check(file.file, file.filename or "model", declared, settings)
    with write_session(url) as session:
        project = projects.get(session, project_id)
        return _shown(model_import.keep(session, storage, project.id, name, checked))


@router.get("/{model_id}", operation_id="get_model", responses=responses(404))
def get_model(session: ReadDep, project: ProjectDep, model_id: str) -> Model:
    """Return one model with its results on the test part."""
    return _shown(models.get(session, project.id, model_id))


@router.patch("/{model_id}", operation_id="update_model", responses=responses(404, 409))
def update_model(session: WriteDep, project: ProjectWriteDep, model_id: str, body: ModelPatch) -> Model:
    """Rename a model, state its licence and use, or choose what it is offered for."""
    row = models.get(session, project.id, model_id)
    models.offer(row, body.for_prediction, body.for_training)
    for field, value in body.model_dump(exclude_none=True, exclude={"for_prediction", "for_training"}).items():
        setattr(row, field, value)
    return _shown(row)


@router.delete("/{model_id}", operation_id="delete_model", status_code=204, responses=responses(404))
def delete_model(session: WriteDep, storage: StorageDep, project: ProjectWriteDep, model_id: str) -> None:
    """Delete a model and the predictions made with it."""
    models.delete(session, storage, models.get(session, project.id, model_id))


@router.get(
    "/{model_id}/onnx",
    operation_id="get_onnx",
    response_class=FileResponse,
    responses=responses(404) | {200: {"content": {OCTETS: {}}}},
)
def get_onnx(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> FileResponse:
    """Return the ONNX file; its metadata hold all that is needed to use it."""
    row = models.get(session, project.id, model_id)
    return FileResponse(storage.path(row.onnx_key), media_type=OCTETS, headers=attachment(models.file_name(row)))


@router.get(
    "/{model_id}/package",
    operation_id="get_package",
    response_class=StreamingResponse,
    responses=responses(404) | {200: {"content": {ZIP: {}}}},
)
def get_package(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> StreamingResponse:
    """Return the whole model as a zip: ONNX, named weights, manifest and model card."""
    row = models.get(session, project.id, model_id)
    return StreamingResponse(
        models.package(storage, row), media_type=ZIP, headers=attachment(models.file_name(row, ".zip"))
    )


@router.get(
    "/{model_id}/weights",
    operation_id="get_weights",
    response_class=FileResponse,
    responses=responses(404) | {200: {"content": {OCTETS: {}}}},
)
def get_weights(session: ReadDep, storage: StorageDep, project: ProjectDep, model_id: str) -> FileResponse:
    """Return the named weights as safetensors; 404 for a model of which only the graph is known."""
    row = models.get(session, project.id, model_id)
    path = models.weights_path(storage, row)
    return FileResponse(path, media_type=OCTETS, headers=attachment(models.file_name(row, ".safetensors")))


@router.get(
    "/{model_id}/card",
    operation_id="get_model_card",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/markdown": {}}}},
)
def get_model_card(session: ReadDep, project: ProjectDep, model_id: str) -> Response:
    """Return the model card: what it tells, how good it is, what it was trained on, its limits, as Markdown."""
    return Response(models.card(models.get(session, project.id, model_id)), media_type=MARKDOWN)


@router.post("/{model_id}/predict", operation_id="predict_recording", responses=responses(404))
def predict_recording(
    settings: SettingsDep, storage: StorageDep, model_id: str, project_id: ProjectId, body: PredictIn
) -> RecordingPrediction:
    """Predict one stored recording."""
    with read_session(settings.resolved_database_url) as session:
        project = projects.get(session, project_id)
        recording = recordings.get(session, project.id, body.recording_id)
        model, predictor = predictions.load_model(session, storage, project.id, model_id)
    answer = predictions.answer_stored(predictor, storage, recording)
    return _prediction(model.id, recording.id, recording.file_name, predictor.spec, answer)


@router.post("/{model_id}/predict-files", operation_id="predict_files", responses=responses(404, 413))
def predict_files(
    session: ReadDep,
    settings: SettingsDep,
    storage: StorageDep,
    project: ProjectDep,
    model_id: str,
    files: list[UploadFile],
    options: OptionsDep,
) -> list[FilePrediction]:
    """Read files and predict each recording in them; nothing is stored. Refused files are among the answers."""
    model, predictor = predictions.load_model(session, storage, project.id, model_id)
    answers: list[FilePrediction] = []
    for batch in ingest.read_all(sources(files), options, ingest.limits_from(settings)):
        for result in batch:
            if not isinstance(result, ingest.ReadSet):
                answers.append(FilePrediction(file_name=result.name, error=str(result.error)))
            elif result.error:
                answers.append(FilePrediction(file_name=result.files.name, error=result.error))
            for recording in result.recordings if isinstance(result, ingest.ReadSet) else ():
                try:
                    answer = predictions.answer_recording(predictor, recording)
                except UserError as error:
                    answers.append(FilePrediction(file_name=recording.name, error=str(error)))
                    continue
                shown = _prediction(model.id, None, recording.name, predictor.spec, answer)
                shown.notes = [*shown.notes, *recording.notes]
                answers.append(FilePrediction(file_name=recording.name, prediction=shown))
    return answers


def _prediction(
    model_id: str, recording_id: str | None, file_name: str, spec: ModelSpec, answer: predictions.Answer
) -> RecordingPrediction:
    multi = spec.task == "multi_label"
    kind = "value" if spec.task == "regression" else "probability"
    labels = [
        LabelProbability.model_validate({
            "label": label, "name": name, kind: float(output), "threshold": threshold if multi else None,
            "predicted": label in answer.predicted,
        })
        for label, name, output, threshold in zip(
            spec.labels, spec.label_names, answer.outputs, spec.thresholds, strict=True
        )
    ]  # fmt: skip
    return RecordingPrediction(
        model_id=model_id, recording_id=recording_id, file_name=file_name, task=spec.task,
        predicted=answer.predicted, labels=labels, notes=answer.notes,
    )  # fmt: skip


def _shown(row: tables.Model) -> Model:
    columns = [name for name in Model.model_fields if name in tables.Model.__table__.columns]
    return Model(
        **{name: getattr(row, name) for name in columns},
        task=row.spec["task"],
        labels=row.spec["labels"],
        sha256=row.onnx_key,
        methods=models.methods(row),
        recipe=run_plan.usual_settings(row),
        **models.facts(row),
    )
