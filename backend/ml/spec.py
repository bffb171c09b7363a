"""What a model is: architecture, labels, leads, preprocessing and thresholds, as one frozen value that is JSON.

It travels inside the ONNX file (`metadata_props`), so whoever holds the file can predict without asking anybody.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Final, Literal, get_args

from backend.ecg.errors import EcgError
from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ml.abstention import Abstention
from backend.ml.calibration import Calibration
from backend.ml.errors import ModelInvalidError
from backend.ml.strict_json import JSON, Fields, parse_json

LabelTask = Literal["single_label", "multi_label"]
Task = Literal["single_label", "multi_label", "regression"]

SCHEMA_VERSION: Final = 3
_SINCE_2: Final = {"since": 2}  # of a field: descriptions of an earlier version lack it
_SINCE_3: Final = {"since": 3}
INPUT_NAME: Final = "arg0"  # these two are what the original platform names them
OUTPUT_NAME: Final = "self_1_1"
ROUTES_NAME: Final = "routes"  # the second output of a sparse network: in which share each expert counts
PATIENT_NAME: Final = "patient"  # the second input of a network that takes age and sex
EXTERNAL: Final = "external"  # a network known only by its graph, such as one of the original platform


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    """What is needed to train the same network again."""

    seed: int
    data_hash: str  # sha256 of the training data, as the caller computes it
    created: str  # ISO 8601 date and time, UTC
    versions: Mapping[str, str] = field(default_factory=dict)  # library -> version
    config: Mapping[str, JSON] = field(default_factory=dict)  # the TrainingConfig, as JSON
    base: Mapping[str, JSON] | None = field(default=None, metadata=_SINCE_2)
    """The model it was fine-tuned from: name, architecture, sha256 of its ONNX file."""


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A model without its weights.

    The network takes (batch, 12, `preprocessing.n_samples`) float32 and gives (batch, len(labels)) logits: softmax
    makes them probabilities for "single_label", a sigmoid each for "multi_label"; for "regression" they are the values
    themselves. `thresholds` (multi-label: a label is present from there on) were chosen on validation data; empty
    means 0.5 each. `label_names` are plain names to show; empty means the labels themselves. `codes` are those of a
    code system (SCP, ICD-10, SNOMED CT), for the labels that have one.
    With `window_s` the network answers with the mean of its logits over windows of so many seconds, which overlap by
    half; its graph does so by itself. A network that `takes_patient` has a second input, see `backend.ml.patient`.
    With a `calibration` softmax and sigmoid take the logits that it makes of the network's; with an `abstention` some
    labels are left open. A description that has neither is one of version 2, which has no such fields.
    Raises ModelInvalidError where the parts do not fit each other.
    """

    architecture: str
    labels: tuple[str, ...]
    task: Task
    preprocessing: Preprocessing
    config: Mapping[str, JSON] = field(default_factory=dict)
    label_names: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict, metadata=_SINCE_2)
    leads: tuple[str, ...] = LEADS
    thresholds: tuple[float, ...] = ()
    window_s: float | None = field(default=None, metadata=_SINCE_2)
    takes_patient: bool = field(default=False, metadata=_SINCE_2)
    training: TrainingFacts | None = None
    calibration: Calibration | None = field(default=None, metadata=_SINCE_3)
    abstention: Abstention | None = field(default=None, metadata=_SINCE_3)
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        n = len(self.labels)
        of_3 = self.calibration is not None or self.abstention is not None
        object.__setattr__(self, "schema_version", SCHEMA_VERSION if of_3 else 2)  # so that earlier versions read it
        if not self.label_names:
            object.__setattr__(self, "label_names", self.labels)
        if not self.thresholds:
            object.__setattr__(self, "thresholds", (0.5,) * n)
        if n < (2 if self.task == "single_label" else 1):
            raise ModelInvalidError("A model needs at least two labels (one, where several may apply at once).")
        if not set(self.codes) <= set(self.labels):
            raise ModelInvalidError("The codes of a model must belong to its labels.")
        if len(set(self.labels)) != n or not all(label.strip() for label in self.labels):
            raise ModelInvalidError("The labels of a model must differ from each other and must not be empty.")
        if len(self.label_names) != n or len(self.thresholds) != n:
            raise ModelInvalidError(f"A model with {n} labels needs as many names and thresholds.")
        parts = [len(part) for part in (
            self.calibration.slopes if self.calibration else None, self.abstention.lows if self.abstention else None
        ) if part is not None]  # fmt: skip
        if set(parts) - {n}:
            raise ModelInvalidError(f"A model with {n} labels needs calibration and abstention for as many.")
        if not all(0 <= threshold <= 1 for threshold in self.thresholds):
            raise ModelInvalidError("The thresholds of a model must lie between 0 and 1.")
        if self.leads != LEADS:
            raise ModelInvalidError(f"The leads of a model must be {' '.join(LEADS)}, in this order.")

    @property
    def n_samples(self) -> int:
        """Samples a lead that the network takes."""
        return self.preprocessing.n_samples

    def to_dict(self) -> dict[str, JSON]:
        """Return the JSON object that `to_json` writes."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        data["preprocessing"] = json.loads(self.preprocessing.to_json())
        data["config"], data["codes"] = dict(self.config), dict(self.codes)
        data["training"] = None if self.training is None else asdict(self.training)
        for name in ("labels", "label_names", "leads", "thresholds"):
            data[name] = list(data[name])
        for name in ("calibration", "abstention"):
            if self.schema_version < 3:
                del data[name]
            elif data[name] is not None:
                data[name] = data[name].to_dict()
        return data

    def to_json(self) -> str:
        """Return canonical JSON: every field, keys sorted; equal values give equal text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, sort_keys=True)

    @classmethod
    def from_json(cls, data: str | bytes | Mapping[str, object]) -> "ModelSpec":
        """Read what `to_json` (or `to_dict`) gave, of this version or the first one.

        Raises ModelInvalidError that names the faulty field.
        """
        what = "The description of the model"
        read = Fields(parse_json(data, what, ModelInvalidError), what, ModelInvalidError)
        version = read.integer("schema_version", 1, 1_000_000)
        if version > SCHEMA_VERSION:
            raise ModelInvalidError("The model was made by a newer version of the platform. Update to use it.")
        since_2 = {
            "codes": _codes(read.mapping("codes")),
            "window_s": None if read.value("window_s") is None else read.number("window_s", 0.1, 3600),
            "takes_patient": read.boolean("takes_patient"),
        } if version >= 2 else {}  # fmt: skip
        since_3 = {
            "calibration": Calibration.from_dict(read.value("calibration")),
            "abstention": Abstention.from_dict(read.value("abstention")),
        } if version >= 3 else {}  # fmt: skip
        spec = (
            since_2
            | since_3
            | {
                "architecture": read.text("architecture", longest=100),
                "labels": read.texts("labels"),
                "task": read.choice("task", get_args(Task)),
                "preprocessing": _preprocessing(read.mapping("preprocessing")),
                "config": read.mapping("config"),
                "label_names": read.texts("label_names"),
                "leads": read.texts("leads"),
                "thresholds": read.numbers("thresholds", 0, 1),
                "training": _training_facts(read.value("training")),
            }
        )
        read.done()
        return cls(**spec)  # type: ignore[arg-type]  # each field was checked above


def _preprocessing(data: dict[str, JSON]) -> Preprocessing:
    try:
        return Preprocessing.from_json(json.dumps(data))
    except EcgError as problem:
        raise ModelInvalidError(f"The preprocessing of the model is not usable: {problem}") from problem


def _training_facts(data: object) -> TrainingFacts | None:
    if data is None:
        return None
    read = Fields(data, "The training facts of the model", ModelInvalidError)
    facts = TrainingFacts(
        seed=read.integer("seed", 0, 2**63 - 1),
        data_hash=read.text("data_hash"),
        created=read.text("created"),
        versions={name: str(version)[:100] for name, version in read.mapping("versions").items()},
        config=read.mapping("config"),
        base=None if read.value("base") is None else read.mapping("base"),
    )
    read.done()
    return facts


def _codes(data: dict[str, JSON]) -> dict[str, str]:
    if not all(isinstance(code, str) and len(code) <= 200 for code in data.values()):
        raise ModelInvalidError("The codes of the model should be texts of at most 200 characters.")
    return {label: str(code) for label, code in data.items()}
