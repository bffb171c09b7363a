"""What an experiment works on, taken from projects: one dataset to learn from and be tested on, others that test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset
from backend.ecg.preprocess import Preprocessing, preset
from backend.ecg.signal_file import decode_signal
from backend.errors import InvalidInputError, NotFoundError, UserError
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData, check_parts, check_trainable
from backend.ml.experiments.material import INTERNAL, Cohort, Material
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.packaging.package import MODEL
from backend.ml.spec import ModelSpec
from backend.services import examples, models, shipped
from backend.services.division import divide, grouped
from backend.services.examples import Example
from backend.services.known_truth import comparable, truth
from backend.storage import Storage

_FIRST = preset("clinical")


@dataclass(frozen=True, slots=True)
class Base:
    """A model that experiments start from; `learnt_from` is what one that comes with the platform says of it."""

    name: str
    spec: ModelSpec
    onnx: bytes
    weights: bytes
    learnt_from: str = ""


def material(
    session: Session,
    storage: Storage,
    dataset: Dataset,
    tests: Sequence[Dataset],
    labels: Sequence[str] | None = None,
    split: Mapping[str, Any] | None = None,
) -> tuple[Material, list[str]]:
    """Return the ECGs of datasets as experiments take them, without a base, and notes on what was left out.

    The first dataset is divided as for a training; the others, which may be of other projects, test as a whole where
    they know any of the labels. Each ECG is prepared once, so that what cannot be is left out here.
    Raises InvalidInputError or what a training of the dataset would raise.
    """
    if dataset.task == "regression":
        raise InvalidInputError("Experiments compare how well labels are told. Choose a dataset of labels, not values.")
    chosen = examples.chosen_labels(dataset, labels)
    task: Any = dataset.task
    labelled, notes = examples.choose(examples.load(session, dataset), chosen, dataset.labels, task)
    learn, kept = _cohort(storage, INTERNAL, labelled, dataset, chosen, notes)
    check_trainable(learn.y, chosen, task)
    wanted = dict(split or {"kind": "column" if dataset.split_column else "random"})
    divided = divide(grouped(session, dataset.project_id, kept, wanted, None), learn.y, wanted)
    notes += [one.text for one in divided.left_out] + list(divided.parts.notes)
    parts = Split(divided.parts.train, divided.parts.validation, divided.parts.test)
    check_parts(TrainingData(np.zeros((len(learn.y), 12, 1), np.float32), learn.y, parts), chosen, task)
    others = []
    for one in tests:
        if not set(one.labels) & set(chosen):
            raise InvalidInputError(f"The dataset {one.name} knows none of the labels {', '.join(chosen)}.")
        rows = [row for row in examples.load(session, one) if not row.missing_leads and comparable(row, chosen, task)]
        if not rows:
            raise InvalidInputError(f"The dataset {one.name} has no recording that could test.")
        others.append(_cohort(storage, one.name, rows, one, chosen, notes)[0])
    return Material(tuple(chosen), task, learn, parts, tuple(others)), notes


def base(session: Session, storage: Storage, project_id: str, name: str) -> Base:
    """Return the model of that name or id of a project, or else one that comes with the platform.

    Raises NotFoundError, InvalidInputError for a model without weights by name.
    """
    try:
        model = models.find(session, project_id, name)
    except NotFoundError:
        one = shipped.find(name)
        onnx = (one.folder / MODEL).read_bytes()
        return Base(one.manifest.name, one.manifest.spec, onnx, named_weights(onnx), one.learnt_from)
    if model.weights_key is None:
        raise InvalidInputError(f"The model {model.name} has no weights by name. Choose another to start from.")
    spec = ModelSpec.from_json(model.spec)
    return Base(model.name, spec, storage.get(model.onnx_key), storage.get(model.weights_key))


def _cohort(
    storage: Storage, name: str, rows: Sequence[Example], dataset: Dataset, labels: Sequence[str], notes: list[str]
) -> tuple[Cohort, list[Example]]:
    """Return the rows that can be prepared as a cohort, and these rows; the others are counted in the notes."""
    x = np.empty((len(rows), 12, _FIRST.n_samples), np.float32)
    kept: list[Example] = []
    refused: dict[str, int] = {}
    for row in rows:
        try:
            x[len(kept)] = _prepared(storage, row, _FIRST)
            kept.append(row)
        except UserError as problem:
            refused[str(problem)] = refused.get(str(problem), 0) + 1
    notes += [f"{counted(n, 'recording')} of {dataset.name} left out: {why}" for why, n in refused.items()]
    if not kept:
        raise InvalidInputError(f"No recording of {dataset.name} could be prepared: {next(iter(refused), '')}")
    first = x[: len(kept)]

    def prepared(preprocessing: Preprocessing) -> NDArray[np.float32]:
        if preprocessing == _FIRST:
            return first
        return np.stack([_prepared(storage, row, preprocessing) for row in kept])

    y = truth(kept, labels, dataset.labels, dataset.task).astype(np.float32)
    return Cohort(name, y, tuple(row.patient_id for row in kept), prepared), kept


def _prepared(storage: Storage, row: Example, preprocessing: Preprocessing) -> NDArray[np.float32]:
    signal, rate = decode_signal(storage.get(row.signal_key))
    return preprocessing(signal, rate)
