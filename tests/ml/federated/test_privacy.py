"""The accountant against integrals, known bounds, and what another accountant said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from backend.ml.federated.privacy import composed, delta_at, epsilon_at, multiplier_for

# z, rounds, δ -> ε by the privacy loss distributions of Google's dp-accounting 0.6.0, self-composed (its discretisation
# errs to the safe side, by 1e-4 a round at most), and by its Rényi accountant, which only bounds it
OTHERS = [
    (1.0, 1, 1e-5, 4.377178100051882, 4.728507067217623),
    (5.0, 10, 1e-5, 2.5943834404711485, 2.8136532471298397),
    (0.5, 3, 1e-3, 15.994591629002574, 17.521460917862246),
    (20.0, 10, 1e-6, 0.6481053150082763, 0.7002126957830125),
    (2.0, 1, 1e-2, 0.9194576410349523, 1.1289480562855796),
]
mus = st.floats(0.05, 8)
epsilons = st.floats(0, 8)
small = st.floats(1e-9, 0.1)


@pytest.mark.parametrize(("z", "rounds", "delta", "loss", "renyi"), OTHERS)
def test_epsilon_is_that_of_another_accountant(z: float, rounds: int, delta: float, loss: float, renyi: float) -> None:
    found = epsilon_at(delta, composed([z] * rounds))
    assert found == pytest.approx(loss, abs=1.5e-3)
    assert found < renyi


@given(epsilons, mus)
def test_delta_is_the_integral_of_where_one_density_is_too_large(epsilon: float, mu: float) -> None:
    edge = epsilon / mu + mu / 2  # there p(x) = e^ε q(x)

    def excess(x: float) -> float:
        return max(0.0, float(norm.pdf(x - mu) - math.exp(epsilon) * norm.pdf(x)))

    wanted = quad(excess, edge, edge + 40, epsabs=1e-13, limit=200)[0]
    assert delta_at(epsilon, mu) == pytest.approx(wanted, abs=1e-9)


@given(small, mus)
def test_epsilon_and_delta_belong_to_each_other(delta: float, mu: float) -> None:
    epsilon = epsilon_at(delta, mu)
    if epsilon > 0:
        assert delta_at(epsilon, mu) == pytest.approx(delta, rel=1e-5)
    else:
        assert delta_at(0, mu) <= delta


@given(small, mus)
def test_epsilon_is_within_the_bound_of_zero_concentrated_privacy(delta: float, mu: float) -> None:
    rho = mu**2 / 2  # Bun and Steinke 2016, propositions 1.6 and 1.3
    assert epsilon_at(delta, mu) <= rho + 2 * math.sqrt(rho * math.log(1 / delta)) + 1e-9


def test_two_rounds_are_one_mechanism_in_two_dimensions() -> None:
    # the loss of both rounds is a sum of Gaussians; drawn at random instead of computed
    random = np.random.default_rng(7)
    z = np.array([1.5, 0.8])
    losses = (random.standard_normal((2_000_000, 2)) / z + 1 / (2 * z**2)).sum(axis=1)
    delta = np.maximum(0, 1 - np.exp(1.0 - losses)).mean()
    assert delta_at(1.0, composed(z.tolist())) == pytest.approx(delta, rel=5e-3)


@given(st.floats(0.05, 20), st.floats(1e-8, 0.01), st.integers(1, 50))
def test_the_noise_for_a_budget_keeps_to_it_and_wastes_nothing(epsilon: float, delta: float, rounds: int) -> None:
    z = multiplier_for(epsilon, delta, rounds)
    assert epsilon_at(delta, composed([z] * rounds)) <= epsilon * (1 + 1e-9)
    assert epsilon_at(delta, composed([z * 0.999] * rounds)) > epsilon * (1 - 1e-6)


def test_without_noise_there_is_no_privacy_and_one_such_round_spoils_all() -> None:
    assert epsilon_at(1e-5, composed([0.0])) == math.inf
    assert epsilon_at(1e-5, composed([5.0, 0.0])) == math.inf
    assert epsilon_at(1e-5, composed([])) == 0
    assert delta_at(3, math.inf) == 1


@pytest.mark.parametrize("delta", [0.0, 1.0, -1.0])
def test_a_delta_that_is_no_probability_is_refused(delta: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        epsilon_at(delta, 1.0)


def test_too_little_noise_to_speak_of_is_said_to_be_none() -> None:
    assert epsilon_at(1e-5, 1e5) == math.inf
