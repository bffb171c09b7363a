"""Discrepancy and distance against what they are by definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics.pairwise import rbf_kernel

from backend.ml.evaluation.drift import mmd
from backend.ml.evaluation.drift.distance import distances, fit, own_distances


def test_features_give_the_discrepancy_of_the_gaussian_kernel() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(200, 6)), random.normal(0.7, 1, size=(150, 6))
    width = mmd.median_distance(np.concatenate([a, b]))
    kernel = [rbf_kernel(x, y, gamma=1 / (2 * width**2)).mean() for x, y in ((a, a), (b, b), (a, b))]
    exact = kernel[0] + kernel[1] - 2 * kernel[2]
    found = mmd.discrepancy(mmd.features(a, width).mean(axis=0), mmd.features(b, width).mean(axis=0))
    assert found == pytest.approx(exact, rel=0.15)


def test_the_median_distance_is_that_of_pairs() -> None:
    x = np.random.default_rng(1).normal(size=(300, 4))
    apart = np.linalg.norm(x[:, None] - x[None], axis=2)
    assert mmd.median_distance(x) == pytest.approx(np.median(apart[np.triu_indices(300, 1)]), rel=0.05)
    assert mmd.median_distance(np.zeros((5, 3))) == 1e-6
    assert mmd.median_distance(np.zeros((1, 3))) == 1.0


def test_p_is_even_where_nothing_differs_by_permutation_and_by_covariance_alike() -> None:
    told: list[tuple[float, float]] = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(60, 5)), random.normal(size=(40, 5))
        width = mmd.median_distance(a)
        x, y = mmd.features(a, width), mmd.features(b, width)
        found = mmd.discrepancy(x.mean(axis=0), y.mean(axis=0))
        told.append((mmd.permutation_p(x, y), mmd.kept_p(found, mmd.spectrum(x), 60, 40)))
    values = np.array(told)
    assert (values.mean(axis=0) > 0.4).all()
    assert (values.mean(axis=0) < 0.6).all()
    assert ((values < 0.05).mean(axis=0) < 0.15).all()
    assert np.abs(values[:, 0] - values[:, 1]).mean() < 0.06


def test_p_of_what_differs_is_small() -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(size=(100, 5)), random.normal(0.8, 1, size=(80, 5))
    x, y = (mmd.features(one, 3.0) for one in (a, b))
    assert mmd.permutation_p(x, y) < 0.001
    assert mmd.kept_p(mmd.discrepancy(x.mean(axis=0), y.mean(axis=0)), mmd.spectrum(x), 100, 80) < 0.001


def test_where_all_directions_are_kept_the_distance_is_that_of_mahalanobis() -> None:
    random = np.random.default_rng(4)
    x = random.normal(size=(400, 5)) @ random.normal(size=(5, 5))
    cloud = fit(x)  # four directions of five, and what is left is the fifth
    exact = np.sqrt(EmpiricalCovariance().fit(x).mahalanobis(x) / 5)
    np.testing.assert_allclose(distances(cloud, x), exact, rtol=0.01)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(20, 200), st.integers(2, 60))
def test_a_turned_and_moved_cloud_has_the_same_distances(seed: int, n: int, e: int) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, e)) * (1 + np.arange(e))
    turn = np.linalg.qr(random.normal(size=(e, e)))[0]
    np.testing.assert_allclose(distances(fit(x), x), distances(fit(x @ turn + 5), x @ turn + 5), rtol=1e-5)


def test_distances_within_the_training_are_those_of_new_ecgs() -> None:
    random = np.random.default_rng(5)
    mixing = random.normal(size=(20, 64))
    train, new = (random.normal(size=(n, 20)) @ mixing + random.normal(size=(n, 64)) for n in (100, 2000))
    own, seen, fresh = own_distances(train), distances(fit(train), train), distances(fit(train), new)
    assert np.median(seen) < 0.95 * np.median(fresh)  # as they would be without parts
    assert 1 <= np.median(own) / np.median(fresh) < 1.1  # of four fifths: rather too far than too near
