"""Wire shapes of saved views."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Name, Schema

Part = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ViewIn(Schema):
    """A list of recordings to be kept."""

    name: Name
    query: dict[Part, Part] = Field(max_length=30, description="Filters and order, as in the address of the page.")


class View(Schema):
    """A list of recordings that is kept under a name."""

    id: str
    name: str
    query: dict[str, str] = Field(description="Filters and order, as in the address of the page.")
    created_at: datetime
