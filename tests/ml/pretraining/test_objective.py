"""The objectives against what is known of them by hand, or from scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from backend.ml.pretraining.objective import Beats, Intervals, alike, known_error, mmd, rarity


def test_the_beats_are_the_half_whitened_components_of_scikit_learn():
    rng = np.random.default_rng(0)
    beats = (rng.standard_normal((200, 6)) @ rng.standard_normal((6, 24))).reshape(200, 12, 2).astype(np.float32)
    own = Beats(24, 4)
    own.fit(beats)
    found = own(torch.from_numpy(beats)).numpy()
    pca = PCA(4, svd_solver="full").fit(beats.reshape(200, 24))
    scale = np.sqrt(pca.explained_variance_ * 199 / 200) ** 0.5
    wanted = pca.transform(beats.reshape(200, 24)) / scale
    np.testing.assert_allclose(np.abs(found), np.abs(wanted), atol=1e-3)  # the sign of a component is anybody's
    error = own.error(torch.zeros(200, 4), torch.from_numpy(beats))
    assert error.mean().item() == pytest.approx(1, abs=1e-3)  # telling the mean costs 1
    beats[3] = np.nan
    assert torch.isnan(own.error(torch.zeros(200, 4), torch.from_numpy(beats))).nonzero().flatten().tolist() == [3]


def test_what_is_unknown_costs_nothing_and_sends_no_gradient():
    told = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    wanted = torch.tensor([[1.5, torch.nan], [torch.nan, torch.nan]])
    error = known_error(told, wanted)
    assert error.item() == pytest.approx(0.125)
    error.backward()
    assert told.grad.tolist() == [[-0.5, 0.0], [0.0, 0.0]]
    assert known_error(told, torch.full((2, 2), torch.nan)).item() == 0


def test_the_discrepancy_is_none_for_the_same_distribution_and_grows_with_the_distance():
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(400, 5, generator=generator) for _ in range(2))
    assert abs(mmd(a, b).item()) < 0.02
    assert mmd(a + 1, b).item() > 0.2
    assert mmd(a + 2, b).item() > mmd(a + 1, b).item()


def test_views_that_belong_together_cost_less_than_any_others():
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(6, 8, generator=generator)
    assert alike(a, a + 0.01).item() < 0.1 < alike(a, a.roll(1, dims=0)).item()


def test_rare_labels_weigh_more_and_unknown_ones_are_not_counted():
    y = np.array([[1, 1], [0, np.nan], [0, 1], [0, np.nan], [0, 0]], np.float32)
    np.testing.assert_allclose(rarity(y), [2.0, 1.0])


def test_rr_intervals_become_numbers_of_unit_scale():
    rr = np.array([[0.8, 0.02], [1.0, 0.05], [0.6, 0.2]], np.float32)
    own = Intervals()
    own.fit(rr)
    found = own(torch.from_numpy(rr))
    assert torch.allclose(found.mean(dim=0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(found.std(dim=0), torch.ones(2), atol=1e-5)
