"""Embeddings, and the head fitted on them: against scikit-learn, and against the network itself."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import OptimizeResult, minimize
from sklearn.linear_model import LogisticRegression

from backend.ml.architectures import architecture
from backend.ml.architectures.windows import WindowMean
from backend.ml.data.training_data import TrainingData
from backend.ml.training import head_fit
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import embed
from backend.ml.training.events import BatchProgress
from backend.ml.training.head_fit import Embedded, Fitted, embed_parts, fit, strengths
from backend.ml.training.loss import huber, make_loss

CONFIG = TrainingConfig(method="head")
CPU = torch.device("cpu")


@pytest.fixture
def network(small_spec):
    network = architecture("inception_time").build(12, 200, 3, small_spec.config, seed=1)
    with torch.no_grad():
        network.train()(torch.randn(8, 12, 200, generator=torch.Generator().manual_seed(1)))
    return network


def cloud(n: int, d: int, n_labels: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of very different size, one of them constant, and scores that depend on them."""
    random = np.random.default_rng(seed)
    z = random.standard_normal((n, d)) * np.geomspace(0.01, 30, d) + 5
    scores = ((z - 5) / np.geomspace(0.01, 30, d)) @ np.random.default_rng(99).standard_normal((d, n_labels))
    z[:, 2] = 1.5
    return z.astype(np.float32), scores + random.logistic(size=scores.shape)


def fits(z: np.ndarray, y: np.ndarray, loss, task: str, config=CONFIG, head=None, done: int = 0, **kw) -> list[Fitted]:
    head = head or torch.nn.Linear(z.shape[1], y.shape[1])
    found = []
    for event in fit(head, Embedded(z, z[:20], **kw), y.astype(np.float32), loss, task, config, done=done):
        if isinstance(event, Fitted):
            found.append((event, head.weight.detach().clone(), head.bias.detach().clone()))
        else:
            assert isinstance(event, BatchProgress)
            assert 0 < event.fraction <= 1
    return found


def embedded_at_once(*given, **options) -> np.ndarray:
    return np.concatenate(list(embed(*given, **options)))


def test_embeddings_give_the_logits_of_the_network_and_leave_it_as_it_was(network, small_data):
    rows = np.array([7, 3, 80, 3])
    state = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    z = embedded_at_once(network, small_data.x, rows, batch=3)
    assert network.training
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(small_data.x[rows]))
        torch.testing.assert_close(network.head(torch.from_numpy(z)), expected, atol=1e-5, rtol=1e-5)


def test_with_windows_they_give_the_mean_of_the_windows_logits(network, small_data):
    rows = np.arange(5)
    z = torch.from_numpy(embedded_at_once(network, small_data.x, rows, window=70))
    with torch.inference_mode():
        expected = WindowMean(network.eval(), 70)(torch.from_numpy(small_data.x[rows]))
        torch.testing.assert_close(network.head(z), expected, atol=1e-5, rtol=1e-5)


def test_the_parts_are_those_of_the_split(network, small_data: TrainingData):
    parts = embed_parts(network, small_data)
    fractions = []
    while True:
        try:
            fractions.append(next(parts).fraction)
        except StopIteration as end:
            embedded = end.value
            break
    assert fractions[-1] == 1
    np.testing.assert_array_equal(embedded.train, embedded_at_once(network, small_data.x, small_data.split.train))
    np.testing.assert_array_equal(
        embedded.validation, embedded_at_once(network, small_data.x, small_data.split.validation)
    )


def test_what_hardly_varies_is_rounding_and_gets_no_weight():
    z, scores = cloud(200, 8, 1)
    z[:, 3] = 40 + 0.001 * scores[:, 0]  # tells the label, but in the last digits of a float32 only
    y = scores > 0
    for _, weight, _ in fits(z, y, make_loss(y.astype(np.float32), "multi_label", False, CPU), "multi_label"):
        assert not weight[:, 3].any()
        assert weight[:, 4].any()


