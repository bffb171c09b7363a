"""What should be told in pre-training? Each objective by itself, for the same number of passes, then a linear probe."""

from pathlib import Path
from typing import Any, Final

from backend.ml.architectures import architecture
from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings, drawn
from backend.ml.experiments.probed import CLINICAL, pretrained, probe

SIZES: Final = (500,)
ONE_FOR_ALL_SIZES: Final = True  # the pre-training sees no labels
OBJECTIVES: Final[dict[str, dict[str, float]]] = {
    "aligned median beat (rlign)": {"rlign": 1.0},
    "gaps (masked)": {"masked": 1.0},
    "two copies (contrastive)": {"contrastive": 1.0},
    "nothing (random weights)": {},
}


def runs(material: Material, settings: Settings) -> list[Run]:  # noqa: ARG001 - all experiments take both
    """Return the runs, a whole seed first."""
    sizes = settings.sizes or SIZES
    return [Run(seed, n, arm) for seed in range(1, settings.seeds + 1) for n in sizes for arm in OBJECTIVES]


def do(run: Run, material: Material, settings: Settings, folder: Path) -> dict[str, Any]:
    """Pre-train with one objective, and probe."""
    network = architecture("cardx").build(12, CLINICAL.n_samples, 2, settings.config, seed=run.seed)
    if OBJECTIVES[run.arm]:
        network = pretrained(
            network, material, OBJECTIVES[run.arm], settings.passes, run.seed, settings, folder / CHECKPOINT
        )
    rows = drawn(material, material.split.train, run.n, run.seed)
    return {"tests": probe(network, material, rows, run.seed)}
