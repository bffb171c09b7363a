"""Taking in models from elsewhere: packages, ONNX files and PyTorch weights, each tried before it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Json, Model
from backend.ecg.errors import LimitError
from backend.errors import ConflictError, InvalidInputError
from backend.isolation import model_check
from backend.ml.architectures import ARCHITECTURES
from backend.ml.inference.onnx_bytes import read_metadata, with_metadata
from backend.ml.inference.onnx_guard import check_onnx
from backend.ml.metadata import METADATA_KEY, to_metadata
from backend.ml.packaging.package import read_package
from backend.ml.spec import ModelSpec
from backend.ml.versions import library_versions
from backend.services import models
from backend.services.model_declared import Declared, spec_of_graph, spec_of_weights
from backend.settings import Settings
from backend.storage import Storage

_TORCH: Final = (".pt", ".pth", ".bin")
_SELF_DESCRIBED: Final = (METADATA_KEY, "target_keys")
_AS_STATED = "Results, training data and lineage are those that the package states."
_OVERHEAD = 32 << 20  # of a package beside its two large files


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A model that has been tried and can be kept."""

    source: str  # package | onnx | weights
    self_described: bool  # what was declared of labels and input did not count
    onnx: bytes
    spec: ModelSpec
    name: str
    parameters: int
    methods: list[str]
    notes: list[str]
    weights: bytes | None = None
    for_prediction: bool = True
    evaluation: Json = field(default_factory=dict)
    parity: float | None = None
    licence: str = ""
    intended_use: str = ""
    seen: bytes | None = None  # as of a model
    profile: bytes | None = None
    further: Mapping[str, object] = field(default_factory=dict)  # of the manifest: training_data, lineage, versions …


def check(file: IO[bytes], file_name: str, declared: Declared, settings: Settings) -> Checked:
    """Try a model from a seekable file, in a process of its own; nothing is kept yet.

    Raises LimitError for one that is too large, InvalidInputError where what it leaves open is not declared, and
    ModelInvalidError or SettingError for what cannot be used, each with the reason.
    """
    path = PurePosixPath(file_name.replace("\\", "/"))
    kind = path.suffix.lower()
    if kind not in _READERS:
        raise InvalidInputError(
            f"“{path.name[:80]}” is no model. A model is a package (.zip), an ONNX file (.onnx), or the weights of a "
            "known architecture (.safetensors, .pt, .pth, .bin)."
        )
    most = settings.model_bytes
    limit = 2 * most + _OVERHEAD if kind == ".zip" else most
    size = file.seek(0, 2)
    if not size:
        raise InvalidInputError(f"“{path.name[:80]}” is empty. Download or export it again.")
    if size > limit:
        hint = " A training checkpoint shrinks to a third where its weights alone are kept (docs/models.md)."
        raise LimitError(
            f"The model has {size / 2**20:,.0f} MiB; at most {limit / 2**20:,.0f} MiB are taken in. Use a smaller one, "
            f"or allow more with EXCHANGEAI_MODEL_BYTES.{hint if kind in _TORCH else ''}"
        )
    file.seek(0)
    checked = _READERS[kind](file, path.stem, declared, most)
    if checked.self_described and declared.describes:
        checked.notes.append("The file says itself what it tells and wants; what was declared of that was not used.")
    return checked


def keep(session: Session, storage: Storage, project_id: str, name: str, checked: Checked) -> Model:
    """Keep a model that has been tried. Raises ConflictError where the project has it already."""
    onnx_key = sha256(checked.onnx).hexdigest()
    here = _with_file(session, project_id, onnx_key)  # before its bytes are stored, which nobody would delete again
    if here is not None:
        raise ConflictError(f"This model is here already, as “{here.name}”. Use that one, or delete it first.")
    model = Model(
        project_id=project_id,
        origin="imported",
        name=(name.strip() or checked.name.strip() or "Imported model")[:200],
        architecture=checked.spec.architecture,
        spec=checked.spec.to_dict(),
        evaluation=dict(checked.evaluation),
        parity=checked.parity,
        parameters=checked.parameters,
        licence=checked.licence,
        intended_use=checked.intended_use,
        for_prediction=checked.for_prediction,
        for_training=bool(checked.methods),
        seen=checked.seen,
        profile=checked.profile,
        manifest=dict(checked.further) | {"source": checked.source, "methods": checked.methods, "notes": checked.notes},
    )
    models.set_files(session, storage, model, checked.onnx, checked.weights)
    lineage = model.manifest.get("lineage") or [{}]
    base = _with_file(session, project_id, str(lineage[0].get("sha256", "")))
    model.base_model_id = None if base is None else base.id
    session.add(model)
    session.flush()
    return model


