"""What a job says: the kinds of its events, and what each kind carries. Written by workers, served, shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, NotRequired, get_type_hints

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from backend.language.sentence import Sentence
from backend.ml.pretraining.events import Measured
from backend.ml.strict_json import ALL_SERVED
from backend.ml.training.events import EpochDone, LrFound

JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]


class StatusChange(TypedDict):
    """The job has another status; `attempt` counts the workers that have taken it up, `error` says why it failed."""

    status: JobStatus
    attempt: NotRequired[int]
    error: NotRequired[Sentence]


@dataclass(frozen=True)
class Line:
    """A line for people: of the log, or a note on the recordings that is worth knowing afterwards too."""

    text: Sentence


@dataclass(frozen=True, kw_only=True)
class Epoch(EpochDone):
    """An epoch of a training, or one strength of regularisation where only the head is fitted."""

    max_epochs: int
    seconds_left: float  # if every epoch is trained

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A fold of a cross-validation was tested; `repeat` and `fold` count from 1.

    `best_epoch` is the epoch that was kept, or the strength of regularisation where only the head is fitted;
    `strength` that of the head with which the method "head_then_all" begins, else 0.
    """

    repeat: int
    fold: int
    repeats: int
    folds: int
    n_train: int
    n_validation: int
    n_test: int
    best_epoch: int
    epochs: int
    strength: int
    seconds: float
    seconds_left: float  # for the folds that are left; the model that is kept takes about as long as one

    __pydantic_config__: ClassVar = ALL_SERVED


class Verified(TypedDict):
    """A model of an exchange that was fetched and verified: `place` is where it lies, `verdict` what was found."""

    place: str
    sound: bool
    verdict: Sentence


class JobResult(TypedDict, total=False):
    """What a finished job has made: a training or pull a model, a demo a dataset, a prediction, an evaluation or a
    drift check its rows, a stress test its curves, an explanation its maps.

    A push says where the model lies in the exchange now, and by which key it is signed; so does what was done for a
    federated round, which it names. What was done in an exchange says which models were verified, how many versions its
    index names, and in `notes` what did not go as it should.
    """

    run_id: str
    model_id: str
    dataset_id: str
    prediction_id: str
    evaluation_id: str
    explanation_id: str
    drift_check_id: str
    stress_test_id: str
    transfer_id: str
    item: str
    fingerprint: str
    round: str
    models: list[Verified]
    n_versions: int
    notes: list[Sentence]


PAYLOADS: Mapping[str, type] = {
    "status": StatusChange, "log": Line, "note": Line, "learning_rate": LrFound, "epoch": Epoch,
    "fold": Fold, "pretraining": Measured, "result": JobResult,
}  # fmt: skip
"""Kind of event -> what it carries."""


def check(kind: str, payload: Mapping[str, Any]) -> None:
    """Raise ValueError for an event that could not be served: an unknown kind, or not the payload of its kind."""
    if kind not in PAYLOADS:
        raise ValueError(f"{kind} is no kind of event; there are {', '.join(PAYLOADS)}.")
    unknown = set(payload) - {name for name in get_type_hints(PAYLOADS[kind]) if not name.startswith("_")}
    if unknown:
        raise ValueError(f"An event of the kind {kind} has no {', '.join(sorted(unknown))}.")
    _adapter(kind).validate_python(payload)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(PAYLOADS[kind])
