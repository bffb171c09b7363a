"""How many threads make a training step quickest: for small networks one, since threads wait for each other."""

import copy
from time import perf_counter
from typing import Final

import numpy as np
import torch

from backend.ml.training.learner import Learner, gradient, rows_of

_TRIES: Final = 3
_WORTH_IT: Final = 0.95  # of the time with fewer threads; less of a gain is not worth what others could do meanwhile


def quickest_threads(learner: Learner, batch_size: int) -> int:
    """Return how many of torch's threads to use for steps of `batch_size` records, found by trying; 1 is always tried.

    Where processes share a step, each uses so many. A copy of the network takes the steps and nothing random is used
    up, so that the training does not change by it.
    """
    most = torch.get_num_threads()
    numbers = [*(n for n in (1, 2, 4, 8, 16, 32, 64) if n < most), most]
    if len(numbers) == 1 or learner.device.type != "cpu":
        return most
    network, random = copy.deepcopy(learner.network), np.random.default_rng(learner.config.seed)
    batch = learner.batch(learner.batches(batch_size, random)[0], random)
    precision = learner.precision(batch)
    batch = rows_of(batch, np.arange(max(2, len(batch[0]) // learner.processes)))
    seconds: dict[int, float] = {}
    try:
        with torch.random.fork_rng(devices=[]):
            for turn in range(1 + _TRIES):
                for n in numbers:
                    torch.set_num_threads(n)
                    start = perf_counter()
                    gradient(network.train(), learner.loss, precision, learner.device, batch)
                    if turn:  # the first time memory is asked for and kernels are chosen
                        seconds[n] = min(seconds.get(n, np.inf), perf_counter() - start)
    finally:
        torch.set_num_threads(most)
    best = numbers[0]
    for n in numbers[1:]:
        if seconds[n] < _WORTH_IT * seconds[best]:
            best = n
    return best
