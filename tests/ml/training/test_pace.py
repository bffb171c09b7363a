"""As many threads as make a step quickest: chosen by trying, kept with the run, and without a trace in it."""

from dataclasses import replace

import pytest
import torch

from backend.ml.training import checkpoint as checkpoints
from backend.ml.training import pace
from backend.ml.training.events import EpochDone
from backend.ml.training.learner import Learner
from backend.ml.training.train import train


@pytest.fixture
def four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 2, 2: 6, 4: 10}, 1),
        ({1: 10, 2: 5, 4: 2}, 4),
        ({1: 10, 2: 4, 4: 8}, 2),
        ({1: 10, 2: 10, 4: 9.9}, 1),  # a gain that is none
    ],
)
def test_the_fewest_threads_that_are_quickest_are_chosen(
    small_data, small_spec, small_config, four_threads, monkeypatch, seconds, best
):
    clock = [0.0]

    def step(*_):
        clock[0] += seconds[torch.get_num_threads()]

    monkeypatch.setattr(pace, "gradient", step)
    monkeypatch.setattr(pace, "perf_counter", lambda: clock[0])
    assert pace.quickest_threads(Learner(small_data, small_spec, small_config), 16) == best
    assert torch.get_num_threads() == 4


def _losses(data, spec, config, path):
    return [(e.train_loss, e.val_loss) for e in train(data, spec, config, path) if isinstance(e, EpochDone)]


def test_trying_leaves_no_trace_in_the_training(
    small_data, small_spec, small_config, four_threads, monkeypatch, tmp_path
):
    given = _losses(small_data, small_spec, replace(small_config, threads=1), tmp_path / "given.pt")
    monkeypatch.setattr("backend.ml.training.train.quickest_threads", _one_after_trying)
    assert _losses(small_data, small_spec, replace(small_config, threads=None), tmp_path / "found.pt") == given
    assert torch.get_num_threads() == 4


def _one_after_trying(learner, size):
    pace.quickest_threads(learner, size)
    return 1


def test_a_run_that_is_resumed_keeps_the_threads_it_has_found(
    small_data, small_spec, small_config, four_threads, monkeypatch, tmp_path
):
    path, config = tmp_path / "run.pt", replace(small_config, threads=None)
    monkeypatch.setattr("backend.ml.training.train.quickest_threads", lambda *_: 2)
    for event in train(small_data, small_spec, config, path):
        if isinstance(event, EpochDone):
            break
    assert checkpoints.load(path).threads == 2
    used = []
    monkeypatch.setattr(Learner, "step", lambda *_: used.append(torch.get_num_threads()) or 0.1)
    list(train(small_data, small_spec, config, path))
    assert set(used) == {2}
