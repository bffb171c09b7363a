"""How good predictions are: each class, macro and weighted, with bootstrap intervals. numpy only.

A value that the records do not define (a class that never occurs) is None, never 0; means over classes leave it out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ml import scores
from backend.ml.scores import Floats, tie_ends
from backend.ml.spec import Task
from backend.ml.split import patient_groups

RESAMPLES = 1000
CELLS = 2_000_000  # resamples times records held at once


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % bootstrap interval; None where the records do not define it."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """How well one label is told; `confusion` is ((TN, FP), (FN, TP)), `roc` (false, true positive rate) points."""

    label: str
    support: int  # records that have it
    predicted: int  # records said to have it
    precision: Estimate
    recall: Estimate
    specificity: Estimate
    f1: Estimate
    auroc: Estimate
    average_precision: Estimate
    confusion: tuple[tuple[int, int], tuple[int, int]]
    roc: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The result on N records. `confusion[i][j]` counts records of class i called j (single-label tasks only).

    `accuracy` is the share of records whose labels are all right. Weighted means weigh a class by its records.
    """

    task: Task
    n: int
    drawn_by: str  # "patient" or "record": what the bootstrap draws
    resamples: int
    seed: int
    thresholds: tuple[float, ...]
    classes: tuple[ClassResult, ...]
    accuracy: Estimate
    macro_f1: Estimate
    weighted_f1: Estimate
    macro_precision: Estimate
    weighted_precision: Estimate
    macro_recall: Estimate
    weighted_recall: Estimate
    macro_auroc: Estimate
    weighted_auroc: Estimate
    macro_average_precision: Estimate
    confusion: tuple[tuple[int, ...], ...] | None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


def evaluate(
    y_true: ArrayLike,
    probabilities: ArrayLike,
    labels: Sequence[str],
    task: Task,
    thresholds: Sequence[float] | None = None,
    patients: Sequence[str | None] | None = None,
    *,
    seed: int = 1,
    resamples: int = RESAMPLES,
) -> Evaluation:
    """Evaluate (N, L) probabilities against (N, L) labels of 0 and 1, one-hot for a single-label task.

    Intervals are percentiles of a bootstrap that draws patients (a record without one is its own), or records where
    `patients` is None; a resample that does not define a value is left out of its interval. They say how much the
    result depends on the records tested, not on the training.
    """
    truth, p = np.asarray(y_true, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    if truth.shape != p.shape or truth.ndim != 2 or truth.shape[1] != len(labels) or not len(truth):
        raise ValueError(f"y_true and probabilities should both be (N, {len(labels)}), not {truth.shape}, {p.shape}.")
    predicted = predict_labels(p, task, thresholds)
    pieces = [_values(truth, predicted, p, w) for w in resample_weights(len(truth), patients, resamples, seed)]
    values = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}  # (1 + resamples, …)
    summary = {name: estimate(value) for name, value in values.items() if value.ndim == 1}
    classes = tuple(
        ClassResult(
            label=label,
            support=int(truth[:, i].sum()),
            predicted=int(predicted[:, i].sum()),
            confusion=_two_by_two(truth[:, i], predicted[:, i]),
            roc=tuple(scores.roc_curve(truth[:, i], p[:, i])),
            **{name: estimate(value[:, i]) for name, value in values.items() if value.ndim == 2},
        )
        for i, label in enumerate(labels)
    )
    matrix = truth.astype(int).T @ predicted.astype(int) if task == "single_label" else None
    return Evaluation(
        task=task,
        n=len(truth),
        drawn_by="record" if patients is None else "patient",
        resamples=resamples,
        seed=seed,
        thresholds=tuple(thresholds) if thresholds is not None else (0.5,) * len(labels),
        classes=classes,
        confusion=None if matrix is None else tuple(tuple(row) for row in matrix.tolist()),
        notes=tuple(_note(item, len(truth)) for item in classes if item.support in (0, len(truth))),
        **summary,
    )


def predict_labels(
    probabilities: ArrayLike, task: Task, thresholds: Sequence[float] | None = None
) -> NDArray[np.bool_]:
    """Return (N, L) predicted labels: the most probable one, or all that reach their threshold (default 0.5)."""
    p = np.asarray(probabilities, dtype=np.float64)
    if task == "single_label":
        return np.asarray(np.arange(p.shape[1]) == p.argmax(axis=1, keepdims=True))
    return np.asarray(p >= (0.5 if thresholds is None else np.asarray(thresholds)))


