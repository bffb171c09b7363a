"""What an evaluation measures: counts first, then scores, curves, outputs by truth, and the same for groups."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation as Row
from backend.db.tables import Json
from backend.errors import ConflictError
from backend.ml.evaluation import classification
from backend.ml.evaluation.abstained import AbstentionResult, with_abstention
from backend.ml.evaluation.at_thresholds import EffectiveNumbers, effective, reaching
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.patients import patients_of
from backend.ml.evaluation.regression import RegressionEvaluation, evaluate_regression
from backend.ml.evaluation.results import Evaluation
from backend.ml.spec import ModelSpec
from backend.ml.strict_json import ALL_SERVED
from backend.services import evaluation_groups, evaluation_rows, evaluation_thresholds
from backend.services.evaluation_cohort import NotEvaluated
from backend.services.evaluation_rows import Columns


@dataclass(frozen=True, kw_only=True)
class LabelOutputs:
    """How the outputs for one label lie by truth: `present[k]` recordings that have it reach k / 1000, k from 0 on."""

    label: str
    table_label: str  # as the table writes it
    n_present: int
    n_absent: int
    n_patients_present: int  # with at least one recording that has it
    present: tuple[int, ...]
    absent: tuple[int, ...]
    effective: EffectiveNumbers | None = None  # for intervals that take patients; None where nobody has several records


@dataclass(frozen=True, kw_only=True)
class EvaluationGroupLabel:
    """One label, or one value of a regression, in a group; of the other kind of model the fields are None."""

    label: str
    support: int
    recall: Estimate | None = None
    specificity: Estimate | None = None
    auroc: Estimate | None = None
    mae: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationGroup:
    """The recordings of one group: `kind` is a name of `evaluation_groups.GROUPINGS`."""

    kind: str
    group: str
    n: int
    n_patients: int
    labels: tuple[EvaluationGroupLabel, ...]
    macro_auroc: Estimate | None = None
    macro_f1: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationResult:
    """The result of an evaluation. A recording without a known patient counts as a patient of its own."""

    n: int
    n_patients: int
    n_without_patient: int
    n_seen: int  # of those evaluated; the model has learned from them
    unknown_labels: tuple[str, ...]  # of the model; the table does not know them
    left_out: tuple[NotEvaluated, ...]
    evaluation: Annotated[Evaluation | RegressionEvaluation, Discriminator("task")]
    outputs: tuple[LabelOutputs, ...]
    groups: tuple[EvaluationGroup, ...]
    abstention: AbstentionResult | None = None  # of a model that may leave labels open
    contradictions: Mapping[str, int] = field(default_factory=dict)  # see `evaluation_groups.contradictions`

    __pydantic_config__: ClassVar = ALL_SERVED


def measure(session: Session, row: Row, left_out: Sequence[NotEvaluated]) -> Json:
    """Return the `EvaluationResult` of the rows as JSON. Raises ConflictError where no recording was predicted."""
    found = evaluation_rows.columns(session, row)
    if not found.recording_ids:
        reason = next((one.why for one in left_out if one.reason == "not_predicted"), "All recordings were deleted.")
        raise ConflictError(f"No recording could be predicted. {reason}")
    groups = evaluation_groups.groups(session, found.recording_ids, row.dataset_id)
    odd = evaluation_groups.contradictions(session, found.recording_ids, found.patients, row.dataset_id)
    return asdict(result_of(row, found, groups, left_out)) | {"contradictions": odd}


def result_of(
    row: Row, found: Columns, groups: dict[str, list[str]], left_out: Sequence[NotEvaluated]
) -> EvaluationResult:
    """Return what `found` amounts to; `groups` are those of `evaluation_groups`."""
    spec = ModelSpec.from_json(row.model.spec)
    known = [label for label in spec.labels if label in row.settings["label_map"]]
    limits = evaluation_thresholds.of_evaluation(row)
    whole = scores_of(spec, known, limits, found)
    return EvaluationResult(
        n=len(found.recording_ids),
        n_patients=_n_patients(found.patients),
        n_without_patient=sum(patient is None for patient in found.patients),
        n_seen=int(found.seen.sum()),
        unknown_labels=tuple(label for label in spec.labels if label not in known),
        left_out=tuple(left_out),
        evaluation=whole,
        outputs=()
        if spec.task == "regression"
        else tuple(
            _outputs(label, row, place, found)
            for label, place in ((label, spec.labels.index(label)) for label in known)
        ),
        groups=tuple(
            _group(spec, known, limits, found, kind, name, np.array(names) == name)
            for kind, names in groups.items()
            for name in evaluation_groups.in_order(kind, names)
        ),
        abstention=_abstention(spec, known, limits, found),
    )


def scores_of(spec: ModelSpec, known: Sequence[str], limits: Sequence[float], found: Columns) -> Any:
    """Return the scores of the labels that are known; a model of one label out of several is judged as a whole."""
    labels = spec.labels if spec.task == "single_label" else tuple(known)
    places = [spec.labels.index(label) for label in labels]
    truth, outputs = found.truth[:, places], found.outputs[:, places]
    if spec.task == "regression":
        return evaluate_regression(truth, outputs, labels, found.patients)
    chosen = [limits[place] for place in places]
    return classification.evaluate(truth, outputs, labels, spec.task, chosen, found.patients)


def _abstention(
    spec: ModelSpec, known: Sequence[str], limits: Sequence[float], found: Columns
) -> AbstentionResult | None:
    if spec.abstention is None or spec.task == "regression":
        return None
    result = with_abstention(
        spec.abstention, found.truth, found.outputs, spec.labels, spec.task, limits, found.patients
    )
    return replace(result, labels=tuple(one for one in result.labels if one.label in known))


def _outputs(label: str, row: Row, place: int, found: Columns) -> LabelOutputs:
    is_known = ~np.isnan(found.truth[:, place])
    truth, output = found.truth[is_known, place] == 1, found.outputs[is_known, place]
    patients = [found.patients[number] for number in np.flatnonzero(is_known)]
    return LabelOutputs(
        label=label,
        table_label=row.settings["label_map"][label],
        n_present=int(truth.sum()),
        n_absent=int((~truth).sum()),
        n_patients_present=_n_patients([patients[number] for number in np.flatnonzero(truth)]),
        present=reaching(output[truth]),
        absent=reaching(output[~truth]),
        effective=effective(truth, output, patients_of(len(patients), patients)),
    )


def _group(
    spec: ModelSpec,
    known: Sequence[str],
    limits: Sequence[float],
    found: Columns,
    kind: str,
    name: str,
    inside: NDArray[np.bool_],
) -> EvaluationGroup:
    some = _part(found, inside)
    scores = scores_of(spec, known, limits, some)
    of_values = spec.task == "regression"
    rows = scores.targets if of_values else [one for one in scores.classes if one.label in known]
    return EvaluationGroup(
        kind=kind,
        group=name,
        n=len(some.recording_ids),
        n_patients=_n_patients(some.patients),
        macro_auroc=None if of_values else scores.macro_auroc,
        macro_f1=None if of_values else scores.macro_f1,
        labels=tuple(
            EvaluationGroupLabel(label=one.label, support=one.support, mae=one.mae)
            if of_values
            else EvaluationGroupLabel(
                label=one.label, support=one.support, recall=one.recall, specificity=one.specificity, auroc=one.auroc
            )
            for one in rows
        ),
    )


def _part(found: Columns, inside: NDArray[np.bool_]) -> Columns:
    numbers = np.flatnonzero(inside)
    return Columns(
        [found.recording_ids[number] for number in numbers], found.outputs[inside], found.truth[inside],
        [found.patients[number] for number in numbers], found.seen[inside],
    )  # fmt: skip


def _n_patients(patients: Sequence[str | None]) -> int:
    return len(set(patients) - {None}) + sum(patient is None for patient in patients)
