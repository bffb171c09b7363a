"""What an evaluation of labels says, as frozen values that are JSON.

Fields with a default came later: what earlier versions wrote lacks them.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from backend.language.sentence import Sentence
from backend.ml.evaluation.calibration import CalibrationResult
from backend.ml.evaluation.estimate import NONE, Estimate
from backend.ml.evaluation.fold_spread import CrossValidation
from backend.ml.spec import LabelTask
from backend.ml.strict_json import ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """One label at another threshold, chosen on validation recordings by `rule` (see `thresholds.RULES`)."""

    rule: str
    threshold: float
    sensitivity: Estimate
    specificity: Estimate
    precision: Estimate
    npv: Estimate

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """How well one label is told; `confusion` is ((TN, FP), (FN, TP)), over the records that it is known of.

    `precision` is the positive predictive value (PPV), `recall` the sensitivity, `average_precision` the area under
    the precision-recall curve (AUPRC). `roc` are (false, true positive rate), `pr` (recall, precision) points. Counts
    are None where a published model withholds them, because they are of a few patients (`backend.exchange.privacy`).
    """

    label: str
    support: int | None  # records that have it
    predicted: int | None  # records said to have it
    precision: Estimate
    recall: Estimate
    specificity: Estimate
    f1: Estimate
    auroc: Estimate
    average_precision: Estimate
    confusion: tuple[tuple[int, int], tuple[int, int]] | None
    roc: tuple[tuple[float, float], ...]
    npv: Estimate = NONE  # negative predictive value
    known: int | None = None  # records of which it is known whether they have it
    patients_with: int | None = None  # records, where patients are not known
    patients_without: int | None = None
    pr: tuple[tuple[float, float], ...] = ()
    calibration: CalibrationResult | None = None
    uncalibrated: CalibrationResult | None = None  # the same before the model's calibration
    operating_points: tuple[OperatingPoint, ...] = ()

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The result on N records. `confusion[i][j]` counts records of class i called j (single-label tasks only).

    `accuracy` is the share of records whose known labels are all right. A mean over labels is one over those that are
    given, neither undefined nor withheld; a weighted one weighs a label by its records.
    """

    task: LabelTask
    n: int
    drawn_by: Literal["patient", "record"]  # what the intervals take as independent of each other
    resamples: int = 0  # of the bootstrap, by which version 0.1.0 made intervals; 0: by the formulas of today
    seed: int = 0
    thresholds: tuple[float, ...]
    classes: tuple[ClassResult, ...]
    accuracy: Estimate
    macro_f1: Estimate
    weighted_f1: Estimate
    macro_precision: Estimate
    weighted_precision: Estimate
    macro_recall: Estimate
    weighted_recall: Estimate
    macro_auroc: Estimate
    weighted_auroc: Estimate
    macro_average_precision: Estimate
    confusion: tuple[tuple[int, ...], ...] | None
    notes: tuple[Sentence, ...] = ()
    macro_specificity: Estimate = NONE
    n_patients: int | None = None  # None where they are not known
    fmax: float | None = None  # at the best single threshold for these very records: for comparison with the literature
    brier: float | None = None  # mean over labels
    ece: float | None = None  # expected calibration error, of all labels together
    ece_by_chance: float | None = None  # what it would be, on average, of as many records, were the outputs right
    ece_uncalibrated: float | None = None
    cross_validation: CrossValidation | None = None  # None: of one test part

    __pydantic_config__: ClassVar = ALL_SERVED

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)
