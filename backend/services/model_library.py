"""The library: every model of the installation may be used in every project, and stays in the project that made it.

Where people sign in, these are the models of the projects that each of them may see.

Used means: predicts, is evaluated, is what a training starts from, is looked at. It is changed and deleted only where
it belongs. What is made with it belongs to the project in which that was asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import DriftCheck, Evaluation, Job, Model, Prediction, Project, Run
from backend.errors import ConflictError, NotFoundError
from backend.services.person import current

Purpose = Literal["prediction", "training"]
SHIPPED: Final = "shipped"
_ENDED: Final = ("done", "failed", "cancelled")
_USES: Final = (
    (Evaluation, "An evaluation of this model"), (Prediction, "A prediction with this model"),
    (DriftCheck, "A drift check of this model"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good a model was on its own test part, in one number; `value` is None where too little is known of it."""

    measure: Literal["macro_auroc", "macro_r2"]
    value: float | None
    low: float | None
    high: float | None
    withheld: str = ""


def usable(session: Session, project_id: str, model_id: str) -> Model:
    """Return a model that may be used in a project: its own, or that of any other one. Raises NotFoundError."""
    model = session.get(Model, model_id)
    if model is None or (model.project_id != project_id and _hidden(session, model)):
        raise NotFoundError(f"There is no model {model_id} here.")
    return model


def find_usable(session: Session, project_id: str, name_or_id: str) -> Model:
    """Return the model with this id, the newest of the project with this name, or the only one of all others.

    Raises NotFoundError, and ConflictError where several other projects have one.
    """
    by_id = session.get(Model, name_or_id)
    if by_id is not None and (by_id.project_id == project_id or not _hidden(session, by_id)):
        return by_id
    named = _everywhere().where(Model.name == name_or_id).order_by(Model.created_at.desc(), Model.id)
    rows = session.scalars(named).all()
    own = [row for row in rows if row.project_id == project_id]
    if own or len(rows) == 1:
        return (own or list(rows))[0]
    if not rows:
        raise NotFoundError(f"No project has a model named {name_or_id!r}.")
    raise ConflictError(
        f"{len(rows)} models of other projects are named {name_or_id!r}; give the id: "
        f"{', '.join(row.id for row in rows)}."
    )


def offered(session: Session, project_id: str, purpose: Purpose | None = None) -> list[Model]:
    """Return what may be used in a project, the best first: its own models, then those of the others by project.

    Best is the highest `score`; models of labels stand before those of values, whose score is another, and models
    without one come last. Of the same file only one is named, the project's own where it has it.
    """
    query = _everywhere()
    if purpose is not None:
        query = query.where(Model.for_prediction if purpose == "prediction" else Model.for_training)
    rows = session.scalars(query.order_by(Model.created_at.desc(), Model.id)).all()
    named = names(session, rows)
    own = [row for row in rows if row.project_id == project_id]
    known = {row.onnx_key for row in own}
    others: dict[str, Model] = {}
    for row in rows:
        if row.project_id != project_id and row.origin != SHIPPED and row.onnx_key not in known:
            before = others.get(row.onnx_key)
            if before is None or row.created_at < before.created_at:  # where it was made
                others[row.onnx_key] = row
    far = sorted(others.values(), key=lambda row: (named[row.project_id].casefold(), row.project_id, _rank(row)))
    return [*sorted(own, key=_rank), *far]


def score(model: Model) -> Score | None:
    """Return how good a model was on its own test part; None for one that was not tested."""
    measure: Literal["macro_auroc", "macro_r2"] = (
        "macro_r2" if model.spec.get("task") == "regression" else "macro_auroc"
    )
    said = (model.evaluation or {}).get(measure)
    if not said:
        return None
    return Score(
        measure=measure, value=said.get("value"), low=said.get("low"), high=said.get("high"),
        withheld=said.get("withheld") or "",
    )  # fmt: skip


