"""The forms of the mixture: each costs the same, and what is not on a route does not run."""

import pytest
import torch

from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.cost import route_flops
from backend.ml.architectures.register import EXPERTS
from backend.ml.experiments.material import Settings
from backend.ml.experiments.mixture import ROUTES, form
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.router_loss import router_loss

SMALL = Settings(passes=10_000, config={"width": 8})


@pytest.mark.parametrize("arm", ROUTES)
def test_every_arm_costs_as_much_as_the_mixture(arm: str) -> None:
    network, passes = form(arm, SMALL, 1)
    mixture, _ = form("learned routes", SMALL, 1)
    whole = sum(route_flops(mixture, 12, 1000)) / 3 * SMALL.passes
    assert isinstance(network, CardX)
    route = network.route
    each = route_flops(network, 12, 1000)
    if route is not None:
        assert len(each) == 1
    assert sum(each) / len(each) * passes == pytest.approx(whole, rel=0.03)  # random routes need no router


@pytest.mark.parametrize(("arm", "route"), [(arm, route) for arm, route in ROUTES.items() if route is not None])
@pytest.mark.parametrize("training", [True, False])
def test_only_the_experts_of_a_fixed_route_run(arm: str, route: tuple[int, ...], training: bool) -> None:
    network, _ = form(arm, SMALL, 1)
    assert isinstance(network, CardX)
    ran = []
    for name, expert in zip(EXPERTS, network.experts, strict=True):
        expert.register_forward_hook(lambda *_, name=name: ran.append(name))
    embedding, routing = network.train(training).routed(torch.randn(5, 12, 1000))
    assert ran == [EXPERTS[i] for i in route]
    assert embedding.shape == (5, 64)
    loss = router_loss(routing, network.always, PretrainingConfig(passes=1, load_balance=0.01))
    assert torch.isfinite(loss)


def test_random_routes_are_other_ones_each_time_and_learned_ones_are_not() -> None:
    x = torch.randn(60, 12, 1000)
    for arm, alike in (("learned routes", True), ("random routes", False)):
        network, passes = form(arm, SMALL, 1)
        assert passes == SMALL.passes
        assert isinstance(network, CardX)
        first, again = (network.eval().routed(x)[1].chosen for _ in range(2))
        assert torch.equal(first, again) == alike
