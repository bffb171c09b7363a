"""On how many processes a training runs where nobody has said it: by a rule without a clock, kept when resumed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training import parallel
from backend.ml.training.config import TrainingConfig
from backend.ml.training.cross_validation import CrossValidation
from backend.ml.training.events import EpochDone, Started
from backend.ml.training.learner import Learner
from backend.ml.training.parallel import devices_for
from backend.ml.training.start import Base
from backend.ml.training.train import train
from tests.ml.conftest import N_SAMPLES, waves
from tests.ml.training.test_cross_validation import base_of, folds_of


@pytest.fixture
def two_cores():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def _silent(n_train: int) -> TrainingData:
    rows = np.arange(n_train)
    y = np.eye(3, dtype=np.float32)[rows % 3]
    x = np.broadcast_to(np.float32(0), (n_train, 12, N_SAMPLES))
    return TrainingData(x, y, Split(rows, rows[:9], rows[:9]))


@pytest.mark.usefixtures("two_cores")
@pytest.mark.parametrize(
    ("n_train", "changes", "devices"),
    [
        (1024, {}, 2),  # an automatic batch of 64
        (1023, {}, 1),  # one of 32: half of it is little for batch normalisation
        (1023, {"batch_size": 64}, 2),
        (1024, {"batch_size": 63}, 1),
        (1024, {"max_epochs": 19}, 1),  # too short
        (1024, {"max_epochs": 20}, 2),
        (1024, {"threads": 2}, 1),  # what a person has chosen stands
        (1024, {"devices": 1}, 1),
        (90, {"devices": 2, "max_epochs": 1}, 2),
    ],
)
def test_two_processes_are_taken_for_large_batches_and_long_trainings(small_spec, n_train, changes, devices):
    assert devices_for(Learner(_silent(n_train), small_spec, replace(TrainingConfig(), **changes))) == devices


def test_one_core_has_one_process(small_spec):
    assert torch.get_num_threads() == 1
    assert devices_for(Learner(_silent(1024), small_spec, TrainingConfig())) == 1


@pytest.mark.usefixtures("two_cores")
def test_a_head_is_fitted_by_one_process(small_spec):
    base: Base = base_of(small_spec, TrainingConfig())
    learner = Learner(_silent(1024), small_spec, TrainingConfig(method="head"), base)
    assert devices_for(learner) == 1


@pytest.fixture
def short_is_long(monkeypatch):
    monkeypatch.setattr(parallel, "LONG", 1)
    monkeypatch.setattr(parallel, "SHARE", 8)


def _of(events, kind) -> list:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.usefixtures("two_cores", "short_is_long")
def test_a_resumed_training_keeps_its_processes_where_the_second_core_is_gone(
    small_data, small_spec, small_config, tmp_path
):
    path, config = tmp_path / "run.pt", replace(small_config, threads=None, max_epochs=2)
    events = train(small_data, small_spec, config, path)
    for event in events:
        if isinstance(event, EpochDone):
            break
        if isinstance(event, Started):
            assert event.device == "2 × cpu"
    events.close()
    assert checkpoints.load(path).devices == 2
    torch.set_num_threads(1)
    (started,) = _of(train(small_data, small_spec, config, path), Started)
    assert started.device == "2 × cpu"


@pytest.mark.usefixtures("two_cores", "short_is_long")
def test_trainings_of_a_cross_validation_have_one_process_each(small_spec, small_config, tmp_path):
    x, y = waves(48, 3, "single_label")
    none = np.empty(0, np.intp)
    data = TrainingData(x, y, Split(np.arange(48), none, none), tuple(map(str, range(48))))
    config = replace(small_config, threads=None, max_epochs=1)
    found = CrossValidation(data, small_spec, config, folds_of(data), tmp_path / "run.pt", seed=1)
    started = _of([*found.run(), *found.keep([1], [1])], Started)
    assert [one.device for one in started] == ["cpu"] * 4
