"""Trainings side by side, as lines of text and as JSON."""

import string
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from backend.cli.results import with_interval
from backend.services.run_settings import SettingRow, Shown
from backend.services.runs_side_by_side import SideBySide

LETTERS = string.ascii_uppercase
NAMES = {
    "macro_auroc": "AUROC, mean", "macro_average_precision": "AUPRC, mean", "macro_f1": "F1, mean",
    "macro_recall": "Sensitivity, mean", "macro_specificity": "Specificity, mean", "macro_precision": "PPV, mean",
    "macro_r2": "R², mean", "macro_pearson": "Correlation, mean", "auroc": "AUROC", "f1": "F1",
    "mae": "mean absolute error", "r2": "R²",
}  # fmt: skip


def lines(found: SideBySide, every: bool) -> Iterator[str]:
    """Yield the trainings by letter, the settings that differ (or `every` one), figures, and what may be compared."""
    for letter, one in zip(LETTERS, found.runs, strict=False):
        yield f"{letter}  {one.name} ({one.id}), {one.job.status}"
        if one.no_figures:
            yield f"   no figures: {one.no_figures}"
        elif one.n_tested is not None:
            how = ", cross-validated" if one.cross_validated else ""
            yield f"   tested on {one.n_tested} recordings{how}"
        if one.epochs:
            best = next((epoch for epoch in reversed(one.epochs) if epoch.best), one.epochs[-1])
            yield f"   {len(one.epochs)} epochs, best {best.epoch} with a validation loss of {best.val_loss:.4f}"
    yield from ("", "Settings" if every else "Settings that differ")
    shown = [row for row in found.settings if every or row.differs]
    yield from (_setting(row) for row in shown)
    if not shown:
        yield "  none"
    if found.figures:
        yield from ("", "Figures (95 % interval)")
    for figure in found.figures:
        label = f"{figure.label}: " if figure.label else ""
        told = ["–" if one is None else with_interval(asdict(one)) for one in figure.estimates]
        yield f"  {label}{NAMES[figure.measure]}: {_by_letter(told)}"
    yield from found.text
    if found.figures:
        yield "To compare models on the same recordings, in pairs: exchangeai compare."


def as_json(found: SideBySide) -> dict[str, Any]:
    """Return all of it, without what the job of a training says beyond its status."""
    runs = [
        {
            "id": one.id, "name": one.name, "task": one.task, "status": one.job.status, "model_id": one.model_id,
            "cross_validated": one.cross_validated, "n_tested": one.n_tested, "n_patients": one.n_patients,
            "no_figures": one.no_figures, "no_epochs": one.no_epochs, "epochs": [asdict(epoch) for epoch in one.epochs],
        }
        for one in found.runs
    ]  # fmt: skip
    return {
        "runs": runs,
        "gone": list(found.gone),
        "settings": [asdict(row) for row in found.settings],
        "figures": [asdict(row) for row in found.figures],
        "tested": found.tested,
        "text": list(found.text),
    }


def _setting(row: SettingRow) -> str:
    told = [words or _text(value) for value, words in zip(row.values, row.words, strict=True)]
    return f"  {row.title}: {_by_letter(told)}"


def _by_letter(told: Sequence[str]) -> str:
    return "; ".join(f"{letter} {text}" for letter, text in zip(LETTERS, told, strict=False))


def _text(value: Shown) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
