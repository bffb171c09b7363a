"""What every candidate answers on the tests, kept in docs/results_outputs.npz.

So a candidate that is added is compared with those that were trained before, on the same recordings, and trainings can
be averaged without training again. Probabilities of five labels in the order of the recordings: nothing of a patient.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ml.evaluation.paired import compare
from bench.zoo_data import EXTERNAL_LABELS, EXTERNAL_SETS, LABELS, Recordings
from bench.zoo_runs import rounded

Float = NDArray[np.float32]
OUTPUTS = Path(__file__).parents[1] / "docs" / "results_outputs.npz"
HOME = "fold_9"
AVERAGED: Mapping[str, Sequence[str]] = {
    "xresnet1d18/averaged": ["xresnet1d18/scratch"],
    "xresnet1d50/averaged": ["xresnet1d50/scratch"],
    "xception_time/averaged": ["xception_time/scratch"],
    "several/averaged": ["xresnet1d18/scratch", "xresnet1d50/scratch", "xception_time/scratch"],
}
"""Candidates that are the mean probability of all trainings of the named ones."""


def known(path: Path = OUTPUTS) -> dict[str, dict[str, Float]]:
    """Return by test and candidate the outputs (seeds, n, 5)."""
    found: dict[str, dict[str, Float]] = {name: {} for name in (HOME, *EXTERNAL_SETS)}
    if path.exists():
        with np.load(path) as kept:
            for key in kept.files:
                test, _, candidate = key.partition("/")
                found[test][candidate] = kept[key]
    return found


def keep(outputs: Mapping[str, Mapping[str, Float]], path: Path = OUTPUTS) -> None:
    """Write the outputs; those of one candidate that is there are replaced, others stay."""
    merged = known(path)
    for test, each in outputs.items():
        merged[test].update(each)
    flat = {f"{test}/{name}": value for test, each in merged.items() for name, value in sorted(each.items())}
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        np.savez_compressed(file, **flat)  # type: ignore[arg-type]
    fresh.replace(path)


def averaged(outputs: Mapping[str, Float]) -> dict[str, Float]:
    """Return the outputs (1, n, 5) of each average of which all trainings are there."""
    return {
        name: np.concatenate([outputs[one] for one in parts]).mean(axis=0, keepdims=True)
        for name, parts in AVERAGED.items()
        if all(one in outputs for one in parts)
    }


def compared(sets: Mapping[str, Recordings]) -> dict[str, Any]:
    """Return, of each test, the scores of all candidates and their differences; a candidate is the mean of its seeds.

    Intervals and p hold for all pairs of a test together.
    """
    outputs = known()
    found = {}
    for name, recordings in sets.items():
        labels = LABELS if name == HOME else EXTERNAL_LABELS
        n = len(labels)
        every = {**outputs[name], **averaged(outputs[name])}
        candidates = list(every)
        told = compare(
            recordings.y[:, :n], [every[one][..., :n] for one in candidates], labels, "multi_label",
            recordings.ids or None, folds=1,
        )  # fmt: skip
        found[name] = {
            "candidates": candidates, "n": told.n, "scores": [rounded(score) for score in told.scores],
            "differences": [
                [candidates[one.first], candidates[one.second], rounded(one.estimate.value), rounded(one.estimate.low),
                 rounded(one.estimate.high), rounded(one.p)]
                for one in told.differences
            ],
        }  # fmt: skip
    return found
