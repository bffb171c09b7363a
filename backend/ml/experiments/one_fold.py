"""Networks from scratch on a single fold, as in the paper (arXiv:2503.13570), at home and elsewhere.

The part that otherwise validates is learned from: of a table with folds that is one fold. A fifth of it validates.
"""

from pathlib import Path
from typing import Any, Final

from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.trained import Arm, train_and_judge

ARMS: Final = {
    "XceptionTime from scratch": Arm("xception_time"),
    "InceptionTime from scratch": Arm("inception_time"),
}


def runs(material: Material, settings: Settings) -> list[Run]:  # noqa: ARG001 - all experiments take both
    """Return the runs, a whole seed first."""
    return [Run(seed, 0, arm) for seed in range(1, settings.seeds + 1) for arm in ARMS]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Train one network on the fold, and judge it."""
    rows = drawn(material, material.split.validation, None, run.seed)
    return {"tests": train_and_judge(ARMS[run.arm], material, rows, run.seed, settings, folder / CHECKPOINT)}
