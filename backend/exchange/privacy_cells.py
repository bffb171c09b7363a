"""Counts of under five patients, and what they could be computed from: found, and withheld.

A cell of 0 tells of no patient and stays. A cell that is withheld must not follow from what is left: of labels that sum
to a known total at least two are withheld, which hold five together; of a curve only those points are left that are
five or more records of each side apart, or none.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.ml.evaluation.estimate import FEW

Json = dict[str, Any]
WITHHELD: Final = f"<{FEW}"
Counts = Mapping[str, int]


def is_small(count: object) -> bool:
    """Say whether a count is one of a few patients."""
    return isinstance(count, int) and not isinstance(count, bool) and 0 < count < FEW


def small_labels(counts: Counts, n: int, exclusive: bool, patients: Counts | None = None) -> list[str]:
    """Return the labels of a part of the training data whose counts must be withheld, of `n` recordings.

    `exclusive` where each recording has one label, so that the counts sum to `n`. `patients` are counts of patients.
    """
    found = [
        label
        for label, count in counts.items()
        if is_small(count) or is_small(n - count) or (patients is not None and is_small(patients.get(label, 0)))
    ]
    if not found or not exclusive:
        return found
    rest = sorted((label for label in counts if label not in found and counts[label]), key=lambda one: counts[one])
    while rest and (len(found) < 2 or sum(counts[label] for label in found) < FEW):
        found.append(rest.pop(0))
    return [label for label in counts if label in found]


class Cuts:
    """Thresholds of one label that may be told together: between any two lie 0 or at least FEW records of each side."""

    def __init__(self, positives: int, negatives: int) -> None:
        self._told = [(0, 0), (positives, negatives)]

    def take(self, tp: int, fp: int) -> bool:
        """Say whether this one may be told beside those taken before; if so, take it."""
        fits = all(not is_small(abs(tp - one)) and not is_small(abs(fp - other)) for one, other in self._told)
        if fits:
            self._told.append((tp, fp))
        return fits


def coarse_roc(points: Sequence[Sequence[float]], positives: int, negatives: int, cuts: Cuts) -> list[list[float]]:
    """Return those points (false, true positive rate) that may be told."""
    return [
        [fpr, tpr]
        for fpr, tpr in points
        if (round(tpr * positives), round(fpr * negatives)) in ((0, 0), (positives, negatives))
        or cuts.take(round(tpr * positives), round(fpr * negatives))
    ]


def coarse_pr(points: Sequence[Sequence[float]], positives: int, cuts: Cuts) -> list[list[float]]:
    """Return those points (recall, precision) that may be told; between recall and precision stands a count too."""
    kept = []
    for recall, precision in points:
        tp = round(recall * positives)
        if not tp or (precision > 0 and cuts.take(tp, round(tp / precision) - tp)):
            kept.append([recall, precision])
    return kept
