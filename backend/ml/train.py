"""Training from scratch, as a generator of events: no callbacks, no database, stopped and resumed at any time.

Everything random in an epoch (order, augmentation, dropout) is drawn from the seed and the number of the epoch. A run
that was killed and resumed therefore meets the same numbers as one that was not.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import nn

from backend.ml import checkpoint as checkpoints
from backend.ml import lr_finder
from backend.ml.checkpoint import Checkpoint
from backend.ml.config import Monitor, TrainingConfig
from backend.ml.data import TrainingData, check_parts
from backend.ml.errors import CheckpointError, TrainingImpossibleError
from backend.ml.events import BatchProgress, BatchSizeChosen, EpochDone, Event, LrFound, Resumed, Started, Stopped
from backend.ml.learner import Learner, build_network
from backend.ml.metrics import macro_auroc, macro_f1
from backend.ml.predict import to_probabilities
from backend.ml.spec import ModelSpec, Task

ShouldStop: TypeAlias = Callable[[], bool]
End: TypeAlias = Literal["all_epochs", "no_improvement", "cancelled", "diverged"]


class _Cancelled(Exception):  # noqa: N818  # a signal between the parts of this file, not an error
    pass


def train(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    *,
    should_stop: ShouldStop = lambda: False,
) -> Generator[Event]:
    """Train the network of `spec` on `data`, yielding events; the last is always Stopped.

    Each epoch ends with a checkpoint in the file `checkpoint`; called again with the same file, data and settings,
    training goes on from there. `should_stop` is asked before every batch. Afterwards `trained_network` gives the
    network of the best epoch, after a cancellation too.
    Raises TrainingImpossibleError where the data cannot train it, SettingError for an impossible configuration,
    CheckpointError where the checkpoint is damaged or of another run.
    """
    check_parts(data, spec.labels)
    if data.x.shape[1:] != (len(spec.leads), spec.n_samples) or data.y.shape[1] != len(spec.labels):
        raise ValueError(f"The spec wants (N, {len(spec.leads)}, {spec.n_samples}) records, not {data.x.shape}.")
    with _threads(config.threads):
        learner = Learner(data, spec, config)
        yield Started(learner.device_name, learner.parameters, len(data.split.train), len(data.split.validation))
        run = checkpoints.fingerprint(data, spec, config)
        state = checkpoints.load(checkpoint)
        end: End | None = None
        try:
            if state is None:
                state = yield from _prepare(learner, run, should_stop)
                checkpoints.save(state, checkpoint)
            elif state.run != run:
                raise CheckpointError("The checkpoint is of a run with other data or settings. Start a new run.")
            else:
                learner.model.load_state_dict(state.model)
                learner.optimizer.load_state_dict(state.optimizer)
                yield Resumed(state.history)
            while end is None and (end := _end(state, config)) is None:
                done = yield from _epoch(learner, state, spec.task, should_stop)
                if not (math.isfinite(done.train_loss) and math.isfinite(done.val_loss)):
                    end = "diverged"
                    continue
                state = _add(state, done, learner)
                checkpoints.save(state, checkpoint)
                yield done
        except _Cancelled:
            end = "cancelled"
        if end == "diverged" and not (state and state.history):
            raise TrainingImpossibleError("The training diverged at once. Choose a smaller learning rate.")
        yield Stopped(end, len(state.history) if state else 0, state.best_epoch if state else 0)


def trained_network(spec: ModelSpec, checkpoint: Path) -> nn.Module:
    """Return the network of the best epoch, on the CPU, ready to predict; raises CheckpointError if there is none."""
    state = checkpoints.load(checkpoint)
    if state is None or not state.best:
        raise CheckpointError("No epoch of this training was finished, so there is no model. Start it again.")
    network = build_network(spec)
    network.load_state_dict(state.best)
    return network.eval()


def _prepare(learner: Learner, run: str, should_stop: ShouldStop) -> Generator[Event, None, Checkpoint]:
    """Find batch size and learning rate where the settings leave them open; return the state before the first epoch."""
    config = learner.config
    size = config.batch_size or learner.batch_size()
    yield BatchSizeChosen(size, automatic=config.batch_size is None)
    rate = config.learning_rate
    curve: tuple[tuple[float, float], ...] = ()
    if rate is None:
        random = np.random.default_rng([config.seed, 0])
        batches = (rows for _ in iter(int, 1) for rows in learner.batches(size, random))  # round after round

        def step() -> float:
            _check(should_stop)
            return learner.step(next(batches), random)

        curve = yield from lr_finder.sweep(learner.model, learner.optimizer, step)
        rate = lr_finder.choose(curve)
    yield LrFound(rate, curve)
    return Checkpoint(run, size, rate, curve, learner.model.state_dict(), learner.optimizer.state_dict())


def _epoch(
    learner: Learner, state: Checkpoint, task: Task, should_stop: ShouldStop
) -> Generator[Event, None, EpochDone]:
    """Make one pass over the training records and validate."""
    config, start = learner.config, time.perf_counter()
    epoch = len(state.history) + 1
    rate = state.learning_rate * config.gamma ** (epoch - 1)
    for group in learner.optimizer.param_groups:
        group["lr"] = rate
    random = np.random.default_rng([config.seed, epoch])
    torch.manual_seed(int(random.integers(2**63)))  # for dropout

    batches = learner.batches(state.batch_size, random)
    total = 0.0
    for i, rows in enumerate(batches, 1):
        _check(should_stop)
        total += learner.step(rows, random) * len(rows)
        yield BatchProgress("train", epoch, i / len(batches))
    train_loss = total / len(learner.data.split.train)

    logits = []
    n_validation = len(learner.data.split.validation)
    for part in learner.validation_logits():
        _check(should_stop)
        logits.append(part)
        yield BatchProgress("validate", epoch, sum(map(len, logits)) / n_validation)
    probabilities = to_probabilities(torch.cat(logits).cpu().numpy(), task)
    truth = learner.data.y[learner.data.split.validation]
    done = EpochDone(
        epoch=epoch,
        train_loss=train_loss,
        val_loss=learner.validation_loss(logits),
        macro_auroc=macro_auroc(truth, probabilities),
        macro_f1=macro_f1(truth, probabilities, task),
        learning_rate=rate,
        seconds=time.perf_counter() - start,
        best=False,
    )
    best = max((_merit(earlier, config.monitor) for earlier in state.history), default=-math.inf)
    return replace(done, best=not state.history or _merit(done, config.monitor) > best)


def _add(state: Checkpoint, done: EpochDone, learner: Learner) -> Checkpoint:
    """Return the state after one more epoch."""
    model = learner.model.state_dict()
    return replace(
        state,
        model=model,
        optimizer=learner.optimizer.state_dict(),
        best={name: value.clone() for name, value in model.items()} if done.best else state.best,
        history=(*state.history, done),
    )


def _merit(done: EpochDone, monitor: Monitor) -> float:
    """Return the monitored value of an epoch, turned so that more is better; undefined is worst."""
    if monitor == "val_loss":
        return -done.val_loss
    value: float | None = getattr(done, monitor)
    return -math.inf if value is None else value


def _end(state: Checkpoint, config: TrainingConfig) -> End | None:
    """Say whether, and why, training is over after the epochs done so far."""
    epochs = len(state.history)
    if epochs >= config.max_epochs:
        return "all_epochs"
    return "no_improvement" if epochs - state.best_epoch >= config.patience else None


def _check(should_stop: ShouldStop) -> None:
    if should_stop():
        raise _Cancelled


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Let torch use so many threads for a while."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
