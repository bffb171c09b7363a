"""The rows of an evaluation, one a recording: kept as they come, read as arrays, listed by cell, exported."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation, EvaluationRow, Json, Recording
from backend.ecg.extras import is_here, lacking
from backend.errors import InvalidInputError, UnavailableError
from backend.ml.abstention import Abstention
from backend.ml.evaluation.abstained import left_open as undecided_labels
from backend.ml.evaluation.thresholds import predict_labels
from backend.services.csv_line import csv_line, exact
from backend.services.evaluation_cautions import is_not_known
from backend.services.evaluation_groups import persons_in_table

Cell = Literal["true_positive", "false_positive", "false_negative", "true_negative"]
CELLS: Final = get_args(Cell)
_OF_CELL = {
    "true_positive": (True, True), "false_positive": (False, True), "false_negative": (True, False),
    "true_negative": (False, False),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The rows as arrays: of N recordings outputs and truth (N, L), NaN where the table does not say."""

    recording_ids: list[str]
    outputs: NDArray[np.float64]
    truth: NDArray[np.float64]
    patients: list[str | None]
    seen: NDArray[np.bool_]


def done(session: Session, evaluation_id: str) -> set[str]:
    """Return the ids of the recordings that have a row."""
    return set(session.scalars(select(EvaluationRow.recording_id).where(EvaluationRow.evaluation_id == evaluation_id)))


def add(session: Session, evaluation_id: str, rows: Sequence[Json]) -> None:
    """Keep rows (recording_id, outputs, truth, patient_id, seen, error); again is the same as once.

    A recording that has been deleted since it was read gets none.
    """
    wanted = select(Recording.id).where(Recording.id.in_([row["recording_id"] for row in rows]))
    ids = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
    session.execute(
        delete(EvaluationRow).where(EvaluationRow.evaluation_id == evaluation_id, EvaluationRow.recording_id.in_(ids))
    )
    if kept := [row for row in rows if row["recording_id"] in ids]:
        session.execute(insert(EvaluationRow), [{"evaluation_id": evaluation_id} | row for row in kept])


def columns(session: Session, row: Evaluation) -> Columns:
    """Return what was predicted, in the order of file names."""
    found = session.execute(
        select(
            EvaluationRow.recording_id, EvaluationRow.outputs, EvaluationRow.truth, EvaluationRow.patient_id,
            EvaluationRow.seen,
        )
        .join(Recording, Recording.id == EvaluationRow.recording_id)
        .where(EvaluationRow.evaluation_id == row.id, EvaluationRow.error.is_(None))
        .order_by(*_BY_FILE)
    ).all()  # fmt: skip
    shape = (len(found), len(row.model.spec["labels"]))
    return Columns(
        [one.recording_id for one in found],
        np.array([one.outputs for one in found], np.float64).reshape(shape),
        np.array([one.truth for one in found], np.float64).reshape(shape),  # None becomes NaN
        [one.patient_id for one in found],
        np.array([one.seen for one in found], bool),
    )


def errors(session: Session, evaluation_id: str) -> Sequence[tuple[str, int]]:
    """Return why recordings could not be predicted, and how many each reason has."""
    rows = session.execute(
        select(EvaluationRow.error, func.count())
        .where(EvaluationRow.evaluation_id == evaluation_id, EvaluationRow.error.is_not(None))
        .group_by(EvaluationRow.error)
        .order_by(func.count().desc())
    )
    return [(error, n) for error, n in rows if error is not None]


def in_cell(found: Columns, label: int, threshold: float, cell: Cell) -> NDArray[np.intp]:
    """Return the rows of one cell of a label's confusion matrix, those first of which the model is surest."""
    is_true, told = _OF_CELL[cell]
    output = found.outputs[:, label]
    inside = np.flatnonzero((found.truth[:, label] == is_true) & ((output >= threshold) == told))
    return inside[np.argsort(-output[inside] if told else output[inside], kind="stable")]


def in_class_cell(found: Columns, true_label: int, predicted_label: int) -> NDArray[np.intp]:
    """Return the rows of one cell of the matrix of a single-label model, those first of which it is surest."""
    told = found.outputs.argmax(axis=1) == predicted_label
    inside = np.flatnonzero((found.truth[:, true_label] == 1) & told)
    return inside[np.argsort(-found.outputs[inside, predicted_label], kind="stable")]


def by_error(found: Columns, target: int) -> NDArray[np.intp]:
    """Return the rows whose value of a regression is known, those with the largest errors first."""
    error = np.abs(found.outputs[:, target] - found.truth[:, target])
    inside = np.flatnonzero(~np.isnan(error))
    return inside[np.argsort(-error[inside], kind="stable")]


