"""The router: what it chooses, what its loss asks for, and what its monitor says."""

import numpy as np
import pytest
import torch

from backend.ml.architectures import architecture
from backend.ml.architectures.mixture import Routing, Standard, choose
from backend.ml.architectures.register import EXPERTS
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.router_loss import noise_at, router_loss
from backend.ml.pretraining.router_monitor import watch

ALWAYS = EXPERTS.index("xresnet1d")
QUIET = PretrainingConfig(passes=1, router_z=0.0)


def routing(probabilities, always=ALWAYS):
    logits = torch.tensor(probabilities).clamp(min=1e-6).log()
    return choose(logits, always)


def test_the_two_best_are_chosen_and_their_shares_are_the_softmax_of_their_logits():
    logits = torch.tensor([[0.0, 3.0, 1.0, 2.0]])
    found = choose(logits, None)
    assert found.chosen.tolist() == [[False, True, False, True]]
    np.testing.assert_allclose(found.weights[0, [1, 3]], torch.softmax(torch.tensor([3.0, 2.0]), 0))
    always = choose(logits, ALWAYS)
    assert always.chosen.tolist() == [[False, True, True, False]]
    np.testing.assert_allclose(always.weights[0, [1, 2]], torch.softmax(torch.tensor([3.0, 1.0]), 0))


def test_noise_changes_choices_only_where_it_is_asked_for():
    logits = torch.randn(200, 4, generator=torch.Generator().manual_seed(0)) * 0.1
    torch.manual_seed(1)
    plain = choose(logits, ALWAYS).chosen
    assert torch.equal(plain, choose(logits, ALWAYS).chosen)
    assert not torch.equal(plain, choose(logits, ALWAYS, noise=1.0).chosen)
    config = PretrainingConfig(passes=1, noise=0.2, quiet=0.5)
    assert [noise_at(config, share) for share in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([0.2, 0.1, 0.0, 0.0])


def test_the_loss_prefers_sure_and_even_choices():
    sure_and_even = routing([[0.9, 0.05, 0.1, 0.05], [0.05, 0.9, 0.1, 0.05], [0.05, 0.05, 0.1, 0.9]])
    unsure = routing([[1 / 3, 1 / 3, 0.1, 1 / 3]] * 3)
    one_for_all = routing([[0.9, 0.05, 0.1, 0.05]] * 3)
    best, other, worst = (router_loss(each, ALWAYS, QUIET).item() for each in (sure_and_even, unsure, one_for_all))
    assert best < other < worst


def test_the_monitor_watches_a_network():
    network = architecture("cardx").build(12, 200, 2, {"width": 8}, seed=1)
    x = np.random.default_rng(0).standard_normal((70, 12, 200)).astype(np.float32)
    found = watch(network, x, {"first": np.arange(70) < 10})
    assert found.n == 70
    assert sum(found.shares) == pytest.approx(1, abs=1e-3)
    assert [(one.label, one.n) for one in found.by_label] == [("first", 10)]
    assert found.always_on == "xresnet1d"


def test_what_the_router_sees_becomes_standard_also_in_batches_of_one():
    own = Standard(3).train()
    generator = torch.Generator().manual_seed(0)
    for _ in range(400):
        own(5 + 2 * torch.randn(1, 3, generator=generator))
    y = own.eval()(5 + 2 * torch.randn(500, 3, generator=generator))
    assert y.mean().item() == pytest.approx(0, abs=0.4)
    assert y.std().item() == pytest.approx(1, abs=0.4)


def test_a_record_of_a_mixture_is_the_sum_of_its_two_experts():
    network = architecture("cardx").build(12, 200, 2, {"width": 8, "always_on": 0}, seed=1).eval()
    x = torch.randn(5, 12, 200, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        shared = network.shared(x)
        mixed, found = network.routed(x)
        for i in range(5):
            each = [network.experts[e](shared[i : i + 1]) * found.weights[i, e] for e in range(4) if found.chosen[i, e]]
            assert len(each) == 2
            torch.testing.assert_close(sum(each)[0], mixed[i], rtol=1e-4, atol=1e-5)
    assert isinstance(found, Routing)
