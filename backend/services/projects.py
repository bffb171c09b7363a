"""Projects: the walls around recordings, labels, runs and models."""

from collections.abc import Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Job, Model, Project, Recording, Run
from backend.errors import ConflictError, NotFoundError
from backend.services import jobs
from backend.services.blobs import forget_unused, keys_of
from backend.storage import Storage

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
    return project


def create_demo(session: Session, name: str, n_recordings: int, seed: int) -> tuple[Project, Job]:
    """Add a project and the job that fills it with simulated ECGs and their labels."""
    project = create(session, name, "Simulated ECGs of five classes. No patient's data.")
    project.simulated = True
    return project, jobs.create(session, project.id, "projects.demo", {"n_recordings": n_recordings, "seed": seed})


def get(session: Session, project_id: str) -> Project:
    """Return a project. Raises NotFoundError."""
    project = session.get(Project, project_id)
    if project is None:
        raise NotFoundError(f"There is no project {project_id}. Open the list of projects to see those there are.")
    return project


def hold(session: Session, project_id: str) -> None:
    """Have others who also `hold` the project wait until this unit of work ends (SQLite has one writer anyway).

    For what looks first and writes then: is this file here already, which label waits for this recording.
    """
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))


def find(session: Session, name_or_id: str) -> Project:
    """Return the project with this id, or the only one with this name. Raises NotFoundError and ConflictError."""
    by_id = session.get(Project, name_or_id)
    if by_id is not None:
        return by_id
    named = session.scalars(select(Project).where(Project.name == name_or_id)).all()
    if not named:
        raise NotFoundError(f"There is no project named {name_or_id!r}.")
    if len(named) > 1:
        raise ConflictError(
            f"{len(named)} projects are named {name_or_id!r}; give the id: {', '.join(p.id for p in named)}."
        )
    return named[0]


def list_projects(session: Session) -> Sequence[Project]:
    """Return all projects, the newest first."""
    return session.scalars(select(Project).order_by(Project.created_at.desc())).all()


def counts(session: Session, project_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many recordings, datasets, runs and models each project has."""
    result = {project_id: dict.fromkeys(COUNTED, 0) for project_id in project_ids}
    for key, table in COUNTED.items():
        rows = session.execute(
            select(table.project_id, func.count()).where(table.project_id.in_(project_ids)).group_by(table.project_id)
        )
        for project_id, count in rows:
            result[project_id][key] = count
    return result


def rename(project: Project, name: str | None, description: str | None) -> Project:
    """Change name and description, where given."""
    if name is not None:
        project.name = name.strip()
    if description is not None:
        project.description = description
    return project


def delete(session: Session, storage: Storage, project: Project) -> None:
    """Delete a project and all that is in it, its bytes too. Raises ConflictError while a job of it runs."""
    running = session.scalars(select(Job).where(Job.project_id == project.id, Job.status == "running")).first()
    if running is not None:
        raise ConflictError("A job of this project is running. Cancel it first, then delete the project.")
    models = session.execute(select(Model.onnx_key, Model.weights_key).where(Model.project_id == project.id))
    keys = {key for row in models for key in row if key is not None}
    for recording in session.scalars(select(Recording).where(Recording.project_id == project.id)):
        keys |= keys_of(recording)
    forget_unused(session, storage, keys)
    session.execute(sql_delete(Project).where(Project.id == project.id))
