"""Wire shapes of embeddings."""

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.services.embeddings import MOST, USUAL


class EmbedIn(Schema):
    """Embed stored recordings at once."""

    recording_ids: list[str] = Field(min_length=1, max_length=MOST)
    model: str = Field(USUAL, max_length=200, description="A model that comes with the platform.")


class Embedding(Schema):
    """What the model sees in one recording; `embedding` has 512 numbers for CardX."""

    recording_id: str
    embedding: list[float] | None
    notes: list[Sentence] = []
    error: Sentence | None = None
