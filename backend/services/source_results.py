"""What a cross-validation by source found on each source: worked out from the out-of-fold outputs when it is asked for.

Nothing of it goes into the package of a model: a folder may be called by a place, and small sources tell of few people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, OutOfFoldRow, Run
from backend.errors import ConflictError
from backend.ml.evaluation.by_source import SourceScore, by_source
from backend.ml.evaluation.out_of_fold import ranking
from backend.ml.spec import Task
from backend.services import examples, out_of_fold, sources
from backend.services.known_truth import truth


@dataclass(frozen=True, kw_only=True)
class SourceResults:
    """The score of a run on each source; one candidate."""

    by: str
    measure: Literal["macro_auroc", "macro_r2"]
    sources: tuple[SourceScore, ...]
    text: tuple[str, ...]


def of_run(session: Session, run: Run) -> SourceResults:
    """Return what a run found on each source; nothing where its folds are not sources, or none is done yet.

    Raises ConflictError where its dataset is gone.
    """
    measure: Literal["macro_auroc", "macro_r2"] = "macro_r2" if run.facts["task"] == "regression" else "macro_auroc"
    by = (run.facts.get("how_tested") or {}).get("folds_by", "patient")
    if by == "patient":
        return SourceResults(by=by, measure=measure, sources=(), text=())
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this training has been deleted, so that it cannot be said what is right.")
    tested = set(session.scalars(select(OutOfFoldRow.recording_id).where(OutOfFoldRow.run_id == run.id)))
    chosen = [one for one in examples.load(session, dataset) if one.recording_id in tested]
    if not chosen:
        return SourceResults(by=by, measure=measure, sources=(), text=())
    task: Task = run.facts["task"]
    ids = [one.recording_id for one in chosen]
    y = truth(chosen, run.facts["labels"], run.facts.get("columns") or run.facts["labels"], task)
    outputs = ranking(out_of_fold.load(session, run.id, ids, 1), task)[0]
    of = sources.names(session, run.project_id, ids, by)
    each = by_source(of, y, [outputs], run.facts["labels"], task, [one.patient_id for one in chosen])
    name = "mean R²" if task == "regression" else "mean AUROC"
    return SourceResults(by=by, measure=measure, sources=tuple(each), text=tuple(found_worst(each, 0, name)))


def found_worst(each: Sequence[SourceScore], candidate: int | None, measure: str) -> list[str]:
    """Say on which source a candidate is worst; nothing where fewer than two say something, or nobody is meant."""
    if candidate is None:
        return []
    told = [(value, one.name) for one in each if one.name and (value := one.scores[candidate].value) is not None]
    if len(told) < 2:
        return []
    (worst, name), (best, _) = min(told), max(told)
    return [
        f"Each source was tested by a model that has learned from the others. It is worst on “{name}” ({measure} "
        f"{worst:.3f}); on the best one it is {best:.3f}. From a new source, expect something like the worst."
    ]