@pytest.mark.parametrize("task", ["multi_label", "single_label"])
def test_each_strength_is_the_regression_of_scikit_learn(task):
    z, scores = cloud(300, 8, 3)
    y = (scores > 0).astype(np.float32) if task == "multi_label" else np.eye(3)[scores.argmax(axis=1)]
    found = fits(z, y, make_loss(y.astype(np.float32), task, False, CPU), task)
    mean, deviation = z.astype(float).mean(axis=0), z.astype(float).std(axis=0)
    deviation[2] = 1
    x = (z - mean) / deviation
    for fitted, weight, bias in found[::3]:
        made = [LogisticRegression(C=1 / (len(z) * fitted.strength), tol=1e-8, max_iter=5000) for _ in range(3)]
        if task == "multi_label":
            expected = np.concatenate([one.fit(x, label).coef_ for one, label in zip(made, y.T, strict=True)])
            logits = np.stack([one.decision_function(x) for one in made], axis=1)
        else:
            expected, logits = made[0].fit(x, y.argmax(axis=1)).coef_, made[0].decision_function(x)
        np.testing.assert_allclose(weight.numpy() * deviation, expected, atol=1e-3 * (1 + np.abs(expected).max()))
        assert not weight[:, 2].any()  # a constant says nothing
        ours = z @ weight.numpy().T.astype(float) + bias.numpy()
        if task == "multi_label":
            np.testing.assert_allclose(1 / (1 + np.exp(-ours)), 1 / (1 + np.exp(-logits)), atol=1e-3)
        else:
            np.testing.assert_allclose(
                torch.softmax(torch.from_numpy(ours), 1), torch.softmax(torch.from_numpy(logits), 1), atol=1e-3
            )
        np.testing.assert_allclose(fitted.logits, ours[:20], atol=1e-3)


def test_where_all_are_in_one_unit_they_are_divided_by_one_number():
    z, scores = cloud(300, 8, 1)
    y = (scores > 0).astype(np.float32)
    fitted, weight, _ = fits(z, y, make_loss(y, "multi_label", False, CPU), "multi_label", one_unit=True)[3]
    deviation = np.sqrt(z.astype(float).var(axis=0).mean())
    made = LogisticRegression(C=1 / (300 * fitted.strength), tol=1e-8, max_iter=5000).fit(z / deviation, y[:, 0])
    np.testing.assert_allclose(weight.numpy() * deviation, made.coef_, atol=2e-3)


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "asymmetric"])
def test_weaker_penalties_fit_the_training_records_better_with_every_loss(name):
    z, scores = cloud(200, 6, 2)
    y = (scores > 0).astype(np.float32)
    losses = [one.train_loss for one, *_ in fits(z, y, make_loss(y, "multi_label", True, CPU, name), "multi_label")]
    assert len(losses) == 12
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(losses))
    assert losses[-1] < losses[0]


def test_a_regression_with_unknown_targets_finds_the_line():
    random = np.random.default_rng(1)
    z = random.standard_normal((200, 5)).astype(np.float32)
    true = random.standard_normal((5, 2))
    y = (z @ true + [1, -2] + random.normal(0, 0.01, (200, 2))).astype(np.float32)
    y[::7, 1] = np.nan
    _, weight, bias = fits(z, y, huber, "regression")[-1]
    np.testing.assert_allclose(weight, true.T, atol=0.01)
    np.testing.assert_allclose(bias, [1, -2], atol=0.01)


def test_a_resumed_fit_is_bitwise_the_one_that_was_not_interrupted():
    z, scores = cloud(150, 8, 2)
    y = (scores > 0).astype(np.float32)
    loss = make_loss(y, "multi_label", True, CPU)
    torch.manual_seed(1)
    whole = fits(z, y, loss, "multi_label")
    head = torch.nn.Linear(8, 2)
    head.load_state_dict({"weight": whole[4][1], "bias": whole[4][2]})
    rest = fits(z, y, loss, "multi_label", head=head, done=5)
    assert [one.epoch for one, *_ in rest] == list(range(6, 13))
    for (one, *head_one), (two, *head_two) in zip(rest, whole[5:], strict=True):
        assert one.train_loss == two.train_loss
        assert all(torch.equal(a, b) for a, b in zip(head_one, head_two, strict=True))


