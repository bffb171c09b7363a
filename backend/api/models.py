"""Routes of models, among them the prediction that is answered at once."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, UploadFile

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, StorageDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.models import Model, ModelPatch, ModelScore
from backend.api.schemas.predictions import FilePrediction, LabelProbability, PredictIn, RecordingPrediction
from backend.api.turns import in_turn
from backend.api.uploads import OptionsDep, sources
from backend.db import tables
from backend.db.session import read_session, write_session
from backend.ecg.readers import ReadOptions
from backend.ml.inference.answers import Answer
from backend.ml.inference.decisions import hedged
from backend.ml.spec import ModelSpec
from backend.services import (
    ingest,
    model_import,
    model_library,
    models,
    prediction_results,
    predictions,
    projects,
    recordings,
    run_plan,
    seen,
    shipped,
)
from backend.services.model_declared import Declared
from backend.settings import Settings
from backend.storage import Storage

router = APIRouter(prefix="/projects/{project_id}/models", tags=["models"])


async def _declared(
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
    page: ArrayPageDep,
    purpose: Annotated[
        Literal["prediction", "training"] | None, Query(alias="for", description="Only models offered for this.")
    ] = None,
    everywhere: Annotated[
        bool, Query(description="Also the models of all other projects, which may be used in this one.")
    ] = False,
) -> list[Model]:
    """List the models of a project, the newest first.

    With `everywhere` the best by its own test comes first, and after the project's own models there are those of the
    others, project by project. For training there are also those that come with the platform and that the project does
    not hold yet. Their id is their name, by which a run may start from them.
    """
    rows = (
        model_library.offered(session, project.id, purpose)
        if everywhere
        else list(models.list_models(session, project.id, purpose))
    )
    rows += shipped.offered(session, project.id) if purpose == "training" else []
    shown = page.of(rows)
    named = model_library.names(session, shown)
    return [model_shown(row, named.get(row.project_id, "")) for row in shown]


@router.post("", operation_id="import_model", status_code=201, responses=responses(404, 409, 413, 507))
async def import_model(
    settings: SettingsDep,
    storage: StorageDep,
    location: LocationDep,
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
    made = await in_turn("model", _import, settings, storage, project_id, file, declared, name)
    location.says("get_model", model_id=made.id)
    return made


def _import(
    settings: Settings, storage: Storage, project_id: str, file: UploadFile, declared: Declared, name: str
) -> Model:
    url = settings.resolved_database_url
    with read_session(url) as session:
        projects.get(session, project_id)
    checked = model_import.check(file.file, file.filename or "model", declared, settings)
    with write_session(url) as session:
        project = projects.get(session, project_id)
        return model_shown(model_import.keep(session, storage, project.id, name, checked), project.name)


@router.get("/{model_id}", operation_id="get_model", responses=responses(404))
def get_model(session: ReadDep, project: ProjectDep, model_id: str) -> Model:
    """Return one model with its results on the test part; also one of another project, as all its files."""
    row = shipped.base(session, project.id, model_id)
    return model_shown(row, model_library.owner_name(session, row))


@router.patch("/{model_id}", operation_id="update_model", responses=responses(404, 409))
def update_model(session: WriteDep, project: ProjectWriteDep, model_id: str, body: ModelPatch) -> Model:
    """Rename a model, state its licence and use, or choose what it is offered for."""
    row = models.get(session, project.id, model_id)
    models.offer(row, body.for_prediction, body.for_training)
    for field, value in body.model_dump(exclude_none=True, exclude={"for_prediction", "for_training"}).items():
        setattr(row, field, value)
    return model_shown(row, project.name)


@router.delete("/{model_id}", operation_id="delete_model", status_code=204, responses=responses(404, 409))
def delete_model(session: WriteDep, storage: StorageDep, project: ProjectWriteDep, model_id: str) -> None:
    """Delete a model, the predictions made with it and its evaluations.

    Refused while one of them goes on, and where other projects have some.
    """
    models.delete(session, storage, models.get(session, project.id, model_id))


@router.post("/{model_id}/predict", operation_id="predict_recording", responses=responses(404))
async def predict_recording(
    settings: SettingsDep, storage: StorageDep, model_id: str, project_id: ProjectId, body: PredictIn
) -> RecordingPrediction:
    """Predict one stored recording."""
    return await in_turn("predict", _predict_recording, settings, storage, project_id, model_id, body)


def _predict_recording(
    settings: Settings, storage: Storage, project_id: str, model_id: str, body: PredictIn
) -> RecordingPrediction:
    with read_session(settings.resolved_database_url) as session:
        recording = recordings.get_at_once(session, project_id, body.recording_id)
        model, predictor = predictions.load_model(session, storage, project_id, model_id)
        said = seen.seen_by(session, model, project_id, [recording.id])[recording.id]
        known = prediction_results.known_labels(session, project_id, None, predictor.spec.task, [recording.id]).get(
            recording.id
        )
    answer = predictions.answer_stored(predictor, storage, recording)
    return _prediction(model.id, recording.id, recording.file_name, predictor.spec, answer, said, known)


@router.post("/{model_id}/predict-files", operation_id="predict_files", responses=responses(404, 413))
async def predict_files(
    settings: SettingsDep,
    storage: StorageDep,
    project_id: ProjectId,
    model_id: str,
    files: list[UploadFile],
    options: OptionsDep,
) -> list[FilePrediction]:
    """Read files and predict each recording in them; nothing is stored. Refused files are among the answers."""
    return await in_turn("predict", _predict_files, settings, storage, project_id, model_id, files, options)


def _predict_files(
    settings: Settings,
    storage: Storage,
    project_id: str,
    model_id: str,
    files: Sequence[UploadFile],
    options: ReadOptions,
) -> list[FilePrediction]:
    with read_session(settings.resolved_database_url) as session:
        project = projects.get(session, project_id)
        model, predictor = predictions.load_model(session, storage, project.id, model_id)
        chain = seen.list_of(session, model)
    batches = ingest.read_all(sources(files), options, ingest.limits_from(settings))
    answers = list(predictions.predict_files(predictor, batches, project_id))
    said = seen.look_up(chain, [one.identity for one in answers if one.identity])
    return [
        FilePrediction(
            file_name=one.file_name,
            prediction=None
            if one.answer is None or one.identity is None
            else _prediction(
                model.id, None, one.file_name, predictor.spec, one.answer, said[one.identity.recording_id]
            ),
            error=one.error,
        )
        for one in answers
    ]


def _prediction(
    model_id: str,
    recording_id: str | None,
    file_name: str,
    spec: ModelSpec,
    answer: Answer,
    said: seen.Seen,
    known: list[str] | None = None,
) -> RecordingPrediction:
    multi = spec.task == "multi_label"
    kind = "value" if spec.task == "regression" else "probability"
    labels = [
        LabelProbability.model_validate({
            "label": label, "name": name, kind: float(output), "threshold": threshold if multi else None,
            "predicted": label in answer.predicted, "abstains": label in answer.undecided,
            "probability_low": interval and interval[0], "probability_high": interval and interval[1],
        })
        for label, name, output, threshold, interval in zip(
            spec.labels, spec.label_names, answer.outputs, spec.thresholds,
            hedged(spec, answer.outputs), strict=True
        )
    ]  # fmt: skip
    return RecordingPrediction(
        model_id=model_id, recording_id=recording_id, file_name=file_name, task=spec.task,
        predicted=answer.predicted, labels=labels, notes=answer.notes, abstains=bool(answer.undecided),
        known=known, seen=said.status, seen_text=said.text,
    )  # fmt: skip


def model_shown(row: tables.Model, project_name: str) -> Model:
    """Return a model as it looks on the wire."""
    own = model_library.score(row)
    columns = [name for name in Model.model_fields if name in tables.Model.__table__.columns]
    return Model(
        **{name: getattr(row, name) for name in columns},
        project_name=project_name,
        score=None if own is None else ModelScore(**asdict(own)),
        task=row.spec["task"],
        labels=row.spec["labels"],
        has_head=models.has_head(row),
        sha256=row.onnx_key,
        methods=models.methods(row),
        recipe=run_plan.usual_settings(row),
        **models.facts(row),
    )
