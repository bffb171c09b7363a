"""The plain loop that `train.py` beats: one-dimensional convolutions as a textbook has them, batches of 4."""

import copy
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.ml.architectures.network import Network
from backend.ml.data.training_data import TrainingData
from backend.ml.evaluation.classification import macro_auroc

LR, GAMMA, BATCH = 1e-3, 0.9, 4

KERNELS = (39, 19, 9)


class Separable(nn.Module):
    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width, bias=False)
        self.pointwise = nn.Conv1d(width, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class Module(nn.Module):
    """An Inception or, with separable convolutions, an Xception module."""

    def __init__(self, n_in: int, filters: int, *, separable: bool) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(n_in, filters, 1, bias=False)
        self.convolutions = nn.ModuleList(
            Separable(filters, k) if separable else nn.Conv1d(filters, filters, k, padding=k // 2, bias=False)
            for k in KERNELS
        )
        self.pool = nn.MaxPool1d(3, 1, 1)
        self.pooled = nn.Conv1d(n_in, filters, 1, bias=False)
        if not separable:
            self.norm = nn.BatchNorm1d(4 * filters)
        self.separable = separable

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.bottleneck(x)
        joined = torch.cat([*(c(narrow) for c in self.convolutions), self.pooled(self.pool(x))], 1)
        return joined if self.separable else torch.relu(self.norm(joined))


class PlainInceptionTime(nn.Module):
    def __init__(self, n_labels: int) -> None:
        super().__init__()
        self.inceptions = nn.ModuleList(Module(128 if i else 12, 32, separable=False) for i in range(6))
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Identity() if i else nn.Conv1d(12, 128, 1, bias=False), nn.BatchNorm1d(128))
            for i in range(2)
        )
        self.head = nn.Linear(128, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        skipped = x
        for i, inception in enumerate(self.inceptions):
            x = inception(x)
            if i % 3 == 2:
                x = skipped = torch.relu(x + self.shortcuts[i // 3](skipped))
        return self.head(x.mean(dim=2))


class PlainXceptionTime(nn.Module):
    def __init__(self, n_labels: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        for n_in, filters in ((12, 16), (128, 64)):
            modules = (Module(n_in, filters, separable=True), Module(4 * filters, 2 * filters, separable=True))
            shortcut = nn.Sequential(nn.Conv1d(n_in, 8 * filters, 1, bias=False), nn.BatchNorm1d(8 * filters))
            self.blocks.append(nn.ModuleList([*modules, shortcut]))
        self.pool = nn.AdaptiveAvgPool1d(50)
        self.narrowing = nn.Sequential(
            *(nn.Sequential(nn.Conv1d(n, n // 2, 1, bias=False), nn.BatchNorm1d(n // 2), nn.ReLU()) for n in (512, 256))
        )
        self.head = nn.Linear(128, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        for first, second, shortcut in self.blocks:
            x = torch.relu(second(first(x)) + shortcut(x))
        return self.head(self.narrowing(self.pool(x)).mean(dim=2))


PLAIN = {"inception_time": PlainInceptionTime, "xception_time": PlainXceptionTime}


def plain_copy(name: str, ours: Network) -> nn.Module:
    """Return the plain network with the weights of ours; both must answer alike, or this is no comparison."""
    network = PLAIN[name](ours.head.out_features)
    own = network.state_dict()
    if [value.numel() for value in own.values()] != [value.numel() for value in ours.state_dict().values()]:
        raise ValueError(f"The plain {name} has other layers than ours.")
    pairs = zip(own.items(), ours.state_dict().values(), strict=True)
    network.load_state_dict({key: value.reshape(mine.shape) for (key, mine), value in pairs})
    x = torch.randn(2, 12, 1000)
    with torch.inference_mode():
        torch.testing.assert_close(network.eval()(x), ours.eval()(x), rtol=1e-4, atol=1e-5)
    return network


def answers(network: nn.Module, x: np.ndarray, batch: int) -> np.ndarray:
    with torch.inference_mode():
        return np.concatenate(
            [network(torch.from_numpy(x[i : i + batch])).softmax(1).numpy() for i in range(0, len(x), batch)]
        )


def plain_loop(network: nn.Module, data: TrainingData, epochs: int) -> tuple[list[float], list[float], nn.Module]:
    """Train as the plain loop does; return seconds, macro-AUROC of each epoch, and the network of the best one."""
    records = [(data.x[row], int(data.y[row].argmax())) for row in range(len(data.x))]
    counts = data.y[data.split.train].sum(axis=0)
    weights = torch.from_numpy((1 / counts / (1 / counts).sum()).astype(np.float32))
    optimizer = torch.optim.AdamW(network.parameters(), lr=LR)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, GAMMA)
    random = np.random.default_rng(0)
    seconds: list[float] = []
    aurocs: list[float] = []
    best = network
    for _ in range(epochs):
        start = time.perf_counter()
        network.train()
        order = random.permutation(data.split.train)
        for i in range(0, len(order), BATCH):
            batch = [records[row] for row in order[i : i + BATCH]]
            x = torch.from_numpy(np.asarray([signal for signal, _ in batch]))
            optimizer.zero_grad()
            functional.cross_entropy(network(x), torch.tensor([label for _, label in batch]), weight=weights).backward()
            optimizer.step()
        schedule.step()
        network.eval()
        rows = data.split.validation
        parts = [np.asarray([records[row][0] for row in rows[i : i + BATCH]]) for i in range(0, len(rows), BATCH)]
        p = np.concatenate([answers(network, part, BATCH) for part in parts])
        seconds.append(time.perf_counter() - start)
        aurocs.append(macro_auroc(data.y[rows], p) or 0.0)
        if aurocs[-1] == max(aurocs):
            best = copy.deepcopy(network)
    return seconds, aurocs, best
