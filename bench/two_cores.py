"""How much quicker one training is with the second core: one thread, two threads, two processes.

    python bench/two_cores.py [--seconds 6] [--only xresnet1d18] [--sizes 16 64 128]

Steps of `backend.ml.training` on windows of 2.5 s of simulated signals, augmentation and optimiser included, and the
answers of 40 whole recordings as in a validation; in turns, so that whatever else the machine does meets all alike. The
median of the turns counts. Batches of 16 are those of 320 records, of 64 and 128 those of 2,000. "CPU" is the processor
time of the process that leads, and of the helper: where others run beside, wall time says little, and the larger of the
two is what a step would take on idle cores. A factor is that of wall time against one thread, in brackets that of
processor time. At the end epochs are counted: steps of an epoch and its validation by an eighth as many records. About
five minutes on two idle cores.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

import numpy as np
import torch

from backend.ecg.preprocess import PRESETS
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec
from backend.ml.training import hardware
from backend.ml.training.config import TrainingConfig
from backend.ml.training.learner import Learner
from backend.ml.training.parallel import learner_for

NETWORKS = ("xresnet1d18", "xception_time", "inception_time")
RECORDS = {16: 320}
MANY, N_VALIDATION = 2000, 40
WAYS = {"one thread": (1, 1), "two threads": (1, 2), "two processes": (2, 1)}  # processes, threads of each


@dataclass
class Times:
    """Seconds of steps and validations, one a turn: wall, and processor time of the longest busy process."""

    step: list[float] = field(default_factory=list)
    step_cpu: list[tuple[float, float]] = field(default_factory=list)  # of the leader and of its helper
    validation: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Return what a step would take on idle cores."""
        return median(map(max, self.step_cpu))


def data_of(n: int) -> TrainingData:
    random = np.random.default_rng(0)
    time_s = np.arange(1000, dtype=np.float32) / 100
    y = np.eye(5, dtype=np.float32)[random.integers(0, 5, n)]
    x = np.sin(2 * np.pi * (1 + y.argmax(1)[:, None, None]) * time_s + random.uniform(0, 6, (n, 12, 1)))
    x = (x + random.normal(0, 0.3, x.shape)).astype(np.float32)
    rows = np.arange(n)
    return TrainingData(x, y, Split(rows, rows[:N_VALIDATION], rows[:N_VALIDATION]))


def processor_s(pid: int) -> float:
    """Return the processor time of a process and its threads so far."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def measure(learner: Learner, size: int, seconds: float, times: Times) -> None:
    """Add a turn: steps for about so many seconds, and one validation."""
    random = np.random.default_rng(0)
    batches = learner.batches(size, random)
    members = [member.process.pid for member in getattr(learner, "members", ())]
    learner.step(batches[0], random)  # memory is asked for, kernels are chosen
    own, theirs, start, n = time.process_time(), sum(map(processor_s, members)), time.perf_counter(), 0
    while n < 2 or time.perf_counter() - start < seconds:
        learner.step(batches[n % len(batches)], random)
        n += 1
    times.step.append((time.perf_counter() - start) / n)
    times.step_cpu.append(((time.process_time() - own) / n, (sum(map(processor_s, members)) - theirs) / n))
    start = time.perf_counter()
    list(learner.validation_logits())
    times.validation.append(time.perf_counter() - start)


def bench(name: str, size: int, data: TrainingData, seconds: float, turns: int) -> dict[str, object]:
    spec = ModelSpec(
        architecture=name, labels=tuple("abcde"), task="single_label", preprocessing=PRESETS["clinical"], window_s=2.5
    )
    found = {way: Times() for way in WAYS}
    with learner_for(data, spec, TrainingConfig(devices=2)) as both:
        alone = Learner(data, spec, TrainingConfig(devices=1))
        for _ in range(turns):
            for way, (processes, threads) in WAYS.items():
                torch.set_num_threads(threads)
                measure(both if processes == 2 else alone, size, seconds / turns, found[way])
    n, base = len(data.split.train), found["one thread"]
    line: dict[str, object] = {"name": name, "batch": size, "records": n}
    print(f"\n{name}, batches of {size} of {n} records")
    for way, times in found.items():
        epoch = _epoch(times, n, size)
        leader, helper = (1000 * median(each) for each in zip(*times.step_cpu, strict=True))
        print(
            f"  {way:14} {1000 * median(times.step):7.1f} ms a step (CPU {leader:6.1f} + {helper:6.1f}), "
            f"{epoch:6.2f} s an epoch: {median(base.step) / median(times.step):4.2f} x as quick a step "
            f"({base.cpu / times.cpu:4.2f}), {_epoch(base, n, size) / epoch:4.2f} x an epoch",
            flush=True,
        )
        line[way] = {"step": median(times.step), "cpu": [leader, helper], "epoch": epoch}
    return line


def _epoch(times: Times, n: int, size: int) -> float:
    return median(times.step) * -(-n // size) + median(times.validation) * n / 8 / N_VALIDATION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="of steps, for each network, batch size and way")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", choices=NETWORKS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[16, 64, 128])
    chosen = parser.parse_args()
    print(f"Load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    lines = []
    with hardware.memory_kept():
        for size in chosen.sizes:
            data = data_of(RECORDS.get(size, MANY))
            names = NETWORKS if chosen.only is None else (chosen.only,)
            lines += [bench(name, size, data, chosen.seconds, chosen.turns) for name in names]
    print(json.dumps({"bench": "two_cores", "lines": lines}))


if __name__ == "__main__":
    main()
