"""What the package of a model says of it, as one frozen value that is JSON: the file `manifest.json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from backend.ecg.preprocess.description import describe
from backend.ml.data.split import PARTS
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.from_json import read_evaluation, read_routes
from backend.ml.spec import ModelSpec, Task
from backend.ml.strict_json import JSON, Fields, parse_json

FORMAT: Final = "exchangeai-model"
MANIFEST_VERSION: Final = 1
MAX_MANIFEST = 16 << 20
_SHA256 = "0123456789abcdef"
_MOST = 2**53
_WHAT = "The manifest of the package"
_ACTIVATIONS: Final[Mapping[Task, str]] = {"single_label": "softmax", "multi_label": "sigmoid", "regression": "none"}


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """A model that another was fine-tuned from; `sha256` is that of its ONNX file."""

    name: str
    architecture: str
    sha256: str

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> "Ancestor":
        """Read what `to_dict` gave; raises ModelInvalidError."""
        read = Fields(data, "The lineage of the model", ModelInvalidError)
        one = cls(name=read.text("name"), architecture=read.text("architecture"), sha256=_hash(read, "sha256"))
        read.done()
        return one


@dataclass(frozen=True, kw_only=True)
class TrainingCard:
    """What a model was trained on: numbers only, nothing of any patient and no file names.

    `counts` has for each part {"n": recordings, "labels": {label: recordings}}, and where counts of a few are withheld
    {"withheld": [label]} beside; `data_hash` tells the same data again.
    """

    dataset: str
    n: int
    n_patients: int
    counts: Mapping[str, Any]
    data_hash: str

    @property
    def n_learned(self) -> int:
        """The recordings of the training part; `n` counts those of validation and test too."""
        return int(self.counts["train"]["n"]) if "train" in self.counts else self.n

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> "TrainingCard":
        """Read what `to_dict` gave; raises ModelInvalidError."""
        what = "The training data of the model"
        read = Fields(data, what, ModelInvalidError)
        parts = Fields(read.value("counts"), f"{what}: “counts”", ModelInvalidError)
        counts: dict[str, Any] = {}
        for part in parts.data:
            if part not in PARTS:
                raise parts.fault(part, "one of the parts " + ", ".join(PARTS))
            one = Fields(parts.value(part), f"{what}, part {part}", ModelInvalidError)
            labels = Fields(one.value("labels"), f"{what}, labels of {part}", ModelInvalidError)
            counts[part] = {
                "n": one.integer("n", 0, _MOST),
                "labels": {label: labels.integer(label, 0, _MOST) for label in labels.data},
            }
            if one.value("withheld") is not None:
                counts[part]["withheld"] = list(one.texts("withheld"))
        card = cls(
            dataset=read.text("dataset"),
            n=read.integer("n", 0, _MOST),
            n_patients=read.integer("n_patients", 0, _MOST),
            counts=counts,
            data_hash=read.text("data_hash", longest=100),
        )
        read.done()
        return card


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """One file of a package."""

    sha256: str
    size: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A model without its weights and its graph. `evaluation` is what it reached on its own test part, if known."""

    name: str
    created: str  # ISO 8601 date and time, UTC
    spec: ModelSpec
    parameters: int = 0
    parity: float | None = None  # largest difference of a logit between onnxruntime and torch at export
    evaluation: Mapping[str, Any] | None = None
    training_data: TrainingCard | None = None
    lineage: tuple[Ancestor, ...] = ()  # what it was fine-tuned from, the nearest first
    versions: Mapping[str, str] = field(default_factory=dict)  # library -> version, at the training
    licence: str = ""
    intended_use: str = ""
    routes: Mapping[str, Any] | None = None  # of the test part of a sparse network, as `evaluation.routes` reports them
    has_head: bool = True  # False: the head is drawn at random, so that the model can be fine-tuned but not predict
    files: Mapping[str, FileFacts] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return JSON; equal values give equal text. `input` and `output` repeat for people what `spec` says."""
        data = {
            "format": FORMAT,
            "schema_version": MANIFEST_VERSION,
            "name": self.name,
            "created": self.created,
            "spec": self.spec.to_dict(),
            "input": _input(self.spec),
            "output": {
                "shape": ["batch", len(self.spec.labels)],
                "labels": [_label(self.spec, index) for index in range(len(self.spec.labels))],
                "activation": _ACTIVATIONS[self.spec.task],
            },
            "parameters": self.parameters,
            "parity": self.parity,
            "evaluation": None if self.evaluation is None else _without_records(self.evaluation),
            "training_data": None if self.training_data is None else self.training_data.to_dict(),
            "lineage": [one.to_dict() for one in self.lineage],
            "versions": dict(self.versions),
            "licence": self.licence,
            "intended_use": self.intended_use,
            "has_head": self.has_head,
            "files": {name: asdict(facts) for name, facts in self.files.items()},
        } | ({} if self.routes is None else {"routes": dict(self.routes)})  # earlier versions know no such field
        return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read what `to_json` gave; raises ModelInvalidError that names the faulty field."""
        read = Fields(parse_json(data, _WHAT, ModelInvalidError, limit=MAX_MANIFEST), _WHAT, ModelInvalidError)
        if read.value("format") != FORMAT:
            raise ModelInvalidError("The zip is no model package: its manifest is another program's.")
        if read.integer("schema_version", 1, 1_000_000) > MANIFEST_VERSION:
            raise ModelInvalidError("The package was made by a newer version of the platform. Update to import it.")
        spec = ModelSpec.from_json(read.mapping("spec"))
        read.mapping("input"), read.mapping("output")  # for people: what counts is `spec`
        evaluation, training = read.value("evaluation"), read.value("training_data")
        lineage = read.value("lineage")
        if not isinstance(lineage, list) or len(lineage) > 1000:
            raise read.fault("lineage", "a list of at most 1000 models")
        versions = {name: str(version)[:100] for name, version in read.mapping("versions").items()}
        manifest = cls(
            name=read.text("name", longest=200),
            created=read.text("created", longest=40),
            spec=spec,
            parameters=read.integer("parameters", 0, _MOST),
            parity=None if read.value("parity") is None else read.number("parity", 0, 1e9),
            evaluation=None if evaluation is None else read_evaluation(evaluation, spec),
            training_data=None if training is None else TrainingCard.from_dict(training),
            lineage=tuple(Ancestor.from_dict(one) for one in lineage),
            versions=versions,
            licence=read.text("licence", longest=10_000),
            intended_use=read.text("intended_use", longest=10_000),
            has_head=read.value("has_head") is None or read.boolean("has_head"),  # the first packages did not say it
            routes=None if read.value("routes") is None else read_routes(read.value("routes")),
            files={name: _file_facts(facts, name) for name, facts in read.mapping("files").items()},
        )
        read.done()
        return manifest


