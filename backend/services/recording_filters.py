"""Which recordings of a project are meant: by what is known of them, where they came from, and what a model said."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from backend.db.tables import Dataset, DatasetEntry, ImportOutcome, PredictionResult, Recording
from backend.ecg.findings import QUALITY
from backend.ml.spec import ModelSpec
from backend.services import (
    datasets,
    evaluation_rows,
    evaluation_thresholds,
    evaluations,
    imports,
    model_library,
    out_of_fold_cells,
    patients,
    predictions,
    runs,
    seen,
)
from backend.services.counting import EXACT
from backend.services.evaluation_rows import Cell
from backend.services.seen import Status

ROW = aliased(DatasetEntry)
"""The row beside a recording of the table that is named, so that other questions may ask for rows of their own."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What recordings have in common; empty, None and False ask for nothing."""

    search: str = ""
    dataset_id: str = ""  # those that this table has a row for; `label`, sex and age are then what it says
    label: str = ""  # in that table, or else in the newest table of labels
    and_label: str = ""  # beside the first one, in the same table
    findings_only: bool = False
    finding: str = ""  # code of a finding
    quality: Literal["", "good", "doubtful"] = ""  # doubtful: with a finding about the signal's quality
    format: str = ""
    device: str = ""
    rate: float | None = None  # Hz
    sex: Literal["", "F", "M"] = ""
    age_min: float | None = None  # years
    age_max: float | None = None
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None  # not included
    patient_id: str = ""  # a pseudonym
    import_id: str = ""
    import_status: str = ""  # outcome of the file in that import
    prediction_id: str = ""
    predicted: str = ""  # a label that the prediction tells
    disagreement: bool = False  # the prediction tells other labels than the table
    evaluation_id: str = ""  # those in a cell of its confusion matrix
    run_id: str = ""  # those in a cell of a cross-validated run
    evaluated_label: str = ""
    cell: Cell | None = None  # of that label
    predicted_label: str = ""  # in place of `cell`, in the matrix of all classes
    threshold: float | None = None  # None: the label's own
    seen_by: str = ""  # a model
    seen: Status = "training"  # what that model has seen of them


@dataclass(frozen=True, slots=True)
class Listed:
    """The recordings that are meant, in no order, and for those of an import the number of their file in it."""

    statement: Select[Any]
    number: ColumnElement[Any] | None = None
    beside: tuple[ColumnElement[Any], ...] = ()  # the recording's id in tables that are joined


def filtered(session: Session, project_id: str, asked: Filter) -> Listed:
    """Return the recordings that are meant. Raises NotFoundError for what is named and not there."""
    statement: Select[Any] = select(Recording).where(Recording.project_id == project_id)
    for condition in _own(asked):
        statement = statement.where(condition)
    statement = _of_table(session, project_id, asked, statement)
    if asked.search:
        statement = statement.where(or_(*_matches(session, project_id, asked.search)))
    if asked.seen_by:
        statement = statement.where(Recording.id.in_(_seen(session, project_id, asked)))
    if asked.evaluation_id:
        statement = statement.where(Recording.id.in_(_evaluated(session, project_id, asked)))
    if asked.run_id:
        statement = statement.where(Recording.id.in_(_out_of_fold(session, project_id, asked)))
    if asked.prediction_id:
        statement = _predicted(session, project_id, asked, statement)
    joined = ((asked.dataset_id, ROW.recording_id), (asked.prediction_id, PredictionResult.recording_id))
    beside = tuple(column.expression for name, column in joined if name)
    if not asked.import_id:
        return Listed(statement, beside=beside)
    imports.get(session, project_id, asked.import_id)
    sent = _sent(session, asked)
    return Listed(statement.join(sent, sent.c.recording_id == Recording.id), sent.c.number, beside)


def newest(session: Session, project_id: str, kind: ColumnElement[bool]) -> str | None:
    """Return the id of the newest dataset of a kind, None where there is none."""
    mine = select(Dataset.id).where(Dataset.project_id == project_id, Dataset.complete, kind)
    return session.scalar(mine.order_by(Dataset.created_at.desc()).limit(1))


