"""Training and fine-tuning as a generator of events: no callbacks, no database, stopped and resumed at any time.

Everything random in an epoch (order, augmentation, dropout) is drawn from the seed and the number of the epoch. A run
that was killed and resumed therefore meets the same numbers as one that was not.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import torch

from backend.ml.architectures.network import Network
from backend.ml.data.training_data import TrainingData, check_finite, check_parts
from backend.ml.errors import CheckpointError, TrainingImpossibleError
from backend.ml.spec import ModelSpec
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training import hardware, head_fit, lr_finder
from backend.ml.training.checkpoint import Checkpoint
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import Embedding
from backend.ml.training.events import (
    BatchProgress,
    BatchSizeChosen,
    EpochDone,
    Event,
    Kept,
    LrFound,
    Resumed,
    Started,
    Stopped,
)
from backend.ml.training.learner import Learner
from backend.ml.training.optimizers import OPTIMIZERS, rate_at, set_rate
from backend.ml.training.pace import quickest_threads
from backend.ml.training.parallel import learner_for
from backend.ml.training.start import Base, network_for
from backend.ml.training.validation import judge

ShouldStop: TypeAlias = Callable[[], bool]
End: TypeAlias = Literal["all_epochs", "no_improvement", "cancelled", "diverged"]
Fits: TypeAlias = Iterator[BatchProgress | head_fit.Fitted]
T = TypeVar("T")


class _Cancelled(Exception):  # noqa: N818  # a signal between the parts of this file, not an error
    pass


def train(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    *,
    base: Base | None = None,
    should_stop: ShouldStop = lambda: False,
    kept: Kept | None = None,
    embedding: Embedding | None = None,
) -> Generator[Event]:
    """Train the network of `spec` on `data`, from `base` where one is given, yielding events; the last is Stopped.

    Each epoch ends with a checkpoint in the file `checkpoint`; called again with the same file, data and settings,
    training goes on from there. `should_stop` is asked before every batch. Afterwards `trained_network` gives the
    network of the best epoch, after a cancellation too. With `kept` no record has to validate: training ends with
    that epoch, which is the best. `embedding`, for a fit of the head alone, is what the base makes of all records.
    Raises TrainingImpossibleError where the data cannot train it, SettingError for an impossible configuration,
    ModelInvalidError for a base that cannot be used, CheckpointError where the checkpoint is damaged or of another run.
    """
    check_parts(data, spec.labels, spec.task, ("train",) if kept else ("train", "validation", "test"))
    if embedding is None:  # else it was looked at when that was made
        check_finite(data)
    if data.x.shape[1:] != (len(spec.leads), spec.n_samples) or data.y.shape[1] != len(spec.labels):
        raise ValueError(f"The spec wants (N, {len(spec.leads)}, {spec.n_samples}) records, not {data.x.shape}.")
    end: End | None = None
    state = checkpoints.load(checkpoint)
    with (
        hardware.memory_kept(),
        hardware.threads(config.threads),
        learner_for(data, spec, config, base, embedding, None if state is None else state.devices) as learner,
    ):
        yield Started(learner.device_name, learner.parameters, len(data.split.train), len(data.split.validation))
        run = checkpoints.fingerprint(data, spec, config, base)
        try:
            if state is None:
                state = yield from _prepare(learner, run, should_stop, kept)
                checkpoints.save(state, checkpoint)
                yield from state.history
            elif state.run != run:
                raise CheckpointError("The checkpoint is of a run with other data or settings. Start a new run.")
            else:
                learner.restore(state.learner)
                if config.threads is None and state.threads:  # sums in another order would be other numbers
                    torch.set_num_threads(state.threads)
                yield Resumed(state.history)
            fits = None
            if learner.only_head:
                fits = yield from _head_fits(learner, len(state.history), should_stop, embedding)
            while end is None and (end := _end(state, learner, kept)) is None:
                if fits is None:
                    done = yield from _epoch(learner, state, should_stop)
                else:
                    done = yield from _head_epoch(learner, state.history, fits, should_stop)
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


def trained_network(spec: ModelSpec, config: TrainingConfig, checkpoint: Path, base: Base | None = None) -> Network:
    """Return the network of the best epoch, on the CPU, ready to predict; raises CheckpointError if there is none.

    That of a regression answers in standard deviations of its targets: see `Checkpoint.target_scale`.
    """
    state = checkpoints.load(checkpoint)
    if state is None or not state.best:
        raise CheckpointError("No epoch of this training was finished, so there is no model. Start it again.")
    network = network_for(spec, config, base)
    network.load_state_dict(network.state_dict() | state.best)  # of a training of the head, the best has nothing else
    return network.eval()


def _prepare(
    learner: Learner, run: str, should_stop: ShouldStop, kept: Kept | None
) -> Generator[Event, None, Checkpoint]:
    """Find what the settings leave open: batch size, threads, learning rate; return the state before the first epoch.

    For "head_then_all" the head is fitted before that, and is the first epoch.
    """
    config = learner.config
    state = Checkpoint(run, 0, 0.0, (), learner.state(), learner.target_scale, devices=learner.processes)
    if learner.only_head:
        return state
    size = config.batch_size or learner.batch_size()
    yield BatchSizeChosen(size, automatic=config.batch_size is None)
    if config.threads is None:
        state = replace(state, threads=quickest_threads(learner, size))
        torch.set_num_threads(state.threads)
    if config.method == "head_then_all":
        done, head, strength = yield from _best_head(learner, should_stop, kept)
        learner.begin_with(head)
        state = replace(_add(state, done, learner), strength=strength)
    rate = config.learning_rate
    curve: tuple[tuple[float, float], ...] = ()
    if rate is None:
        random = np.random.default_rng([config.seed, 0])
        batches = (rows for _ in iter(int, 1) for rows in learner.batches(size, random))  # round after round

        def step() -> float:
            _check(should_stop)
            return learner.step(next(batches), random)

        suited = OPTIMIZERS[config.optimizer]
        curve = yield from lr_finder.sweep(learner, step, suited.highest)
        rate = lr_finder.choose(curve, suited.default, suited.range)
    yield LrFound(rate, curve)
    return replace(state, batch_size=size, learning_rate=rate, curve=curve, learner=learner.state())


def _epoch(learner: Learner, state: Checkpoint, should_stop: ShouldStop) -> Generator[Event, None, EpochDone]:
    """Make one pass over the training records and validate."""
    config, start = learner.config, time.perf_counter()
    epoch = len(state.history) + 1
    of_head = 1 if config.method == "head_then_all" else 0  # epochs in which the head alone was fitted
    random = np.random.default_rng([config.seed, epoch])
    torch.manual_seed(int(random.integers(2**63)))  # for dropout

    batches = learner.batches(state.batch_size, random)
    total, rate = 0.0, 0.0
    for i, rows in enumerate(batches):
        _check(should_stop)
        step = (epoch - 1 - of_head) * len(batches) + i
        rate = rate_at(config, state.learning_rate, step, len(batches), config.max_epochs - of_head)
        set_rate(learner.optimizer, rate)
        total += learner.step(rows, random) * len(rows)
        yield BatchProgress("train", epoch, (i + 1) / len(batches))

    logits = []
    n_validation = len(learner.data.split.validation)
    for part in learner.validation_logits():
        _check(should_stop)
        logits.append(part)
        yield BatchProgress("validate", epoch, sum(map(len, logits)) / n_validation)
    loss, seconds = total / len(learner.data.split.train), time.perf_counter() - start
    return judge(learner, logits, state.history, train_loss=loss, rate=rate, seconds=seconds)


def _head_fits(
    learner: Learner, done: int, should_stop: ShouldStop, embedding: Embedding | None = None
) -> Generator[Event, None, Fits]:
    """Let the body answer once for every record; return what then fits the head, strength after strength."""
    if embedding is None:
        parts = head_fit.embed_parts(learner.network, learner.data, learner.window)
        embedded = yield from _stoppable(parts, should_stop)
    else:
        embedded = head_fit.parts_of(embedding, learner.data)
    y = learner.y[learner.data.split.train]
    return head_fit.fit(learner.network.head, embedded, y, learner.loss, learner.spec.task, learner.config, done=done)


def _head_epoch(
    learner: Learner, earlier: tuple[EpochDone, ...], fits: Fits, should_stop: ShouldStop
) -> Generator[Event, None, EpochDone]:
    """Fit the head with the next strength."""
    while True:
        _check(should_stop)
        fitted = next(fits)
        if isinstance(fitted, head_fit.Fitted):
            break
        yield fitted
    logits = [fitted.logits.to(learner.device)]
    loss, seconds = fitted.train_loss, fitted.seconds
    return judge(learner, logits, earlier, train_loss=loss, rate=0.0, seconds=seconds, of_head=True)


def _best_head(
    learner: Learner, should_stop: ShouldStop, kept: Kept | None
) -> Generator[Event, None, tuple[EpochDone, dict[str, torch.Tensor], int]]:
    """Fit the head with every strength; return the best one's epoch, which is called the first, weights and place."""
    start = time.perf_counter()
    fits = yield from _head_fits(learner, 0, should_stop)
    history: tuple[EpochDone, ...] = ()
    best: dict[str, torch.Tensor] = {}
    for _ in head_fit.strengths(learner.config)[: kept.strength if kept else None]:
        done = yield from _head_epoch(learner, history, fits, should_stop)
        history = (*history, done)
        if done.best:
            best = _copy(learner.network.head.state_dict())
    done = max((one for one in history if one.best), key=lambda one: one.epoch)
    return replace(done, epoch=1, seconds=time.perf_counter() - start), best, done.epoch


