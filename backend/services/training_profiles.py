"""What is kept of the ECGs that a model learned from (`backend.ml.evaluation.drift.profile`), and these themselves.

Profiles are of embeddings of CardX as it comes with the platform; one of another CardX cannot be compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Model, Run
from backend.ml.evaluation.drift.profile import USED, Profile
from backend.ml.packaging.package import MODEL
from backend.services import examples, shipped
from backend.services.examples import Example

EMBEDDER: Final = "cardx"
_SEED: Final = 17
_ALIKE: Final = 20  # trainings in which the same ECGs are looked for


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that is measured: where its signal lies, and whose it is."""

    recording_id: str
    signal_key: str
    rate: float
    unit: str
    patient_id: str | None


def embedder() -> str:
    """Return the hash of the network that embeds."""
    return shipped.find(EMBEDDER).manifest.files[MODEL].sha256


def kept(model: Model) -> Profile | None:
    """Return the profile that is kept of a model, None where there is none or it is of another embedder."""
    profile = None if model.profile is None else Profile.from_bytes(model.profile)
    return profile if profile is not None and profile.embedder == embedder() else None


def training_samples(session: Session, run: Run) -> list[Sample]:
    """Return the recordings that a run learned from, of at most USED patients drawn by lot, as far as they are there.

    Empty where the dataset is gone: whose ECG is whose is not known any more.
    """
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        return []
    ids = {*run.split["train"], *run.split["validation"]}
    return drawn([sample(one) for one in examples.load(session, dataset) if one.recording_id in ids], USED)


def sample(one: Example) -> Sample:
    """Return what is measured of a labelled recording."""
    return Sample(one.recording_id, one.signal_key, one.rate, one.unit, one.patient_id)


def drawn(samples: Sequence[Sample], most: int) -> list[Sample]:
    """Return the samples of at most `most` patients, drawn by lot; the order stays."""
    names = [one.patient_id or one.recording_id for one in samples]
    people = sorted(set(names))
    if len(people) <= most:
        return list(samples)
    chosen = {people[place] for place in np.random.default_rng(_SEED).permutation(len(people))[:most]}
    return [one for one, name in zip(samples, names, strict=True) if name in chosen]


def of_same_ecgs(session: Session, run: Run) -> bytes | None:
    """Return the profile of another model that learned from the very same ECGs, as those of a comparison do."""
    rows = session.scalars(
        select(Model)
        .join(Run, Run.id == Model.run_id)
        .where(Run.dataset_id == run.dataset_id, Run.id != run.id, Model.profile.is_not(None))
        .order_by(Model.created_at.desc())
        .limit(_ALIKE)
    )
    ids = {*run.split["train"], *run.split["validation"]}
    for model in rows:
        other = session.get(Run, model.run_id) if model.run_id else None
        if other is not None and {*other.split["train"], *other.split["validation"]} == ids and kept(model):
            return model.profile
    return None
