"""Settings of a training run, as one frozen value that is JSON. The defaults are the recommended ones."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Annotated, cast

from backend.ml.errors import SettingError
from backend.ml.strict_json import JSON, Fields, parse_json
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.choices import (
    LABELS,
    LOSSES,
    METHODS,
    MONITORS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    THRESHOLD_RULES,
    LossName,
    Method,
    Monitor,
    OptimizerName,
    Precision,
    Schedule,
    ThresholdRule,
)
from backend.ml.training.setting import Setting, check, settings_of


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train; each field says what it means, its range and when it has an effect (`SETTINGS`, docs/models.md).

    Training stops when `monitor` has not become better for `patience` epochs; the best epoch is the one that is kept.
    The schedules one_cycle and cosine run over `max_epochs`; give them a patience as long to see their end, or the
    monitor "last_epoch", which keeps the last one: what few validation records prefer on the way there is mostly
    chance.
    Raises SettingError, naming the setting, where a value is out of its range.
    """

    # fmt: off
    seed: Annotated[int, Setting(
        "Seed",
        "The same seed, data and settings give the same initial weights and order of recordings. Change it to see "
        "how much results vary by chance; the split has a seed of its own.",
        low=0, high=2**32 - 1, needs_epochs=False,
    )] = 1
    method: Annotated[Method, Setting(
        "Method",
        "Which layers of the base model are trained further.",
        choices=METHODS, needs_epochs=False,
    )] = "scratch"
    max_epochs: Annotated[int, Setting(
        "Maximum epochs",
        "An epoch is one pass over all training recordings. Training usually stops earlier. If only the head is "
        "trained, an epoch is one strength of regularisation, of at most 12.",
        low=1, high=1000, needs_epochs=False,
    )] = 50
    batch_size: Annotated[int | None, Setting(
        "Batch size",
        "Recordings per training step. Automatic chooses it by the amount of data and memory.",
        low=2, high=4096, automatic="automatic",
    )] = None
    learning_rate: Annotated[float | None, Setting(
        "Learning rate",
        "How fast the model learns: the size of each training step at the start, or at the peak of one cycle. "
        "Automatic tests a range of rates and chooses one.",
        low=1e-7, high=1.0, step=0.0001, automatic="automatic (learning rate range test)",
    )] = None
    optimizer: Annotated[OptimizerName, Setting(
        "Optimiser",
        "The algorithm that updates the weights.",
        choices=OPTIMIZERS,
    )] = "adamw"
    schedule: Annotated[Schedule, Setting(
        "Learning rate schedule",
        "How the learning rate changes during training. One cycle and cosine run over all epochs, so set patience "
        "to the number of epochs.",
        choices=SCHEDULES,
    )] = "exponential"
    gamma: Annotated[float, Setting(
        "Learning rate decay",
        "After each epoch the learning rate is multiplied by this factor.",
        low=0.1, high=1.0, step=0.01, when={"schedule": ("exponential",)},
    )] = 0.9
    layer_decay: Annotated[float, Setting(
        "Layer-wise learning rate decay",
        "Each earlier group of layers uses this fraction of the next group’s learning rate, which preserves more "
        "of the base model.",
        low=0.01, high=1.0, step=0.05, when={"method": ("head_then_all",)},
    )] = 0.3
    weight_decay: Annotated[float, Setting(
        "Weight decay",
        "Regularisation that reduces overfitting.",
        low=0.0, high=1.0, step=0.01,
    )] = 0.01
    clip_norm: Annotated[float, Setting(
        "Gradient clipping",
        "Gradients longer than this are shortened to it, so that unusual recordings do not disturb training.",
        low=0.01, high=1000.0, step=0.1,
    )] = 1.0
    ema: Annotated[float, Setting(
        "Weight averaging",
        "With a value close to 1, such as 0.999, the model is a moving average of the weights over the last "
        "steps, which often performs slightly better. 0 for none.",
        low=0.0, high=0.99999, step=0.001,
    )] = 0.0
    loss: Annotated[LossName, Setting(
        "Loss",
        "How errors are weighted. Focal and asymmetric loss give less weight to easy recordings, which can help "
        "with rare labels.",
        choices=LOSSES, tasks=LABELS, needs_epochs=False,
    )] = "cross_entropy"
    class_weights: Annotated[bool, Setting(
        "Weight rare labels more",
        "Rare labels count more in training. Probabilities become too high by it, and where it was measured "
        "labels were told no better.",
        tasks=LABELS, needs_epochs=False,
    )] = False
    mixup: Annotated[float, Setting(
        "Mixup",
        "Recordings and their labels are mixed in pairs; the larger the value, the stronger. 0 for none.",
        low=0.0, high=5.0, step=0.1,
    )] = 0.0
    patience: Annotated[int, Setting(
        "Patience",
        "Training stops after this many epochs in a row without improvement. The best epoch is kept.",
        low=1, high=1000, unless={"monitor": ("last_epoch",)},
    )] = 8
    monitor: Annotated[Monitor, Setting(
        "Criterion for the best epoch",
        "The measure, on the validation recordings, by which the best epoch is chosen.",
        choices=MONITORS, needs_epochs=False,
    )] = "val_loss"
    windows: Annotated[bool, Setting(
        "Average over windows",
        "The model reads a recording in windows as long as the random window used in training, half overlapping, "
        "and returns the mean of their results.",
        when={"method": ("scratch",)}, unless={"augmentation.crop_seconds": (None,)},
    )] = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: Annotated[Precision, Setting(
        "Precision",
        "Numerical precision. Automatic uses the faster bfloat16 on graphics cards that support it.",
        choices=PRECISIONS,
    )] = "auto"
    devices: Annotated[int | None, Setting(
        "Graphics cards",
        "Number of graphics cards used in parallel; without any, the number of processes. Automatic uses one card, or "
        "two processes for a long training with large batches.",
        low=1, high=64, automatic="automatic",
    )] = None
    threads: Annotated[int | None, Setting(
        "Processor threads",
        "Number of processor threads the training may use. Automatic tries at the start how many make it quickest.",
        low=1, high=1024, automatic="automatic", needs_epochs=False,
    )] = None
    calibrate: Annotated[bool, Setting(
        "Calibrate probabilities",
        "Probabilities are corrected on the validation recordings, so that of recordings given 70 % about 70 of "
        "100 have the label.",
        tasks=LABELS, needs_epochs=False,
    )] = True
    threshold_rule: Annotated[ThresholdRule, Setting(
        "Thresholds",
        "From which probability on a label counts as present; chosen on the validation recordings.",
        choices=THRESHOLD_RULES, tasks=("multi_label",), needs_epochs=False,
    )] = "f1"
    cost_of_missing: Annotated[float, Setting(
        "Cost of a missed label",
        "How many false alarms are as bad as one missed label.",
        low=0.01, high=1000.0, step=1.0, tasks=("multi_label",), when={"threshold_rule": ("costs",)},
        needs_epochs=False,
    )] = 1.0
    abstain: Annotated[float, Setting(
        "Abstain: share of errors to accept",
        "With 0.1, the model leaves a label open where it would otherwise be wrong in more than one of ten "
        "recordings with the label, or without it. 0: it always answers.",
        low=0.0, high=0.5, step=0.05, tasks=LABELS, needs_epochs=False,
    )] = 0.0
    # fmt: on

    def __post_init__(self) -> None:
        check(self, "The training settings")

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
                **_known(values["augmentation"], Augmentation, "The augmentation", "augmentation.")  # type: ignore[arg-type]  # checked there
            )
        return cls(**values)  # type: ignore[arg-type]  # checked in __post_init__


AFTERWARDS = ("calibrate", "threshold_rule", "cost_of_missing", "abstain")
"""Settings of what is done with a network once it is trained."""

SETTINGS = settings_of(TrainingConfig)
"""Every training setting by its name, such as "augmentation.noise"."""

DEMO = TrainingConfig(max_epochs=12, patience=5)
"""For a few hundred simulated ECGs of five classes: done in about a minute on two cores."""


def _known(data: object, kind: type[TrainingConfig | Augmentation], what: str, group: str = "") -> dict[str, object]:
    """Return the object's fields, all of which `kind` has."""
    given = Fields(data, what, SettingError).data
    names = [item.name for item in fields(kind)]
    unknown = [f"“{group}{name:.80}”" for name in given if name not in names]
    if unknown:
        raise SettingError(
            f"There is no training setting {' or '.join(unknown[:5])}; there are "
            f"{', '.join(f'{group}{name}' for name in names)}."
        )
    return dict(given)


def merged(usual: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """Return the settings `usual` with those of `wanted` in their place, group by group."""
    result = dict(usual)
    for name, value in wanted.items():
        before = result.get(name)
        result[name] = merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return result
