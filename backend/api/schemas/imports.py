"""Wire shapes of imports."""

from datetime import datetime
from typing import Any

from pydantic import Field

from backend.api.schemas.base import Schema


class Import(Schema):
    """A batch of files sent together, and what became of them."""

    id: str
    created_at: datetime
    declared: dict[str, Any] = Field(description="What its first request declared.")
    n_files: int
    imported: int
    duplicate: int
    updated: int
    refused: int
    with_findings: int
