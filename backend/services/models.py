"""Models: trained networks, kept as ONNX files with all that is needed to use them."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Model, Run
from backend.errors import ConflictError, NotFoundError
from backend.ml.predict import Predictor
from backend.services.blobs import forget_unused
from backend.settings import get_settings
from backend.storage import Storage


def create(
    session: Session, storage: Storage, run: Run, onnx: bytes, spec: dict[str, Any], evaluation: dict[str, Any],
    parity: float, parameters: int,
) -> Model:  # fmt: skip
    """Keep the model of a run. A run that is repeated after a crash replaces its model instead of adding one."""
    model = session.scalar(select(Model).where(Model.run_id == run.id)) or Model(
        project_id=run.project_id, run_id=run.id
    )
    model.name, model.architecture = run.name, run.architecture
    model.spec, model.evaluation, model.parity, model.parameters = spec, evaluation, parity, parameters
    model.onnx_key, model.onnx_bytes = storage.put(onnx), len(onnx)
    session.add(model)
    session.flush()
    return model


def get(session: Session, project_id: str, model_id: str) -> Model:
    """Return a model of a project. Raises NotFoundError."""
    model = session.get(Model, model_id)
    if model is None or model.project_id != project_id:
        raise NotFoundError(f"There is no model {model_id} in this project.")
    return model


def find(session: Session, project_id: str, name_or_id: str) -> Model:
    """Return the model with this id, or the newest one with this name. Raises NotFoundError."""
    named = session.scalar(
        select(Model)
        .where(Model.project_id == project_id, (Model.id == name_or_id) | (Model.name == name_or_id))
        .order_by(Model.created_at.desc())
        .limit(1)
    )
    if named is None:
        raise NotFoundError(f"There is no model named {name_or_id!r} in this project.")
    return named


def list_models(session: Session, project_id: str) -> Sequence[Model]:
    """Return the models of a project, the newest first."""
    return session.scalars(select(Model).where(Model.project_id == project_id).order_by(Model.created_at.desc())).all()


def delete(session: Session, storage: Storage, model: Model) -> None:
    """Delete a model and, where no other model has the same bytes, its file. Predictions made with it go too."""
    forget_unused(session, storage, [model.onnx_key])
    session.delete(model)


def file_name(model: Model) -> str:
    """Return a name for the downloaded file that every system can write."""
    plain = "".join(sign if sign.isalnum() or sign in " -_." else "_" for sign in model.name).strip(" .")
    return f"{plain or 'model'}.onnx"


def predictor(storage: Storage, model: Model) -> Predictor:
    """Return the model ready to predict; the last few stay loaded. Raises ModelInvalidError."""
    if not model.onnx_key:
        raise ConflictError("The model has no file. Train it again.")
    return _load(storage.path(model.onnx_key), get_settings().threads_for_prediction)


@lru_cache(maxsize=8)
def _load(path: Path, threads: int) -> Predictor:
    return Predictor.from_path(path, threads=threads)
