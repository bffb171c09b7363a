"""Pre-training as a generator of events: no callbacks, no database, stopped and resumed at any time.

Everything random in a step (order, disturbances, dropout, noise of the router) is drawn from the seed and the number of
the step. A pre-training for a number of passes that was killed and resumed meets the same numbers as one that was not;
one for a number of minutes goes on with the minutes that were left at its last checkpoint.
"""

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.mixture import Routing
from backend.ml.architectures.network import Network
from backend.ml.errors import TrainingImpossibleError
from backend.ml.pretraining import state as states
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData, median_beats
from backend.ml.pretraining.disturb import disturbed, gaps
from backend.ml.pretraining.events import Aligning, Begun, Ended, Event, Measured, Step
from backend.ml.pretraining.objective import Batch, Objectives
from backend.ml.pretraining.router_loss import noise_at, router_loss
from backend.ml.pretraining.state import State
from backend.ml.training.hardware import threads

ShouldStop: TypeAlias = Callable[[], bool]
Rows: TypeAlias = NDArray[np.intp]

_MEASURED_AT_ONCE = 128
_MOST_HELD_OUT = 512
_FORGETTING = 0.98  # of the losses that are told, a step


@dataclass
class _Learner:
    """Network, objectives and optimiser on their device."""

    network: Network
    objectives: Objectives
    optimizer: torch.optim.Optimizer
    device: torch.device

    def parts(self) -> dict[str, Any]:
        """Return the state of all three."""
        return {
            "network": self.network.state_dict(),
            "objectives": self.objectives.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def restore(self, state: State) -> None:
        """Put back what `parts` gave."""
        self.network.load_state_dict(state.network)
        self.objectives.load_state_dict(state.objectives)
        self.optimizer.load_state_dict(state.optimizer)


def pretrain(
    network: Network,
    data: PretrainingData,
    config: PretrainingConfig,
    checkpoint: Path,
    *,
    should_stop: ShouldStop = lambda: False,
) -> Generator[Event]:
    """Pre-train `network` in place, yielding events; the last is Ended.

    A checkpoint is written to the file `checkpoint` every `config.checkpoint_minutes`, at the end and where
    `should_stop` says so, which is asked before every step. Called again with the same file, data and settings,
    pre-training goes on from there. Of the network everything but its head is trained.
    Raises TrainingImpossibleError where an objective has nothing to learn from or the training diverges,
    CheckpointError for a checkpoint that is damaged or of another pre-training.
    """
    with threads(config.threads):
        data = yield from _with_beats(data, config)
        learn, held_out = _parts(len(data.x), config)
        learner = _learner(network, data, config)
        run = states.fingerprint(data, config, network)
        state = states.load(checkpoint, run)
        if state is None:
            state = State(run, 0, 0.0)
        else:
            learner.restore(state)
        parameters = sum(parameter.numel() for parameter in network.parameters())
        yield Begun(str(learner.device), parameters, len(learn), len(held_out), state.steps * config.batch_size)
        yield from _steps(learner, data, config, checkpoint, (learn, held_out), state, should_stop)


def _steps(
    learner: _Learner,
    data: PretrainingData,
    config: PretrainingConfig,
    checkpoint: Path,
    parts: tuple[Rows, Rows],
    state: State,
    should_stop: ShouldStop,
) -> Generator[Event]:
    """Learn step after step until time or passes are used up."""
    learn, held_out = parts
    saved = started = time.monotonic()
    done, losses, reason = state.steps, dict(state.losses), "done"
    while (share := _share(config, done, state.seconds + time.monotonic() - started)) < 1:
        if should_stop():
            reason = "cancelled"
            break
        for group in learner.optimizer.param_groups:
            group["lr"] = config.rate_at(share)
        found = _step(learner, data, config, _rows(learn, done, config), done, share)
        if not all(math.isfinite(loss) for loss in found.values()):
            raise TrainingImpossibleError("The pre-training diverged. Choose a smaller learning rate.")
        for name, loss in found.items():
            losses[name] = _FORGETTING * losses.get(name, loss) + (1 - _FORGETTING) * loss
        done += 1
        yield Step(done, done * config.batch_size, min(1.0, share), dict(losses))
        if time.monotonic() - saved > 60 * config.checkpoint_minutes:
            saved = time.monotonic()
            yield _saved(learner, data, config, checkpoint, held_out, state, done, losses, saved - started)
    yield _saved(learner, data, config, checkpoint, held_out, state, done, losses, time.monotonic() - started)
    yield Ended("cancelled" if reason == "cancelled" else "done", done, done * config.batch_size)


def _share(config: PretrainingConfig, steps: int, seconds: float) -> float:
    """Return what share of the pre-training is over."""
    if config.passes is not None:
        return steps * config.batch_size / config.passes
    return seconds / (60 * (config.minutes or 0))


def _step(
    learner: _Learner, data: PretrainingData, config: PretrainingConfig, rows: Rows, number: int, share: float
) -> dict[str, float]:
    """Learn from the records of one batch; return the losses."""
    torch.manual_seed(int(np.random.default_rng([config.seed, 2, number]).integers(2**63)))
    network = learner.network.train()
    if isinstance(network, CardX):
        network.noise = noise_at(config, share)
    clean, batch = _batch(data, rows, learner.device, config)
    view = disturbed(clean, data.rate)
    if batch.gaps is not None:
        view = view.masked_fill(batch.gaps, 0.0)
    with torch.autocast("cuda", torch.bfloat16, enabled=learner.device.type == "cuda"):
        h, routing = _embedded(network, view)
        if config.objectives.get("contrastive"):
            batch = batch._replace(twin=_embedded(network, disturbed(clean, data.rate))[0].float())
    losses = learner.objectives.losses(h.float(), batch)
    total = learner.objectives.total(losses)
    if routing is not None and isinstance(network, CardX):
        losses["router"] = router_loss(routing, network.always, config)
        total = total + losses["router"]
    learner.optimizer.zero_grad()
    total.backward()  # type: ignore[no-untyped-call]
    parameters = [*network.parameters(), *learner.objectives.parameters()]
    norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None], foreach=True)
    if norm > config.largest_gradient:
        nn.utils.clip_grads_with_norm_(parameters, config.largest_gradient, norm, foreach=True)
    learner.optimizer.step()
    return {name: float(loss.detach()) for name, loss in losses.items()}