def _input(spec: ModelSpec) -> dict[str, JSON]:
    return {
        "shape": ["batch", len(spec.leads), spec.n_samples],
        "dtype": "float32",
        "leads": list(spec.leads),
        "rate": spec.preprocessing.rate,
        "seconds": spec.preprocessing.window_s,
        "units_per_mv": spec.preprocessing.units_per_mv,
        "preprocessing": list(describe(spec.preprocessing)),
        "age_and_sex": spec.takes_patient,
    }


def _label(spec: ModelSpec, index: int) -> dict[str, JSON]:
    label = spec.labels[index]
    threshold = spec.thresholds[index] if spec.task == "multi_label" else None
    return {"label": label, "name": spec.label_names[index], "code": spec.codes.get(label), "threshold": threshold}


def _without_records(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the values of single patients that the results of a regression hold for its plot."""
    targets = [{**target, "points": []} for target in evaluation.get("targets", ())]
    return {**evaluation, "targets": targets} if targets else dict(evaluation)


def _file_facts(data: object, name: str) -> FileFacts:
    read = Fields(data, f"{_WHAT}, file {name:.60}", ModelInvalidError)
    facts = FileFacts(sha256=_hash(read, "sha256"), size=read.integer("size", 0, _MOST))
    read.done()
    return facts


def _hash(read: Fields, name: str) -> str:
    value = read.text(name, longest=64)
    if len(value) != 64 or not set(value) <= set(_SHA256):
        raise read.fault(name, "64 hexadecimal digits")
    return value
