"""`compare --more-data`: what twice the data would bring a candidate of a comparison that is done."""

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.cli.app import people, show
from backend.cli.follow import JobFailedError, follow, some_worker
from backend.db.session import read_session, write_session
from backend.db.tables import Comparison
from backend.errors import InvalidInputError, NotFoundError
from backend.services import comparison_results, comparisons, jobs, learning_curves
from backend.services.comparison_results import NAMES
from backend.services.learning_curves import Curve


def more_data(
    url: str, project_id: str, name_or_id: str, candidate: str, *, only_estimate: bool, as_json: bool
) -> None:
    """Train the points that are missing of a learning curve, and say what they show.

    `candidate` is a title or a place in the comparison, empty for the one that it recommends.
    """
    with read_session(url) as session:
        row = _find(session, project_id, name_or_id)
        comparison_id, place = row.id, _place(session, row, candidate)
        curve = learning_curves.get(session, row, place)
    if only_estimate or curve.status == "done":
        show(_as_json(curve), as_json, "\n".join(_lines(curve)))
        return
    if curve.status != "running":
        with write_session(url) as session:
            curve = learning_curves.start(session, comparisons.get(session, project_id, comparison_id), place)
    for line in _lines(curve):
        people.print(line, markup=False)
    with some_worker(url, "runs.train"):
        for point in curve.points:
            if point.run is not None and point.run.job.status not in jobs.FINISHED:
                with suppress(JobFailedError):  # told in the table
                    follow(url, project_id, point.run.job_id)
    with read_session(url) as session:
        curve = learning_curves.get(session, comparisons.get(session, project_id, comparison_id), place)
        show(_as_json(curve), as_json, "\n".join(_lines(curve)))
    if curve.found is None:
        raise JobFailedError("The training with half of the data is not done, so that nothing can be said.")


def _find(session: Session, project_id: str, name_or_id: str) -> Comparison:
    named = (Comparison.id == name_or_id) | (Comparison.name == name_or_id)
    wanted = select(Comparison).where(Comparison.project_id == project_id, named)
    row = session.scalar(wanted.order_by(Comparison.created_at.desc()).limit(1))
    if row is None:
        raise NotFoundError(f"There is no comparison {name_or_id!r} in this project.")
    return row


def _place(session: Session, row: Comparison, candidate: str) -> int:
    for one in row.candidates:
        if candidate and candidate in (one.title, str(one.place)):
            return one.place
    if candidate:
        titles = ", ".join(f"“{one.title}”" for one in row.candidates)
        raise InvalidInputError(f"The comparison has no candidate {candidate!r}; it has {titles}.")
    found = comparison_results.found(session, row)
    if found is None or found.recommendation.chosen is None:
        raise InvalidInputError("The comparison recommends no candidate. Name one by --candidate.")
    return found.places[found.recommendation.chosen]


def _lines(curve: Curve) -> list[str]:
    if curve.status == "not_possible":
        return [f"How much more data would bring “{curve.title}” cannot be found out: {curve.why_not}"]
    lines = [f"How much would more data bring “{curve.title}”?"]
    for one in curve.points:
        word = {0.25: "a quarter", 0.5: "half"}.get(one.share, "all")
        if one.n is None:
            lines.append(f"  {word:<10} left out: {one.why_not}")
            continue
        state = "not trained yet" if one.run is None else one.run.job.status
        if one.score is not None and one.score.value is not None:
            state = f"{NAMES[curve.measure]} {one.score.value:.3f}"
            if one.score.low is not None and one.score.high is not None:
                state += f" ({one.score.low:.3f} to {one.score.high:.3f})"
        elif one.run is not None and one.run.job.error:
            state += f": {one.run.job.error}"
        lines.append(f"  {word:<10} {one.n} ECGs of {one.n_patients} patients: {state}")
    if curve.status in ("not_started", "running"):
        lines.append(f"About {max(1, round(curve.seconds))} s.")
    return [*lines, *curve.text]


def _as_json(curve: Curve) -> dict[str, Any]:
    return {
        "place": curve.place, "title": curve.title, "status": curve.status, "why_not": curve.why_not,
        "measure": curve.measure, "seconds": curve.seconds,
        "points": [
            {
                "share": one.share, "n": one.n, "n_patients": one.n_patients, "run_id": one.run and one.run.id,
                "status": one.run and one.run.job.status, "score": one.score and asdict(one.score),
                "why_not": one.why_not,
            }
            for one in curve.points
        ],
        "found": curve.found and asdict(curve.found), "text": list(curve.text),
    }  # fmt: skip
