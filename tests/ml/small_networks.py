"""Each architecture of the register as small as it can be without losing a part, and ECGs for it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import torch

from backend.ecg.preprocess import preset
from backend.ml.architectures import ARCHITECTURES, Architecture
from backend.ml.architectures.network import Network
from backend.ml.export import ExportReport, export_onnx
from backend.ml.spec import ModelSpec
from tests.ml.conftest import N_SAMPLES

LABELS = ("a", "b", "c")
_XRESNET = {"width": 8, "dropout": 0.0}
CONFIGS: Mapping[str, Mapping[str, int | float]] = {
    "inception_time": {"filters": 4, "depth": 3, "kernel": 19},
    "xception_time": {"filters": 4},
    "xresnet1d18": _XRESNET,
    "xresnet1d50": _XRESNET,
    "xresnet1d101": _XRESNET,
    "transformer": {"width": 16, "depth": 1, "heads": 2, "dropout": 0.0},
    "dsail_snu": {"filters": 16, "blocks": 1, "dropout": 0.0},
    "s4": {"width": 8, "depth": 2, "states": 4, "dropout": 0.0},
    "ecg_fm": {"width": 16, "depth": 1, "heads": 2, "inner": 32, "stem": 8, "reach": 8},
    "cardx": {"width": 8, "always_on": 1},
    "rlign_logistic": {},
}
assert set(CONFIGS) == set(ARCHITECTURES)


def small_spec(entry: Architecture, n_samples: int = N_SAMPLES) -> ModelSpec:
    return ModelSpec(
        architecture=entry.name,
        config=CONFIGS[entry.name],
        labels=LABELS,
        task="multi_label",
        preprocessing=preset("exchangeai", window_s=n_samples / 100),
        takes_patient=entry.takes_patient,
    )


def small_network(entry: Architecture, seed: int = 1, n_samples: int = N_SAMPLES) -> Network:
    return entry.build(12, n_samples, len(LABELS), CONFIGS[entry.name], seed=seed)


def ecgs(n: int, n_samples: int = N_SAMPLES, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, 12, n_samples)).astype(np.float32))


def patients(n: int, entry: Architecture, seed: int = 0) -> torch.Tensor | None:
    """Facts of n patients for a network that takes them."""
    facts = np.random.default_rng(seed).random((n, 4)).astype(np.float32)
    return torch.from_numpy(facts) if entry.takes_patient else None


def lived_in(entry: Architecture, seed: int = 1) -> Network:
    """A network whose running statistics and zero weights are no longer those of a fresh one."""
    network = small_network(entry, seed).train()
    with torch.no_grad():
        generator = torch.Generator().manual_seed(seed)
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
        for step in range(2):
            network(ecgs(8, seed=step), patients(8, entry))
    return network.eval()


class Written(NamedTuple):
    """A network that has lived and its ONNX file; both are for all tests, so that none may train the network."""

    network: Network
    spec: ModelSpec
    report: ExportReport
    content: bytes


@cache
def written(name: str) -> Written:
    """Return a small network of an architecture with its file, which takes seconds to make: of CardX, half a minute."""
    entry = ARCHITECTURES[name]
    network, spec = lived_in(entry), small_spec(entry)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        report = export_onnx(network, spec, path)
        return Written(network, spec, report, path.read_bytes())
