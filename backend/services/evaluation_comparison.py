"""A model on several datasets side by side: how much its scores differ from one to the next, and the worst.

A cell is one label on one external dataset. The spread over cells is that of Bickmann et al. (arXiv 2503.13570): the
interquartile range, and the coefficient of variation, the standard deviation divided by the mean.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation
from backend.ml.evaluation.estimate import Estimate
from backend.ml.strict_json import ALL_SERVED
from backend.services import evaluations, model_library

FEWEST = 2
"""External datasets; over the labels of a single one nothing is said of how robust a model is."""
MEASURES: tuple[Literal["auroc", "f1"], ...] = ("auroc", "f1")


@dataclass(frozen=True, kw_only=True)
class EvaluationCell:
    """One label on one dataset. `external`: the model is not known to have seen any of the dataset's recordings.

    `n_not_known` counts recordings of which nobody has told whether the model, or one it was made from, has seen them.
    """

    evaluation_id: str
    dataset: str
    dataset_project: str
    external: bool
    label: str
    n: int
    n_present: int
    auroc: Estimate
    f1: Estimate
    n_not_known: int = 0


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How a score lies over the external cells where it is defined, of at least FEWEST datasets.

    Of `n_not_known_datasets` of these it is not known whether the model has seen them: the spread may flatter it.
    """

    measure: Literal["auroc", "f1"]
    n_cells: int
    n_datasets: int
    median: float | None
    iqr: float | None
    cv: float | None
    worst: float | None
    worst_label: str | None
    worst_dataset: str | None
    n_not_known_datasets: int = 0


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """The newest evaluation of the model on each dataset, none of them on recordings it has seen."""

    evaluation_ids: tuple[str, ...]
    cells: tuple[EvaluationCell, ...]
    spreads: tuple[Spread, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


def side_by_side(session: Session, project_id: str, model_id: str) -> SideBySide:
    """Compare the evaluations of a model; those of values (a regression) or with seen recordings have no cell.

    Raises NotFoundError for a model that is not there.
    """
    model_library.usable(session, project_id, model_id)
    newest: dict[str, Evaluation] = {}
    for row in evaluations.list_evaluations(session, project_id, model_id):
        if row.job.status == "done" and not row.settings["include_seen"]:
            newest.setdefault(row.dataset_id or row.id, row)
    cells = [cell for row in newest.values() for cell in _cells(row)]
    return SideBySide(
        evaluation_ids=tuple(row.id for row in newest.values()),
        cells=tuple(cells),
        spreads=spreads([cell for cell in cells if cell.external]),
    )


def _cells(row: Evaluation) -> list[EvaluationCell]:
    result: dict[str, Any] = row.result or {}
    classes = {one["label"]: one for one in result.get("evaluation", {}).get("classes", ())}
    return [
        EvaluationCell(
            evaluation_id=row.id,
            dataset=row.facts["dataset"],
            dataset_project=row.facts["dataset_project"],
            external=row.facts["external"],
            label=one["label"],
            n=one["n_present"] + one["n_absent"],
            n_present=one["n_present"],
            auroc=Estimate(**classes[one["label"]]["auroc"]),
            f1=Estimate(**classes[one["label"]]["f1"]),
            n_not_known=row.facts["n_not_known"],
        )
        for one in result.get("outputs", ())
    ]


def spreads(cells: list[EvaluationCell]) -> tuple[Spread, ...]:
    """Return how each score lies over these cells, but for one that is defined on fewer than FEWEST datasets."""
    return tuple(one for one in (_spread(measure, cells) for measure in MEASURES) if one.n_datasets >= FEWEST)


def _spread(measure: Literal["auroc", "f1"], cells: list[EvaluationCell]) -> Spread:
    values = {cell: getattr(cell, measure).value for cell in cells}
    known = {cell: value for cell, value in values.items() if value is not None}
    numbers = np.array(list(known.values()))
    worst = min(known, key=lambda cell: known[cell], default=None)
    several = len(known) > 1
    low, high = np.percentile(numbers, [25, 75]) if several else (0.0, 0.0)
    mean = float(numbers.mean()) if known else 0.0
    return Spread(
        measure=measure,
        n_cells=len(known),
        n_datasets=len({cell.evaluation_id for cell in known}),
        n_not_known_datasets=len({cell.evaluation_id for cell in known if cell.n_not_known}),
        median=float(np.median(numbers)) if known else None,
        iqr=float(high - low) if several else None,
        cv=float(numbers.std(ddof=1)) / mean if several and mean > 0 else None,
        worst=None if worst is None else known[worst],
        worst_label=None if worst is None else worst.label,
        worst_dataset=None if worst is None else worst.dataset,
    )
