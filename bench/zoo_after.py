"""What is asked of the exported models that `zoo.py` keeps: paired tests, and how they stand ECGs that are made worse.

    python bench/zoo_after.py [--keep FOLDER] [--only paired stress]

Stored beside the runs in docs/results.json, from which docs/results.md is written. Candidates whose files are no longer
kept are compared by what they answered before (`zoo_outputs.py`).
"""

import argparse
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.disturb import KINDS, STEPS, Kind, disturbed
from backend.ecg.errors import PreprocessingError
from backend.ml.evaluation.classification import macro_auroc
from backend.ml.inference.predictor import Predictor, to_outputs
from bench import zoo_outputs
from bench.zoo import store, stored
from bench.zoo_data import EXTERNAL_SETS, RATE, Recordings, external, prepared, ptbxl
from bench.zoo_runs import rounded

Float = NDArray[np.float32]
REFERENCE = "reference"
STRESSED = 250  # ECGs of fold 9 in mV, one a patient
SEEDED = re.compile(r"(.+?)-([a-z_]+)-(\d+)$")  # model, method and seed in the name of a kept file


@lru_cache(maxsize=1)
def home() -> Recordings:
    """Return fold 9 of PTB-XL."""
    whole = ptbxl()
    rows = np.flatnonzero(np.array(whole.folds, int) == 9)
    return Recordings(
        whole.signals[rows], whole.in_mv[rows], whole.y[rows], whole.patient[rows],
        tuple(whole.folds[row] for row in rows), tuple(whole.ids[row] for row in rows),
    )  # fmt: skip


def kept(folder: Path) -> dict[str, list[Path]]:
    """Return the exported files of each model and method, in the order of their seeds."""
    found: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in folder.glob("*.onnx"):
        if match := SEEDED.match(path.stem):
            found[f"{match[1]}/{match[2]}"].append((int(match[3]), path))
    return {name: [path for _, path in sorted(files)] for name, files in sorted(found.items())}


def answers(predictor: Predictor, recordings: Recordings) -> Float:
    """Return the outputs (n, 5) for recordings as they are."""
    spec = predictor.spec
    patient = recordings.patient if spec.takes_patient else None
    return to_outputs(predictor.logits(prepared(recordings, spec.preprocessing), patient), spec.task, spec.calibration)


def answered(folder: Path) -> None:
    """Keep what the files in a folder, and the reference, answer on each test."""
    sets = tested()
    outputs: dict[str, dict[str, Float]] = {name: {} for name in sets}
    references = sorted(folder.glob(f"{REFERENCE}-*.npz"))
    for name in sets if references else ():
        each = []
        for path in references:
            with np.load(path) as told:
                each.append(told[name])
        outputs[name][REFERENCE] = np.stack(each)
    for model, files in kept(folder).items():
        predictors = [Predictor.from_path(path) for path in files]
        for name, recordings in sets.items():
            outputs[name][model] = np.stack([answers(one, recordings) for one in predictors])
        print(model, flush=True)
    zoo_outputs.keep(outputs)


def tested() -> dict[str, Recordings]:
    """Return the recordings of each test."""
    return {zoo_outputs.HOME: home(), **{name: external(name) for name in EXTERNAL_SETS}}


def stressed(path: Path) -> dict[str, Any]:
    """Return the macro-AUROC of one exported file on ECGs of fold 9, as they are and by each step of each kind."""
    predictor, recordings, rows = Predictor.from_path(path), home(), chosen()
    y = recordings.y[rows]

    def score(kind: Kind | None, step: float) -> float | None:
        x = np.zeros((len(rows), 12, predictor.spec.preprocessing.n_samples), np.float32)
        for place, row in enumerate(rows):
            signal, rate = recordings.signals[row], RATE
            if kind is not None:
                random = np.random.default_rng([place, KINDS.index(kind), round(1000 * step)])
                signal, rate = disturbed(signal, rate, kind, step, random)
            try:
                x[place] = predictor.spec.preprocessing(signal, rate)
            except PreprocessingError:
                continue  # all zeros: no beats are found in it
        patient = recordings.patient[rows] if predictor.spec.takes_patient else None
        return rounded(macro_auroc(y, to_outputs(predictor.logits(x, patient), predictor.spec.task)))

    return {
        "n": len(rows), "unchanged": score(None, 0),
        **{kind: [[step, score(kind, step)] for step in about.steps] for kind, about in STEPS.items()},
    }  # fmt: skip


def chosen() -> list[int]:
    """Return the rows of fold 9 that are disturbed: in mV, the first of each patient."""
    recordings = home()
    first: dict[str, int] = {}
    for row in np.flatnonzero(recordings.in_mv).tolist():
        first.setdefault(recordings.ids[row] or f"record {row}", row)
    return list(first.values())[:STRESSED]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "exchangeai-zoo" / "models")
    parser.add_argument("--only", nargs="+", choices=("paired", "stress"), default=["paired", "stress"])
    given = parser.parse_args(arguments)
    if "paired" in given.only:
        answered(given.keep)
        store({**stored(), "paired": zoo_outputs.compared(tested())})
    for model, files in kept(given.keep).items() if "stress" in given.only else ():
        found = stressed(files[0])
        print(model, found, flush=True)
        results = stored()
        results["stress"] = {**results.get("stress", {}), model: found}
        store(results)


if __name__ == "__main__":
    main()
