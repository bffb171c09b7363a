"""Projects: the walls around recordings, labels, runs and models."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Job, Model, Project, Recording, Run, utc_now
from backend.errors import ConflictError, NotFoundError
from backend.services import counting, jobs, members, model_library
from backend.services.kept_figures import figures
from backend.services.person import current

COUNTED: dict[str, type[Recording | Dataset | Run | Model]] = {
    "n_recordings": Recording,
    "n_datasets": Dataset,
    "n_runs": Run,
    "n_models": Model,
}


def create(session: Session, name: str, description: str = "", keep_originals: bool = True) -> Project:
    """Add a project. Two may share a name; they differ by id."""
    project = Project(name=name.strip(), description=description, keep_originals=keep_originals)
    session.add(project)
    session.flush()
    members.own(session, project.id, current())
    return project


def create_demo(session: Session, name: str, n_recordings: int, seed: int) -> tuple[Project, Job]:
    """Add a project and the job that fills it with simulated ECGs and their labels."""
    project = create(session, name, "Simulated ECGs of five classes. No patient's data.")
    project.simulated = True
    return project, jobs.create(session, project.id, "projects.demo", {"n_recordings": n_recordings, "seed": seed})


def get(session: Session, project_id: str) -> Project:
    """Return a project. Raises NotFoundError, also for one that is none of whoever asks."""
    project = session.get(Project, project_id)
    if project is None or project.deleted_at is not None or not current().sees(project_id):
        raise not_there(project_id)
    return project


def hold(session: Session, project_id: str) -> None:
    """Have others who also `hold` the project wait until this unit of work ends (SQLite has one writer anyway).

    For what looks first and writes then: is this file here already, which label waits for this recording.
    Raises NotFoundError for a project that was deleted in the meantime.
    """
    held = select(Project.deleted_at).where(Project.id == project_id).with_for_update(key_share=True)
    rows = session.scalars(held).all()
    if not rows or rows[0] is not None:
        raise not_there(project_id)


def find(session: Session, name_or_id: str) -> Project:
    """Return the project with this id, or the only one with this name. Raises NotFoundError and ConflictError."""
    by_id = session.get(Project, name_or_id)
    if by_id is not None and by_id.deleted_at is None:
        return by_id
    named = session.scalars(select(Project).where(Project.name == name_or_id, Project.deleted_at.is_(None))).all()
    if not named:
        raise NotFoundError(f"There is no project named {name_or_id!r}.")
    if len(named) > 1:
        raise ConflictError(
            f"{len(named)} projects are named {name_or_id!r}; give the id: {', '.join(p.id for p in named)}."
        )
    return named[0]


def find_or_create(session: Session, name_or_id: str, *, keep_originals: bool = True) -> Project:
    """Return the project with this id or name; where there is none, make one of this name. Raises ConflictError."""
    try:
        return find(session, name_or_id)
    except NotFoundError:
        return create(session, name_or_id, keep_originals=keep_originals)


def list_projects(session: Session) -> Sequence[Project]:
    """Return all projects that whoever asks may see, the newest first."""
    newest_first = select(Project).where(Project.deleted_at.is_(None)).order_by(Project.created_at.desc())
    mine = current().projects
    return session.scalars(newest_first if mine is None else newest_first.where(Project.id.in_(mine))).all()


@dataclass(frozen=True, slots=True)
class Size:
    """How many recordings a large project had when they were counted."""

    n_recordings: int


def _size(session: Session, project_id: str) -> Size:
    return Size(session.scalar(select(func.count()).where(Recording.project_id == project_id)) or 0)


def counts(session: Session, project_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many recordings, datasets, runs and models each project has."""
    result = {project_id: dict.fromkeys(COUNTED, 0) for project_id in project_ids}
    large = counting.sizes_of(session, project_ids)
    for project_id in large:
        kept, _ = figures(session, project_id, "size", Size, partial(_size, project_id=project_id))
        result[project_id]["n_recordings"] = kept.n_recordings
    for key, table in COUNTED.items():
        few = [one for one in project_ids if table is not Recording or one not in large]
        rows = select(table.project_id, func.count()).where(table.project_id.in_(few))
        if table is Dataset:
            rows = rows.where(Dataset.complete)
        for project_id, count in session.execute(rows.group_by(table.project_id)):
            result[project_id][key] = count
    return result


def rename(project: Project, name: str | None, description: str | None) -> Project:
    """Change name and description, where given."""
    if name is not None:
        project.name = name.strip()
    if description is not None:
        project.description = description
    return project


def delete(session: Session, project: Project) -> None:
    """Take a project out of everybody's sight; `backend.services.project_deletion.finish` then deletes what is in it.

    Raises ConflictError while a job of it runs, and where other projects have results made with its models. Jobs of it
    that wait are cancelled.
    """
    model_library.check_project_not_in_use(session, project)
    open_jobs = session.scalars(
        select(Job).where(Job.project_id == project.id, Job.status.not_in(jobs.FINISHED)).with_for_update()
    ).all()
    if any(job.status == "running" for job in open_jobs):
        raise ConflictError("A job of this project is running. Cancel it first, then delete the project.")
    for job in open_jobs:
        jobs.request_cancel(session, job)
    project.deleted_at = utc_now()


def not_there(project_id: str) -> NotFoundError:
    """Return the error for a project that does not exist, or that is none of whoever asks for it."""
    return NotFoundError(f"There is no project {project_id}. Open the list of projects to see those there are.")
