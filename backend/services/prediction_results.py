"""The results of a prediction of many recordings, beside each what is known of it and whether the model has seen it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Prediction, PredictionResult, Recording
from backend.ml.evaluation.routes import watch
from backend.ml.inference.decisions import undecided
from backend.ml.spec import ModelSpec
from backend.services import cautions, counting, drift_checks, seen
from backend.services.cautions import Caution
from backend.services.csv_line import csv_line, exact
from backend.services.recording_filters import Filter, filtered
from backend.services.seen import Seen

REGRESSION: Final = "regression"
# Made once: to put such a statement together takes longer than to ask for one recording.
_KNOWN: Final = (
    select(DatasetEntry.recording_id, DatasetEntry.labels, DatasetEntry.values, Dataset.labels, Dataset.task)
    .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
    .where(Dataset.project_id == bindparam("project_id"), Dataset.complete, DatasetEntry.recording_id.is_not(None))
    .order_by(Dataset.created_at)
)
_KNOWN_OF: Final = _KNOWN.where(DatasetEntry.recording_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """One result; `known` are the labels that a table gives the recording, None where none does."""

    result: PredictionResult
    recording: Recording
    known: list[str] | None
    seen: Seen


def page(
    session: Session, prediction: Prediction, number: int, size: int, predicted: str = "", disagreement: bool = False
) -> tuple[list[Row], counting.Number]:
    """Return one page of results and how many there are, of very many about how many.

    What they may be kept to says `recording_filters`.
    """
    results = _results(prediction.id, prediction.project_id)
    if predicted or disagreement:
        asked = Filter(prediction_id=prediction.id, predicted=predicted, disagreement=disagreement)
        kept = filtered(session, prediction.project_id, asked).statement.with_only_columns(Recording.id)
        results = results.where(Recording.id.in_(kept))
    counted = results.with_only_columns(Recording.id).order_by(None)
    total = counting.count(session, prediction.project_id, counted, (PredictionResult.recording_id.expression,))
    rows = session.execute(results.limit(size).offset((number - 1) * size)).all()
    ids = [recording.id for _, recording in rows]
    known = known_labels(session, prediction.project_id, prediction.dataset_id, prediction.model.spec["task"], ids)
    said = seen.seen_by(session, prediction.model, prediction.project_id, ids)
    return [Row(result, recording, known.get(recording.id), said[recording.id]) for result, recording in rows], total


def to_csv(session: Session, prediction: Prediction) -> Iterator[str]:
    """Yield the results as CSV, a header first.

    The columns: file_name, recording, predicted, a probability or a value a label, error, known (labels that a table
    gives the recording), seen (whether the model has seen it: training, validation, test, no or not known) and, of a
    model that abstains, undecided (labels that it leaves open).
    """
    spec = ModelSpec.from_json(prediction.model.spec)
    labels, abstains = spec.labels, spec.abstention is not None
    kind = "value" if spec.task == "regression" else "probability"
    numbers, more = [f"{kind}_{label}" for label in labels], ["undecided"] if abstains else []
    yield csv_line(["file_name", "recording", "predicted", *numbers, "error", "known", "seen", *more])
    known = known_labels(session, prediction.project_id, prediction.dataset_id, spec.task)
    said = _seen(session, prediction)
    for result, recording in session.execute(
        _results(prediction.id, prediction.project_id).execution_options(yield_per=500)
    ):
        shown = [f"{value:.6f}" for value in result.probabilities] or [""] * len(labels)
        told = [result.error or "", ";".join(known.get(recording.id, ())), said[recording.id].status]
        left_open = [";".join(undecided(spec, result.probabilities))] if abstains else []
        yield csv_line([recording.file_name, recording.name, ";".join(result.predicted), *shown, *told, *left_open])


def known_labels(
    session: Session, project_id: str, dataset_id: str | None, task: str, ids: Collection[str] | None = None
) -> dict[str, list[str]]:
    """Return what a dataset says of recordings, or for None the newest of the project that says anything of each.

    `task` is that of the model whose answers stand beside it: for None, values say nothing of a model of labels, nor
    labels of one of values. Values of a regression are told as "label=value".
    """
    rows = _KNOWN if ids is None else _KNOWN_OF
    if dataset_id is None:
        rows = rows.where((Dataset.task == REGRESSION) == (task == REGRESSION))
    if dataset_id is not None:
        rows = rows.where(Dataset.id == dataset_id)
    known: dict[str, list[str]] = {}
    asked = {"project_id": project_id, "ids": list(ids or ())}
    for recording_id, labels, values, columns, kind in session.execute(rows, asked):
        known[recording_id] = (
            [f"{name}={exact(value)}" for name, value in zip(columns, values, strict=True) if value is not None]
            if kind == REGRESSION
            else list(labels)
        )
    return known


def count_seen(session: Session, prediction: Prediction) -> dict[str, int]:
    """Count the recordings that have results by whether the model has seen them."""
    return seen.counts(_seen(session, prediction).values())


def routes_of(session: Session, prediction: Prediction) -> dict[str, Any] | None:
    """Return the routes of all results by predicted label; None of a model that has none, or does not tell them."""
    rows = session.execute(
        select(PredictionResult.routes, PredictionResult.predicted).where(
            PredictionResult.prediction_id == prediction.id, PredictionResult.error.is_(None)
        )
    )
    told = [(routes, predicted) for routes, predicted in rows if routes]
    if not told:
        return None
    spec = ModelSpec.from_json(prediction.model.spec)
    labels = {label: np.array([label in predicted for _, predicted in told]) for label in spec.labels}
    found = watch(spec, np.array([routes for routes, _ in told], np.float64), labels)
    return None if found is None else found.to_dict()


def cautions_of(prediction: Prediction) -> list[Caution]:
    """Return what is to be said beside the results of a prediction."""
    evaluation, own = prediction.evaluation or {}, prediction.model.evaluation or {}
    at_home, elsewhere = ((one.get("macro_f1") or {}).get("value") for one in (own, evaluation))
    return [
        *cautions.of_seen(prediction.seen or {}),
        *cautions.of_results(evaluation),
        *cautions.of_elsewhere(at_home, elsewhere),
        *(one for one in cautions.of_model(prediction.model) if one.kind == "amplitude"),
        *drift_checks.caution(prediction),
    ]


def _seen(session: Session, prediction: Prediction) -> dict[str, Seen]:
    ids = select(PredictionResult.recording_id).where(PredictionResult.prediction_id == prediction.id)
    return seen.seen_by(session, prediction.model, prediction.project_id, session.scalars(ids).all())


def _results(prediction_id: str, project_id: str) -> Any:
    return (
        select(PredictionResult, Recording)
        .join(Recording, Recording.id == PredictionResult.recording_id)
        .where(PredictionResult.prediction_id == prediction_id, Recording.project_id == project_id)
        .order_by(Recording.file_name, Recording.index, Recording.id)
    )
