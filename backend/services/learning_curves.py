"""The learning curve of a candidate of a comparison: how good it is with a quarter and half of what it learned from.

The points are runs of their own, found by what they say of themselves (`run_shares`); that of all is the candidate's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import ComparedRun, Comparison, Dataset, Job, Run
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.data.shares import SHARES, WORDS
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.learning_curve import LearningCurve, learning_curve
from backend.ml.spec import Task
from backend.services import examples, jobs, run_shares, runs
from backend.services.comparison_results import NAMES, Measure, outputs_of, seconds_of, tested_by_all
from backend.services.known_truth import truth

Status = Literal["not_possible", "not_started", "running", "done", "incomplete"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A share, from how many ECGs and patients a fold learns, its run and what that reached; or why there is none."""

    share: float
    n: int | None = None
    n_patients: int | None = None
    run: Run | None = None
    score: Estimate | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The learning curve of the candidate at `place`; `why_not` says why there can be none, `seconds` what is left.

    `found` is what was found once half is done; `text` says it in sentences.
    """

    place: int
    title: str
    status: Status
    measure: Measure
    points: tuple[Point, ...] = ()
    seconds: float = 0.0
    why_not: str = ""
    found: LearningCurve | None = None
    text: tuple[str, ...] = ()


def get(session: Session, row: Comparison, place: int) -> Curve:
    """Return the learning curve of a candidate, as far as it is. Raises NotFoundError where there is none."""
    one = _candidate(row, place)
    try:
        run = _done(one)
        made = run_shares.made(session, run)
        return _planned(session, one, run) if not made.runs else _as_made(session, one, run, made)
    except UserError as problem:
        return Curve(place=place, title=one.title, status="not_possible", measure=_measure(one), why_not=str(problem))


def start(session: Session, row: Comparison, place: int) -> Curve:
    """Queue the trainings of a candidate's curve, but for those that are done or go on.

    Raises NotFoundError, ConflictError where nothing is left to train or things are not as they were, SplitError where
    even half is too little, UnavailableError where nobody can train.
    """
    one = _candidate(row, place)
    run = _done(one)
    runs.check_trainer(session)
    made = run_shares.made(session, run).runs
    kept = [share for share, other in made.items() if _state(other) not in ("failed", "cancelled")]
    whole = run_shares.whole(session, run)
    drawn = run_shares.drawn(whole)
    left_out = [other for other in drawn if other.folds is None]
    wanted = [other for other in drawn if other.folds is not None and other.share not in kept]
    if not wanted:
        raise ConflictError("All trainings of this learning curve are done or go on; there is nothing to start.")
    for other in wanted:
        run_shares.create(session, whole, other, one.title, left_out)
    return get(session, row, place)


def cancel(session: Session, row: Comparison, place: int) -> Curve:
    """Cancel the trainings of a curve that go on. Raises NotFoundError, ConflictError where none goes on."""
    one = _candidate(row, place)
    going = [] if one.run is None else _going(session, one.run)
    if not going:
        raise ConflictError("No training of this learning curve goes on; there is nothing to cancel.")
    for job in going:
        if job.cancel_requested_at is None:
            jobs.request_cancel(session, job)
    return get(session, row, place)


def going(session: Session, row: Comparison) -> list[Job]:
    """Return the jobs of all learning curves of a comparison that go on."""
    return [job for one in row.candidates if one.run is not None for job in _going(session, one.run)]


def told(found: LearningCurve, points: Sequence[Point], measure: Measure) -> list[str]:
    """Return in sentences what twice the data would bring, and how sure that is."""
    name, half, n = NAMES[measure], counted(points[-2].n or 0, "ECG"), points[-1].n
    if found.last.value is None or found.last.low is None or found.last.high is None:
        return [
            f"Nothing can be said on {counted(found.n, 'ECG')}: {found.last.withheld}. Gather more ECGs of each label."
        ]
    change, low, high = (_signed(one) for one in (found.last.value, found.last.low, found.last.high))
    if found.verdict == "gain" and found.ahead is not None:
        more, least, most = (_signed(one or 0.0) for one in (found.ahead.value, found.ahead.low, found.ahead.high))
        again = (
            f"If that goes on, twice the data would bring about {more} ({least} to {most}). This extrapolates the last "
            "doubling and is no promise: learning curves mostly flatten, and half of it would be no surprise."
            if more == change
            else f"If that goes on, twice the data would bring {more} at most, as no score is above 1. This "
            "extrapolates the last doubling and is no promise: learning curves mostly flatten, and half of it would be "
            "no surprise."
        )
        return [
            f"More data helped: from half ({half}) to all ({n}) of what it learns from, the {name} grew by more than "
            f"chance gives: {change} (95 % interval {low} to {high}).",
            again,
        ]
    if found.verdict == "loss":
        return [
            f"More data did not help: from half ({half}) to all ({n}) of what it learns from, the {name} fell by more "
            f"than chance gives: {change} (95 % interval {low} to {high}). Before you gather more, look whether the "
            "labels of all recordings were given in the same way."
        ]
    if found.verdict == "no_gain":
        return [
            f"No gain beyond chance was seen from half ({half}) to all ({n}) of what it learns from: the {name} "
            f"changed by {change} (95 % interval {low} to {high}).",
            f"If that goes on, twice the data would hardly help: by {max(found.last.high, 0.0):.3f} at most. This "
            "extrapolates the last doubling and is no promise.",
        ]
    return [
        f"It is too uncertain to say what twice the data would bring: from half ({half}) to all ({n}) of what it "
        f"learns from, the {name} changed by {change} (95 % interval {low} to {high}), which may be chance as well as "
        "a gain worth having."
    ]


def _candidate(row: Comparison, place: int) -> ComparedRun:
    for one in row.candidates:
        if one.place == place:
            return one
    raise NotFoundError(f"There is no candidate {place} in this comparison; it has {len(row.candidates)}, from 0.")


def _done(one: ComparedRun) -> Run:
    if one.run is None or one.run.job.status != "done":
        raise ConflictError(
            f"“{one.title}” has to be trained to its end before one can say what more data would bring."
        )
    return one.run


def _planned(session: Session, one: ComparedRun, run: Run) -> Curve:
    whole = run_shares.whole(session, run)
    drawn = run_shares.drawn(whole)
    took = seconds_of(session, one)
    points = [
        Point(share=other.share, why_not=other.why_not)
        if other.folds is None
        else Point(share=other.share, n=other.n, n_patients=other.n_patients)
        for other in drawn
    ]
    return Curve(
        place=one.place, title=one.title, status="not_started", measure=_measure(one),
        points=(*points, Point(share=1.0, n=whole.n, n_patients=whole.n_patients, run=run)),
        seconds=sum(run_shares.seconds(session, run, took, other.share) for other in drawn if other.folds is not None),
    )  # fmt: skip


def _as_made(session: Session, one: ComparedRun, run: Run, made: run_shares.Made) -> Curve:
    points = []
    for share in SHARES:
        found = made.runs.get(share)
        facts = found.facts["share"] if found else {}
        why = (
            ""
            if found
            else made.left_out.get(share, f"The training with {WORDS[share]} of the patients has been deleted.")
        )
        points.append(Point(share=share, n=facts.get("n"), n_patients=facts.get("n_patients"), run=found, why_not=why))
    facts = next(iter(made.runs.values())).facts["share"]
    points.append(Point(share=1.0, n=facts["n_whole"], n_patients=facts["n_patients_whole"], run=run))
    states = [_state(point.run) for point in points if point.share not in made.left_out]
    status: Status = "done" if all(state == "done" for state in states) else "incomplete"
    if any(state not in (*jobs.FINISHED, "deleted") for state in states):
        status = "running"
    open_ = [point.share for point in points if point.run is not None and _state(point.run) not in jobs.FINISHED]
    curve = Curve(
        place=one.place, title=one.title, status=status, measure=_measure(one), points=tuple(points),
        seconds=sum(run_shares.seconds(session, run, seconds_of(session, one), share) for share in open_),
    )  # fmt: skip
    return _judged(session, curve, run)


def _judged(session: Session, curve: Curve, run: Run) -> Curve:
    """Return the curve with what was found, once half is done."""
    done = [point for point in curve.points if point.run is not None and _state(point.run) == "done"]
    if 0.5 not in [point.share for point in done]:
        return curve
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this comparison has been deleted, so that it cannot be said what is right.")
    facts, how = run.facts, run.facts["how_tested"]
    task: Task = facts["task"]
    rows = {one.recording_id: one for one in examples.load(session, dataset)}
    ids = tested_by_all(session, [point.run.id for point in done if point.run], set(rows), how["repeats"])
    if not ids:
        raise ConflictError("The recordings that were tested have been deleted. Start a new comparison.")
    chosen = [rows[one] for one in ids]
    y = truth(chosen, facts["labels"], facts.get("columns") or facts["labels"], task)
    outputs = [outputs_of(session, point.run.id, ids, how["repeats"], task) for point in done if point.run]
    shares = [point.share for point in done]
    patients = [one.patient_id for one in chosen]
    found = learning_curve(y, outputs, shares, facts["labels"], task, patients, how["folds"])
    scores = dict(zip(shares, found.scores, strict=True))
    points = tuple(replace(one, score=scores.get(one.share)) for one in curve.points)
    return replace(curve, points=points, found=found, text=tuple(told(found, points, curve.measure)))


def _measure(one: ComparedRun) -> Measure:
    return "macro_r2" if one.run is not None and one.run.facts["task"] == "regression" else "macro_auroc"


def _state(run: Run | None) -> str:
    return "deleted" if run is None else run.job.status


def _going(session: Session, run: Run) -> list[Job]:
    made = run_shares.made(session, run).runs.values()
    return [one.job for one in made if one.job.status not in jobs.FINISHED]


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