def _add(state: Checkpoint, done: EpochDone, learner: Learner) -> Checkpoint:
    """Return the state after one more epoch."""
    best = _copy(learner.weights_to_keep()) if done.best else state.best
    return replace(state, learner=learner.state(), best=best, history=(*state.history, done))


def _copy(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in weights.items()}


def _end(state: Checkpoint, learner: Learner, kept: Kept | None) -> End | None:
    """Say whether, and why, training is over after the epochs done so far."""
    config, epochs = learner.config, len(state.history)
    if kept is not None:
        return "all_epochs" if epochs >= kept.epoch else None
    if epochs >= (len(head_fit.strengths(config)) if learner.only_head else config.max_epochs):
        return "all_epochs"
    if learner.only_head:  # the whole path of strengths is quick
        return None
    return "no_improvement" if epochs - state.best_epoch >= config.patience else None


def _stoppable(events: Generator[BatchProgress, None, T], should_stop: ShouldStop) -> Generator[Event, None, T]:
    """Pass the events on, and what they return, asking before each one whether to stop."""
    while True:
        _check(should_stop)
        try:
            event = next(events)
        except StopIteration as end:
            result: T = end.value
            return result
        yield event


def _check(should_stop: ShouldStop) -> None:
    if should_stop():
        raise _Cancelled