def macro_auroc(y_true: ArrayLike, probabilities: ArrayLike) -> float | None:
    """Return the mean AUROC over the classes where it is defined; None where there is none. (N, L) each."""
    truth, p = np.asarray(y_true, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    one = np.ones((1, len(truth)))
    by_class = [scores.auroc(truth[:, i], p[:, i], one) for i in range(truth.shape[1])]
    return scores.number(scores.mean(np.column_stack(by_class))[0])


def macro_f1(
    y_true: ArrayLike, probabilities: ArrayLike, task: Task, thresholds: Sequence[float] | None = None
) -> float | None:
    """Return the mean F1 over the classes that occur; None where none does. (N, L) each."""
    truth = np.asarray(y_true, dtype=bool)
    counts = scores.counts(truth, predict_labels(probabilities, task, thresholds), np.ones((1, len(truth))))
    return scores.number(scores.mean(scores.f1(*counts))[0])


def best_thresholds(y_true: ArrayLike, probabilities: ArrayLike) -> tuple[float, ...]:
    """Return for each label the threshold of the highest F1 on (N, L) validation data; 0.5 where it never occurs.

    Thresholds lie half-way between neighbouring probabilities; of equally good ones the middle one is taken.
    """
    truth, p = np.asarray(y_true, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    return tuple(_best_threshold(truth[:, i], p[:, i]) for i in range(truth.shape[1]))


def _best_threshold(truth: NDArray[np.bool_], score: Floats) -> float:
    if not truth.any():
        return 0.5
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    _, last = tie_ends(-ordered)
    ends = np.unique(last)  # predict positive down to one of these
    true_positive = np.cumsum(truth[order])[ends]
    f1 = 2 * true_positive / (ends + 1 + truth.sum())
    best = np.flatnonzero(f1 == f1.max())
    end = int(ends[best[len(best) // 2]])
    below = ordered[end + 1] if end + 1 < len(ordered) else 0.0
    return float(np.clip((ordered[end] + below) / 2, 0, 1))


def _values(truth: NDArray[np.bool_], predicted: NDArray[np.bool_], p: Floats, weights: Floats) -> Mapping[str, Floats]:
    """Return every score under weights (R, N): (R, L) for those of a class, (R,) for those of all."""
    tp, fp, fn = scores.counts(truth, predicted, weights)
    total = weights.sum(axis=1, keepdims=True)
    tn = total - tp - fp - fn
    columns = range(truth.shape[1])
    by_class = {
        "precision": scores.divide(tp, tp + fp),
        "recall": scores.divide(tp, tp + fn),
        "specificity": scores.divide(tn, tn + fp),
        "f1": scores.f1(tp, fp, fn),
        "auroc": np.column_stack([scores.auroc(truth[:, i], p[:, i], weights) for i in columns]),
        "average_precision": np.column_stack(
            [scores.average_precision(truth[:, i], p[:, i], weights) for i in columns]
        ),
    }
    support = tp + fn
    macro = {f"macro_{name}": scores.mean(value) for name, value in by_class.items() if name != "specificity"}
    weighted = {
        f"weighted_{name}": scores.mean(by_class[name], support) for name in ("f1", "precision", "recall", "auroc")
    }
    right = (truth == predicted).all(axis=1)
    return {**by_class, **macro, **weighted, "accuracy": (weights @ right) / total[:, 0]}


def resample_weights(n: int, patients: Sequence[str | None] | None, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield weights (R, n) of n records: first a row of ones, the data as they are, then the resamples in portions."""
    yield np.ones((1, n))
    group = np.arange(n) if patients is None else patient_groups(patients)
    n_groups = int(group.max()) + 1
    random = np.random.default_rng(seed)
    portion = max(1, CELLS // n)
    for start in range(0, resamples, portion):
        draws = random.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=min(portion, resamples - start))
        yield draws[:, group].astype(np.float64)


def estimate(values: Floats) -> Estimate:
    """Return the first of (1 + R,) values with the interval of the others; no interval where most are undefined."""
    drawn = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or 2 * len(drawn) <= len(values) - 1:
        return Estimate(scores.number(values[0]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(values[0]), float(low), float(high))


def _two_by_two(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> tuple[tuple[int, int], tuple[int, int]]:
    tp, fp, fn = int((truth & predicted).sum()), int((~truth & predicted).sum()), int((truth & ~predicted).sum())
    return (len(truth) - tp - fp - fn, fp), (fn, tp)


def _note(result: ClassResult, n: int) -> str:
    where = "none" if not result.support else "all"
    return f"“{result.label}” is on {where} of the {n} test records, so some of its values are undefined."
