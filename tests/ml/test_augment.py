import numpy as np

from backend.ml.augment import crop_samples, training_batch
from backend.ml.config import Augmentation

PLAIN = Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=0)
X = np.random.default_rng(0).standard_normal((5, 12, 100)).astype(np.float32)
ROWS = np.array([3, 1, 3])


def random():
    return np.random.default_rng(1)


def test_without_augmentation_the_records_come_as_they_are():
    np.testing.assert_array_equal(training_batch(X, ROWS, 100, PLAIN, random()), X[ROWS])


def test_a_window_is_a_stretch_of_its_record():
    batch = training_batch(X, ROWS, 40, PLAIN, random())
    assert batch.shape == (3, 12, 40)
    for window, row in zip(batch, ROWS, strict=True):
        assert any(np.array_equal(window, X[row, :, start : start + 40]) for start in range(61))


def test_windows_reach_the_first_and_the_last_sample():
    ramp = np.broadcast_to(np.arange(100, dtype=np.float32), (1, 12, 100))
    starts = {float(training_batch(ramp, np.array([0]), 97, PLAIN, r)[0, 0, 0]) for r in [random()] for _ in range(99)}
    assert starts == {0, 1, 2, 3}


def test_all_leads_of_a_record_are_scaled_alike():
    batch = training_batch(X, ROWS, 100, Augmentation(scale=0.2, noise=0, lead_dropout=0), random())
    ratio = batch / X[ROWS]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:, :1, :1], ratio.shape), rtol=1e-5)
    assert (np.abs(ratio - 1) <= 0.2 + 1e-5).all()
    assert len(np.unique(ratio[:, 0, 0].round(4))) == 3


def test_noise_has_the_stated_size():
    x = np.random.default_rng(0).standard_normal((2, 12, 5000)).astype(np.float32) * 3
    batch = training_batch(x, np.arange(2), 5000, Augmentation(scale=0, noise=0.1, lead_dropout=0), random())
    np.testing.assert_allclose((batch - x).std(axis=(1, 2)), 0.3, rtol=0.03)


def test_one_lead_always_stays():
    batch = training_batch(X, np.zeros(300, int), 100, Augmentation(scale=0, noise=0, lead_dropout=0.9), random())
    kept = (batch != 0).any(axis=2).sum(axis=1)
    assert kept.min() == 1
    assert 1.5 < kept.mean() < 2.5


def test_the_same_random_numbers_give_the_same_batch_and_leave_the_records_alone():
    before = X.copy()
    first, again = (training_batch(X, ROWS, 50, Augmentation(), random()) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(X, before)


def test_a_window_is_never_longer_than_the_record():
    assert crop_samples(Augmentation(crop_seconds=2.5), 100, 1000) == 250
    assert crop_samples(Augmentation(crop_seconds=20), 100, 1000) == 1000
    assert crop_samples(Augmentation(crop_seconds=None), 100, 1000) == 1000
