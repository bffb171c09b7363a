"""Pre-training on the recordings of a project, as a job; the result is a model to start trainings from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Job, Json, Model, Recording
from backend.errors import InvalidInputError
from backend.ml.architectures import architecture as find_architecture
from backend.ml.data.seen_list import to_bytes
from backend.ml.pretraining.config import PretrainingConfig
from backend.services import jobs, models, seen
from backend.services.division import tested_by_lot
from backend.services.examples import Example
from backend.storage import Storage

KIND: Final = "pretrainings.pretrain"
FEWEST = 64  # recordings; fewer make no embedding worth the name
_NEED_LABELS = ("labels", "values")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks to pre-train; `settings` are those of a PretrainingConfig."""

    name: str = ""
    architecture: str = "cardx"
    architecture_config: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def create(session: Session, project_id: str, request: Request) -> Job:
    """Check a pre-training and queue it.

    Raises SettingError for an impossible setting, InvalidInputError where the project has too few recordings of twelve
    leads, or an objective asks for labels.
    """
    network = find_architecture(request.architecture)
    if network.convex or network.demands:
        raise InvalidInputError(
            f"{network.title} has nothing to pre-train here. Choose another network, such as cardx."
        )
    config = PretrainingConfig.from_dict(request.settings)
    wanting = [name for name in _NEED_LABELS if config.objectives.get(name)]
    if wanting:
        raise InvalidInputError(
            f"The objective “{wanting[0]}” needs a table that says what is known of each ECG. Recordings of a project "
            "are pre-trained on without labels."
        )
    n = len(examples(session, project_id))
    if n < FEWEST:
        raise InvalidInputError(
            f"A pre-training needs at least {FEWEST} recordings of twelve leads; the project has {n}, beside those on "
            "which trainings test. Import more, or start from a model that comes with the platform."
        )
    payload: Json = {
        "name": request.name.strip() or f"{network.title}, pre-trained on {n:,} ECGs",
        "architecture": network.name,
        "architecture_config": network.complete(request.architecture_config),
        "config": config.to_dict(),
    }
    return jobs.create(session, project_id, KIND, payload)


def examples(session: Session, project_id: str) -> list[Example]:
    """Return the recordings of a project with twelve leads that it learns from, in a fixed order.

    Those on which trainings test by default are left out, so that trainings that start from it have a test part.
    """
    tested = tested_by_lot(session, project_id)
    rows: Sequence[Recording] = session.scalars(
        select(Recording).where(Recording.project_id == project_id).order_by(Recording.id)
    ).all()
    return [
        Example(
            row.id, row.file_name, row.signal_key, row.rate, row.unit, (), (), (), row.patient_id, row.age, row.sex,
            None,
        )
        for row in rows
        if not row.missing_leads and row.id not in tested
    ]  # fmt: skip


def keep(
    session: Session, storage: Storage, project_id: str, name: str, spec: Json, onnx: bytes, weights: bytes, *,
    parity: float, parameters: int, versions: Mapping[str, str], notes: Sequence[str],
    recording_ids: Sequence[str],
) -> Model:  # fmt: skip
    """Keep a pre-trained network as a model that trainings start from, and that predicts nothing."""
    model = Model(
        project_id=project_id, name=name[:200], architecture=spec["architecture"], origin="trained", spec=spec,
        evaluation={}, parity=parity, parameters=parameters, for_prediction=False, for_training=True,
        manifest={"has_head": False, "versions": dict(versions), "notes": list(notes)},
    )  # fmt: skip
    models.set_files(session, storage, model, onnx, weights)
    own = seen.of_parts(session, project_id, model.name, {"train": recording_ids})
    model.seen = to_bytes([replace(own, sha256=model.onnx_key)])
    session.add(model)
    session.flush()
    return model
