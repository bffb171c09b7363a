"""What candidates answered on the tests of docs/results.md is kept, so that later ones are compared with them."""

from pathlib import Path

import numpy as np
import pytest

from bench import zoo_outputs

RNG = np.random.default_rng(5)


def answers(seeds: int, n: int = 4) -> np.ndarray:
    return RNG.uniform(size=(seeds, n, 5)).astype(np.float32)


def test_a_candidate_that_is_added_stands_beside_those_that_were_kept(tmp_path: Path):
    path = tmp_path / "outputs.npz"
    first, second, better = answers(3), answers(2), answers(3)
    zoo_outputs.keep({"fold_9": {"a/scratch": first}, "ludb": {"a/scratch": first}}, path)
    zoo_outputs.keep({"fold_9": {"b/scratch": second}}, path)
    zoo_outputs.keep({"ludb": {"a/scratch": better}}, path)
    kept = zoo_outputs.known(path)
    assert set(kept) == {"fold_9", "ludb", "challenge_mix"}
    assert set(kept["fold_9"]) == {"a/scratch", "b/scratch"}
    np.testing.assert_array_equal(kept["fold_9"]["a/scratch"], first)
    np.testing.assert_array_equal(kept["ludb"]["a/scratch"], better)


def test_an_average_is_that_of_all_trainings_of_its_parts_and_waits_for_all_of_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zoo_outputs, "AVERAGED", {"one/averaged": ["a"], "both/averaged": ["a", "b"]})
    a, b = answers(3), answers(1)
    (alone,) = zoo_outputs.averaged({"a": a}).items()
    assert alone[0] == "one/averaged"
    np.testing.assert_allclose(alone[1], a.mean(axis=0, keepdims=True), rtol=1e-6)
    both = zoo_outputs.averaged({"a": a, "b": b})["both/averaged"]
    assert both.shape == (1, 4, 5)
    np.testing.assert_allclose(both[0], (a.sum(axis=0) + b[0]) / 4, rtol=1e-6)


def test_what_is_kept_can_be_read_without_pickle(tmp_path: Path):
    path = tmp_path / "outputs.npz"
    zoo_outputs.keep({"fold_9": {"a/scratch": answers(1)}}, path)
    with np.load(path, allow_pickle=False) as kept:
        assert kept.files == ["fold_9/a/scratch"]
