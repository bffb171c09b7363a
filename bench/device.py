"""Training steps on the device there is: recordings a second, and the share of the time in which it computes.

    python bench/device.py [--steps 30] [--architectures inception_time xresnet1d18] [--batch 128]

The steps are those of a training (`backend.ml.training.learner.Learner`: windows of 2.5 s cut and altered by numpy,
gradient, clipping, AdamW), on a GPU where there is one, else on the CPU, in float32 and in bfloat16, on made-up
recordings. Beside them the same batch is learned from over and over, without being made anew: what the device alone
could do. Busy is the share of the steps in which a kernel runs on the GPU (on a CPU: an operator of torch), from
torch's profiler.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from backend.ecg.preprocess import PRESETS
from backend.ml.architectures import RECOMMENDED, architecture
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.ml.training.learner import Learner
from backend.ml.training.optimizers import set_rate

N, LABELS = 512, ("a", "b", "c", "d", "e")


def learner_of(name: str, precision: str) -> Learner:
    """Return a network of the register with made-up recordings, 12 x 1000 samples."""
    random = np.random.default_rng(0)
    x = random.standard_normal((N, 12, 1000), np.float32)
    y = np.eye(len(LABELS), dtype=np.float32)[np.arange(N) % len(LABELS)]
    rows = np.arange(N)
    entry = architecture(name)
    spec = ModelSpec(
        architecture=name, labels=LABELS, task="single_label", preprocessing=PRESETS["clinical"], config=entry.defaults,
        window_s=2.5,
    )  # fmt: skip
    config = TrainingConfig.from_json({"precision": precision, "learning_rate": 1e-4})
    return Learner(TrainingData(x, y, Split(rows, rows[:5], rows[:5])), spec, config)


def seconds(learner: Learner, step: Callable[[], object], steps: int) -> float:
    """Return the seconds of a step."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    if learner.device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / steps


def busy(learner: Learner, step: Callable[[], object], steps: int) -> float:
    """Return the share of the time of the steps in which the device computes."""
    gpu = learner.device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if gpu else [])]) as seen:
        whole = seconds(learner, step, steps) * steps
    kinds = torch.autograd.DeviceType  # type: ignore[attr-defined]  # not among what it exports in words
    kind = kinds.CUDA if gpu else kinds.CPU
    return covered((e.time_range.start, e.time_range.end) for e in seen.events() if e.device_type == kind) / 1e6 / whole


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of spans."""
    total, reached = 0.0, -float("inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def measure(name: str, precision: str, batch: int, steps: int) -> dict[str, object]:
    learner = learner_of(name, precision)
    set_rate(learner.optimizer, 1e-4)
    learner.network.train()
    random = np.random.default_rng(0)
    rows = np.arange(batch)
    same = learner.batch(rows, random)

    def whole() -> None:
        learner.step(rows, random)

    def device_alone() -> None:
        learner.optimizer.zero_grad()
        learner.backward(same)
        learner.update()

    for step in (whole, device_alone):
        seconds(learner, step, 3)
    took, alone, share = seconds(learner, whole, steps), seconds(learner, device_alone, steps), busy(learner, whole, 5)
    memory = torch.cuda.max_memory_allocated() / 2**20 if learner.device.type == "cuda" else None
    print(
        f"{name:15} {precision:8} batch {batch}: {batch / took:8.0f} recordings/s ({1000 * took:.1f} ms a step); one "
        f"batch over and over {batch / alone:8.0f}/s; {learner.device_name} busy {share:.0%}"
        + ("" if memory is None else f", {memory:.0f} MiB"),
        flush=True,
    )
    return {
        "name": name, "precision": precision, "batch": batch, "step": took, "alone": alone, "busy": share,
        "device": learner.device_name,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--architectures", nargs="+", default=[RECOMMENDED, "xresnet1d18"])
    given = parser.parse_args()
    lines = [
        measure(name, precision, given.batch, given.steps)
        for name in given.architectures
        for precision in ("float32", "bfloat16")
    ]
    print(json.dumps({"bench": "device", "lines": lines}))


if __name__ == "__main__":
    main()
