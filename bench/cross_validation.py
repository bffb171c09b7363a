"""Whether cross-validated figures hold: their intervals on fresh ECGs, and labels that were drawn by lot.

    python -m bench.cross_validation [--tables 300] [--jobs 2] [--repeats 10] [--sizes 30,60,100]

Tables of few records are drawn, cross-validated as a run does, and the model that is kept is tested on thousands of
fresh records. It is counted how often the interval of the cross-validated AUROC holds the AUROC that the kept model
really has. The model is a linear one on 40 numbers in place of embeddings, by least squares, whose penalty is chosen by
folds inside those who learn, as that of a head is; folds, priors, results and intervals are those of a run.
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from backend.ecg.preprocess import preset
from backend.ml.data.folds import PARTS_OF_HEAD, Folds, divide_into_folds, inside
from backend.ml.evaluation import scores
from backend.ml.evaluation.cross_validated import Recipe, evaluate_cross_validated
from backend.ml.evaluation.fold_spread import CrossValidation as Facts
from backend.ml.evaluation.out_of_fold import OutOfFold, with_prior
from backend.ml.inference.predictor import to_outputs
from backend.ml.spec import ModelSpec

Floats = NDArray[np.float64]
FRESH = 8000
D = 40
PENALTIES = np.geomspace(30, 1e-3, 10)
FOLDS = 5
SPEC = ModelSpec(
    architecture="rlign_logistic", config={}, labels=("L",), task="multi_label", preprocessing=preset("clinical")
)


@dataclass(frozen=True)
class Table:
    """What is drawn: embeddings (n, d), labels (n, 1), whose each record is, and fresh ones of both."""

    x: Floats
    y: Floats
    patients: list[str] | None
    fresh_x: Floats
    fresh_y: Floats


def draw(random: np.random.Generator, n: int, share: float, signal: float, per: int) -> Table:
    """Draw n records, `per` of each patient, who resemble each other; at least five patients have the label."""
    way = np.zeros(D)
    way[:10] = signal / np.sqrt(10)

    def some(patients: int, each: int) -> tuple[Floats, Floats]:
        y = np.repeat(random.random(patients) < share, each).astype(np.float64)
        alike = np.repeat(random.standard_normal((patients, D)), each, axis=0)
        own = alike if each == 1 else (alike + random.standard_normal((patients * each, D))) / np.sqrt(2)
        return own * np.linspace(1.5, 0.5, D) + np.outer(y, way), y[:, None]

    while True:
        x, y = some(n // per, per)
        if min(y.sum(), (1 - y).sum()) >= 5 * per:
            break
    whose = None if per == 1 else [f"p{row // per}" for row in range(len(y))]
    return Table(x, y, whose, *some(FRESH, 1))


def linear(x: Floats, y: Floats) -> list[tuple[Floats, float]]:
    """Return weights and offset of a linear model for each penalty."""
    mean = x.mean(axis=0)
    left, size, basis = np.linalg.svd(x - mean, full_matrices=False)
    share = float(y.mean())
    found = []
    for penalty in PENALTIES:
        weight = basis.T @ (size / (size**2 + penalty * len(y)) * (left.T @ (y - share)))
        found.append(
            (weight / (share * (1 - share)), float(np.log(share / (1 - share)) - mean @ weight / (share * (1 - share))))
        )
    return found


def chosen(x: Floats, y: Floats, folds: Folds, repeat: int, fold: int) -> int:
    """Return the penalty that folds inside those who learn choose."""
    loss = np.zeros(len(PENALTIES))
    for parts in inside(folds, y, repeat, fold, seed=1, parts=PARTS_OF_HEAD):
        truth = y[parts.validation, 0]
        for place, (weight, offset) in enumerate(linear(x[parts.train], y[parts.train, 0])):
            logit = x[parts.validation] @ weight + offset
            loss[place] += float(np.logaddexp(0, np.where(truth > 0.5, -logit, logit)).sum())
    return int(loss.argmin())


def by_linear(table: Table, folds: Folds) -> tuple[NDArray[np.float32], Floats]:
    """Return out-of-fold logits (repeats, n, 1) and what the kept model says of fresh records (FRESH,)."""
    logits = np.zeros((folds.repeats, len(table.y), 1), np.float32)
    for repeat in range(folds.repeats):
        for fold in range(folds.k):
            tests = folds.tests(repeat, fold)
            learn = np.setdiff1d(np.arange(len(table.y)), tests)
            weight, offset = linear(table.x[learn], table.y[learn, 0])[chosen(table.x, table.y, folds, repeat, fold)]
            said = (table.x[tests] @ weight + offset)[:, None].astype(np.float32)
            logits[repeat, tests] = with_prior(said, table.y[learn], table.y, "multi_label")
    weight, offset = linear(table.x, table.y[:, 0])[chosen(table.x, table.y, folds, 0, -1)]
    return logits, table.fresh_x @ weight + offset


def judged(table: Table, folds: Folds, logits: NDArray[np.float32]) -> Any:
    """Return the AUROC with its interval, as the results of a run have it."""
    spec, found = SPEC, OutOfFold(np.arange(len(table.y)), folds.fold, logits)
    recipe = Recipe(
        answer=lambda one, line: to_outputs(one, "multi_label", line), calibrate=False, rule="f1", cost=1.0, points={}
    )
    facts = Facts(folds=folds.k, repeats=folds.repeats, n_only_trained=0, kept="", over="repeats")
    return evaluate_cross_validated(spec, found, table.y, table.patients, facts, recipe).classes[0].auroc  # type: ignore[union-attr]


def cell(job: tuple[int, float, float, int, int, int]) -> list[tuple[float, float, float, float]]:
    """Return of each table the true AUROC, the cross-validated one and its interval."""
    n, share, signal, per, repeats, seeds = job
    rows = []
    for seed in range(seeds):
        random = np.random.default_rng([n, round(100 * share), round(100 * signal), per, seed])
        table = draw(random, n, share, signal, per)
        folds = divide_into_folds(
            table.y, table.patients or [None] * len(table.y), seed=seed, folds=FOLDS, repeats=repeats
        )
        logits, fresh = by_linear(table, folds)
        told = judged(table, folds, logits)
        rows.append((float(scores.auroc(table.fresh_y[:, 0] > 0.5, fresh)), told.value, told.low, told.high))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--sizes", default="30,60,100")
    options = parser.parse_args()
    wanted = [
        (n, share, signal, per, options.repeats, options.tables)
        for n in map(int, options.sizes.split(","))
        for per in (1, 3)
        for share in (0.2, 0.4)
        for signal in (0.0, 1.2, 2.5)
        if not (per == 3 and n * share / per < 8)
    ]
    print("| ECGs | a patient | with the label | true AUROC | cross-validated | interval holds it | width |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with ProcessPoolExecutor(options.jobs) as pool:
        for job, rows in zip(wanted, pool.map(cell, wanted), strict=True):
            print(line(job, rows), flush=True)


def line(job: Sequence[float], rows: Sequence[tuple[float, float, float, float]]) -> str:
    true, value, low, high = np.array(rows).T
    held = float(((low <= true) & (true <= high)).mean())
    n, share, signal, per, *_ = job
    of = "by lot" if signal == 0 else f"{true.mean():.3f}"
    return f"| {n} | {per} | {share:.0%} | {of} | {value.mean():.3f} | {held:.1%} | {(high - low).mean():.2f} |"


if __name__ == "__main__":
    main()
