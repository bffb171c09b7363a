"""Synthetic ECGs: twelve leads that fit each other, the same for a seed, and a clear word where there can be none."""

import sys

import numpy as np
import pytest

from backend.ecg.preprocess import preset
from backend.ml.errors import TrainingImpossibleError
from backend.ml.pretraining.data import PretrainingData
from backend.ml.pretraining.shards import read_shards
from backend.ml.pretraining.synthetic import RATE, synthetic, twelve_leads, with_more

IN_MV = preset("exchangeai", rate=500.0, baseline_ms=None, clip=None)


def test_the_leads_fit_each_other_and_are_those_of_a_heart() -> None:
    x = np.concatenate(list(synthetic(3, IN_MV, seed=1)))
    assert x.shape == (3, 12, 5000)
    np.testing.assert_allclose(x[:, 2], x[:, 1] - x[:, 0], atol=1e-4)  # III = II - I
    np.testing.assert_allclose(x[:, 3] + x[:, 4] + x[:, 5], 0, atol=1e-4)  # aVR + aVL + aVF = 0
    assert (np.ptp(x[:, 1], axis=1) > 0.3).all()  # mV, of lead II
    assert (np.ptp(x, axis=2) < 12).all()


def test_a_seed_gives_the_same_ecgs_however_many_are_asked_for() -> None:
    clinical = preset("clinical")
    first, again = (np.concatenate(list(synthetic(2, clinical, seed=3))) for _ in range(2))
    other = np.concatenate(list(synthetic(2, clinical, seed=4)))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (2, 12, 1000)
    assert not np.allclose(first, other)


def test_the_other_leads_follow_from_one_and_two() -> None:
    eight = np.arange(8, dtype=np.float32)[:, None] + 1
    np.testing.assert_allclose(twelve_leads(eight)[:, 0], [1, 2, 1, -1.5, 0, 1.5, 3, 4, 5, 6, 7, 8])
    assert RATE == 500


def test_nothing_is_known_of_further_ecgs(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((5, 12, 1000), np.float16), y=np.ones((5, 1), np.float32), labels=["male"])
    data = with_more(read_shards([tmp_path / "a.npz"], 1000, 100.0), np.ones((2, 12, 1000), np.float32))
    assert data.x.shape == (7, 12, 1000)
    assert data.y is not None
    assert np.isnan(data.y[:, 0]).tolist() == [False] * 5 + [True] * 2
    assert with_more(PretrainingData(data.x, 100.0), data.x).y is None


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepfakeecg", None)
    with pytest.raises(TrainingImpossibleError, match=r"exchangeai\[synthetic\]"):
        next(synthetic(1, IN_MV))
