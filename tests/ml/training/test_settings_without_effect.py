"""Where a setting is said to have no effect, a training with another value of it is the same to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.training.config import AFTERWARDS, SETTINGS, TrainingConfig, merged
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves
from tests.ml.training.test_train import epochs
from tests.ml.training.test_train_settings import base_of

QUICK = {"max_epochs": 2, "batch_size": 16, "learning_rate": 3e-3, "threads": 1, "augmentation": {"crop_seconds": 1.0}}
THRESHOLDS = ("threshold_rule", "cost_of_missing")  # of several labels alone
SITUATIONS = {
    "the last epoch of one cycle": (
        {"schedule": "one_cycle", "monitor": "last_epoch"},
        "single_label",
        {"gamma", "layer_decay", "patience", "augmentation.shift", *THRESHOLDS},
    ),
    "a regression": ({}, "regression", {"loss", "class_weights", "layer_decay", "augmentation.shift", *AFTERWARDS}),
    "all layers": ({"method": "all"}, "single_label", {"windows", "layer_decay", "augmentation.shift", *THRESHOLDS}),
    "the head alone": (
        {"method": "head"},
        "single_label",
        set(SETTINGS)
        - {"seed", "method", "max_epochs", "monitor", "loss", "class_weights", "threads", "calibrate", "abstain"},
    ),
}


def without_effect(config: TrainingConfig, task: str) -> list[str]:
    values = config.to_dict()
    values |= {f"augmentation.{name}": value for name, value in values.pop("augmentation").items()}
    return [
        name
        for name, entry in SETTINGS.items()
        if (entry.tasks and task not in entry.tasks)
        or (entry.needs_epochs and config.method == "head")
        or any(values[other] not in allowed for other, allowed in entry.when.items())
        or any(values[other] in excluded for other, excluded in entry.unless.items())
    ]


def another(name: str, value: object) -> object:
    """A value as far from the given one as its range allows."""
    entry = SETTINGS[name]
    if entry.choices:
        return next(choice for choice in reversed(entry.choices) if choice != value)
    if entry.low is None:
        return not value
    return entry.low if value == entry.high else entry.high


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_setting_said_to_have_no_effect_has_none(situation, small_data, small_spec, tmp_path):
    changes, task, expected = SITUATIONS[situation]
    data, spec = small_data, small_spec
    if task == "regression":
        x, _ = waves(90, 3, "single_label")
        y = np.abs(x).mean(axis=2)[:, :2].astype(np.float32)
        data = TrainingData(x, y, split(np.ones((90, 1)), [None] * 90, seed=1))
        spec = replace(small_spec, labels=("a", "b"), label_names=(), thresholds=(), task="regression")
    config = TrainingConfig.from_json(merged(QUICK, changes))
    idle = without_effect(config, task)
    assert set(idle) == expected
    other = config.to_dict()
    for name in idle:
        group, found, own = name.partition(".")
        value = another(name, config.to_dict()[group][own] if found else config.to_dict()[name])
        other = merged(other, {group: {own: value} if found else value})
    base = None if config.method == "scratch" else base_of(spec)
    results = []
    for run, settings in (("as-is", config), ("changed", TrainingConfig.from_json(other))):
        done = epochs(train(data, spec, settings, tmp_path / run, base=base))
        results.append((done, trained_network(spec, settings, tmp_path / run, base).state_dict()))
    (first, weights), (second, same) = results
    assert first == second
    assert all(torch.equal(weights[name], same[name]) for name in weights)
