import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.training import lr_finder
from backend.ml.training.choices import OptimizerName
from backend.ml.training.learner import Learner
from backend.ml.training.optimizers import OPTIMIZERS


def same(a, b):
    """Compare nested states, tensors bit for bit."""
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("broken_off", [False, True])
def test_the_learning_rate_search_leaves_everything_as_it_was(
    small_data, small_spec, small_config, optimizer: OptimizerName, broken_off
):
    config = replace(small_config, optimizer=optimizer, ema=0.9)
    learner = Learner(small_data, small_spec, config)
    random = np.random.default_rng(0)
    rows = small_data.split.train[:8]
    learner.step(rows, random)  # so that there is a state of the optimiser to restore
    before = copy.deepcopy(learner.state())
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    changed = []

    def step():
        torch.rand(1)  # as dropout would
        loss = learner.step(rows, random)
        changed.append(not same(learner.state()["network"], before["network"]))
        if broken_off and len(changed) == 3:
            raise KeyboardInterrupt
        return loss

    sweep = lr_finder.sweep(learner, step)
    if broken_off:
        with pytest.raises(KeyboardInterrupt):
            list(sweep)
    else:
        for _, _ in zip(range(8), sweep, strict=False):
            pass
        sweep.close()
    assert all(changed)
    assert torch.rand(1) == expected
    assert same(learner.state(), before)


def test_the_search_sees_training_records_only(small_data, small_spec, small_config, tmp_path, monkeypatch):
    from backend.ml.training.events import LrFound
    from backend.ml.training.train import train

    seen = []
    original = Learner.step
    monkeypatch.setattr(Learner, "step", lambda self, rows, random: seen.append(rows) or original(self, rows, random))
    events = train(small_data, small_spec, replace(small_config, learning_rate=None), tmp_path / "run.pt")
    next(event for event in events if isinstance(event, LrFound))
    assert set(np.concatenate(seen)) == set(small_data.split.train)


def test_the_learning_rate_is_where_the_loss_has_fallen_half_way():
    rates = 10.0 ** np.linspace(-5, 0, 51)
    falling = 1 / (1 + np.exp(4 * (np.log10(rates) + 2.5))) + np.where(rates > 0.1, rates * 10, 0)
    noise = np.random.default_rng(0).normal(0, 0.02, 51)
    for losses in (falling, falling + noise):
        assert lr_finder.choose(tuple(zip(rates, losses, strict=True))) == pytest.approx(10**-2.5, rel=0.3)
    assert lr_finder.choose(()) == lr_finder.DEFAULT
    assert lr_finder.choose(tuple(zip(rates, rates, strict=True))) == lr_finder.DEFAULT


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_choice_stays_within_what_suits_the_optimiser(optimizer: OptimizerName):
    suited = OPTIMIZERS[optimizer]
    low, high = suited.range
    assert low <= suited.default <= high < suited.highest
    rates = np.geomspace(lr_finder.LOWEST, suited.highest, lr_finder.STEPS)
    steady = np.linspace(1, 0, lr_finder.STEPS)
    for fall in (5, 20):  # the loss falls very late, or very early
        late = tuple(zip(rates, steady ** (1 / fall), strict=True))
        early = tuple(zip(rates, np.maximum(steady**fall, 0), strict=True))
        for curve in (late, early):
            assert low <= lr_finder.choose(curve, suited.default, suited.range) <= high
