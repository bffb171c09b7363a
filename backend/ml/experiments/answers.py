"""How good answers are, as every experiment measures it: thresholds from validation, then each test by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation import classification
from backend.ml.evaluation.thresholds import best_thresholds
from backend.ml.experiments.material import INTERNAL, Cohort, Material, Rows
from backend.ml.inference.predictor import to_probabilities

Logits = Callable[[Cohort, Rows], NDArray[np.float32]]
CHECKPOINT = "run.checkpoint"  # of the run that is being done; a killed one goes on from it
_TOTALS = ("macro_auroc", "macro_f1", "weighted_f1")


@dataclass(frozen=True, order=True)
class Run:
    """One thing to do: an arm of an experiment, with n labelled ECGs (0: all there are) and a seed."""

    seed: int
    n: int
    arm: str


def judged(material: Material, validation: Rows, logits: Logits) -> dict[str, Any]:
    """Return as JSON, for each test, the totals as (value, low, high) and of each label its AUROC and F1.

    The thresholds of a multi-label task are those of the best F1 on the validation ECGs. The intervals are those of
    `backend.ml.evaluation`, over patients or else ECGs. What a test does not define is None.
    """
    learn, thresholds = material.learn, None
    if material.task == "multi_label":
        answers = to_probabilities(logits(learn, validation), material.task)
        thresholds = best_thresholds(learn.y[validation], answers)
    parts = [(INTERNAL, learn, material.split.test)]
    parts += [(test.name, test, np.arange(len(test.y))) for test in material.tests]
    found: dict[str, Any] = {}
    for name, cohort, rows in parts:
        told = classification.evaluate(
            cohort.y[rows], to_probabilities(logits(cohort, rows), material.task), material.labels, material.task,
            thresholds, [cohort.patients[int(row)] for row in rows],
        )  # fmt: skip
        totals = {key: getattr(told, key) for key in _TOTALS}
        labels = {one.label: {"auroc": one.auroc.value, "f1": one.f1.value, "n": one.support} for one in told.classes}
        found[name] = {key: _rounded(one.value, one.low, one.high) for key, one in totals.items()} | {"labels": labels}
    return found


def _rounded(*values: float | None) -> list[float | None]:
    return [None if value is None else round(value, 5) for value in values]
