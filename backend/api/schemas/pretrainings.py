"""Wire shapes of pre-trainings."""

from typing import Any

from pydantic import Field

from backend.api.schemas.base import Schema


class PretrainingIn(Schema):
    """What to pre-train; `settings` are those of docs/cardx.md, among them `minutes` or `passes`."""

    name: str = Field("", max_length=200)
    architecture: str = Field("cardx", max_length=60)
    architecture_config: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
