"""Linear probes of an embedding: how well a logistic regression on 512 frozen numbers tells the five superclasses.

Labels are drawn from PTB-XL folds 1 to 8 (100, 250, 500 and all of 2,000, the same draws for every embedding); it is
tested on fold 9, LUDB and the challenge mix, the last two without hypertrophy, which they record otherwise. The
strength of the penalty is chosen by cross-validation inside the draw.

    python -m bench.cardx_probe NAME [CHECKPOINT] [--out FILE] [--architecture NAME] [--seed S]
"""

import argparse
import json
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn import functional

from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network
from backend.ml.pretraining.state import load
from bench.cardx_data import SUPERCLASSES, others, ptbxl, superclasses

POOL = 2000  # records of folds 1 to 8 that labels are drawn from
DRAWS = {100: 5, 250: 5, 500: 4, POOL: 1}
PENALTIES = (3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
TESTS = {"f9": SUPERCLASSES, "ludb": SUPERCLASSES[:4], "cmix": SUPERCLASSES[:4]}
RESAMPLES = 300


@lru_cache(maxsize=1)
def sets() -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return ECGs and superclasses of "learn" and of each test."""
    x, rows = ptbxl(folds=range(1, 9))
    chosen = np.random.default_rng(5).permutation(len(x))[:POOL]
    found = {"learn": (x[chosen], superclasses(rows)[chosen])}
    for name, (signals, table) in {
        "f9": ptbxl(folds=range(9, 10)), "ludb": others("ludb"), "cmix": others("challenge_mix")
    }.items():  # fmt: skip
        found[name] = signals, superclasses(table)
    return found


def embeddings(network: Network, x: NDArray[np.float32]) -> Tensor:
    """Return (n, e) of ECGs (n, 12, t)."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network.features(part) for part in torch.from_numpy(x).split(64)]).clone()


def fit(x: Tensor, y: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Return weights (e, L) and biases (L,) of penalised logistic regressions of standardised embeddings."""
    weight = torch.zeros(x.shape[1], y.shape[1], requires_grad=True)
    bias = torch.zeros(y.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=50, line_search_fn="strong_wolfe", history_size=10)

    def loss() -> Tensor:
        optimizer.zero_grad()
        wrong = functional.binary_cross_entropy_with_logits(x @ weight + bias, y, reduction="sum") / len(x)
        value = wrong + penalty / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def chosen_fit(x: Tensor, y: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Fit with the penalty of the least cross-validated loss."""
    folds = np.random.default_rng(seed).permutation(len(x)) % 3
    tried = PENALTIES if len(x) < 1000 else PENALTIES[:4]
    used = range(3) if len(x) < 1000 else range(1)

    def left_out(penalty: float) -> float:
        each = []
        for fold in used:
            inside, outside = torch.from_numpy(folds != fold), torch.from_numpy(folds == fold)
            weight, bias = fit(x[inside], y[inside], penalty)
            each.append(functional.binary_cross_entropy_with_logits(x[outside] @ weight + bias, y[outside]).item())
        return float(np.mean(each))

    return fit(x, y, min(tried, key=left_out))


def auroc(y: NDArray[np.float32], p: NDArray[np.float32], labels: int) -> float:
    """Return the mean area under the ROC curve of the first labels that both occur and are absent."""
    each = [roc_auc_score(y[:, i], p[:, i]) for i in range(labels) if 0 < y[:, i].sum() < len(y)]
    return float(np.mean(each))


def probe(embedded: dict[str, Tensor]) -> dict[str, dict[str, list[float]]]:
    """Return test -> labelled records -> macro-AUROC of each draw."""
    data = sets()
    found: dict[str, dict[str, list[float]]] = {test: {} for test in TESTS}
    y = torch.from_numpy(data["learn"][1])
    for n, draws in DRAWS.items():
        for draw in range(draws):
            rows = torch.from_numpy(np.random.default_rng(1000 + draw).permutation(POOL)[:n])
            x = embedded["learn"][rows]
            mean, deviation = x.mean(dim=0), x.std(dim=0) + 1e-3
            weight, bias = chosen_fit((x - mean) / deviation, y[rows], draw)
            for test, labels in TESTS.items():
                answer = ((embedded[test] - mean) / deviation @ weight + bias).numpy()
                found[test].setdefault(str(n), []).append(auroc(data[test][1], answer, len(labels)))
    return found


def intervals(embedded: dict[str, Tensor], n: int = 500) -> Iterator[tuple[str, float, float]]:
    """Yield test and 95 % bootstrap interval, over test records, of the first draw of `n` labels."""
    data = sets()
    rows = torch.from_numpy(np.random.default_rng(1000).permutation(POOL)[:n])
    x = embedded["learn"][rows]
    mean, deviation = x.mean(dim=0), x.std(dim=0) + 1e-3
    weight, bias = chosen_fit((x - mean) / deviation, torch.from_numpy(data["learn"][1])[rows], 0)
    for test, labels in TESTS.items():
        y, p = data[test][1], ((embedded[test] - mean) / deviation @ weight + bias).numpy()
        random = np.random.default_rng(0)
        each = []
        for _ in range(RESAMPLES):
            drawn = random.integers(len(y), size=len(y))
            each.append(auroc(y[drawn], p[drawn], len(labels)))
        low, high = np.quantile(each, [0.025, 0.975])
        yield test, float(low), float(high)


def main() -> None:
    """Probe a checkpoint, or the random twin where none is given, and append a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("checkpoint", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=Path("probes.jsonl"))
    parser.add_argument("--architecture", default="cardx")
    parser.add_argument("--config", type=json.loads, default={})
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = time.time()
    network = architecture(options.architecture).build(12, 1000, 2, options.config, seed=options.seed)
    passes, seconds = 0, 0.0
    if options.checkpoint:
        state = load(options.checkpoint)
        assert state is not None
        network.load_state_dict(state.network)
        passes, seconds = state.steps, state.seconds
    embedded = {name: embeddings(network, x) for name, (x, _) in sets().items()}
    found = probe(embedded)
    line = {"name": options.name, "steps": passes, "seconds": seconds, "probe": found,
            "intervals": {test: (low, high) for test, low, high in intervals(embedded)}}  # fmt: skip
    with options.out.open("a") as file:
        file.write(json.dumps(line) + "\n")
    for test, by_n in found.items():
        print(
            test, " ".join(f"{np.mean(each):.3f}±{np.std(each):.3f}" for each in by_n.values()), line["intervals"][test]
        )
    print(f"{time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
