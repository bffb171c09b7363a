import numpy as np
import pytest
import torch

from backend.ml.data.target_scale import scaled, target_scale
from backend.ml.errors import SettingError
from backend.ml.inference.predictor import to_probabilities
from backend.ml.training.loss import label_weights, make_loss

CPU = torch.device("cpu")
RANDOM = np.random.default_rng(0)
LOGITS = (3 * RANDOM.standard_normal((8, 3))).astype(np.float32)
ONE = np.eye(3, dtype=np.float32)[RANDOM.integers(0, 3, 8)]
SEVERAL = (RANDOM.random((8, 3)) < 0.4).astype(np.float32)
MIXED = (0.7 * ONE + 0.3 * ONE[::-1]).astype(np.float32)


def value(loss, logits, y):
    return loss(torch.from_numpy(logits), torch.from_numpy(y)).item()


def test_rare_labels_weigh_more_up_to_ten_times():
    y = np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], [100, 50, 1])]
    weights = label_weights(y, "single_label")
    np.testing.assert_allclose(weights[1:] / weights[0], [2, 10])
    assert (weights * y.sum(axis=0)).sum() / len(y) == pytest.approx(1)
    y = np.zeros((101, 2), np.float32)
    y[:, 0] = 1
    y[:1, 1] = y[:10, 0] = 0
    y[0, 1] = 1
    np.testing.assert_allclose(label_weights(y, "multi_label"), [1, 10])


@pytest.mark.parametrize("y", [ONE, MIXED])
def test_the_unweighted_cross_entropy_is_the_textbook_one(y):
    p = to_probabilities(LOGITS, "single_label").astype(float)
    loss = make_loss(ONE, "single_label", False, CPU)
    assert value(loss, LOGITS, y) == pytest.approx(-(y * np.log(p)).sum(axis=1).mean(), rel=1e-5)


def test_the_weighted_cross_entropy_is_that_of_torch():
    weights = torch.from_numpy(label_weights(ONE, "single_label"))
    target = torch.from_numpy(ONE.argmax(axis=1))
    expected = torch.nn.functional.cross_entropy(torch.from_numpy(LOGITS), target, weight=weights)
    assert value(make_loss(ONE, "single_label", True, CPU), LOGITS, ONE) == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_losses_of_several_labels_are_the_papers_formulas(weighted):
    p, y = 1 / (1 + np.exp(-LOGITS.astype(float))), SEVERAL.astype(float)
    w = label_weights(SEVERAL, "multi_label") if weighted else np.ones(3)
    clipped = np.maximum(p - 0.05, 0)
    expected = {
        "cross_entropy": w * y * np.log(p) + (1 - y) * np.log(1 - p),
        "focal": w * y * (1 - p) ** 2 * np.log(p) + (1 - y) * p**2 * np.log(1 - p),
        "asymmetric": w * y * (1 - p) * np.log(p) + (1 - y) * clipped**4 * np.log(1 - clipped),
    }
    for name, formula in expected.items():
        loss = make_loss(SEVERAL, "multi_label", weighted, CPU, name)
        assert value(loss, LOGITS, SEVERAL) == pytest.approx(-formula.mean(), rel=1e-5), name


@pytest.mark.parametrize("weighted", [False, True])
def test_the_focal_loss_of_one_label_counts_what_is_easy_less(weighted):
    p = (to_probabilities(LOGITS, "single_label").astype(float) * ONE).sum(axis=1)
    w = (ONE * label_weights(ONE, "single_label")).sum(axis=1) if weighted else np.ones(8)
    expected = -(w * (1 - p) ** 2 * np.log(p)).sum() / w.sum()
    assert value(make_loss(ONE, "single_label", weighted, CPU, "focal"), LOGITS, ONE) == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "asymmetric"])
@pytest.mark.parametrize("size", [0.0, 100.0])
def test_sure_answers_right_or_wrong_have_finite_gradients(name, size):
    logits = torch.tensor([[size, -size], [-size, size]], requires_grad=True)
    target = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    for task in ("multi_label", *(() if name == "asymmetric" else ("single_label",))):
        make_loss(SEVERAL[:, :2], task, True, CPU, name)(logits, target).backward()
        assert torch.isfinite(logits.grad).all()


def test_the_asymmetric_loss_is_refused_for_a_single_label():
    with pytest.raises(SettingError, match="several labels"):
        make_loss(ONE, "single_label", True, CPU, "asymmetric")


def test_targets_are_standardised_by_the_training_part_and_unknown_ones_left_out():
    y = RANDOM.normal([50, -3], [10, 0.5], (200, 2)).astype(np.float32)
    y[::7, 0] = np.nan
    scale = target_scale(y[:150])
    np.testing.assert_allclose(scale, [np.nanmean(y[:150], axis=0), np.nanstd(y[:150], axis=0)], rtol=1e-5)
    z = scaled(y, scale)
    np.testing.assert_array_equal(np.isnan(z), np.isnan(y))
    np.testing.assert_allclose(np.nanmean(z[:150], axis=0), 0, atol=1e-5)
    assert target_scale(np.full((4, 1), 7, np.float32)) == ((7.0,), (1.0,))


def test_the_loss_of_a_regression_is_hubers_over_what_is_known():
    y = np.array([[0.5, np.nan], [3.0, -1.0]], np.float32)
    logits = np.array([[0.0, 9.0], [0.0, -1.5]], np.float32)
    loss = make_loss(y, "regression", True, CPU)
    assert value(loss, logits, y) == pytest.approx((0.5 * 0.25 + (3 - 0.5) + 0.5 * 0.25) / 3)
    leaf = torch.from_numpy(logits).requires_grad_()
    loss(leaf, torch.full((2, 2), torch.nan)).backward()
    assert not leaf.grad.any()