def _embedded(network: Network, x: Tensor) -> tuple[Tensor, Routing | None]:
    return network.routed(x) if isinstance(network, CardX) else (network.features(x), None)


def _batch(data: PretrainingData, rows: Rows, device: torch.device, config: PretrainingConfig) -> tuple[Tensor, Batch]:
    """Return the undisturbed records and all that is known of them."""

    def part(array: NDArray[np.floating] | None) -> Tensor | None:
        return None if array is None else torch.from_numpy(np.asarray(array[rows], np.float32)).to(device)

    clean = part(data.x)
    assert clean is not None  # x is never None
    masked = gaps(clean, data.rate) if config.objectives.get("masked") else None
    return clean, Batch(clean, part(data.beats), part(data.rr), part(data.y), part(data.values), masked, None)


def _saved(
    learner: _Learner,
    data: PretrainingData,
    config: PretrainingConfig,
    checkpoint: Path,
    held_out: Rows,
    state: State,
    done: int,
    losses: dict[str, float],
    seconds: float,
) -> Measured:
    """Write the checkpoint and measure what was held out."""
    now = replace(state, steps=done, seconds=state.seconds + seconds, losses=losses, **learner.parts())
    states.save(now, checkpoint)
    error, used = _measured(learner, data, config, held_out)
    return Measured(done, done * config.batch_size, now.seconds, config.rate_at(_share(config, done, now.seconds)),
                    dict(losses), error, used)  # fmt: skip


@torch.inference_mode()
def _measured(
    learner: _Learner, data: PretrainingData, config: PretrainingConfig, rows: Rows
) -> tuple[dict[str, float], tuple[float, ...]]:
    """Return the losses on undisturbed records that nothing is learned from, and the share of each expert."""
    learner.network.eval()
    total: dict[str, float] = {}
    used: list[Tensor] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        for start in range(0, len(rows), _MEASURED_AT_ONCE):
            part = rows[start : start + _MEASURED_AT_ONCE]
            clean, batch = _batch(data, part, learner.device, config)
            h, routing = _embedded(learner.network, clean if batch.gaps is None else clean.masked_fill(batch.gaps, 0.0))
            for name, loss in learner.objectives.losses(h, batch).items():
                total[name] = total.get(name, 0.0) + float(loss) * len(part) / len(rows)
            if routing is not None:
                used.append(routing.chosen.float())
    share = torch.cat(used).mean(dim=0).tolist() if used else []
    return total, tuple(share)


def _rows(learn: Rows, step: int, config: PretrainingConfig) -> Rows:
    """Return the records of a step: the learning records in an order of their own in every round."""
    per_round = max(1, len(learn) // config.batch_size)
    order = np.random.default_rng([config.seed, 1, step // per_round]).permutation(learn)
    at = step % per_round * config.batch_size
    return order[at : at + config.batch_size]


def _parts(n: int, config: PretrainingConfig) -> tuple[Rows, Rows]:
    """Return the records to learn from and those held out."""
    order = np.random.default_rng([config.seed, 0]).permutation(n)
    held_out = min(_MOST_HELD_OUT, round(config.held_out * n))
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _with_beats(data: PretrainingData, config: PretrainingConfig) -> Generator[Event, None, PretrainingData]:
    """Return the data with aligned beats and RR intervals, where an objective asks for them."""
    asked = config.objectives.get("rlign") or config.objectives.get("rr")
    if not asked or (data.beats is not None and data.rr is not None):
        return data
    beats: list[NDArray[np.float32]] = []
    rr: list[NDArray[np.float32]] = []
    for part in median_beats(data.x, data.rate):
        beats.append(part[0])
        rr.append(part[1])
        yield Aligning(sum(map(len, rr)) / len(data.x))
    return replace(data, beats=np.concatenate(beats), rr=np.concatenate(rr))


def _learner(network: Network, data: PretrainingData, config: PretrainingConfig) -> _Learner:
    """Return what learns, on its device; the decoders are drawn from the seed."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        objectives = Objectives(network.head.in_features, data, config)
    if objectives.beats is not None and data.beats is not None:
        known = data.beats[np.isfinite(data.beats).all(axis=(1, 2))]
        if len(known) < config.batch_size:
            raise TrainingImpossibleError(f"The beats of {len(known)} ECGs alone could be aligned. Give more ECGs.")
        objectives.beats.fit(known)
    if objectives.intervals is not None and data.rr is not None:
        objectives.intervals.fit(data.rr[np.isfinite(data.rr).all(axis=1)])
    for name, table in (("labels", data.y), ("values", data.values)):
        if config.objectives.get(name) and (table is None or not np.isfinite(table).any()):
            raise TrainingImpossibleError(f"No {name} are known of these ECGs. Leave the objective “{name}” out.")
    trained = [(name, p) for name, p in network.named_parameters() if not name.startswith("head.")]
    trained += list(objectives.named_parameters())
    groups = [
        {"params": [p for _, p in trained if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for _, p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    network.to(device)
    optimizer = torch.optim.AdamW(groups, config.learning_rate, fused=True)
    return _Learner(network, objectives.to(device), optimizer, device)
