"""What the models of a cross-validation told wrongly, as recordings: the way from its figures to the ECGs themselves.

Each recording counts once: by the mean, over the repeats, of what models said that had not seen it, and by the
thresholds of the model that is kept. The figures of the run are stricter, since they take the threshold of each fold
from the other folds, so that its counts can be a little higher.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Model, OutOfFoldRow, Run
from backend.errors import ConflictError, InvalidInputError
from backend.ml.inference.predictor import to_outputs
from backend.ml.spec import ModelSpec
from backend.services import examples, out_of_fold
from backend.services.evaluation_rows import Cell, Columns, in_cell, in_class_cell
from backend.services.known_truth import truth

Wrong = Literal["false_positive", "false_negative"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """How many recordings of a kind of mistake there are: a cell of a label, or one label told in place of another."""

    label: str
    cell: Wrong | None
    predicted_label: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Of `n` recordings that were tested, `n_wrong` have at least one mistake; the most frequent kind comes first."""

    n: int
    n_wrong: int
    mistakes: tuple[Mistake, ...]


def of_run(session: Session, run: Run) -> Mistakes:
    """Return the mistakes of a cross-validated run of labels; none where nothing of it is tested, or it tells values.

    Raises ConflictError where its dataset or model is gone.
    """
    if run.facts["task"] == "regression" or not _tested(session, run):
        return Mistakes(0, 0, ())
    spec, found = _columns(session, run)
    wrong, mistakes = set[int](), []
    for place, label in enumerate(spec.labels):
        for told in _kinds(spec, place):
            rows = _rows(spec, found, place, *told, None)
            wrong.update(rows.tolist())
            if len(rows):
                cell, other = told
                mistakes.append(Mistake(label, cell, None if other is None else spec.labels[other], len(rows)))
    mistakes.sort(key=lambda one: -one.n)
    return Mistakes(len(found.recording_ids), len(wrong), tuple(mistakes))


def recordings(
    session: Session, run: Run, label: str, cell: Cell | None, predicted_label: str | None, threshold: float | None
) -> list[str]:
    """Return the ids of the recordings of a cell of a label, or of which another label was told than the true one.

    `threshold` None is that of the model. Raises InvalidInputError where no cell is named or the run tells no such
    label, ConflictError as `of_run`.
    """
    if run.facts["task"] == "regression":
        raise InvalidInputError("This training tells values, which are never right or wrong. Choose one of labels.")
    labels: list[str] = run.facts["labels"]
    for one in (label, predicted_label):
        if one and one not in labels:
            raise InvalidInputError(f"The training has no label {one!r}; these are: {', '.join(labels)}.")
    if not label or (cell is None and not predicted_label):
        raise InvalidInputError("Say which recordings: a label and its cell, or the label predicted in its place.")
    if not _tested(session, run):
        return []
    spec, found = _columns(session, run)
    other = spec.labels.index(predicted_label) if predicted_label else None
    rows = _rows(spec, found, spec.labels.index(label), cell, other, threshold)
    return [found.recording_ids[row] for row in rows]


def _kinds(spec: ModelSpec, place: int) -> Sequence[tuple[Wrong | None, int | None]]:
    """Return the kinds of mistakes of a label: its wrong cells, or each label that is told in its place."""
    if spec.task == "single_label":
        return [(None, other) for other in range(len(spec.labels)) if other != place]
    return [("false_positive", None), ("false_negative", None)]


def _rows(
    spec: ModelSpec, found: Columns, place: int, cell: Cell | None, other: int | None, threshold: float | None
) -> NDArray[np.intp]:
    if other is not None:
        return in_class_cell(found, place, other)
    limit = (spec.thresholds[place] if spec.thresholds else 0.5) if threshold is None else threshold
    return in_cell(found, place, limit, cell or "false_positive")


def _tested(session: Session, run: Run) -> bool:
    return session.scalar(select(OutOfFoldRow.run_id).where(OutOfFoldRow.run_id == run.id).limit(1)) is not None


def _columns(session: Session, run: Run) -> tuple[ModelSpec, Columns]:
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this training has been deleted, so that it cannot be said what is right.")
    model = session.scalars(select(Model).where(Model.run_id == run.id)).first()
    if model is None:
        raise ConflictError("The model of this training is not there, and so neither its thresholds.")
    spec = ModelSpec.from_json(model.spec)
    rows = [one for one in examples.load(session, dataset) if one.recording_id is not None]
    ids = [one.recording_id for one in rows]
    repeats = int((run.facts.get("how_tested") or {}).get("repeats") or 1)
    tested = out_of_fold.load(session, run.id, ids, repeats)
    chosen = [rows[place] for place in tested.rows]
    columns = run.facts.get("columns") or run.facts["labels"]
    answers = [to_outputs(one, spec.task, spec.calibration) for one in tested.logits]
    return spec, Columns(
        [one.recording_id for one in chosen],
        np.mean(answers, axis=0, dtype=np.float64).reshape(len(chosen), len(spec.labels)),
        truth(chosen, spec.labels, columns, spec.task),
        [one.patient_id for one in chosen],
        np.zeros(len(chosen), bool),
    )
