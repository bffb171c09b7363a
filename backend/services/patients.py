"""Pseudonyms of the patients of a project, under the secret of this installation."""

from backend.pseudonym import project_key, pseudonym
from backend.settings import get_settings


def hidden(project_id: str, patient_id: str | None) -> str | None:
    """Return what is stored for an identifier of a file or table; nothing for one that is empty."""
    if patient_id is None or not patient_id.strip():
        return None
    return pseudonym(project_key(get_settings().resolved_secret_key, project_id), patient_id)
