"""Models: networks kept as ONNX files, and their weights by name, with all that is needed to use them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from shutil import copyfile

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Json, Model, Project, Run
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import Ancestor, Manifest, TrainingCard
from backend.ml.packaging.model_card import model_card
from backend.ml.packaging.package import MODEL, WEIGHTS, write_package
from backend.ml.spec import ModelSpec
from backend.services import blobs, cautions, model_library, seen
from backend.services.person import current
from backend.settings import get_settings
from backend.storage import Storage

METHODS = ("head", "all", "head_then_all")
ENDINGS = (".zip", ".onnx", ".safetensors")


def create(
    session: Session, storage: Storage, run: Run, onnx: bytes, spec: Json, evaluation: Json, parity: float,
    parameters: int, *, weights: bytes | None = None, routes: Json | None = None,
    profile: bytes | None = None,
) -> Model:  # fmt: skip
    """Keep the model of a run. A run that is repeated after a crash replaces its model instead of adding one.

    `weights` are named weights as safetensors, None for a network that is known by its graph alone. The base model is
    that of the run; its licence goes over to the new model, and its lineage is continued. `routes` are those of the
    test part, as `backend.ml.evaluation.routes` reports them; `profile` says what the ECGs of the training are like.
    """
    model = session.scalar(select(Model).where(Model.run_id == run.id)) or Model(
        project_id=run.project_id, run_id=run.id
    )
    base = session.get(Model, run.base_model_id) if run.base_model_id else None
    model.name, model.architecture, model.origin = run.name, spec["architecture"], "trained"
    model.spec, model.evaluation, model.parity, model.parameters = spec, evaluation, parity, parameters
    model.for_prediction = model.for_training = "share" not in run.facts  # a point of a learning curve is no model
    set_files(session, storage, model, onnx, weights)
    model.seen, model.profile = seen.of_run(run, model), profile
    model.base_model_id = None if base is None else base.id
    model.licence = base.licence if base else ""
    model.manifest = {
        "training_data": _training_card(run).to_dict(),
        "lineage": [one.to_dict() for one in _lineage(spec, base)],
        "versions": (spec.get("training") or {}).get("versions", {}),
        "methods": methods_of(model.architecture) if weights else methods(base) if base else [],
        "routes": routes,
        **{name: run.facts.get(name, []) for name in ("left_out", "not_checked", "cautions")},
    }
    session.add(model)
    session.flush()
    return model


def set_files(session: Session, storage: Storage, model: Model, onnx: bytes, weights: bytes | None) -> None:
    """Store the files of a model and note their keys and sizes; files it had before go. Raises DiskFullError."""
    before = {key for key in (model.onnx_key, model.weights_key) if key}
    model.onnx_key, model.onnx_bytes = blobs.put(session, storage, onnx), len(onnx)
    model.weights_key = None if weights is None else blobs.put(session, storage, weights)
    model.weights_bytes = len(weights or b"")
    blobs.forget_unused(session, storage, before - {model.onnx_key, model.weights_key})


def get(session: Session, project_id: str, model_id: str) -> Model:
    """Return a model that belongs to a project, to change it; to use one, see `model_library`. Raises NotFoundError."""
    model = session.get(Model, model_id)
    if model is None or model.project_id != project_id:
        sees = model is not None and current().sees(model.project_id)
        elsewhere = " It belongs to another one: change or delete it there." if sees else ""
        raise NotFoundError(f"There is no model {model_id} in this project.{elsewhere}")
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


def only(session: Session, name_or_id: str) -> Model:
    """Return the only model of all projects with this id or name. Raises NotFoundError and ConflictError."""
    there = select(Model).join(Project, Project.id == Model.project_id).where(Project.deleted_at.is_(None))
    found = session.scalars(there.where((Model.id == name_or_id) | (Model.name == name_or_id))).all()
    if not found:
        raise NotFoundError(f"No project has a model named {name_or_id!r}.")
    if len(found) > 1:
        raise ConflictError(
            f"{len(found)} models are named {name_or_id!r}; give the id: {', '.join(one.id for one in found)}."
        )
    return found[0]


def list_models(session: Session, project_id: str, purpose: model_library.Purpose | None = None) -> Sequence[Model]:
    """Return the models of a project, the newest first; with a purpose, those that are offered for it."""
    query = select(Model).where(Model.project_id == project_id).order_by(Model.created_at.desc())
    if purpose is not None:
        query = query.where(Model.for_prediction if purpose == "prediction" else Model.for_training)
    return session.scalars(query).all()


def delete(session: Session, storage: Storage, model: Model) -> None:
    """Delete a model and, where no other model has the same bytes, its files.

    Its predictions and evaluations go too. Raises ConflictError while one of them goes on, and where other projects
    have some.
    """
    session.refresh(model, with_for_update=True)  # nobody begins to use it meanwhile
    model_library.check_not_in_use(session, model)
    blobs.forget_unused(session, storage, [key for key in (model.onnx_key, model.weights_key) if key])
    session.delete(model)


def methods(model: Model) -> list[str]:
    """Return the methods by which a model can be fine-tuned; none where no converter takes its graph apart."""
    given = model.manifest.get("methods")
    return methods_of(model.architecture) if given is None else list(given)


def methods_of(architecture: str) -> list[str]:
    """Return the methods by which a model of this architecture can be fine-tuned from its named weights."""
    known = ARCHITECTURES.get(architecture)
    if known is None:
        return []
    return ["head"] if known.convex else list(METHODS)


def facts(model: Model) -> Json:
    """Return what the manifest of a model says beside its columns."""
    return {
        "source": model.manifest.get("source"),
        "lineage": model.manifest.get("lineage", []),
        "notes": model.manifest.get("notes", []),
        "training_data": model.manifest.get("training_data"),
        "left_out": model.manifest.get("left_out", []),
        "not_checked": model.manifest.get("not_checked", []),
        "routes": model.manifest.get("routes"),
        "cautions": [one.to_dict() for one in cautions.of_model(model)],
    }


def file_name(model: Model, ending: str = ".onnx") -> str:
    """Return a name for a downloaded file that every system can write."""
    plain = "".join(sign if sign.isalnum() or sign in " -_." else "_" for sign in model.name).strip(" .")
    return f"{plain or 'model'}{ending}"


def weights_path(storage: Storage, model: Model) -> Path:
    """Return the path of the named weights. Raises NotFoundError where there are none."""
    if model.weights_key is None:
        raise NotFoundError(
            f"The model {model.name} has no named weights: only its graph is known. Download the ONNX file."
        )
    return storage.checked_path(model.weights_key)


def manifest(model: Model) -> Manifest:
    """Return what the package of a model says of it; the facts of the files are added when it is written."""
    said = model.manifest
    training = said.get("training_data")
    return Manifest(
        name=model.name,
        created=said.get("created") or model.created_at.isoformat(timespec="seconds"),
        spec=ModelSpec.from_json(model.spec),
        parameters=model.parameters,
        parity=model.parity,
        evaluation=model.evaluation or None,
        training_data=TrainingCard.from_dict(training) if training else None,
        lineage=tuple(Ancestor.from_dict(one) for one in said.get("lineage", [])),
        versions=said.get("versions", {}),
        licence=model.licence,
        intended_use=model.intended_use,
        has_head=has_head(model),
        routes=said.get("routes"),
    )


def card(model: Model) -> str:
    """Return the model card as Markdown."""
    return model_card(manifest(model), model.onnx_key)


def package(
    storage: Storage, model: Model, seen_by_it: bytes | None = None, profile: bytes | None = None
) -> Iterator[bytes]:
    """Yield the zip of a model piece by piece; equal models give equal bytes. Raises NotFoundError at once.

    `seen_by_it` is what `seen.for_package` gives, `profile` that of the model, where they go along.
    """
    files = {MODEL: storage.checked_path(model.onnx_key)}
    if model.weights_key is not None:
        files[WEIGHTS] = storage.checked_path(model.weights_key)
    return write_package(manifest(model), files, seen_by_it, profile)


def check_writable(path: Path) -> None:
    """Raise InvalidInputError for a path that no model can be written to, before anything is computed for it."""
    if path.suffix.lower() not in ENDINGS:
        raise InvalidInputError(
            f"A model is written to a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} (the whole package, "
            f"the graph, the named weights), not to “{path.name}”."
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InvalidInputError(f"“{path}” is no file in a folder that is there. Make the folder, or choose another.")


def write_file(
    storage: Storage, model: Model, path: Path, seen_by_it: bytes | None = None, profile: bytes | None = None
) -> None:
    """Write a model to a file: its package (.zip), its ONNX file (.onnx) or its named weights (.safetensors).

    `seen_by_it` and `profile` go into a package. Raises InvalidInputError for another ending or a missing folder,
    NotFoundError where it has no named weights.
    """
    check_writable(path)
    ending = path.suffix.lower()
    if ending == ".zip":
        pieces = package(storage, model, seen_by_it, profile)  # before the file is made: it may raise
        with path.open("wb") as file:
            file.writelines(pieces)
    else:
        source = weights_path(storage, model) if ending == ".safetensors" else storage.checked_path(model.onnx_key)
        copyfile(source, path)


def has_head(model: Model) -> bool:
    """Say whether the head of a model was trained; one that was drawn at random predicts nothing."""
    return bool(model.manifest.get("has_head", True))


def offer(model: Model, prediction: bool | None = None, training: bool | None = None) -> None:
    """Choose what a model is offered for; None leaves it as it is. Raises ConflictError for what it cannot do."""
    if prediction and not has_head(model):
        raise ConflictError(
            f"The model “{model.name}” has no head of its own and cannot predict. Fine-tune it, and use the result."
        )
    if training and not methods(model):
        raise ConflictError(
            f"The model “{model.name}” cannot be fine-tuned: no head is found in its graph. Train from another model."
        )
    model.for_prediction = model.for_prediction if prediction is None else prediction
    model.for_training = model.for_training if training is None else training


def check_offered(model: Model) -> None:
    """Raise ConflictError for a model that is not offered for predictions."""
    if not model.for_prediction:
        raise ConflictError(
            f"The model “{model.name}” is not offered for predictions. Offer it first, or choose another."
        )


def predictor(storage: Storage, model: Model) -> Predictor:
    """Return the model ready to predict; the last few stay loaded.

    Raises ConflictError for a model that is not offered for predictions, ModelInvalidError for a file that is none.
    """
    check_offered(model)
    if not model.onnx_key:
        raise ConflictError("The model has no file. Train it again.")
    return _load(storage, model.onnx_key, get_settings().threads_for_prediction)


def _training_card(run: Run) -> TrainingCard:
    facts = run.facts
    return TrainingCard(
        dataset=facts["dataset"],
        n=sum(part["n"] for part in facts["counts"].values()),
        n_patients=facts["n_patients"],
        counts=facts["counts"],
        data_hash=facts["data_hash"],
    )


def _lineage(spec: Json, base: Model | None) -> list[Ancestor]:
    """Return what the model was fine-tuned from, the nearest first; the base may have been deleted since."""
    nearest = (spec.get("training") or {}).get("base")
    if base is not None:
        nearest = {"name": base.name, "architecture": base.architecture, "sha256": base.onnx_key}
    further = base.manifest.get("lineage", []) if base else []
    return [Ancestor.from_dict(one) for one in ([nearest] if nearest else []) + list(further)]


@lru_cache(maxsize=8)
def _load(storage: Storage, key: str, threads: int) -> Predictor:
    return Predictor.from_path(storage.checked_path(key), threads=threads)
