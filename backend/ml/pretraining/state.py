"""The file a pre-training resumes from: written whole or not at all, read without running anything in it."""

import hashlib
import io
import pickle
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from backend.ml.errors import CheckpointError
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData

FORMAT = 1
_DAMAGE = (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, eq=False)
class State:
    """A pre-training after a whole number of steps and `seconds` of work. What is random comes from seed and step."""

    run: str  # fingerprint
    steps: int
    seconds: float
    losses: dict[str, float] = field(default_factory=dict)
    network: dict[str, Tensor] = field(default_factory=dict)
    objectives: dict[str, Tensor] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)


def fingerprint(data: PretrainingData, config: PretrainingConfig, network: nn.Module) -> str:
    """Return a digest of what decides a pre-training: shapes of the network, settings, facts, a sample of the signals.

    How often checkpoints are written and how many threads work does not count.
    """
    digest = hashlib.sha256()
    shapes = sorted((name, tuple(value.shape)) for name, value in network.state_dict().items())
    digest.update(repr((shapes, data.labels, data.value_names, data.rate)).encode())
    digest.update(replace(config, threads=None, checkpoint_minutes=5.0).to_json().encode())
    digest.update(data.x[:, :, :: max(1, data.x.shape[2] // 8)].tobytes())
    for table in (data.y, data.values):
        digest.update(b"" if table is None else table.tobytes())
    return digest.hexdigest()


def save(state: State, path: Path) -> None:
    """Write the state beside its place and move it there, so that a kill leaves the old or the new one."""
    content = {item.name: getattr(state, item.name) for item in fields(state)} | {"format": FORMAT}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    torch.save(content, fresh)
    fresh.replace(path)


def load(path: Path, run: str | None = None) -> State | None:
    """Read a state, None where there is none; raises CheckpointError for a file that is none, or of another run."""
    if not path.exists():
        return None
    try:
        content = torch.load(io.BytesIO(path.read_bytes()), map_location="cpu", weights_only=True)
        if content.pop("format") != FORMAT:
            raise CheckpointError("The checkpoint is of another version of the platform. Start the pre-training again.")
        state = State(**content)
    except _DAMAGE as problem:
        raise CheckpointError("The checkpoint is damaged. Start the pre-training again.") from problem
    if run is not None and state.run != run:
        raise CheckpointError("The checkpoint is of a pre-training with other data or settings. Choose another file.")
    return state