def _own(asked: Filter) -> list[ColumnElement[bool]]:
    """Conditions on columns of the recording itself."""
    same: list[tuple[Any, Any]] = [
        (Recording.format, asked.format), (Recording.device, asked.device), (Recording.rate, asked.rate),
        (Recording.patient_id, asked.patient_id),
    ]  # fmt: skip
    found: list[ColumnElement[bool]] = [column == value for column, value in same if value]
    if asked.recorded_from is not None:
        found.append(Recording.recorded_at >= asked.recorded_from)
    if asked.recorded_until is not None:
        found.append(Recording.recorded_at < asked.recorded_until)
    if asked.findings_only:
        found.append(cast(Recording.findings, String) != "[]")
    if asked.finding:
        found.append(_holds(Recording.findings, asked.finding))
    if asked.quality:
        doubtful = or_(*(_holds(Recording.findings, code) for code in QUALITY))
        found.append(doubtful if asked.quality == "doubtful" else ~doubtful)
    return found


def _of_table(session: Session, project_id: str, asked: Filter, statement: Select[Any]) -> Select[Any]:
    """Ask for label, sex and age: of a table that is named, by its row beside the recording."""
    sex: ColumnElement[Any] = Recording.sex.expression
    age: ColumnElement[Any] = Recording.age.expression
    if asked.dataset_id:
        table = datasets.get(session, project_id, asked.dataset_id)
        own = and_(ROW.recording_id == Recording.id, ROW.dataset_id == table.id)
        statement = statement.join(ROW, own)
        sex, age = sex_of(), age_of()
    for label in (asked.label, asked.and_label):
        if label and asked.dataset_id:
            statement = statement.where(_says(ROW, label))
        elif label:
            statement = statement.where(Recording.id.in_(_labelled(session, project_id, label)))
    if asked.sex:
        statement = statement.where(sex == asked.sex)
    if asked.age_min is not None:
        statement = statement.where(age >= asked.age_min)
    if asked.age_max is not None:  # a whole number of years is completed ones: up to 59 is also who is 59 and a half
        whole = asked.age_max == int(asked.age_max)
        statement = statement.where(age < asked.age_max + 1 if whole else age <= asked.age_max)
    return statement


def sex_of() -> ColumnElement[Any]:
    """Return the sex of a recording joined with a row of a table: as its file says, or else the table."""
    return func.coalesce(Recording.sex, ROW.sex)


def age_of() -> ColumnElement[Any]:
    """Return the age in years of a recording joined with a row of a table: as its file says, or else the table."""
    return func.coalesce(Recording.age, ROW.age)


def _seen(session: Session, project_id: str, asked: Filter) -> Select[Any]:
    """Return the ids of what a model of this or another project has seen of this project's recordings."""
    model = model_library.usable(session, project_id, asked.seen_by)
    every = session.scalars(select(Recording.id).where(Recording.project_id == project_id))
    said = seen.seen_by(session, model, project_id, list(every))
    ids = [one for one, told in said.items() if told.status == asked.seen]
    return _values(session, literal(ids, JSON))  # one parameter, however many they are


def _evaluated(session: Session, project_id: str, asked: Filter) -> Select[Any]:
    """Return the ids of the recordings in a cell of an evaluation."""
    row = evaluations.of_recordings(session, project_id, asked.evaluation_id)
    place = evaluation_rows.place_of(row, asked.evaluated_label)
    limit = evaluation_thresholds.of_evaluation(row)[place] if asked.threshold is None else asked.threshold
    found = evaluation_rows.columns(session, row)
    inside = evaluation_rows.chosen(
        row, found, asked.evaluated_label, asked.cell, asked.predicted_label or None, limit
    )  # fmt: skip
    return _values(session, literal([found.recording_ids[i] for i in inside], JSON))


def _out_of_fold(session: Session, project_id: str, asked: Filter) -> Select[Any]:
    """Return the ids of the recordings in a cell of a cross-validated run."""
    run = runs.get(session, project_id, asked.run_id)
    of = asked.evaluated_label, asked.cell, asked.predicted_label or None, asked.threshold
    return _values(session, literal(out_of_fold_cells.recordings(session, run, *of), JSON))


def _values(session: Session, array: ColumnElement[Any]) -> Select[Any]:
    """Return the texts of a JSON array, a row each."""
    return select(_each(session, array).c.value)


def _each(session: Session, array: Any) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    function = func.json_each if is_sqlite else func.json_array_elements_text
    return function(array).table_valued("value", joins_implicitly=True)


def _holds(column: Any, text: str) -> ColumnElement[bool]:
    """Whether JSON holds a text, whole, as it is stored."""
    return cast(column, String).contains(json.dumps(text), autoescape=True)


