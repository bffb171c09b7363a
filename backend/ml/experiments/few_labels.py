"""From how many labelled ECGs on does pre-training pay, and from how many on does it stop?

The learning part alone is drawn from; a fifth of each draw validates. Every arm of a size and seed has the same ECGs.
"""

from pathlib import Path
from typing import Any, Final

from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.trained import Arm, train_and_judge

SIZES: Final = (100, 250, 500, 1000, 2000)
ARMS: Final = {
    "pre-trained: head only": Arm(method="head"),
    "random weights: head only": Arm(method="head", random_base=True),
    "XResNet1d-18 from scratch": Arm("xresnet1d18"),
    "pre-trained: all layers": Arm(method="head_then_all"),
}


def runs(material: Material, settings: Settings) -> list[Run]:
    """Return the runs, a whole seed first, those of few ECGs before those of many; too large sizes are left out."""
    sizes = [size for size in settings.sizes or SIZES if size <= len(material.split.train)]
    return [Run(seed, n, arm) for seed in range(1, settings.seeds + 1) for n in sizes for arm in ARMS]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Train one arm with n labelled ECGs, and judge it."""
    rows = drawn(material, material.split.train, run.n, run.seed)
    return {"tests": train_and_judge(ARMS[run.arm], material, rows, run.seed, settings, folder / CHECKPOINT)}
