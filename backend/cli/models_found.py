"""The model that a command names, and the project in which something is done with it."""

from sqlalchemy.orm import Session

from backend.db.tables import Model
from backend.services import model_library, models, projects


def find_model(session: Session, model: str, project: str) -> tuple[Model, str]:
    """Return a model by name or id, and the id of the project named, or else of the model's own.

    Raises NotFoundError, and ConflictError where several are meant.
    """
    if not project:
        found = models.only(session, model)
        return found, found.project_id
    project_id = projects.find(session, project).id
    return model_library.find_usable(session, project_id, model), project_id