def _matches(session: Session, project_id: str, text: str) -> list[ColumnElement[bool]]:
    columns = (
        Recording.file_name, Recording.name, Recording.record_id, Recording.patient_id, Recording.device,
        Recording.format,
    )  # fmt: skip
    matches: list[ColumnElement[bool]] = [column.icontains(text, autoescape=True) for column in columns]
    if _is_label(session, project_id, text):
        matches.append(_has_label(session, project_id, text))
    if patient := patients.pseudonym_of(project_id, text):
        of_patient = select(DatasetEntry.recording_id).where(
            DatasetEntry.patient_id == patient, DatasetEntry.recording_id.is_not(None)
        )
        # Asked for by themselves: beside a question within it, Postgres looks for no part of a name in an index.
        matches += [Recording.patient_id == patient, Recording.id.in_(session.scalars(of_patient.distinct()).all())]
    return matches


def _has_label(session: Session, project_id: str, text: str) -> ColumnElement[bool]:
    """Whether a recording has a label, as one of several conditions of which one must hold."""
    labelled = _labelled(session, project_id, text)
    if session.get_bind().dialect.name == "sqlite":
        return Recording.id.in_(labelled)
    few = labelled.limit(2 * EXACT + 1).subquery()
    if (session.scalar(select(func.count()).select_from(few)) or 0) <= 2 * EXACT:
        return Recording.id == func.any(func.array(labelled.scalar_subquery()))
    return labelled.where(DatasetEntry.recording_id == Recording.id).correlate(Recording).offset(0).exists()


def _is_label(session: Session, project_id: str, text: str) -> bool:
    of_labels = newest(session, project_id, Dataset.task != "regression")
    labels = session.scalar(select(Dataset.labels).where(Dataset.id == of_labels))
    return text.casefold() in {label.casefold() for label in labels or ()}


def _labelled(session: Session, project_id: str, label: str) -> Select[Any]:
    return select(DatasetEntry.recording_id).where(
        DatasetEntry.dataset_id == newest(session, project_id, Dataset.task != "regression"),
        DatasetEntry.recording_id.is_not(None),
        _says(DatasetEntry, label),
    )


def _says(row: type[DatasetEntry], label: str) -> ColumnElement[bool]:
    """Whether a row of a table has a label, in whatever case."""
    return cast(row.labels, String).icontains(json.dumps(label), autoescape=True)


def _sent(session: Session, asked: Filter) -> Any:
    """Return (recording_id, number) of the files of an import, as the report of the import filters them."""
    ids = _each(session, ImportOutcome.recording_ids)
    files = select(ids.c.value.label("recording_id"), func.min(ImportOutcome.number).label("number")).where(
        ImportOutcome.import_id == asked.import_id
    )
    if asked.import_status:
        files = files.where(ImportOutcome.status == asked.import_status)
    if asked.findings_only:
        files = files.where(ImportOutcome.n_findings > 0)
    return files.group_by(ids.c.value).subquery("sent")


def _predicted(session: Session, project_id: str, asked: Filter, statement: Select[Any]) -> Select[Any]:
    prediction = predictions.get(session, project_id, asked.prediction_id)
    told = and_(PredictionResult.recording_id == Recording.id, PredictionResult.prediction_id == prediction.id)
    statement = statement.join(PredictionResult, told)
    if asked.predicted:
        statement = statement.where(_holds(PredictionResult.predicted, asked.predicted))
    if asked.disagreement:
        known = _known(project_id, prediction.dataset_id)
        labels = ModelSpec.from_json(prediction.model.spec).labels
        says_so = [(_holds(PredictionResult.predicted, one), _holds(known, one)) for one in labels]
        differs = [_number(told) != _number(true) for told, true in says_so]
        statement = statement.where(PredictionResult.error.is_(None), known.is_not(None), or_(*differs))
    return statement


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _known(project_id: str, dataset_id: str | None) -> ColumnElement[Any]:
    """Return the labels of a recording in a table of labels, or else in the newest one that has the recording."""
    rows = (
        select(DatasetEntry.labels)
        .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
        .where(DatasetEntry.recording_id == Recording.id, Dataset.project_id == project_id)
        .where(Dataset.complete, Dataset.task != "regression")
    )
    if dataset_id is not None:
        rows = rows.where(Dataset.id == dataset_id)
    newest_first = rows.order_by(Dataset.created_at.desc(), DatasetEntry.row.desc())
    return newest_first.limit(1).correlate(Recording).scalar_subquery()
