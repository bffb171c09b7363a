"""How good candidates are on each source of records apart: a mean over sources hides the worst of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation import intervals
from backend.ml.evaluation.estimate import FEW, Estimate
from backend.ml.evaluation.patients import Patients, patients_of
from backend.ml.evaluation.regression import evaluate_regression
from backend.ml.evaluation.scores import Floats
from backend.ml.spec import Task
from backend.ml.strict_json import ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class SourceScore:
    """Scores on the records of one source, one a candidate: mean AUROC over `labels`, for values mean R².

    `name` is None of all sources together that have fewer than five patients, of which there are `n_sources`. `labels`
    are those that enough patients of the source have, and lack; sources may differ in them.
    """

    name: str | None
    n_sources: int
    n: int
    n_patients: int
    labels: tuple[str, ...]
    scores: tuple[Estimate, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


def by_source(
    sources: Sequence[str | None],
    truth: NDArray[np.floating],
    outputs: Sequence[NDArray[np.floating]],
    labels: Sequence[str],
    task: Task,
    patients: Sequence[str | None] | None,
) -> list[SourceScore]:
    """Score outputs (N, L) of candidates, against the truth (N, L) with NaN where it is not known, source by source.

    The largest source comes first. Records without source (None) are left out. Intervals take the patients of a source
    as independent, and its model as given; they are not widened, since one model has tested the whole source.
    """
    people = patients_of(len(sources), patients)
    met = Counter(name for name, _ in set(zip(sources, people.group.tolist(), strict=True)))
    rows: dict[str | None, list[int]] = {}
    for row, name in enumerate(sources):
        if name is not None:
            rows.setdefault(name if met[name] >= FEW else None, []).append(row)
    few = sum(name is not None and n < FEW for name, n in met.items())
    found = []
    for name, some in sorted(rows.items(), key=lambda one: (one[0] is None, -len(one[1]), one[0] or "")):
        mine = np.array(some, np.intp)
        whose = None if patients is None else [patients[row] for row in some]
        y = np.asarray(truth, np.float64)[mine]
        told = [_told(y, one[mine], labels, task, whose) for one in outputs]
        found.append(
            SourceScore(
                name=name,
                n_sources=few if name is None else 1,
                n=len(mine),
                n_patients=patients_of(len(mine), whose).n,
                labels=told[0][1],
                scores=tuple(score for score, _ in told),
            )
        )
    return found


def _told(
    y: Floats, output: NDArray[np.floating], labels: Sequence[str], task: Task, patients: Sequence[str | None] | None
) -> tuple[Estimate, tuple[str, ...]]:
    """Return the score of one candidate on one source, and the labels it is over."""
    if task == "regression":
        values = evaluate_regression(y, output, labels, patients)
        return values.macro_r2, tuple(one.label for one in values.targets if one.r2.value is not None)
    people = patients_of(len(y), patients)
    parts = [_auroc(y[:, place], np.asarray(output[:, place], np.float64), people) for place in range(len(labels))]
    given = tuple(label for label, part in zip(labels, parts, strict=True) if part.estimate.value is not None)
    kept = [part for part in parts if part.estimate.value is not None]
    if not kept:
        withheld = next((one.estimate.withheld for one in parts if one.estimate.withheld), None)
        return Estimate(None, withheld=withheld or "no label is on some recordings and absent from others"), ()
    return intervals.mean(kept, [1.0] * len(kept), people), given


def _auroc(y: Floats, score: Floats, people: Patients) -> intervals.Measured:
    known = ~np.isnan(y)
    found, group = np.unique(people.group[known], return_inverse=True)
    whose = Patients(group, len(found), people.n_known)
    true = y[known] > 0.5
    part = intervals.shown(intervals.auroc(true, score[known], whose), whose.having(true), whose.having(~true))
    if part.influence is None:
        return part
    influence = np.zeros(len(y))  # of what is not known there is none
    influence[known] = part.influence
    return intervals.Measured(part.estimate, influence)
