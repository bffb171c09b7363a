"""Settings of a training run, as one frozen value that is JSON. The defaults are the recommended ones."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Literal, cast, get_args

from backend.ml.errors import SettingError
from backend.ml.fields import JSON, Fields, parse_json

Monitor = Literal["val_loss", "macro_auroc", "macro_f1", "last_epoch"]
Method = Literal["scratch", "head", "all", "head_then_all"]
OptimizerName = Literal["adamw", "adam", "nadam", "adamax", "adafactor", "rmsprop", "sgd"]
Schedule = Literal["exponential", "one_cycle", "cosine"]
LossName = Literal["cross_entropy", "focal", "asymmetric"]
Precision = Literal["auto", "float32", "bfloat16"]

CHOICES: Mapping[str, tuple[str, ...]] = {
    "method": get_args(Method), "optimizer": get_args(OptimizerName), "schedule": get_args(Schedule),
    "loss": get_args(LossName), "monitor": get_args(Monitor), "precision": get_args(Precision),
}  # fmt: skip
"""The words that a setting may have."""

METHODS: Mapping[Method, tuple[str, str]] = {
    "scratch": ("From scratch", "A fresh network learns from your recordings alone. Best with a thousand or more."),
    "head": (
        "Head only",
        "The base model stays as it is; only the last layer, which weighs what it sees, is learned anew. Takes seconds "
        "and works with few recordings.",
    ),
    "all": (
        "All layers",
        "The base model is trained on, every layer of it, for your labels. Takes as long as scratch.",
    ),
    "head_then_all": (
        "Head, then all layers",
        "First the last layer alone, then all, the earlier ones in smaller steps, so that what the base model knows is "
        "kept. The best choice in most cases.",
    ),
}
"""Method -> title and plain words."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Changes made afresh to each training record each time it is seen; each leaves the diagnosis as it is.

    Strengths are in standard deviations of the record's window, so that they suit any preprocessing.
    """

    crop_seconds: float | None = 2.5  # length of a random window, None for the whole record
    shift: float = 0.0  # seconds by which the window is moved at random, up to this, where it is the whole record
    scale: float = 0.2  # amplitude times 1 ± up to this
    noise: float = 0.05  # white noise
    wander: float = 0.0  # baseline wander of 0.05 to 0.5 Hz, up to this amplitude
    hum: float = 0.0  # mains hum of 50 or 60 Hz, up to this amplitude; none where the rate cannot hold it
    lead_dropout: float = 0.1  # chance that a lead is silenced; one lead always stays
    time_mask: float = 0.0  # longest stretch set to zero, as a share of the window

    def __post_init__(self) -> None:
        read = Fields(asdict(self), "The augmentation", SettingError)
        if self.crop_seconds is not None:
            read.number("crop_seconds", 0.5, 60)
        read.number("shift", 0, 10)
        read.number("scale", 0, 0.9)
        for name in ("noise", "wander", "hum"):
            read.number(name, 0, 2)
        for name in ("lead_dropout", "time_mask"):
            read.number(name, 0, 0.9)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train. None means that the value is found from the data (see docs/models.md).

    Training stops when `monitor` has not become better for `patience` epochs; the best epoch is the one that is kept.
    The schedules one_cycle and cosine run over `max_epochs`; give them a patience as long to see their end, or the
    monitor "last_epoch", which keeps the last one: what few validation records prefer on the way there is mostly
    chance.
    Raises SettingError, naming the setting, where a value is out of its range.
    """

    seed: int = 1
    method: Method = "scratch"
    max_epochs: int = 50
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: OptimizerName = "adamw"
    schedule: Schedule = "exponential"
    gamma: float = 0.9  # exponential: the learning rate is multiplied by this after each epoch
    layer_decay: float = 0.3  # head_then_all: each earlier group of layers learns at this share of the next one's rate
    weight_decay: float = 0.01
    clip_norm: float = 1.0  # larger gradients are scaled down to this norm
    ema: float = 0.0  # decay of an average of the weights, which is what is validated and kept; 0 for none
    loss: LossName = "cross_entropy"
    class_weights: bool = True
    mixup: float = 0.0  # strength (alpha of the beta distribution) of mixing records and labels in pairs; 0 for none
    patience: int = 8
    monitor: Monitor = "val_loss"
    windows: bool = True  # answer with the mean over windows as long as those of the training, half overlapping
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: Precision = "auto"
    devices: int = 1  # GPUs, or processes where there is none
    threads: int | None = None  # CPU threads, None for torch's own choice

    def __post_init__(self) -> None:
        read = Fields(asdict(self), "The training settings", SettingError)
        read.integer("seed", 0, 2**32 - 1)
        read.integer("max_epochs", 1, 1000)
        if self.batch_size is not None:
            read.integer("batch_size", 2, 4096)
        if self.learning_rate is not None:
            read.number("learning_rate", 1e-7, 1)
        for name, words in CHOICES.items():
            read.choice(name, words)
        read.number("gamma", 0.1, 1)
        read.number("layer_decay", 0.01, 1)
        read.number("weight_decay", 0, 1)
        read.number("clip_norm", 0.01, 1000)
        read.number("ema", 0, 0.99999)
        read.number("mixup", 0, 5)
        read.integer("patience", 1, 1000)
        for name in ("class_weights", "windows"):
            read.boolean(name)
        read.integer("devices", 1, 64)
        if self.threads is not None:
            read.integer("threads", 1, 1024)

    def to_dict(self) -> dict[str, JSON]:
        """Return the JSON object that `to_json` writes."""
        return cast("dict[str, JSON]", asdict(self))

    def to_json(self) -> str:
        """Return canonical JSON: every field, keys sorted; equal values give equal text."""
        return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, data: str | bytes | Mapping[str, object]) -> "TrainingConfig":
        """Read settings; missing ones get their default. Raises SettingError that names the faulty setting."""
        what = "The training settings"
        values = _known(parse_json(data, what, SettingError), cls, what)
        if "augmentation" in values:
            values["augmentation"] = Augmentation(
                **_known(values["augmentation"], Augmentation, "The augmentation")  # type: ignore[arg-type]  # checked there
            )
        return cls(**values)  # type: ignore[arg-type]  # checked in __post_init__


DEMO = TrainingConfig(max_epochs=12, patience=5)
"""For a few hundred simulated ECGs of five classes: done in about a minute on two cores."""


def _known(data: object, kind: type[TrainingConfig | Augmentation], what: str) -> dict[str, object]:
    """Return the object's fields, all of which `kind` has."""
    read = Fields(data, what, SettingError)
    values = {item.name: read.value(item.name) for item in fields(kind) if item.name in read.data}
    read.done()
    return values


def merged(usual: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """Return the settings `usual` with those of `wanted` in their place, group by group."""
    result = dict(usual)
    for name, value in wanted.items():
        before = result.get(name)
        result[name] = merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return result