def chosen(
    row: Evaluation, found: Columns, label: str, cell: Cell | None, predicted_label: str | None, threshold: float
) -> NDArray[np.intp]:
    """Return the rows of a cell of a label, or of the matrix of all classes; of values all, the largest errors first.

    Raises InvalidInputError where nothing of it is named, or what the model does not tell.
    """
    place = place_of(row, label)
    if row.model.spec["task"] == "regression":
        return by_error(found, place)
    if predicted_label is not None:
        if predicted_label not in row.model.spec["labels"]:
            raise InvalidInputError(f"The model has no label {predicted_label!r}.")
        return in_class_cell(found, place, row.model.spec["labels"].index(predicted_label))
    if cell is None:
        raise InvalidInputError("Say which recordings: a cell, or for the matrix of all classes a predicted label.")
    return in_cell(found, place, threshold, cell)


def place_of(row: Evaluation, label: str) -> int:
    """Return which output of the model a label is. Raises InvalidInputError for one that is not evaluated."""
    if label not in row.settings["label_map"]:
        raise InvalidInputError(
            f"The label {label!r} is not evaluated here; these are: {', '.join(row.settings['label_map'])}."
        )
    labels: list[str] = row.model.spec["labels"]
    return labels.index(label)


def recordings(session: Session, ids: Sequence[str]) -> dict[str, Recording]:
    """Return recordings by their ids."""
    return {one.id: one for one in session.scalars(select(Recording).where(Recording.id.in_(ids)))}


def predicted(row: Evaluation, outputs: NDArray[np.float64], thresholds: Sequence[float]) -> list[list[str]]:
    """Return the labels that are told for each of (N, L) outputs; none of a regression."""
    spec = row.model.spec
    if spec["task"] == "regression" or not len(outputs):
        return [[] for _ in outputs]
    told = predict_labels(outputs, spec["task"], thresholds)
    return [[label for label, yes in zip(spec["labels"], line, strict=True) if yes] for line in told]


def left_open(row: Evaluation, outputs: NDArray[np.float64]) -> list[list[str]]:
    """Return the labels that the model does not decide of, for each of (N, L) outputs; none where it always answers."""
    spec = row.model.spec
    bands = Abstention.from_dict(spec.get("abstention"))
    if bands is None or spec["task"] == "regression" or not len(outputs):
        return [[] for _ in outputs]
    unsure = undecided_labels(bands, outputs, spec["task"])
    return [[label for label, yes in zip(spec["labels"], line, strict=True) if yes] for line in unsure]


def to_csv(session: Session, row: Evaluation, thresholds: Sequence[float]) -> Iterator[str]:
    """Yield the rows as CSV, a header first; what is not known is empty, but for `seen`, which says so in words."""
    table = _table(session, row, thresholds)
    header = next(table)
    seen = header.index("seen")
    yield csv_line(header)
    for line in table:
        cells = list(map(_cell, line))
        cells[seen] = cells[seen] or "not known"
        yield csv_line(cells)


def to_parquet(session: Session, row: Evaluation, thresholds: Sequence[float]) -> bytes:
    """Return the rows as Parquet, with the columns of the CSV; null where it is not known.

    Raises UnavailableError where pyarrow is not installed.
    """
    if not is_here("pyarrow"):
        raise UnavailableError(f"{lacking('Parquet files are', 'pyarrow')} Or take the rows as CSV.")
    import pyarrow as pa
    import pyarrow.parquet as pq

    header, *lines = _table(session, row, thresholds)
    kinds = {"seen": pa.bool_(), "age": pa.float64()}
    numbers = ("truth_", "output_")
    types = [kinds.get(name, pa.float64() if name.startswith(numbers) else pa.string()) for name in header]
    held = [pa.array([line[place] for line in lines], one) for place, one in enumerate(types)]
    buffer = io.BytesIO()
    pq.write_table(pa.table(held, names=header), buffer)
    return buffer.getvalue()


_BY_FILE = (Recording.file_name, Recording.index, Recording.id)


def _table(session: Session, row: Evaluation, thresholds: Sequence[float]) -> Iterator[list[Any]]:
    labels = row.model.spec["labels"]
    yield [
        "file_name", "recording", "recording_id", "patient", "sex", "age", "device", "seen", "predicted", "left_open",
        *[f"truth_{label}" for label in labels], *[f"output_{label}" for label in labels], "error",
    ]  # fmt: skip
    statement = (
        select(EvaluationRow, Recording)
        .join(Recording, Recording.id == EvaluationRow.recording_id)
        .where(EvaluationRow.evaluation_id == row.id)
        .order_by(*_BY_FILE)
    )
    nothing: list[None] = [None] * len(labels)
    unsure, persons = is_not_known(row), persons_in_table(session, row.dataset_id)
    for one, ecg in session.execute(statement.execution_options(yield_per=500)):
        answers = np.array([one.outputs]) if one.outputs else np.empty((0, len(labels)))
        told, unsaid = (
            next(iter(lines), []) for lines in (predicted(row, answers, thresholds), left_open(row, answers))
        )
        sex, age = persons.get(ecg.id, (None, None))
        yield [
            ecg.file_name, ecg.name, ecg.id, one.patient_id, ecg.sex or sex, age if ecg.age is None else ecg.age,
            ecg.device,
            None if unsure and not one.seen else one.seen, ";".join(told),
            ";".join(unsaid),
            *one.truth, *(one.outputs or nothing), one.error,
        ]  # fmt: skip


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return exact(value) if isinstance(value, float) else str(value)
