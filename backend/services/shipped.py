"""Models that come with the platform: offered in every project, and kept in one once something is made from them.

Each is a folder in `backend/weights`: one ONNX file that answers with the embedding and holds the weights by name, its
manifest and its card. Nothing is downloaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Model
from backend.errors import NotFoundError
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import MANIFEST, MODEL, WEIGHTS
from backend.services import model_library, models
from backend.settings import get_settings
from backend.storage import Storage

FOLDER: Final = Path(__file__).parents[1] / "weights"
ORIGIN: Final = "shipped"
CARD: Final = "README.md"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A model in its folder; `name` is that of the folder, and what it is called by in the API and the shell."""

    name: str
    folder: Path
    manifest: Manifest

    @property
    def card(self) -> str:
        """The model card as Markdown."""
        return (self.folder / CARD).read_text(encoding="utf-8")

    @property
    def learnt_from(self) -> str:
        """The sentence in which its card names the data that it has learned from, and those that it has not."""
        section = self.card.partition("\n## What it learned from\nIn short: ")[2].partition("\n\n")[0]
        return " ".join(section.split())


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Shipped]:
    """Return the models that come with the platform by their names, the recommended one first."""
    found = sorted(FOLDER.glob(f"*/{MANIFEST}"), key=lambda path: path.parent.name)
    return MappingProxyType(
        {
            path.parent.name: Shipped(path.parent.name, path.parent, Manifest.from_json(path.read_bytes()))
            for path in found
        }
    )


def find(name: str) -> Shipped:
    """Return the one with this name or title; raises NotFoundError that lists them."""
    for one in shipped().values():
        if name in (one.name, one.manifest.name):
            return one
    raise NotFoundError(f"No model {name[:80]!r} comes with the platform; there are {', '.join(shipped()) or 'none'}.")


def offered(session: Session, project_id: str) -> list[Model]:
    """Return those that the project does not hold yet, as models that are not kept; the id of each is its name."""
    held = set(session.scalars(select(Model.onnx_key).where(Model.project_id == project_id, Model.origin == ORIGIN)))
    return [row(one, project_id) for one in shipped().values() if one.manifest.files[MODEL].sha256 not in held]


def row(one: Shipped, project_id: str) -> Model:
    """Return a shipped model as one of a project, which is not kept."""
    said = one.manifest
    onnx, weights = said.files[MODEL], said.files[WEIGHTS]
    return Model(
        id=one.name, project_id=project_id, run_id=None, base_model_id=None, origin=ORIGIN, name=said.name,
        architecture=said.spec.architecture, spec=said.spec.to_dict(), evaluation={}, parity=said.parity,
        parameters=said.parameters, onnx_key=onnx.sha256, onnx_bytes=onnx.size, weights_key=weights.sha256,
        weights_bytes=weights.size, for_prediction=False, for_training=True, n_erased=0, licence=said.licence,
        intended_use=said.intended_use, created_at=datetime.fromisoformat(said.created),
        manifest={"has_head": False, "versions": dict(said.versions), "created": said.created, "shipped": one.name,
                  "trained_on": one.learnt_from},
    )  # fmt: skip


def base(session: Session, project_id: str, model_id: str) -> Model:
    """Return a model that may be used in the project, or the shipped one with this name, kept or not.

    Raises NotFoundError.
    """
    if model_id in shipped():
        return _held(session, project_id, shipped()[model_id]) or row(shipped()[model_id], project_id)
    return model_library.usable(session, project_id, model_id)


def keep(session: Session, storage: Storage, project_id: str, model_id: str) -> str:
    """Return the id of a model of the project; a shipped one, given by its name or title, is kept in it first.

    The id of any other model is returned as it is.
    """
    named = {title: one for one in shipped().values() for title in (one.name, one.manifest.name)}
    one = named.get(model_id)
    if one is None:
        return model_id
    held = _held(session, project_id, one)
    if held is None:
        onnx = (one.folder / MODEL).read_bytes()
        held = row(one, project_id)
        held.id = None  # type: ignore[assignment]  # the table draws one
        models.set_files(session, storage, held, onnx, named_weights(onnx))
        session.add(held)
        session.flush()
    return held.id


def card(model: Model) -> str:
    """Return the card of a model as Markdown: of a shipped one its own, of any other what `models.card` makes."""
    one = shipped().get(str(model.manifest.get("shipped"))) if model.origin == ORIGIN else None
    return models.card(model) if one is None else one.card


@lru_cache(maxsize=4)
def predictor(name: str) -> Predictor:
    """Return a shipped model ready to embed: its answer to an ECG is the embedding. Raises NotFoundError."""
    return Predictor.from_path(find(name).folder / MODEL, threads=get_settings().threads_for_prediction)


def _held(session: Session, project_id: str, one: Shipped) -> Model | None:
    key = one.manifest.files[MODEL].sha256
    return session.scalar(
        select(Model).where(Model.project_id == project_id, Model.origin == ORIGIN, Model.onnx_key == key)
    )
