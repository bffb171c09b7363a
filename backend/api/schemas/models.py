"""Wire shapes of models."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Name, Schema, Sentence
from backend.api.schemas.cautions import Caution, LeftOut
from backend.api.schemas.stored import JsonOf
from backend.ml.evaluation.regression import RegressionEvaluation
from backend.ml.evaluation.results import Evaluation
from backend.ml.evaluation.routes import RouterReport
from backend.ml.spec import ModelSpec, Task

Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]

Results = Annotated[Evaluation | RegressionEvaluation, Field(discriminator="task")]


class NoResults(Schema):
    """Of an imported model whose file tells none: an empty object."""


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


class ModelScore(Schema):
    """How good a model was on its own test part, in one number, with its interval of 95 %."""

    measure: Literal["macro_auroc", "macro_r2"]
    value: float | None
    low: float | None
    high: float | None
    withheld: Sentence = Field("", description="Why there is no value.")


class Model(Schema):
    """A network. `evaluation` holds the results on the test part, `spec` all that is needed to use it."""

    id: str
    project_id: str = Field(description="Project it belongs to; it may be used in every one.")
    project_name: str
    score: ModelScore | None = Field(description="Of its own test part; none: it was not tested.")
    run_id: str | None
    origin: Literal["trained", "imported", "shipped", "merged"]
    source: str | None = Field(description="Kind of file an imported model came as: package, onnx or weights.")
    base_model_id: str | None = Field(description="Model of this or another project it was fine-tuned from.")
    lineage: list[Ancestor] = Field(description="What it was fine-tuned from, the nearest first.")
    name: str
    architecture: str
    task: Task
    labels: list[str]
    has_head: bool = Field(description="Whether it predicts; without, `labels` name the numbers of its embedding.")
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
    notes: list[Sentence] = Field(description="What is to be known of it, such as what its file left open.")
    training_data: TrainingCard | None
    left_out: list[LeftOut] = Field(description="Recordings that were kept out of its test part, and why.")
    not_checked: list[Sentence] = Field(description="What could not be known of leakage into its test part.")
    cautions: list[Caution] = Field(description="What is to be said beside its results.")
    n_erased: int = Field(0, description="Recordings it has learned from that were erased since, with their patients.")
    routes: RouterReport | None = Field(
        None, description="Which experts saw the ECGs of its test part, of a model of several; by true label."
    )
    created_at: datetime
    spec: Annotated[dict[str, Any], JsonOf(ModelSpec)]
    evaluation: Results | NoResults
