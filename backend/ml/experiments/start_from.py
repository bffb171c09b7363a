"""Pre-trained, with random weights, or from scratch: what should a training start from?

All labelled ECGs of the learning part are learned from, or as many as `sizes` says. Frozen and head only are the same
here: a linear head is fitted to its optimum on what the body, which stays as it is, makes of the ECGs.
"""

from pathlib import Path
from typing import Any, Final

from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.trained import Arm, train_and_judge

ARMS: Final = {
    "pre-trained: frozen (head only)": Arm(method="head"),
    "random weights: frozen (head only)": Arm(method="head", random_base=True),
    "pre-trained: all layers": Arm(method="head_then_all"),
    "CardX from scratch": Arm("cardx"),
    "XResNet1d-18 from scratch": Arm("xresnet1d18"),
    "InceptionTime from scratch": Arm("inception_time"),
    "XceptionTime from scratch": Arm("xception_time"),
}


def runs(material: Material, settings: Settings) -> list[Run]:  # noqa: ARG001 - all experiments take both
    """Return the runs, a whole seed first."""
    return [Run(seed, n, arm) for seed in range(1, settings.seeds + 1) for n in settings.sizes or (0,) for arm in ARMS]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Train one arm, and judge it."""
    rows = (
        drawn(material, material.split.train, run.n, run.seed)
        if run.n
        else (material.split.train, material.split.validation)
    )
    return {"tests": train_and_judge(ARMS[run.arm], material, rows, run.seed, settings, folder / CHECKPOINT)}
