"""Do explanations find what a network has learned, and stay silent about one that has learned nothing?

`python -m bench.explanations --tasks 100`: in each task a bump is planted in one lead and one wave of half of some
simulated ECGs, a small network learns to tell them, and a map of an ECG that it has not seen is asked for the place.
The same for a network of the same kind as it was drawn. Prints a table for docs/explanations.md.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from backend.ecg.delineate import delineate
from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ecg.synthesize import simulate
from backend.ml.architectures.network import Network
from backend.ml.explanations.gradients import gradients
from backend.ml.explanations.maps import Map, Question, occlusion
from backend.ml.explanations.waves import SEGMENTS, Codes, lay, runs, wave_codes
from backend.ml.export import exported
from backend.ml.inference.predictor import Predictor
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec

RATE = 100.0
PLAIN = Preprocessing(rate=RATE, clip=None, baseline_ms=None)
SPEC = ModelSpec(architecture="external", labels=("planted",), task="multi_label", preprocessing=PLAIN)
CLASSES = ("NORM", "CLBBB", "CRBBB", "IMI")  # those with P waves
N_ECGS, N_EPOCHS, BATCH = 480, 16, 16
HEIGHT = {"P": (0.5, 0.7), "QRS": (1.0, 1.4), "ST": (0.5, 0.7), "T": (0.6, 0.8)}  # mV
OWN = {"P": 0.06, "QRS": 0.2, "ST": 0.08, "T": 0.1}
"""SD in mV of bumps that every wave of every lead has: without them the leads would tell each other's content, and a
network might look for the disagreement of two leads instead of the bump in one."""


class Small(Network):
    """Three convolutions and the mean over time."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(12, 16, 9, 2, 4), nn.ReLU(), nn.Conv1d(16, 32, 9, 2, 4), nn.ReLU(), nn.Conv1d(32, 32, 9, 2, 4),
            nn.ReLU(),
        )  # fmt: skip
        self.head = nn.Linear(64, 1)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        y = self.body(x)
        return torch.cat([y.mean(-1), y.amax(-1)], 1)


@dataclass(frozen=True, slots=True)
class Ecg:
    signal: NDArray[np.float32]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Found:
    """What a map says of a task: the right place, and whether it passes its control."""

    lead: bool
    wave: bool
    evidence: bool
    stands_out: float
    strongest: float


def ecgs(n: int) -> list[Ecg]:
    made = []
    for number in range(n):
        signal = simulate(CLASSES[number % len(CLASSES)], 5000 + number, RATE).recording.signal
        made.append(Ecg(signal, wave_codes(delineate(signal, RATE), signal.shape[-1])))
    return made


def planted(ecg: Ecg, lead: int | None, wave: int, random: Generator) -> NDArray[np.float32]:
    """Return the ECG with small bumps in every wave of every lead, and a large one in such waves of `lead`, if any."""
    height = np.zeros((len(LEADS), len(SEGMENTS)))
    for code, name in enumerate(SEGMENTS):
        height[:, code] = random.normal(0, OWN.get(name, 0.0), len(LEADS))
    if lead is not None:
        height[lead, wave] += random.uniform(*HEIGHT[SEGMENTS[wave]]) * (1 if lead % 2 else -1)
    signal = ecg.signal.copy()
    for begin, end, code in runs(ecg.codes):
        signal[:, begin:end] += height[:, code, np.newaxis] * np.hanning(end - begin + 2)[1:-1]
    return signal


def trained(pool: list[Ecg], lead: int, wave: int, seed: int) -> tuple[Small, float]:
    """Train a network to tell planted ECGs; return it and its accuracy on a quarter that it has not seen."""
    random = default_rng(seed)
    torch.manual_seed(seed)
    y = np.arange(len(pool)) % 2
    random.shuffle(y)
    x = np.stack([planted(ecg, lead if one else None, wave, random) for ecg, one in zip(pool, y, strict=True)])
    data, truth = torch.from_numpy(x), torch.from_numpy(y.astype(np.float32))
    n = len(pool) * 3 // 4
    network = Small()
    steps = N_EPOCHS * (n // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(N_EPOCHS):
        for rows in torch.randperm(n)[: n // BATCH * BATCH].split(BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(network(data[rows])[:, 0], truth[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.inference_mode():
        right = (network.eval()(data[n:])[:, 0] > 0) == (truth[n:] > 0.5)
    return network, float(right.float().mean())


class Exporter:
    """Writes networks of one kind: the graph once, their weights each time."""

    def __init__(self) -> None:
        self.proto = exported(Small().eval(), SPEC, optimize=False)
        onnx.helper.set_model_props(self.proto, to_metadata(SPEC))

    def __call__(self, network: Small) -> bytes:
        weights = network.state_dict()
        for tensor in self.proto.graph.initializer:
            name = tensor.name
            if name in weights:
                tensor.CopyFrom(numpy_helper.from_array(weights[name].numpy(), name))
        return bytes(self.proto.SerializeToString())


def explained(network: Small, content: bytes, signal: NDArray[np.float32]) -> Iterator[tuple[str, Map, list[str]]]:
    laid = lay(signal, RATE, PLAIN)
    question = Question(laid, 0)
    waves = [SEGMENTS[code] for code in laid.present]
    for one in occlusion(Predictor.from_bytes(content), content, question):
        yield one.method, one, waves
    yield "gradients", gradients(network, SPEC, question), waves


def judged(one: Map, waves: list[str], lead: int, wave: int) -> Found:
    at_lead, at_wave = one.place
    right = at_wave is None or waves[at_wave] == SEGMENTS[wave]
    said = one.control
    return Found(at_lead == lead, right, said.evidence, said.stands_out, said.strongest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="Number of the first task, to run them in parts.")
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    begun = time.monotonic()
    pool, export = ecgs(N_ECGS + 1), Exporter()
    fresh, pool = pool[0], pool[1:]
    counts: dict[str, Counter[str]] = {}
    accuracy = []
    for task in range(asked.first, asked.first + asked.tasks):
        random = default_rng([task, 7])
        lead, wave = int(random.integers(len(LEADS))), int(random.integers(4))
        network, right = trained(pool, lead, wave, task)
        accuracy.append(right)
        signal = planted(fresh, lead, wave, random)
        for method, one, waves in explained(network, export(network), signal):
            found = judged(one, waves, lead, wave)
            to = counts.setdefault(method, Counter())
            to["lead"] += found.lead
            to["place"] += found.lead and found.wave
            to["found"] += found.lead and found.wave and found.evidence
            if asked.verbose:
                print(task, LEADS[lead], SEGMENTS[wave], f"{right:.2f}", method, found)
        torch.manual_seed(10_000 + task)
        drawn = Small().eval()
        for method, one, waves in explained(drawn, export(drawn), signal):
            found = judged(one, waves, lead, wave)
            counts[method]["random"] += found.evidence
            counts[method]["top"] += found.stands_out > found.strongest
            if asked.verbose:
                print(task, "random", method, found)
    n = asked.tasks
    print(
        f"{n} tasks, accuracy {np.mean(accuracy):.3f} (least {min(accuracy):.2f}), {time.monotonic() - begun:.0f} s\n"
    )
    print("| map | right lead | right lead and wave | and passes its control | random weights pass |")
    print("|---|---|---|---|---|")
    for method, to in counts.items():
        print(f"| {method} | {to['lead']} | {to['place']} | {to['found']} | {to['random']} (most: {to['top']}) |")


if __name__ == "__main__":
    main()
