"""Wire shapes of models."""

from datetime import datetime
from typing import Any

from backend.api.schemas.base import Name, Schema, Task


class ModelPatch(Schema):
    """Changes to a model."""

    name: Name


class Model(Schema):
    """A trained network. `evaluation` holds the results on the test part, `spec` all that is needed to use it."""

    id: str
    run_id: str | None
    name: str
    architecture: str
    task: Task
    labels: list[str]
    parameters: int
    parity: float | None
    onnx_bytes: int
    created_at: datetime
    spec: dict[str, Any]
    evaluation: dict[str, Any]
