"""The file a training run resumes from: written whole or not at all, read without running anything in it."""

import hashlib
import io
import json
import pickle
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from backend.ml.data.target_scale import Scale
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError
from backend.ml.spec import ModelSpec
from backend.ml.training.config import AFTERWARDS, TrainingConfig
from backend.ml.training.events import EpochDone
from backend.ml.training.start import Base

FORMAT = 2
_DAMAGE = (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a run after a whole number of epochs (`history`); everything random comes from seed and epoch.

    `learner` is what `Learner.state` gave. `best` are the weights of `best_epoch`, the one to keep; both are empty
    before the first epoch is done. `target_scale` is that of a regression, whose network answers
    in standard deviations from the mean. `strength` is that of the head with which "head_then_all" begins, from 1.
    `threads` are those of each process that were found quickest, 0 where they were given. `devices` are those that it
    began with, None in a checkpoint of 0.1.0.
    """

    run: str  # fingerprint
    batch_size: int
    learning_rate: float
    curve: tuple[tuple[float, float], ...]
    learner: dict[str, Any]
    target_scale: Scale | None = None
    best: dict[str, Tensor] = field(default_factory=dict)
    history: tuple[EpochDone, ...] = ()
    strength: int = 0
    threads: int = 0
    devices: int | None = None

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights are kept, 0 where none is done."""
        return max((done.epoch for done in self.history if done.best), default=0)


def fingerprint(data: TrainingData, spec: ModelSpec, config: TrainingConfig, base: Base | None = None) -> str:
    """Return a digest of what decides a run: network, base, settings, labels, split and a sample of the signals."""
    digest = hashlib.sha256()
    digest.update(f"{spec.architecture} {sorted(spec.config.items())} {spec.labels} {spec.task}".encode())
    digest.update(f"{spec.window_s} {spec.takes_patient} {base and base.sha256}".encode())
    digest.update((spec.preprocessing.to_json() + _of_training(replace(config, threads=None))).encode())
    for array in (data.y, data.split.train, data.split.validation, data.x[:, :, :: max(1, data.x.shape[2] // 8)]):
        digest.update(array.tobytes())
    digest.update(b"" if data.patient is None else data.patient.tobytes())
    return digest.hexdigest()


def _of_training(config: TrainingConfig) -> str:
    # What is done with a trained network decides nothing of its training, and checkpoints of 0.1.0 know none of it.
    return json.dumps(
        {name: value for name, value in config.to_dict().items() if name not in AFTERWARDS}, sort_keys=True
    )


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write the checkpoint beside its place and move it there, so that a kill leaves the old or the new one.

    Raises OSError where the disk is full; the old one is then still there.
    """
    content = {item.name: getattr(checkpoint, item.name) for item in fields(checkpoint)}
    content["history"] = [asdict(done) for done in checkpoint.history]
    content["format"] = FORMAT
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    buffer = io.BytesIO()
    torch.save(content, buffer)  # to a file it does not say that the disk is full
    try:
        fresh.write_bytes(buffer.getbuffer())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def load(path: Path) -> Checkpoint | None:
    """Read a checkpoint, None where there is none; raises CheckpointError for a file that is none."""
    if not path.exists():
        return None
    raw = io.BytesIO(path.read_bytes())
    try:
        content = torch.load(raw, map_location="cpu", weights_only=True)
        if content.pop("format") != FORMAT:
            raise CheckpointError("The checkpoint is of another version of the platform. Start the training again.")
        content["history"] = tuple(EpochDone(**done) for done in content["history"])
        return Checkpoint(**content)
    except _DAMAGE as problem:
        raise CheckpointError("The checkpoint is damaged. Start the training again.") from problem
