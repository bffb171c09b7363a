"""A small learnable problem, and a network small enough to train in a second."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from backend.ecg.preprocess import preset
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec, Task
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig

SHARED_MODELS = Path(__file__).parents[3] / "shared" / "data" / "models"
N_SAMPLES = 200  # 2 s at 100 Hz


def waves(n: int, n_labels: int, task: Task, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return noise with a sine of a frequency of its own for each label a record has."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, 12, N_SAMPLES)).astype(np.float32)
    if task == "single_label":
        y = np.eye(n_labels, dtype=np.float32)[np.arange(n) % n_labels]
    else:
        y = (random.random((n, n_labels)) < 0.4).astype(np.float32)
    time = np.arange(N_SAMPLES) / 100
    for label in range(n_labels):
        phase = random.uniform(0, 2 * np.pi, (n, 1, 1))
        x += y[:, label, None, None] * 2 * np.sin(2 * np.pi * (3 + 5 * label) * time + phase).astype(np.float32)
    return x.astype(np.float32), y


@pytest.fixture(autouse=True, scope="session")
def one_thread(shared_graphs: None) -> None:
    """Threads only wait for each other in networks as small as these."""
    torch.set_num_threads(1)


@pytest.fixture
def small_spec() -> ModelSpec:
    return ModelSpec(
        architecture="inception_time",
        config={"filters": 4, "depth": 3, "kernel": 19},
        labels=("A", "B", "C"),
        task="single_label",
        preprocessing=preset("exchangeai", window_s=N_SAMPLES / 100),
    )


@pytest.fixture
def small_data() -> TrainingData:
    x, y = waves(90, 3, "single_label")
    return TrainingData(x, y, split(y, [None] * len(y), seed=1))


@pytest.fixture
def small_config() -> TrainingConfig:
    return TrainingConfig(
        seed=3, max_epochs=4, batch_size=16, learning_rate=3e-3, augmentation=Augmentation(crop_seconds=1.0), threads=1
    )
