"""The learning-rate range test (Smith 2017, arXiv:1506.01186): raise the rate each step and watch the loss."""

import copy
import math
from collections.abc import Callable, Generator

import numpy as np
import torch

from backend.ml.training.events import BatchProgress
from backend.ml.training.learner import Learner
from backend.ml.training.optimizers import OPTIMIZERS, set_rate

STEPS = 50
LOWEST, HIGHEST = 1e-5, OPTIMIZERS["adamw"].highest  # range of the sweep
CHOSEN = OPTIMIZERS["adamw"].range  # of what may be chosen
DEFAULT = OPTIMIZERS["adamw"].default
FIRST = 10  # steps, at rates too low to learn, that tell where the loss was
SMOOTHING = 0.85  # of the exponential moving average
DIVERGED = 4.0  # the sweep ends when the smoothed loss is this many times its minimum


def sweep(
    learner: Learner, step: Callable[[], float], highest: float = HIGHEST
) -> Generator[BatchProgress, None, tuple[tuple[float, float], ...]]:
    """Train for up to STEPS steps at exponentially rising rates and return [(rate, smoothed loss)].

    `step()` makes a training step and returns its loss. Yields an event after each step. Weights, running statistics,
    optimiser, their average and random numbers are afterwards as they were, also where the sweep is broken off.
    """
    before = copy.deepcopy(learner.state())
    curve: list[tuple[float, float]] = []
    average = 0.0
    with torch.random.fork_rng():
        torch.manual_seed(learner.config.seed)  # for dropout: the same run finds the same rate
        try:
            for i in range(STEPS):
                rate = LOWEST * (highest / LOWEST) ** (i / (STEPS - 1))
                set_rate(learner.optimizer, rate)
                loss = step()
                if not math.isfinite(loss):
                    break
                average = SMOOTHING * average + (1 - SMOOTHING) * loss
                curve.append((rate, average / (1 - SMOOTHING ** (i + 1))))
                yield BatchProgress("learning_rate", 0, (i + 1) / STEPS)
                if curve[-1][1] > DIVERGED * min(value for _, value in curve):
                    break
        finally:
            learner.restore(before)
    return tuple(curve)


def choose(
    curve: tuple[tuple[float, float], ...], default: float = DEFAULT, within: tuple[float, float] = CHOSEN
) -> float:
    """Return the rate at which the loss has fallen half-way from where it was to its minimum, `within` bounds.

    The usual choice, the steepest point, is a derivative of a noisy curve: on the same data it came out anywhere from
    1e-4 to 5e-2 with the seed, this one from 0.9e-3 to 1.8e-3. A curve that does not fall gives `default`.
    """
    losses = np.array([loss for _, loss in curve])
    lowest = int(losses.argmin()) if len(losses) else 0
    if lowest <= FIRST:
        return default
    middle = (losses[:FIRST].mean() + losses[lowest]) / 2
    above = np.flatnonzero(losses[:lowest] > middle)
    rate = curve[int(above[-1])][0] if len(above) else default
    return float(f"{min(max(rate, within[0]), within[1]):.2g}")
