"""What a comparison found: scores on the recordings that all candidates tested, differences, and what to use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import ComparedRun, Comparison, Dataset, Json, OutOfFoldRow
from backend.errors import ConflictError
from backend.ml.evaluation.by_source import SourceScore, by_source
from backend.ml.evaluation.out_of_fold import ranking
from backend.ml.evaluation.paired import Difference, Paired, compare
from backend.ml.evaluation.recommended import Recommendation, recommend
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import Task
from backend.services import examples, jobs, out_of_fold, sources
from backend.services.known_truth import truth
from backend.services.source_results import found_worst

Measure = Literal["macro_auroc", "macro_r2"]
NAMES: Final = {"macro_auroc": "mean AUROC", "macro_r2": "mean R²"}
_FEWEST: Final = 2  # candidates that are done


@dataclass(frozen=True, kw_only=True)
class Found:
    """What candidates that are done reached; `places` are theirs in the comparison, in the order of all else here."""

    measure: Measure
    task: Task
    places: tuple[int, ...]
    titles: tuple[str, ...]
    seconds: tuple[float, ...]
    paired: Paired
    recommendation: Recommendation
    text: tuple[str, ...]
    sources: tuple[SourceScore, ...] = ()  # where folds are sources


def found(session: Session, row: Comparison) -> Found | None:
    """Return what is found of the candidates that are done; None of fewer than two.

    Raises ConflictError where dataset or recordings are gone.
    """
    done = [one for one in row.candidates if one.run is not None and one.run.job.status == "done"]
    if len(done) < _FEWEST:
        return None
    dataset = session.get(Dataset, row.dataset_id) if row.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this comparison has been deleted, so that it cannot be said what is right.")
    facts: Json = {"columns": done[0].run.facts["labels"]} | done[0].run.facts  # type: ignore[union-attr]
    task: Task = facts["task"]
    rows = {one.recording_id: one for one in examples.load(session, dataset)}
    ids = tested_by_all(session, [str(one.run_id) for one in done], set(rows), row.settings["repeats"])
    if not ids:
        raise ConflictError("The recordings that all candidates tested have been deleted. Start a new comparison.")
    chosen = [rows[one] for one in ids]
    y = truth(chosen, facts["labels"], facts["columns"], task)
    outputs = [outputs_of(session, str(one.run_id), ids, row.settings["repeats"], task) for one in done]
    paired = compare(y, outputs, facts["labels"], task, [one.patient_id for one in chosen], row.settings["folds"])
    seconds = tuple(seconds_of(session, one) for one in done)
    titles = tuple(one.title for one in done)
    advice = recommend(paired, seconds)
    measure: Measure = "macro_r2" if task == "regression" else "macro_auroc"
    text = told(paired, advice, titles, seconds, measure)
    each: list[SourceScore] = []
    if (by := row.settings.get("folds_by", "patient")) != "patient":
        of = sources.names(session, row.project_id, ids, by)
        patients = [one.patient_id for one in chosen]
        each = by_source(of, y, [one[0] for one in outputs], facts["labels"], task, patients)
        text += found_worst(each, advice.chosen, NAMES[measure])
    return Found(
        measure=measure, task=task, places=tuple(one.place for one in done), titles=titles, seconds=seconds,
        paired=paired, recommendation=advice, text=tuple(text), sources=tuple(each),
    )  # fmt: skip


def seconds_of(session: Session, one: ComparedRun) -> float:
    """Return how long a training that is done took; of one that was resumed at least what all its folds took."""
    job = one.run.job if one.run else None
    if job is None or job.finished_at is None or job.started_at is None:
        return 0.0
    folds = sum(float(event.payload["seconds"]) for event in jobs.events(session, job.id) if event.kind == "fold")
    return max(folds, (job.finished_at - job.started_at).total_seconds())


def told(
    paired: Paired, advice: Recommendation, titles: Sequence[str], seconds: Sequence[float], measure: Measure
) -> list[str]:
    """Return in sentences what is to be used, and how sure that is."""
    if advice.chosen is None:
        return [
            f"Nothing can be said on {counted(paired.n, 'ECG')}: {paired.withheld}. Gather more ECGs of each label."
        ]
    scores = {place: score for place, score in enumerate(paired.scores) if score is not None}
    top = advice.alike[0]
    others = [place for place in scores if place not in advice.alike]
    if advice.verdict == "best":
        runner_up = max(others, key=lambda place: scores[place])
        near = _between(paired.differences, top, runner_up)
        return [
            f"“{titles[top]}” is better than {'each of the others' if len(others) > 1 else 'the other'} by more than "
            f"chance gives: {NAMES[measure]} {scores[top]:.3f}, the next, “{titles[runner_up]}”, "
            f"{scores[runner_up]:.3f} (difference {near[0]:.3f}, 95 % interval {near[1]:.3f} to {near[2]:.3f}).",
            f"Use “{titles[top]}”.",
        ]
    names = " and ".join(f"“{titles[place]}” ({scores[place]:.3f})" for place in advice.alike)
    widest = max(
        (one.estimate.high or 0.0) - (one.estimate.value or 0.0)
        for one in paired.differences
        if one.first in advice.alike and one.second in advice.alike
    )
    lines = [
        f"On {counted(paired.n, 'ECG')} these cannot be told apart ({NAMES[measure]}): {names}. A difference would "
        f"have to be about {widest:.{2 if widest >= 0.01 else 3}f} to be seen here."
    ]
    if others:
        worse = " and ".join(f"“{titles[place]}” ({scores[place]:.3f})" for place in others)
        lines.append(f"Worse than the best of them, by more than chance gives: {worse}.")
    quick = advice.chosen
    lines.append(
        f"Use “{titles[quick]}”: of those it was trained the quickest ({_time(seconds[quick])}), and nothing here says "
        "that another is better. More ECGs may tell them apart."
    )
    return lines


def _between(differences: Sequence[Difference], a: int, b: int) -> tuple[float, float, float]:
    """Return by how much a scores above b, with the interval."""
    one = next(one for one in differences if {one.first, one.second} == {a, b})
    value, low, high = (side or 0.0 for side in (one.estimate.value, one.estimate.low, one.estimate.high))
    return (value, low, high) if one.first == a else (-value, -high, -low)


def _time(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def tested_by_all(session: Session, run_ids: Sequence[str], known: set[str], repeats: int) -> list[str]:
    """Return the recordings that every run has tested in every repeat, in a fixed order."""
    for run_id in run_ids:
        tested = select(OutOfFoldRow.recording_id).where(OutOfFoldRow.run_id == run_id)
        often = tested.group_by(OutOfFoldRow.recording_id).having(func.count() >= repeats)
        known = known & set(session.scalars(often))
    return sorted(known)


def outputs_of(session: Session, run_id: str, ids: Sequence[str], repeats: int, task: Task) -> Floats:
    """Return what ranks recordings by a run, (repeats, N, L)."""
    return ranking(out_of_fold.load(session, run_id, ids, repeats), task)
