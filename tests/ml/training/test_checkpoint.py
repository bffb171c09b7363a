"""A checkpoint goes on only in the run it is of: whatever decides what is learned is part of its fingerprint."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backend.ecg.preprocess import preset
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError
from backend.ml.spec import ModelSpec
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.checkpoint import Checkpoint, fingerprint
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import EpochDone
from backend.ml.training.start import Base
from backend.ml.training.train import train

Run = tuple[TrainingData, ModelSpec, TrainingConfig, Base | None]
N, T = 12, 200


def _run() -> Run:
    random = np.random.default_rng(0)
    x = random.standard_normal((N, 12, T)).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[np.arange(N) % 3]
    split = Split(np.arange(6), np.arange(6, 9), np.arange(9, N))
    facts = random.random((N, 4)).astype(np.float32)
    spec = ModelSpec(
        architecture="inception_time", config={"filters": 4, "depth": 1, "kernel": 9}, labels=("A", "B", "C"),
        task="single_label", preprocessing=preset("exchangeai", window_s=T / 100),
    )  # fmt: skip
    config = TrainingConfig(seed=3, max_epochs=2, augmentation=Augmentation(crop_seconds=1.0), threads=1)
    return TrainingData(x, y, split, patient=facts), spec, config, Base("Elder", spec, b"graph", b"weights")


def _moved(part: str, to: str) -> Callable[[Run], Run]:
    """A record changes its part: the first one, so that not only the border between the two moves."""

    def change(run: Run) -> Run:
        split = run[0].split
        rows, others = getattr(split, part), getattr(split, to)
        moved = replace(split, **{part: rows[1:], to: np.sort(np.append(others, rows[0]))})
        return (replace(run[0], split=moved), *run[1:])

    return change


def _with(**values: object) -> Callable[[Run], Run]:
    return lambda run: (replace(run[0], **values), *run[1:])


def _spec(**values: object) -> Callable[[Run], Run]:
    return lambda run: (run[0], replace(run[1], **values), *run[2:])


def _config(**values: object) -> Callable[[Run], Run]:
    return lambda run: (run[0], run[1], replace(run[2], **values), run[3])


def _other_label(run: Run) -> Run:
    y = run[0].y.copy()
    y[0] = (0, 1, 0)
    return (replace(run[0], y=y), *run[1:])


def _other_signal(run: Run) -> Run:
    x = run[0].x.copy()
    x[4] *= -1
    return (replace(run[0], x=x), *run[1:])


def _other_patient(run: Run) -> Run:
    assert run[0].patient is not None
    return (replace(run[0], patient=1 - run[0].patient), *run[1:])


DECIDING: dict[str, Callable[[Run], Run]] = {
    "a label of a record": _other_label,
    "the signal of a record": _other_signal,
    "age and sex": _other_patient,
    "no age and sex": _with(patient=None),
    "a training record that validates": _moved("train", "validation"),
    "a validation record that is tested": _moved("validation", "test"),
    "a training record that is tested": _moved("train", "test"),
    "names of labels": _spec(labels=("A", "B", "D")),
    "task": _spec(task="multi_label"),
    "architecture": _spec(architecture="xresnet1d18", config={}),
    "setting of the architecture": _spec(config={"filters": 5, "depth": 1, "kernel": 9}),
    "preprocessing": _spec(preprocessing=preset("clinical", window_s=T / 100)),
    "windows": _spec(window_s=1.0),
    "the network looks at the patient": _spec(takes_patient=True),
    "seed": _config(seed=4),
    "epochs": _config(max_epochs=3),
    "loss": _config(loss="focal"),
    "augmentation": _config(augmentation=Augmentation(crop_seconds=1.5)),
    "base": lambda run: (*run[:3], Base("Elder", run[1], b"another graph", b"weights")),
    "no base": lambda run: (*run[:3], None),
}


@pytest.mark.parametrize("name", DECIDING)
def test_what_decides_a_run_is_in_its_fingerprint(name: str) -> None:
    assert fingerprint(*DECIDING[name](_run())) != fingerprint(*_run())


def test_what_decides_nothing_is_not() -> None:
    """Another number of threads is no other run, nor is another name of the base."""
    assert fingerprint(*_config(threads=2)(_run())) == fingerprint(*_run())
    data, spec, config, base = _run()
    assert base is not None
    assert fingerprint(data, spec, config, replace(base, name="Renamed")) == fingerprint(*_run())


def test_the_best_epoch_is_the_last_that_was_better_than_all_before_it() -> None:
    """Patience counts from it, and its weights are the model."""

    def after(*best: bool) -> int:
        history = tuple(EpochDone(n, 1.0, 1.0, None, None, 1e-3, 1.0, good) for n, good in enumerate(best, 1))
        return Checkpoint("run", 16, 1e-3, (), {}, history=history).best_epoch

    assert [after(), after(True), after(True, False, True, False), after(True, True)] == [0, 1, 3, 2]


@pytest.mark.parametrize("name", ["a label of a record", "a validation record that is tested"])
def test_a_training_does_not_go_on_with_other_labels_or_another_validation_part(name: str, tmp_path) -> None:
    data, spec, config, _ = _run()
    config = replace(config, learning_rate=1e-3, batch_size=4)
    list(train(data, spec, config, tmp_path / "run.pt"))
    changed, *_ = DECIDING[name]((data, spec, config, None))
    with pytest.raises(CheckpointError, match="other data or settings"):
        list(train(changed, spec, config, tmp_path / "run.pt"))
