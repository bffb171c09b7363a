"""Settings of a training run, as one frozen value that is JSON. The defaults are the recommended ones."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Literal, cast, get_args

from backend.ml.errors import SettingError
from backend.ml.fields import JSON, Fields, parse_json

Monitor = Literal["val_loss", "macro_auroc", "macro_f1"]


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Changes made afresh to each training record each time it is seen; each leaves the diagnosis as it is."""

    crop_seconds: float | None = 2.5  # length of a random window, None for the whole record
    scale: float = 0.2  # amplitude times 1 ± up to this
    noise: float = 0.05  # standard deviation of white noise, in standard deviations of the window
    lead_dropout: float = 0.1  # chance that a lead is silenced; one lead always stays

    def __post_init__(self) -> None:
        read = Fields(asdict(self), "The augmentation", SettingError)
        if self.crop_seconds is not None:
            read.number("crop_seconds", 0.5, 60)
        read.number("scale", 0, 0.9)
        read.number("noise", 0, 1)
        read.number("lead_dropout", 0, 0.9)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train. None means that the value is found from the data (see docs/models.md).

    Training stops when `monitor` has not become better for `patience` epochs; the best epoch is the one that is kept.
    Raises SettingError, naming the setting, where a value is out of its range.
    """

    seed: int = 1
    max_epochs: int = 50
    batch_size: int | None = None
    learning_rate: float | None = None
    gamma: float = 0.9  # the learning rate is multiplied by this after each epoch
    weight_decay: float = 0.01
    patience: int = 8
    monitor: Monitor = "val_loss"
    class_weights: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    threads: int | None = None  # CPU threads, None for torch's own choice

    def __post_init__(self) -> None:
        read = Fields(asdict(self), "The training settings", SettingError)
        read.integer("seed", 0, 2**32 - 1)
        read.integer("max_epochs", 1, 1000)
        if self.batch_size is not None:
            read.integer("batch_size", 2, 4096)
        if self.learning_rate is not None:
            read.number("learning_rate", 1e-7, 1)
        read.number("gamma", 0.1, 1)
        read.number("weight_decay", 0, 1)
        read.integer("patience", 1, 1000)
        read.choice("monitor", get_args(Monitor))
        read.boolean("class_weights")
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
