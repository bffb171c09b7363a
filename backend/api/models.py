"""Routes of models, among them the prediction that is answered at once."""

from fastapi import APIRouter, UploadFile
from fastapi.responses import FileResponse

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.recordings import OCTETS, attachment
from backend.api.schemas.models import Model, ModelPatch
from backend.api.schemas.predictions import FilePrediction, LabelProbability, PredictIn, RecordingPrediction
from backend.api.uploads import OptionsDep, sources
from backend.db import tables
from backend.db.session import read_session
from backend.errors import UserError
from backend.ml.spec import ModelSpec
from backend.services import ingest, models, predictions, projects, recordings

router = APIRouter(prefix="/projects/{project_id}/models", tags=["models"])


@router.get("", operation_id="list_models", responses=responses(404))
def list_models(session: ReadDep, project: ProjectDep) -> list[Model]:
    """List the models of a project, the newest first."""
    return [_shown(row) for row in models.list_models(session, project.id)]


@router.get("/{model_id}", operation_id="get_model", responses=responses(404))
def get_model(session: ReadDep, project: ProjectDep, model_id: str) -> Model:
    """Return one model with its results on the test part."""
    return _shown(models.get(session, project.id, model_id))


@router.patch("/{model_id}", operation_id="update_model", responses=responses(404))
def update_model(session: WriteDep, project: ProjectWriteDep, model_id: str, body: ModelPatch) -> Model:
    """Rename a model."""
    row = models.get(session, project.id, model_id)
    row.name = body.name.strip()
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
    labels = [
        LabelProbability(
            label=label, name=name, probability=float(probability), threshold=threshold if multi else None,
            predicted=label in answer.predicted,
        )
        for label, name, probability, threshold in zip(
            spec.labels, spec.label_names, answer.probabilities, spec.thresholds, strict=True
        )
    ]  # fmt: skip
    return RecordingPrediction(
        model_id=model_id, recording_id=recording_id, file_name=file_name, task=spec.task,
        predicted=answer.predicted, labels=labels, notes=answer.notes,
    )  # fmt: skip


def _shown(row: tables.Model) -> Model:
    return Model(
        id=row.id, run_id=row.run_id, name=row.name, architecture=row.architecture, task=row.spec["task"],
        labels=row.spec["labels"], parameters=row.parameters, parity=row.parity, onnx_bytes=row.onnx_bytes,
        created_at=row.created_at, spec=row.spec, evaluation=row.evaluation,
    )  # fmt: skip
