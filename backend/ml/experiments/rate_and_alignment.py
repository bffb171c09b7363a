"""What 100 Hz and aligned beats cost, label by label.

One network from scratch, given the same ECGs at 100 Hz, at 500 Hz with all that is faster than 40 Hz, and with beats
that are aligned (Rlign, arXiv:2407.15555), which removes the rhythm. ECGs recorded at 100 Hz say nothing here.
"""

from pathlib import Path
from typing import Any, Final

from backend.ecg.preprocess import preset
from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.trained import Arm, train_and_judge

ARMS: Final = {
    "100 Hz: 0.5 to 40 Hz": Arm("xresnet1d18"),
    "500 Hz: 0.5 to 40 Hz": Arm("xresnet1d18", preprocessing=preset("clinical", rate=500.0)),
    "500 Hz: 0.5 to 150 Hz": Arm("xresnet1d18", preprocessing=preset("clinical", rate=500.0, bandpass=(0.5, 150.0))),
    "100 Hz: beats aligned": Arm("xresnet1d18", preprocessing=preset("clinical", align="series")),
}


def runs(material: Material, settings: Settings) -> list[Run]:  # noqa: ARG001 - all experiments take both
    """Return the runs, a whole seed first."""
    return [Run(seed, n, arm) for seed in range(1, settings.seeds + 1) for n in settings.sizes or (0,) for arm in ARMS]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Train on ECGs prepared in one way, and judge it."""
    rows = (
        drawn(material, material.split.train, run.n, run.seed)
        if run.n
        else (material.split.train, material.split.validation)
    )
    return {"tests": train_and_judge(ARMS[run.arm], material, rows, run.seed, settings, folder / CHECKPOINT)}
