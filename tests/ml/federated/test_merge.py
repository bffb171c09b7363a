"""A round from contributions to weights: what counts, what is bounded, what is refused, what noise adds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.ml.errors import ContributionError, SettingError
from backend.ml.federated import delta as deltas
from backend.ml.federated.merge import merge, prepared
from backend.ml.federated.privacy import composed, epsilon_at
from backend.ml.federated.rules import Rules, budget

Arrays = dict[str, NDArray[np.float32]]
BASE: Arrays = {
    "head.bias": np.zeros(3, np.float32), "head.weight": np.zeros((3, 40), np.float32),
    "norm.running_mean": np.zeros(4, np.float32), "norm.running_var": np.ones(4, np.float32),
}  # fmt: skip
RANDOM = np.random.default_rng(0)


def change(seed: int, scale: float = 0.05) -> Arrays:
    common, own = np.random.default_rng(99), np.random.default_rng(seed)
    return {
        name: np.asarray(
            scale * (common.standard_normal(value.shape) + 0.3 * own.standard_normal(value.shape)), np.float32
        )
        for name, value in BASE.items()
    }


def three(poison: float = 1.0) -> dict[str, tuple[Arrays, int]]:
    sent = {name: (change(seed), n) for seed, (name, n) in enumerate((("a", 500), ("b", 300), ("c", 200)))}
    sent["c"] = {name: np.asarray(value * poison, np.float32) for name, value in sent["c"][0].items()}, 200
    return sent


def test_without_defences_the_mean_is_that_of_fedavg() -> None:
    sent = three()
    merged = merge(BASE, sent, Rules(clip_norm=1e6, largest_share=1, leave_out_odd=False), RANDOM)
    wanted = sum(n / 1000 * delta["head.weight"].astype(np.float64) for delta, n in sent.values())
    assert np.allclose(merged.weights["head.weight"], wanted, atol=1e-7)
    assert {name: one.share for name, one in merged.verdicts.items()} == pytest.approx({"a": 0.5, "b": 0.3, "c": 0.2})


def test_a_scaled_contribution_is_left_out_with_its_reason() -> None:
    merged = merge(BASE, three(100), Rules(clip_norm=1e6, largest_share=1), RANDOM)
    assert "times as much" in merged.verdicts["c"].left_out
    assert merged.verdicts["c"].share == 0
    honest = {name: one for name, one in three().items() if name != "c"}
    alone = merge(BASE, honest, Rules(clip_norm=1e6, largest_share=1), RANDOM)
    assert np.array_equal(merged.weights["head.weight"], alone.weights["head.weight"])


@pytest.mark.parametrize("poison", [100.0, -100.0, 1e6])
def test_clipping_bounds_what_any_one_site_can_do(poison: float) -> None:
    rules = Rules(clip_norm=0.5, leave_out_odd=False, fewest_sites=1)
    poisoned, honest = (merge(BASE, three(by), rules, RANDOM) for by in (poison, 1.0))
    apart = deltas.delta_of(honest.weights, poisoned.weights)
    # a site with a fifth of the recordings moves the model by at most a fifth of two lengths, the spread of means apart
    assert deltas.norm({n: v for n, v in apart.items() if "norm" not in n}, BASE) <= 0.2 * 2 * 0.5 * 1.001
    assert poisoned.verdicts["c"].factor < 0.1


def test_the_largest_site_counts_no_more_than_agreed() -> None:
    sent = {"large": (change(1), 100_000), "small": (change(2), 100), "tiny": (change(3), 100)}
    shares = {n: v.share for n, v in merge(BASE, sent, Rules(largest_share=0.5), RANDOM).verdicts.items()}
    assert shares == pytest.approx({"large": 0.5, "small": 0.25, "tiny": 0.25})


def test_what_a_person_leaves_out_or_keeps_is_respected() -> None:
    sent = three(100)
    kept = merge(BASE, sent, Rules(clip_norm=1e6), RANDOM, keep_odd=["c"])
    assert kept.verdicts["c"].share > 0
    left = merge(BASE, three(), Rules(), RANDOM, left_out={"b": "their labels are others"})
    assert (left.verdicts["b"].share, left.verdicts["b"].left_out) == (0, "their labels are others")


def test_too_few_contributions_are_not_merged() -> None:
    with pytest.raises(ContributionError, match="1 of 3 contributions"):
        merge(BASE, three(100), Rules(), RANDOM, left_out={"b": "no"})
    with pytest.raises(ContributionError, match="0 of 0"):
        merge(BASE, {}, Rules(), RANDOM)


def test_one_that_harms_on_the_coordinators_recordings_is_left_out() -> None:
    sent = three()

    def trial(weights: deltas.Weights) -> float:
        is_c = np.allclose(weights["head.bias"], sent["c"][0]["head.bias"], atol=1e-6)
        return 0.2 if is_c else 0.8

    merged = merge(BASE, sent, Rules(), RANDOM, trial=trial)
    assert "macro-AUROC 0.20" in merged.verdicts["c"].left_out
    assert merged.verdicts["a"].alone == 0.8
    under_noise = merge(BASE, sent, Rules(noise=1), RANDOM, trial=trial)
    assert under_noise.verdicts["c"].alone is None  # noise hides what one site does: nothing is told by it


def test_what_a_site_sends_is_clipped_and_carries_the_noise_agreed_on() -> None:
    trained = deltas.applied(BASE, change(1, 10.0))
    sent, length, factor = prepared(BASE, trained, Rules(clip_norm=2.0), np.random.default_rng(1))
    assert deltas.norm(sent, BASE) == pytest.approx(2, rel=1e-4)
    assert factor == pytest.approx(2 / length)
    rules = Rules(clip_norm=2.0, noise=3.0)
    drawn = [prepared(BASE, trained, rules, np.random.default_rng(seed))[0] for seed in range(400)]
    spread = np.stack([deltas.measured(one, BASE) for one in drawn]).std(axis=0)
    assert spread.mean() == pytest.approx(3.0 * 2 * 2.0, rel=0.02)  # noise times the sensitivity, 2·clip_norm
    assert all(deltas.norm(one, BASE) <= rules.longest(spread.size) for one in drawn)


def test_noise_of_the_coordinator_is_in_the_mean_and_as_large_as_the_largest_share_needs() -> None:
    rules = Rules(clip_norm=2.0, noise=3.0, noise_at="coordinator", largest_share=0.5)
    sent = three()
    quiet = merge(BASE, sent, Rules(clip_norm=2.0, noise=1e-9, largest_share=0.5), np.random.default_rng(0))
    noisy = [merge(BASE, sent, rules, np.random.default_rng(seed)) for seed in range(300)]
    apart = np.stack([np.ravel(one.weights["head.weight"] - quiet.weights["head.weight"]) for one in noisy])
    assert apart.std() == pytest.approx(3.0 * 2 * 2.0 * 0.5, rel=0.02)
    unchanged = prepared(BASE, deltas.applied(BASE, change(1)), rules, np.random.default_rng(1))[0]
    assert np.allclose(unchanged["head.bias"], change(1)["head.bias"], atol=1e-6)  # the site itself adds none


def test_noise_of_the_coordinator_leaves_nobody_out_by_what_it_hides() -> None:
    noisy = Rules(clip_norm=2.0, noise=1.0, noise_at="coordinator")
    assert not any(one.left_out for one in merge(BASE, three(100), noisy, RANDOM).verdicts.values())


def test_an_untrained_model_is_no_contribution() -> None:
    with pytest.raises(ContributionError, match="nothing to contribute"):
        prepared(BASE, BASE, Rules(), RANDOM)


def test_rows_of_the_head_follow_the_labels() -> None:
    weights = {"head.weight": np.arange(6.0).reshape(3, 2), "head.bias": np.arange(3.0), "stem": np.ones(2)}
    turned = deltas.in_order(weights, ("x", "y", "z"), ("z", "x", "y"))
    assert turned["head.bias"].tolist() == [2, 0, 1]
    assert turned["head.weight"].tolist() == [[4, 5], [0, 1], [2, 3]]
    assert turned["stem"] is weights["stem"]
    with pytest.raises(ContributionError, match="Train these labels"):
        deltas.in_order(weights, ("x", "y", "w"), ("x", "y", "z"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("clip_norm", 0.0), ("clip_norm", float("nan")), ("largest_share", 1.5), ("noise", -1.0), ("fewest_sites", 0),
     ("delta", 0.9)],
)  # fmt: skip
def test_impossible_rules_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(SettingError, match=name):
        Rules(**{name: value})  # type: ignore[arg-type]


def test_rules_go_out_and_come_back_and_unknown_ones_are_refused() -> None:
    rules = Rules(noise=0.7, noise_at="coordinator")
    assert Rules.from_dict(rules.to_dict()) == rules
    with pytest.raises(SettingError, match="unknown fields: trust_me"):
        Rules.from_dict(rules.to_dict() | {"trust_me": True})


def test_a_budget_adds_up_over_rounds_of_different_noise() -> None:
    rounds = [Rules(noise=2.0), Rules(noise=4.0, delta=1e-6)]
    assert budget(rounds) == pytest.approx(epsilon_at(1e-5, composed([2.0, 4.0])))
    assert budget([*rounds, Rules()]) == float("inf")
