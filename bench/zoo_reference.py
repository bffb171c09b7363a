"""The reference that the networks of the register should beat: a plain residual network in a plain loop.

    python bench/zoo_reference.py [--seeds 3] [--keep FOLDER]

0.44 M parameters, windows of 2.5 s drawn by lot, AdamW, one-cycle, 30 epochs, no choice of an epoch, no other
augmentation; tested by the mean over windows. It learns from folds 1 to 8, an eighth more than the others, which keep
fold 8 for their thresholds. Its answers stay in `keep` for the paired tests of `zoo_after.py`.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.ecg.preprocess import preset
from backend.ml.evaluation.classification import evaluate
from bench.zoo import store, stored
from bench.zoo_data import EXTERNAL_LABELS, EXTERNAL_SETS, LABELS, external, prepared, ptbxl
from bench.zoo_runs import rounded, summary

WIDTHS, KERNEL, BLOCKS = (32, 64, 108), 7, 2
EPOCHS, BATCH, RATE, DECAY = 30, 64, 3e-3, 0.01
WINDOW, HOP = 250, 125  # samples at 100 Hz


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016, doi:10.1109/CVPR.2016.90)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        stride = 1 if n_in == n_out else 2
        self.path = nn.Sequential(
            nn.Conv1d(n_in, n_out, KERNEL, stride, KERNEL // 2, bias=False), nn.BatchNorm1d(n_out), nn.ReLU(),
            nn.Conv1d(n_out, n_out, KERNEL, 1, KERNEL // 2, bias=False), nn.BatchNorm1d(n_out),
        )  # fmt: skip
        shortcut = nn.Sequential(nn.Conv1d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm1d(n_out))
        self.shortcut = nn.Identity() if n_in == n_out else shortcut

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.path(x) + self.shortcut(x))


def network() -> nn.Sequential:
    """Return the network: (b, 12, n) to (b, 5) logits."""
    stem = [nn.Conv1d(12, WIDTHS[0], 15, 2, 7, bias=False), nn.BatchNorm1d(WIDTHS[0]), nn.ReLU(), nn.MaxPool1d(2)]
    blocks, width = list[nn.Module](), WIDTHS[0]
    for wide in WIDTHS:
        for _ in range(BLOCKS):
            blocks.append(Block(width, wide))
            width = wide
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(width, len(LABELS)))


def trained(x: Tensor, y: Tensor, seed: int) -> nn.Sequential:
    """Train on ECGs x (n, 12, 1000) with labels y (n, 5)."""
    torch.manual_seed(seed)
    net = network()
    steps = EPOCHS * -(-len(x) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(BATCH):
            begin = torch.randint(0, x.shape[2] - WINDOW + 1, (len(rows),))
            windows = torch.stack([x[row, :, at : at + WINDOW] for row, at in zip(rows, begin, strict=True)])
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(net(windows), y[rows]).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


@torch.inference_mode()
def answers(net: nn.Sequential, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, 5) probabilities of ECGs (n, 12, 1000): the mean of the logits over windows."""
    windows = [torch.from_numpy(x[:, :, at : at + WINDOW]) for at in range(0, x.shape[2] - WINDOW + 1, HOP)]
    return torch.sigmoid(torch.stack([net(window) for window in windows]).mean(0)).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "exchangeai-zoo" / "models")
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    home, clinical = ptbxl(), preset("clinical")
    x, folds = prepared(home, clinical), np.array(home.folds, int)
    learn, test = np.flatnonzero(folds < 9), np.flatnonzero(folds == 9)
    sets = {"fold_9": (x[test], home.y[test])}
    sets |= {name: (prepared(external(name), clinical), external(name).y) for name in EXTERNAL_SETS}
    people = {"fold_9": [home.ids[row] for row in test]}
    found = []
    for seed in range(1, 1 + given.seeds):
        cpu = time.process_time()
        net = trained(torch.from_numpy(x[learn]), torch.from_numpy(home.y[learn]), seed)
        cpu = time.process_time() - cpu
        told = {name: answers(net, signals) for name, (signals, _) in sets.items()}
        np.savez(given.keep / f"reference-{seed}.npz", **told)
        tests = {}
        for name, (_, y) in sets.items():
            n = len(LABELS if name == "fold_9" else EXTERNAL_LABELS)
            evaluation = evaluate(y[:, :n], told[name][:, :n], LABELS[:n], "multi_label", patients=people.get(name))
            tests[name] = {"macro_auroc": summary(evaluation)["macro_auroc"]}
        found.append({
            "seed": seed, "records": len(learn), "epochs": EPOCHS, "cpu_seconds": rounded(cpu), "tests": tests,
            "parameters": sum(one.numel() for one in net.parameters()),
        })  # fmt: skip
        print(found[-1], flush=True)
        store({**stored(), "reference": found})


if __name__ == "__main__":
    main()
