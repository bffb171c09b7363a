"""Seconds an epoch of training InceptionTime on 400 ECGs of 12 x 1000 samples, beside a plain loop.

The plain loop is the textbook one: the same network of one-dimensional convolutions, whole records, AdamW, the same
batch size and threads, no augmentation, no validation. Ours is what `backend.ml.train` does by default, its
augmentation and its validation on 40 more records included; and the same on whole records, for like with like.
OMP_WAIT_POLICY is as in a worker; without it the threads disturb each other where other processes want the cores.

    OMP_WAIT_POLICY=PASSIVE python bench/train_epoch.py [--records 400] [--epochs 3] [--threads 2]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from backend.ecg.preprocess import PRESETS
from backend.ml.config import Augmentation, TrainingConfig
from backend.ml.data import TrainingData
from backend.ml.events import EpochDone
from backend.ml.spec import ModelSpec
from backend.ml.split import Split
from backend.ml.train import train

BATCH = 16
LABELS = tuple("ABCDE")


class PlainModule(nn.Module):
    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(n_in, 32, 1, bias=False)
        self.convolutions = nn.ModuleList(nn.Conv1d(32, 32, k, padding=k // 2, bias=False) for k in (39, 19, 9))
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, 1), nn.Conv1d(n_in, 32, 1, bias=False))
        self.norm = nn.BatchNorm1d(128)

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.bottleneck(x)
        return torch.relu(self.norm(torch.cat([*(c(narrow) for c in self.convolutions), self.pooled(x)], 1)))


class PlainInceptionTime(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inceptions = nn.ModuleList(PlainModule(12 if i == 0 else 128) for i in range(6))
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv1d(12, 128, 1, bias=False) if i == 0 else nn.Identity(), nn.BatchNorm1d(128))
            for i in range(2)
        )
        self.head = nn.Linear(128, len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        skipped = x
        for i, inception in enumerate(self.inceptions):
            x = inception(x)
            if i % 3 == 2:
                x = skipped = torch.relu(x + self.shortcuts[i // 3](skipped))
        return self.head(x.mean(dim=2))


def plain(x: np.ndarray, y: np.ndarray, epochs: int) -> list[float]:
    model = PlainInceptionTime()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), BATCH, shuffle=True
    )
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        for signals, labels in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(signals), labels).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
    return seconds


def ours(x: np.ndarray, y: np.ndarray, n_train: int, epochs: int, augmentation: Augmentation) -> list[float]:
    spec = ModelSpec(
        architecture="inception_time", labels=LABELS, task="single_label", preprocessing=PRESETS["exchangeai"]
    )
    rows = np.arange(len(x))
    data = TrainingData(x, y, Split(rows[:n_train], rows[n_train:], rows[n_train:]))
    config = TrainingConfig(max_epochs=epochs, batch_size=BATCH, learning_rate=1e-3, augmentation=augmentation)
    with tempfile.TemporaryDirectory() as folder:
        events = list(train(data, spec, config, Path(folder) / "run.pt"))
    return [event.seconds for event in events if isinstance(event, EpochDone)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    n = arguments.records
    random = np.random.default_rng(0)
    x = random.standard_normal((n + n // 10, 12, 1000)).astype(np.float32)
    classes = np.arange(len(x)) % len(LABELS)
    y = np.eye(len(LABELS), dtype=np.float32)[classes]
    measured = {
        "plain": plain(x[:n], classes[:n], arguments.epochs),
        "ours, whole records": ours(x, y, n, arguments.epochs, Augmentation(crop_seconds=None)),
        "ours, 2.5-s windows (default)": ours(x, y, n, arguments.epochs, Augmentation()),
    }
    best = {name: min(seconds) for name, seconds in measured.items()}
    for name, seconds in best.items():
        print(f"{name:32s} {seconds:7.2f} s/epoch   {seconds / best['plain']:.2f} of plain")
    print(json.dumps({"bench": "train_epoch", "records": n, "threads": arguments.threads, "seconds": best}))


if __name__ == "__main__":
    main()
