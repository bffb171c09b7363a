from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from backend.ml.training import weight_average
from backend.ml.training.choices import OptimizerName
from backend.ml.training.config import TrainingConfig
from backend.ml.training.hardware import uses_bfloat16
from backend.ml.training.optimizers import OPTIMIZERS, make_optimizer, rate_at, set_rate

CONFIG = TrainingConfig(weight_decay=0.1)
REFERENCES = {  # by torch's own names and defaults, to be the oracle of ours
    "adamw": lambda p: torch.optim.AdamW(p, weight_decay=0.1),
    "adam": lambda p: torch.optim.Adam(p, weight_decay=0.1),
    "nadam": lambda p: torch.optim.NAdam(p, weight_decay=0.1),
    "adamax": lambda p: torch.optim.Adamax(p, weight_decay=0.1),
    "adafactor": lambda p: torch.optim.Adafactor(p, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True, weight_decay=0.1),
}


def linear(bias=False):
    torch.manual_seed(0)
    return nn.Linear(3, 2, bias=bias)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimiser_steps_as_torch_has_it(name: OptimizerName):
    ours, theirs = linear(), linear()
    optimizer, reference = make_optimizer(ours, replace(CONFIG, optimizer=name)), REFERENCES[name](theirs.parameters())
    for step in range(3):
        set_rate(optimizer, 0.01 / (1 + step))
        reference.param_groups[0]["lr"] = 0.01 / (1 + step)
        for network, stepper in ((ours, optimizer), (theirs, reference)):
            stepper.zero_grad()
            network(torch.eye(3)).square().sum().backward()
            stepper.step()
    assert not torch.equal(ours.weight, linear().weight)
    torch.testing.assert_close(ours.weight, theirs.weight)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_norms_biases_and_marked_parameters_are_not_decayed(name: OptimizerName):
    network = nn.Sequential(linear(bias=True), nn.LayerNorm(2), linear())
    network[2].weight.no_weight_decay = True
    optimizer = make_optimizer(network, replace(CONFIG, optimizer=name))
    decay = {id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert decay[id(network[0].weight)] == 0.1
    free = [network[0].bias, *network[1].parameters(), network[2].weight]
    assert [decay[id(parameter)] for parameter in free] == [0, 0, 0, 0]


def test_groups_and_factors_share_the_rate_and_frozen_parameters_are_left_out():
    network = nn.Sequential(linear(), linear(), linear())
    network[1].weight.rate_factor = 0.5
    network[2].weight.requires_grad_(False)
    groups = [
        {"params": list(network[0].parameters()), "lr": 0.1},
        {"params": [*network[1].parameters(), *network[2].parameters()], "lr": 1.0},
    ]
    optimizer = make_optimizer(network, CONFIG, groups)
    set_rate(optimizer, 0.02)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert rates == {id(network[0].weight): pytest.approx(0.002), id(network[1].weight): pytest.approx(0.01)}


@pytest.mark.parametrize(("epochs", "steps"), [(10, 7), (3, 40), (50, 1)])
def test_one_cycle_is_that_of_torch(epochs, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.3, epochs * steps, cycle_momentum=False)
    config = TrainingConfig(schedule="one_cycle")
    for step in range(epochs * steps):
        assert rate_at(config, 0.3, step, steps, epochs) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < epochs * steps - 1:
            reference.step()


def test_the_exponential_schedule_falls_once_an_epoch():
    config = TrainingConfig(schedule="exponential", gamma=0.5)
    assert [rate_at(config, 8, step, 3, 10) for step in range(7)] == [8, 8, 8, 4, 4, 4, 2]


def test_the_cosine_schedule_rises_for_a_moment_and_falls_to_nothing():
    config = TrainingConfig(schedule="cosine")
    rates = np.array([rate_at(config, 2, step, 20, 10) for step in range(200)])
    top = int(rates.argmax())
    assert rates[top] == 2
    assert 0 < top <= 10
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) < 0).all()
    np.testing.assert_allclose(rates[top:], 1 + np.cos(np.linspace(0, np.pi, 200 - top)), atol=1e-12)


@pytest.mark.parametrize("schedule", ["exponential", "one_cycle", "cosine"])
def test_a_training_of_one_step_has_a_rate(schedule):
    assert 0 < rate_at(TrainingConfig(schedule=schedule), 1.0, 0, 1, 1) <= 1


def test_the_average_follows_weights_and_running_statistics():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = weight_average.follower(network)
    expected = {name: value.clone().double() for name, value in network.state_dict().items()}
    for updates in range(30):
        decay = min(0.6, (1 + updates) / (10 + updates))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter += torch.randn_like(parameter)
        network(torch.randn(5, 2))
        weight_average.follow(average, network, weight_average.warmed_up(0.6, updates))
        for name, value in network.state_dict().items():
            expected[name] = decay * expected[name] + (1 - decay) * value.double()
    for name, value in average.state_dict().items():
        if name.endswith("num_batches_tracked"):
            assert value == 30
        else:
            torch.testing.assert_close(value.double(), expected[name], rtol=1e-5, atol=1e-6)
    assert not any(parameter.requires_grad for parameter in average.parameters())


@pytest.mark.parametrize(
    ("precision", "device", "samples", "able", "expected"),
    [
        ("float32", "cuda", 10**6, True, False),
        ("bfloat16", "cpu", 10, False, True),
        ("auto", "cuda", 10, False, True),
        ("auto", "cpu", 64 * 250, True, True),
        ("auto", "cpu", 16 * 250, True, False),
        ("auto", "cpu", 64 * 250, False, False),
    ],
)
def test_bfloat16_is_used_where_it_is_asked_for_or_quicker(monkeypatch, precision, device, samples, able, expected):
    monkeypatch.setattr("backend.ml.training.hardware._cpu_multiplies", lambda: able)
    assert uses_bfloat16(precision, torch.device(device), samples) == expected