def names(session: Session, rows: Sequence[Model]) -> Mapping[str, str]:
    """Return the names of the projects that models belong to, by their ids."""
    ids = {row.project_id for row in rows}
    return {row.id: row.name for row in session.execute(select(Project.id, Project.name).where(Project.id.in_(ids)))}


def owner_name(session: Session, model: Model) -> str:
    """Return the name of the project that a model belongs to."""
    return names(session, [model]).get(model.project_id, "")


def check_not_in_use(session: Session, model: Model) -> None:
    """Raise ConflictError for a model that cannot be deleted.

    Something goes on with it, or other projects have results made with it, which would go too.
    """
    for table, what in _USES:
        jobs_of_it = select(Job.id).join(table, table.job_id == Job.id).where(table.model_id == model.id)
        if session.scalar(jobs_of_it.where(Job.status.not_in(_ENDED)).limit(1)) is not None:
            raise ConflictError(f"{what} is still going on. Cancel it first, then delete the model.")
    starts_from_it = select(Job.id).join(Run, Run.job_id == Job.id).where(Run.base_model_id == model.id)
    if session.scalar(starts_from_it.where(Job.status.not_in(_ENDED)).limit(1)) is not None:
        raise ConflictError("A training that starts from this model is still going on. Cancel it first, or wait.")
    used = _used_elsewhere(session, model.project_id, [model.id])
    if used:
        raise ConflictError(
            f"The model “{model.name}” is used in other projects: {'; '.join(used)}. They would lose their results. "
            "Delete those there first, then the model."
        )


def check_project_not_in_use(session: Session, project: Project) -> None:
    """Raise ConflictError for a project with whose models other projects have made results, which would go too."""
    ids = session.scalars(select(Model.id).where(Model.project_id == project.id)).all()
    used = _used_elsewhere(session, project.id, ids)
    starting = (
        select(Job.id)
        .join(Run, Run.job_id == Job.id)
        .where(Run.base_model_id.in_(ids), Run.project_id != project.id, Job.status.not_in(_ENDED))
    )
    if session.scalar(starting.limit(1)) is not None:
        used.append("a training that starts from one of them is still going on")
    if used:
        raise ConflictError(
            f"Models of “{project.name}” are used in other projects: {'; '.join(used)}. They would lose their results. "
            "Delete those there first, then the project."
        )


def _used_elsewhere(session: Session, project_id: str, model_ids: Sequence[str]) -> list[str]:
    said: dict[str, list[str]] = {}
    for table, one, many in (
        (Prediction, "prediction", "predictions"), (Evaluation, "evaluation", "evaluations"),
        (DriftCheck, "drift check", "drift checks"),
    ):  # fmt: skip
        rows = session.execute(
            select(Project.id, Project.name, func.count())
            .select_from(table)
            .join(Project, Project.id == table.project_id)
            .where(table.model_id.in_(model_ids), table.project_id != project_id, Project.deleted_at.is_(None))
            .group_by(Project.id, Project.name)
            .order_by(Project.name)
        )
        for project, name, n in rows:
            told = f"“{name}”" if current().sees(project) else "a project that you cannot see"
            said.setdefault(told, []).append(counted(n, one, many))
    return [f"{name} ({' and '.join(what)})" for name, what in said.items()]


def _everywhere() -> Select[Model]:
    there = select(Model).join(Project, Project.id == Model.project_id).where(Project.deleted_at.is_(None))
    mine = current().projects
    return there if mine is None else there.where(Model.project_id.in_(mine))


def _hidden(session: Session, model: Model) -> bool:
    """Say whether the project of a model is being deleted, or is none of whoever asks."""
    project = session.get(Project, model.project_id)
    return project is None or project.deleted_at is not None or not current().sees(project.id)


def _rank(model: Model) -> tuple[bool, bool, float, float]:
    own = score(model)
    value = None if own is None else own.value
    return (
        value is None, model.spec.get("task") == "regression", -(value or 0.0), -model.created_at.timestamp(),
    )  # fmt: skip
