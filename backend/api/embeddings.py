"""The route of embeddings."""

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ReadDep, StorageDep
from backend.api.errors import responses
from backend.api.schemas.embeddings import Embedding, EmbedIn
from backend.services import embeddings

router = APIRouter(prefix="/projects/{project_id}/embeddings", tags=["models"])


@router.post("", operation_id="embed_recordings", responses=responses(404))
def embed_recordings(session: ReadDep, storage: StorageDep, project: ProjectDep, body: EmbedIn) -> list[Embedding]:
    """Return the embedding of each recording by a model that comes with the platform; nothing is stored.

    A recording that cannot be embedded, such as one with fewer than twelve leads, has `error` instead.
    """
    found = embeddings.embed_stored(session, storage, project.id, body.recording_ids, body.model)
    return [
        Embedding(
            recording_id=one.name, embedding=None if one.embedding is None else one.embedding.tolist(),
            notes=list(one.notes), error=one.error or None,
        )
        for one in found
    ]  # fmt: skip
