"""The control: a rank among networks with random weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.explanations.control import MARGIN, control, control_of, no_control, references, spread_of
from tests.ml.explanations.planted_models import PLAIN


def _random(n: int, seed: int, places: int = 60) -> np.ndarray:
    """Effects of random networks: all notice some places more than others."""
    random = np.random.default_rng(seed)
    return random.normal(size=(n, places)) * np.linspace(0.1, 2.0, places)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_a_map_with_one_place_that_no_random_network_has_is_evidence(seed: int) -> None:
    maps = _random(22, seed)
    maps[0, 3] = 40.0
    found = control(maps[0], maps[1:])
    assert found.evidence
    assert found.n_as_strong == 0
    assert "stands out" in found.text


def test_one_of_the_random_networks_seldom_passes() -> None:
    """Of 400 networks that are like their controls at most one in 22 could lie first; the margin makes it fewer."""
    passed = sum(control(maps[0], maps[1:]).evidence for maps in (_random(22, seed) for seed in range(400)))
    assert passed <= 400 / 22


def test_that_all_may_choose_between_two_questions_makes_no_evidence_of_chance() -> None:
    passed, chosen = 0, 0
    for seed in range(400):
        maps, more = _random(22, seed), 0.4 * _random(22, 1000 + seed)
        special, said = control_of(list(maps), list(more))
        passed, chosen = passed + said.evidence, chosen + special
    assert 40 < chosen < 360
    assert passed <= 400 / 22


def test_an_ecg_is_compared_with_usual_waves_only_where_that_changes_the_answer_much() -> None:
    lost, special = _random(22, 1), 0.01 * _random(22, 2)
    lost[0, 3] = 40.0
    assert control_of(list(lost), list(special)) == (False, control(lost[0], lost[1:]))
    special[0, 7] = 39.0
    beside, said = control_of(list(lost), list(special))
    assert (beside, said.evidence) == (True, True)
    assert said.stands_out == control(special[0], special[1:]).stands_out


def test_each_network_chooses_for_itself() -> None:
    """One of the random networks stands out by the question that the explained one does not ask."""
    lost, special = _random(22, 1), 0.01 * _random(22, 2)
    lost[0, 3] = 40.0
    special[5, 3] = 40.0
    others = np.delete(special, 5, axis=0)
    found = control_of(list(lost), list(special))[1]
    assert found.strongest == control(special[5], others).stands_out
    assert not found.evidence


def test_being_strong_where_all_random_networks_are_is_no_evidence() -> None:
    maps = np.abs(_random(22, 1))
    maps[:, 59] += 10.0  # such as QRS, which every network notices
    found = control(maps[0], maps[1:])
    assert not found.evidence
    assert found.text.startswith("This network with random weights gives as strong a map, so it shows nothing")


def test_what_all_networks_notice_does_not_hide_what_one_alone_does() -> None:
    maps = np.abs(_random(22, 4))
    maps[:, 59] += 200.0
    maps[0, 3] = 40.0
    assert control(maps[0], maps[1:]).evidence


def test_a_map_must_beat_the_strongest_random_one_by_the_margin() -> None:
    maps = np.abs(_random(22, 2))
    found = control(maps[0], maps[1:])
    assert found.evidence == (found.stands_out > MARGIN * found.strongest)


def test_a_sign_is_no_strength() -> None:
    maps = _random(22, 3)
    maps[0, 3] = -40.0
    assert control(maps[0], maps[1:]).evidence


def test_without_networks_to_compare_with_nothing_is_evidence() -> None:
    assert not control(np.ones(5), []).evidence
    said = no_control("The file is quantised.")
    assert (said.evidence, said.n_networks) == (False, 0)
    assert "not shown as evidence. The file is quantised." in said.text


def test_a_score_that_does_not_depend_on_the_ecg_has_no_spread() -> None:
    assert spread_of(np.full(20, 3.0)) is None
    assert spread_of(np.array([1.0, np.nan])) is None
    assert spread_of(np.array([1.0, 3.0])) == pytest.approx(np.sqrt(2))


def test_the_references_are_many_different_ecgs() -> None:
    found = references(PLAIN)
    assert found.shape == (25, 12, 1000)
    assert len({one.tobytes() for one in found}) == 25
