"""Wire shapes of models."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Name, Schema, Task

Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]


class ModelPatch(Schema):
    """Changes to a model; what is left out stays."""

    name: Name | None = None
    for_prediction: bool | None = Field(None, description="Whether it is offered for predictions.")
    for_training: bool | None = Field(None, description="Whether it is offered as what a training starts from.")
    licence: Prose | None = None
    intended_use: Prose | None = None


class Ancestor(Schema):
    """A model that another was fine-tuned from."""

    name: str
    architecture: str
    sha256: str = Field(description="Of its ONNX file.")


class TrainingCard(Schema):
    """What a model was trained on: numbers only, nothing of any patient."""

    dataset: str
    n: int
    n_patients: int
    counts: dict[str, Any] = Field(description="Part -> {n, labels: {label: n}}.")
    data_hash: str


class Model(Schema):
    """A network. `evaluation` holds the results on the test part, `spec` all that is needed to use it.

    `evaluation` is empty for an imported model whose file tells none.
    """

    id: str
    run_id: str | None
    origin: Literal["trained", "imported"]
    source: str | None = Field(description="Kind of file an imported model came as: package, onnx or weights.")
    base_model_id: str | None = Field(description="Model of this project it was fine-tuned from.")
    lineage: list[Ancestor] = Field(description="What it was fine-tuned from, the nearest first.")
    name: str
    architecture: str
    task: Task
    labels: list[str]
    parameters: int
    parity: float | None
    sha256: str = Field(description="Of the ONNX file.")
    onnx_bytes: int
    weights_bytes: int = Field(description="Of the named weights; 0 where only the graph is known.")
    for_prediction: bool
    for_training: bool
    methods: list[str] = Field(description="Methods of fine-tuning that this model allows.")
    recipe: dict[str, Any] = Field(description="Settings that suit its fine-tuning, where they are not the defaults.")
    licence: str
    intended_use: str
    notes: list[str] = Field(description="What is to be known of it, such as what its file left open.")
    training_data: TrainingCard | None
    created_at: datetime
    spec: dict[str, Any]
    evaluation: dict[str, Any]
