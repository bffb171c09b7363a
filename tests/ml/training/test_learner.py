"""One step of a training: its gradient, what is clipped of it, the numbers it is computed in."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.architectures.windows import window_starts
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.learner import Learner, gradient
from backend.ml.training.optimizers import set_rate

PLAIN = Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=0)


def flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


@pytest.mark.parametrize(("clip_norm", "clipped"), [(0.01, True), (1000.0, False)])
def test_a_gradient_longer_than_the_limit_keeps_its_direction_only(
    small_data, small_spec, small_config, clip_norm, clipped
):
    config = replace(small_config, optimizer="sgd", weight_decay=0.0, clip_norm=clip_norm, augmentation=PLAIN)
    learner = Learner(small_data, small_spec, config)
    set_rate(learner.optimizer, 0.1)
    learner.backward(learner.batch(small_data.split.train[:16], np.random.default_rng(0)))
    parameters = list(learner.network.parameters())
    before, raw = flat(parameters), flat(p.grad for p in parameters)
    assert 0.01 < raw.norm() < 1000
    learner.update()
    # the first step of Nesterov's momentum of 0.9 is 1.9 times the gradient
    expected = 0.1 * 1.9 * (raw * 0.01 / raw.norm() if clipped else raw)
    torch.testing.assert_close(before - flat(parameters), expected, rtol=1e-3, atol=1e-6)


def test_in_bfloat16_the_gradient_is_nearly_the_same_and_the_weights_stay_float32(small_data, small_spec, small_config):
    gradients, losses = {}, {}
    for precision in ("float32", "bfloat16"):
        learner = Learner(small_data, small_spec, replace(small_config, precision=precision, augmentation=PLAIN))
        batch = learner.batch(small_data.split.train[:16], np.random.default_rng(0))
        losses[precision] = learner.backward(batch)
        gradients[precision] = flat(p.grad for p in learner.network.parameters())
        assert {p.grad.dtype for p in learner.network.parameters()} == {torch.float32}
        learner.update()
        assert {value.dtype for value in learner.network.state_dict().values()} <= {torch.float32, torch.int64}
        assert torch.cat(list(learner.validation_logits())).dtype == torch.float32
    assert not torch.equal(gradients["float32"], gradients["bfloat16"])
    assert torch.cosine_similarity(gradients["float32"], gradients["bfloat16"], dim=0) > 0.98
    assert losses["bfloat16"].item() == pytest.approx(losses["float32"].item(), rel=0.02)


def test_validation_is_in_float32_whatever_the_steps_are_in(small_data, small_spec, small_config):
    logits = [
        torch.cat(list(Learner(small_data, small_spec, replace(small_config, precision=p)).validation_logits()))
        for p in ("float32", "bfloat16")
    ]
    assert torch.equal(*logits)


def test_the_gradient_of_a_batch_is_that_of_its_loss(small_data, small_spec, small_config):
    """Against finite differences, in the direction of the gradient."""
    spec = replace(small_spec, architecture="transformer", config={"width": 16, "depth": 1, "heads": 2, "dropout": 0.0})
    learner = Learner(small_data, spec, replace(small_config, augmentation=PLAIN))
    batch = learner.batch(small_data.split.train[:16], np.random.default_rng(0))
    arguments = (learner.network, learner.loss, "float32", learner.device, batch)
    gradient(*arguments)
    parameters = list(learner.network.parameters())
    slope = flat(p.grad for p in parameters)
    start, direction, step = flat(parameters), slope / slope.norm(), 1e-2
    losses = []
    for sign in (1, -1):
        torch.nn.utils.vector_to_parameters(start + sign * step * direction, parameters)
        losses.append(gradient(*arguments).item())
    assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(slope.norm().item(), rel=0.02)


def test_training_sees_windows_and_validation_the_mean_over_all_of_them(small_data, small_spec, small_config):
    learner = Learner(small_data, replace(small_spec, window_s=1.0), small_config)
    x, y, patient = learner.batch(small_data.split.train[:5], np.random.default_rng(0))
    assert x.shape == (5, 12, 100)
    assert y.shape == (5, 3)
    assert patient is None
    network = learner.network.eval()
    record = torch.from_numpy(small_data.x[small_data.split.validation])
    with torch.inference_mode():
        windows = [network(record[..., start : start + 100]) for start in window_starts(200, 100)]
        expected = torch.stack(windows).mean(dim=0)
    assert len(windows) == 3
    torch.testing.assert_close(torch.cat(list(learner.validation_logits())), expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(expected, network(record), atol=1e-5)
