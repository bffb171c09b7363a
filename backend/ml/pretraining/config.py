"""Settings of a pre-training, as one frozen value that is JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from backend.ml.errors import SettingError
from backend.ml.strict_json import JSON, Fields

OBJECTIVES: Mapping[str, str] = {
    "rlign": "From the whole ECG, its median beat is told, aligned to 60 beats a minute. Needs no labels.",
    "rr": "How long RR intervals are and how much they vary, which an aligned beat does not show. Needs no labels.",
    "masked": "From an ECG with gaps in all leads, the gaps are told. Needs no labels.",
    "contrastive": "Two disturbed copies of an ECG should look alike, those of two ECGs different. Needs no labels.",
    "labels": "Whatever labels are known of an ECG are told; what is unknown of it counts nothing.",
    "values": "Whatever numbers are known of an ECG (such as the age) are told; what is unknown counts nothing.",
}
"""Objective -> plain words."""


_WHAT = "The settings of the pre-training"
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "minutes": (0.01, 100_000), "learning_rate": (1e-6, 1), "weight_decay": (0, 1), "warm_up": (0, 0.9),
    "largest_gradient": (1e-3, 1e6), "mmd": (0, 100), "ecg_entropy": (0, 10), "batch_entropy": (0, 10),
    "load_balance": (0, 10), "router_z": (0, 10), "noise": (0, 10), "quiet": (0, 1), "held_out": (0, 0.5),
    "checkpoint_minutes": (0.01, 10_000),
}  # fmt: skip
_WHOLE: Mapping[str, tuple[int, int]] = {
    "passes": (1, 10**12), "batch_size": (2, 4096), "components": (1, 1200), "seed": (0, 2**32 - 1),
    "threads": (1, 1024),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PretrainingConfig:
    """How to pre-train. It lasts `minutes`, or else for `passes` ECGs; the learning rate falls to 0 until then.

    `objectives` are weights of OBJECTIVES. `mmd` weighs how far the latents are from a normal distribution.
    `ecg_entropy` and `batch_entropy` of the router's choice make it sure of an ECG and even over many, `router_z` keeps
    its logits small, `load_balance` is that of Fedus et al. 2022 (arXiv:2101.03961); `noise` is added to its logits and
    falls to 0 at the share `quiet` of the pre-training. Raises SettingError for what is impossible.
    """

    objectives: Mapping[str, float] = field(default_factory=lambda: {"rlign": 1.0})
    minutes: float | None = None
    passes: int | None = None
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.05  # share of the pre-training in which the rate rises
    largest_gradient: float = 3.0
    mmd: float = 0.1
    components: int = 128  # of the median beats, that are told
    ecg_entropy: float = 0.02
    batch_entropy: float = 0.05
    load_balance: float = 0.0
    router_z: float = 0.001
    noise: float = 0.1
    quiet: float = 0.6
    held_out: float = 0.02  # share of the ECGs on which the error is measured, and nothing learned
    checkpoint_minutes: float = 5.0
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        read = Fields(asdict(self), _WHAT, SettingError)
        for name, (low, high) in _NUMBERS.items():
            if getattr(self, name) is not None:
                read.number(name, low, high)
        for name, (least, most) in _WHOLE.items():
            if getattr(self, name) is not None:
                read.integer(name, least, most)
        unknown = sorted(set(self.objectives) - set(OBJECTIVES))
        if unknown:
            raise SettingError(f"There is no objective “{unknown[0]:.40}”; there are {', '.join(OBJECTIVES)}.")
        if not any(weight > 0 for weight in self.objectives.values()) or min(self.objectives.values()) < 0:
            raise SettingError("A pre-training needs an objective, and none may have a negative weight.")
        if (self.minutes is None) == (self.passes is None):
            raise SettingError("Say how long to pre-train: either minutes or passes.")

    def to_dict(self) -> dict[str, JSON]:
        """Return a JSON object."""
        return asdict(self) | {"objectives": dict(self.objectives)}

    def to_json(self) -> str:
        """Return canonical JSON, with keys sorted."""
        return json.dumps(self.to_dict(), sort_keys=True)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "PretrainingConfig":
        """Read settings, those that are missing being the usual ones; raises SettingError that names the faulty one."""
        read = Fields(data, _WHAT, SettingError)
        known = {item.name for item in fields(cls)}
        settings: dict[str, Any] = {name: read.value(name) for name in data if name in known}
        read.done()
        if "objectives" in settings:
            weights = Fields(settings["objectives"], f"{_WHAT}: “objectives”", SettingError)
            settings["objectives"] = {name: weights.number(name, 0, 1000) for name in weights.data}
        return cls(**settings)

    def rate_at(self, share: float) -> float:
        """Return the learning rate after that share: it rises linearly, then falls to 0 as half a cosine."""
        if share < self.warm_up:
            return self.learning_rate * max(share / self.warm_up, 1e-3)
        done = (share - self.warm_up) / max(1e-9, 1 - self.warm_up)
        return self.learning_rate * (1 + math.cos(math.pi * min(1.0, done))) / 2
