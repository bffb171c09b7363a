"""The networks one can train. Each takes (n_leads, n_samples, n_labels, **config) and has a file of its own.

This register does not import torch, so that a web process can list the choices; `build` does, when called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from backend.ml.errors import SettingError
from backend.ml.fields import JSON

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Option:
    """One setting of an architecture: a whole number from `low` to `high`."""

    default: int
    low: int
    high: int
    help: str


@dataclass(frozen=True)
class Architecture:
    """A network family, described for people and for `build`."""

    name: str
    title: str
    summary: str
    reference: str
    module: str  # holds a function `build(n_leads, n_samples, n_labels, **config)`
    options: Mapping[str, Option]

    @property
    def defaults(self) -> dict[str, JSON]:
        """Return the configuration one gets without asking for anything."""
        return {name: option.default for name, option in self.options.items()}

    def complete(self, config: Mapping[str, JSON]) -> dict[str, int]:
        """Return `config` with the defaults filled in; raises SettingError for an unknown or impossible setting."""
        unknown = sorted(set(config) - set(self.options))
        if unknown:
            raise SettingError(f"{self.title} has no setting {', '.join(unknown)}; it has {', '.join(self.options)}.")
        full: dict[str, int] = {}
        for name, option in self.options.items():
            value = config.get(name, option.default)
            if isinstance(value, bool) or not isinstance(value, int) or not option.low <= value <= option.high:
                raise SettingError(f"{self.title}: {name} should be a whole number from {option.low} to {option.high}.")
            full[name] = value
        return full

    def build(
        self, n_leads: int, n_samples: int, n_labels: int, config: Mapping[str, JSON], *, seed: int
    ) -> "nn.Module":
        """Return the network with freshly drawn weights, the same for the same seed; loads torch.

        It maps (batch, n_leads, n_samples) float32 to (batch, n_labels) logits. Raises SettingError.
        """
        import torch

        full = self.complete(config)
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are left as they were
            torch.manual_seed(seed)
            builder: Any = import_module(self.module).build
            network: nn.Module = builder(n_leads, n_samples, n_labels, **full)
        return network


ARCHITECTURES: Mapping[str, Architecture] = {
    entry.name: entry
    for entry in (
        Architecture(
            name="inception_time",
            title="InceptionTime",
            summary="Convolutions of three lengths side by side, six modules deep. Small, quick and hard to beat.",
            reference="Ismail Fawaz et al. 2020, Data Min Knowl Disc 34:1936, arXiv:1909.04939",
            module="backend.ml.architectures.inception_time",
            options={
                "filters": Option(
                    32, 4, 128, "Filters of each branch; half of it makes the network four times cheaper."
                ),
                "depth": Option(6, 1, 12, "Inception modules, with a residual connection over every three."),
                "kernel": Option(39, 3, 99, "Longest convolution in samples; the others are half and a quarter of it."),
            },
        ),
    )
}


def architecture(name: str) -> Architecture:
    """Return the architecture of that name; raises SettingError that lists the known ones."""
    if name not in ARCHITECTURES:
        raise SettingError(f"There is no architecture “{name[:80]}”; there are {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]
