"""The mean of contributions: whose counts how much, and the statistics of BatchNorm of all recordings together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ml.federated.average import average, site_weights

counts = st.lists(st.integers(1, 10**6), min_size=1, max_size=12)


@given(counts, st.floats(0.05, 1))
def test_shares_add_up_and_none_is_above_the_most(n: list[int], most: float) -> None:
    shares = site_weights(n, most)
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()
    assert shares.max() <= max(most, 1 / len(n)) * (1 + 1e-9)
    order = np.argsort(n, kind="stable")
    assert (np.diff(shares[order]) >= -1e-12).all()  # more recordings never count less


@given(counts)
def test_without_a_limit_shares_are_those_of_fedavg(n: list[int]) -> None:
    assert np.allclose(site_weights(n), np.array(n) / sum(n))


@given(counts, st.floats(0.05, 1), st.randoms())
def test_the_order_of_sites_does_not_matter(n: list[int], most: float, random: object) -> None:
    assert np.allclose(np.sort(site_weights(n, most)), np.sort(site_weights(n[::-1], most)))


def test_what_is_cut_from_a_large_site_goes_to_the_others_in_proportion() -> None:
    assert site_weights([8000, 1000, 1000], 0.5).tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert site_weights([8000, 1500, 500], 0.5).tolist() == pytest.approx([0.5, 0.375, 0.125])
    assert site_weights([900, 90, 10], 0.4).tolist() == pytest.approx([0.4, 0.4, 0.2])  # the second is then above too


@pytest.mark.parametrize("n", [[], [0, 5], [-1, 5]])
def test_a_site_without_recordings_has_no_share(n: list[int]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        site_weights(n)


@given(st.integers(1, 6), st.integers(0, 10**6))
def test_weights_are_averaged_as_numpy_does_it(sites: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    base = {"a": np.zeros((3, 2), np.float32)}
    sent = [{"a": random.standard_normal((3, 2)).astype(np.float32)} for _ in range(sites)]
    shares = site_weights(random.integers(1, 100, sites).tolist())
    wanted = np.average(np.stack([one["a"] for one in sent]), axis=0, weights=shares)
    assert np.allclose(average(base, sent, shares)["a"], wanted, atol=1e-6)


def statistics(mean: object, variance: object) -> dict[str, np.ndarray]:
    return {"norm.running_mean": np.asarray(mean, np.float32), "norm.running_var": np.asarray(variance, np.float32)}


def test_pooled_statistics_are_those_of_all_recordings_together() -> None:
    random = np.random.default_rng(1)
    sites = [
        random.normal(mean, deviation, (n, 4)) for mean, deviation, n in ((0, 1, 300), (1, 2, 100), (-2, 0.5, 600))
    ]
    base = statistics(np.zeros(4), np.full(4, 5.0))
    sent = [statistics(site.mean(axis=0), site.var(axis=0) - 5.0) for site in sites]
    shares = site_weights([len(site) for site in sites])
    change = average(base, sent, shares)
    together = np.concatenate(sites)
    assert np.allclose(change["norm.running_mean"], together.mean(axis=0), atol=1e-5)
    assert np.allclose(base["norm.running_var"] + change["norm.running_var"], together.var(axis=0), atol=1e-4)


def test_means_far_apart_do_not_make_a_variance_grow_without_bound() -> None:
    base = statistics([0.0], [2.0])
    sent = [statistics([1e6], [0.0]), statistics([-1e6], [0.0])]
    assert average(base, sent, [0.5, 0.5])["norm.running_var"] == pytest.approx(2.0)
    assert average(base, sent, [0.5, 0.5], pooled=False)["norm.running_var"] == 0


def test_equal_contributions_are_their_own_mean() -> None:
    base = statistics([0.0, 1.0], [2.0, 3.0])
    one = statistics([0.5, 0.1], [0.2, -0.3])
    for name, value in average(base, [one] * 3, site_weights([5, 6, 7])).items():
        assert np.allclose(value, one[name], atol=1e-6)