def _with_file(session: Session, project_id: str, onnx_key: str) -> Model | None:
    query = select(Model).where(Model.project_id == project_id, Model.onnx_key == onnx_key)
    return session.scalars(query.order_by(Model.created_at).limit(1)).first()


def _package(file: IO[bytes], _stem: str, declared: Declared, most: int) -> Checked:
    package = read_package(file, most)
    said = package.manifest
    trial = model_check.run_trial(package.onnx)
    known = said.spec.architecture in ARCHITECTURES
    notes = [_AS_STATED] if said.evaluation or said.training_data or said.lineage else []
    weights = package.weights if known else None
    if weights is not None:
        model_check.check_native(package.onnx, weights)
        methods = models.methods_of(said.spec.architecture)
    else:
        if package.weights is not None:
            notes.append(f"Its architecture “{said.spec.architecture}” is not known here: its weights are left out.")
        methods, told = model_check.methods_of(package.onnx)
        notes += told
    return Checked(
        source="package",
        self_described=True,
        onnx=package.onnx,
        weights=weights,
        spec=said.spec,
        name=said.name,
        parameters=said.parameters or trial.numbers,
        parity=said.parity,
        evaluation=dict(said.evaluation or {}),
        methods=methods,
        notes=notes,
        licence=declared.licence or said.licence,
        intended_use=said.intended_use,
        seen=package.seen,
        profile=package.profile,
        for_prediction=said.has_head,
        further={
            "has_head": said.has_head,
            "created": said.created,
            "training_data": said.training_data and said.training_data.to_dict(),
            "routes": said.routes and dict(said.routes),
            "lineage": [one.to_dict() for one in said.lineage],
            "versions": dict(said.versions),
        },
    )


def _onnx(file: IO[bytes], stem: str, declared: Declared, _most: int) -> Checked:
    onnx = file.read()
    check_onnx(onnx)
    notes: list[str] = []
    self_described = any(key in read_metadata(onnx) for key in _SELF_DESCRIBED)
    if not self_described:
        spec = spec_of_graph(model_check.graph_of(onnx), declared)
        onnx = with_metadata(onnx, to_metadata(spec))
        notes.append("The file did not say what it tells and wants; labels and preprocessing are those declared.")
    trial = model_check.run_trial(onnx)
    spec = ModelSpec.from_json(trial.spec)
    methods, told = model_check.methods_of(onnx)
    lineage = spec.training.base if spec.training else None
    return Checked(
        source="onnx",
        self_described=self_described,
        onnx=onnx,
        spec=spec,
        name=stem,
        parameters=trial.numbers,
        methods=methods,
        notes=notes + told,
        licence=declared.licence,
        further={
            "lineage": [dict(lineage)] if lineage and set(lineage) == {"name", "architecture", "sha256"} else [],
            "versions": dict(spec.training.versions) if spec.training else {},
        },
    )


def _weights(file: IO[bytes], stem: str, declared: Declared, _most: int) -> Checked:
    made = model_check.convert(file.read(), spec_of_weights(declared))
    model_check.run_trial(made.onnx)
    return Checked(
        source="weights",
        self_described=False,
        onnx=made.onnx,
        weights=made.weights,
        spec=made.spec,
        name=stem,
        parameters=made.parameters,
        parity=made.parity,
        methods=models.methods_of(made.spec.architecture),
        for_prediction=made.has_head,
        notes=[*made.notes, "The file holds numbers only; labels and preprocessing are those declared."],
        licence=declared.licence,
        further={"versions": library_versions(), "has_head": made.has_head},
    )


_Reader = Callable[[IO[bytes], str, Declared, int], Checked]
_READERS: Final[Mapping[str, _Reader]] = {
    ".zip": _package, ".onnx": _onnx, ".safetensors": _weights, **dict.fromkeys(_TORCH, _weights),
}  # fmt: skip