def test_the_number_of_epochs_bounds_the_strengths():
    full = strengths(CONFIG)
    assert len(full) == 12
    assert full == sorted(full, reverse=True)
    assert strengths(TrainingConfig(max_epochs=3)) == pytest.approx([full[0], np.sqrt(full[0] * full[-1]), full[-1]])
    assert strengths(TrainingConfig(max_epochs=1)) == pytest.approx([np.sqrt(full[0] * full[-1])])


@pytest.mark.parametrize("one_unit", [False, True])
def test_of_fewer_records_than_dimensions_the_optimum_is_that_of_scikit_learn_too(one_unit):
    z, scores = cloud(30, 90, 2)
    z = z - 5 if one_unit else z
    y = (scores > np.median(scores, axis=0)).astype(np.float32)
    centred = z - z.mean(axis=0)
    deviation = centred.std(axis=0)
    varies = deviation > 1e-6 * deviation.max()
    scale = np.sqrt((deviation**2).mean()) if one_unit else np.where(varies, deviation, 1)
    standard = np.where(varies, centred / scale, 0)
    loss = make_loss(y, "multi_label", False, CPU, "cross_entropy")
    for event, weight, _ in fits(z, y, loss, "multi_label", one_unit=one_unit)[2:8]:
        for label in range(2):
            fit = LogisticRegression(C=1 / (len(z) * event.strength), max_iter=20_000, tol=1e-10)
            fit.fit(standard, y[:, label])
            ours = standard @ np.where(varies, weight[label].numpy() * scale, 0)
            theirs = standard @ fit.coef_[0]
            assert np.abs(ours - theirs).max() < 0.01 * np.abs(theirs).max() + 1e-3


def test_few_steps_find_the_optimum_where_embeddings_vary_much_in_few_directions_and_little_in_many(monkeypatch):
    steps = []
    monkeypatch.setattr(head_fit, "minimize", lambda *given, **how: counted(steps, minimize(*given, **how)))
    random = np.random.default_rng(5)
    n, d = 1500, 300
    mixing = random.standard_normal((12, d)) * np.geomspace(3, 0.05, 12)[:, None]
    z = (random.standard_normal((n, 12)) @ mixing + 0.03 * random.standard_normal((n, d))).astype(np.float32)
    y = (z[:, :1] + z.std() * random.standard_normal((n, 1)) > 0).astype(np.float32)
    found = fits(z, y, make_loss(y, "multi_label", False, CPU), "multi_label", one_unit=True)
    assert sum(steps) < 250  # of twelve strengths; without even curvature it is over 700
    unit = np.sqrt(z.astype(float).var(axis=0).mean())
    x = (z - z.astype(float).mean(axis=0)) / unit
    for fitted, weight, bias in found[::4] + found[-1:]:
        exact = LogisticRegression(C=1 / (n * fitted.strength), solver="newton-cholesky", tol=1e-10).fit(x, y[:, 0])
        best = penalised(fitted.strength, exact.coef_, x @ exact.coef_.T + exact.intercept_, y)
        logits = z @ weight.numpy().T.astype(float) + bias.numpy()
        assert penalised(fitted.strength, weight.numpy() * unit, logits, y) < best + 1e-5


def counted(steps: list[int], found: OptimizeResult) -> OptimizeResult:
    steps.append(found.nfev)
    return found


def penalised(strength: float, weight: np.ndarray, logits: np.ndarray, y: np.ndarray) -> float:
    return float(np.logaddexp(0, np.where(y == 1, -logits, logits)).mean() + strength / 2 * (weight**2).sum())
