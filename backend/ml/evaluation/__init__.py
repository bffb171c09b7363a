"""How good answers are: metrics, intervals, calibration, thresholds. Needs numpy and scipy."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from backend.ml.evaluation.regression import RegressionEvaluation
    from backend.ml.evaluation.results import Evaluation
    from backend.ml.spec import ModelSpec


def evaluate(
    spec: "ModelSpec",
    truth: "ArrayLike",
    outputs: "ArrayLike",
    patients: Sequence[str | None] | None = None,
    *,
    uncalibrated: "ArrayLike | None" = None,
    operating_points: Mapping[str, Sequence[float]] | None = None,
) -> "Evaluation | RegressionEvaluation":
    """Evaluate what a model gave (N, L) against the truth (N, L), as its task demands.

    `outputs` are probabilities and `truth` is 0 or 1 for each label; of a regression both are values. NaN in the truth
    is not known. Intervals take patients as independent where these are given, else records. The others are those of
    `backend.ml.evaluation.classification.evaluate`. Raises ModelInvalidError for outputs that are no numbers.
    """
    # Imported here, so that whoever wants one part of this room does not load the others.
    if spec.task == "regression":
        from backend.ml.evaluation.regression import evaluate_regression

        return evaluate_regression(truth, outputs, spec.labels, patients)
    from backend.ml.evaluation import classification

    return classification.evaluate(
        truth, outputs, spec.labels, spec.task, spec.thresholds, patients,
        uncalibrated=uncalibrated, operating_points=operating_points,
    )  # fmt: skip
