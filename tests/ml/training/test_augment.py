from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.signal import periodogram

from backend.ml.training.augment import crop_samples, mix, training_batch
from backend.ml.training.augmentation import Augmentation

PLAIN = Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=0)
STRONG = Augmentation(
    crop_seconds=None, scale=0.2, noise=0.1, wander=0.3, hum=0.1, lead_dropout=0.2, time_mask=0.3, shift=0.0
)
X = np.random.default_rng(0).standard_normal((5, 12, 100)).astype(np.float32)
ROWS = np.array([3, 1, 3])


def random():
    return np.random.default_rng(1)


def augmented(settings, x=X, rows=ROWS, n_crop=None, rate=100.0, source=None):
    return training_batch(x, rows, n_crop or x.shape[2], settings, source or random(), rate)


def test_without_augmentation_the_records_come_as_they_are():
    np.testing.assert_array_equal(augmented(PLAIN), X[ROWS])


def test_a_window_is_a_stretch_of_its_record():
    batch = augmented(PLAIN, n_crop=40)
    assert batch.shape == (3, 12, 40)
    for window, row in zip(batch, ROWS, strict=True):
        assert any(np.array_equal(window, X[row, :, start : start + 40]) for start in range(61))


def test_windows_reach_the_first_and_the_last_sample():
    ramp = np.broadcast_to(np.arange(100, dtype=np.float32), (1, 12, 100))
    source = random()
    starts = {float(augmented(PLAIN, ramp, np.array([0]), 97, source=source)[0, 0, 0]) for _ in range(99)}
    assert starts == {0, 1, 2, 3}


def test_a_whole_record_is_shifted_either_way_and_what_leaves_is_lost():
    ramp = np.broadcast_to(np.arange(1, 101, dtype=np.float32), (1, 12, 100))
    settings, source, seen = replace(PLAIN, shift=0.03), random(), set()
    for _ in range(99):
        (record,) = augmented(settings, ramp, np.array([0]), source=source)
        moved = next(m for m in range(-3, 4) if np.array_equal(record, padded(ramp[0], m)))
        seen.add(moved)
    assert seen == set(range(-3, 4))


def padded(record, moved):
    """The oracle: numpy's roll, with zeros for what comes round."""
    rolled = np.roll(record, moved, axis=1)
    rolled[:, :moved] = 0 if moved > 0 else rolled[:, :moved]
    if moved < 0:
        rolled[:, moved:] = 0
    return rolled


def test_all_leads_of_a_record_are_scaled_alike():
    ratio = augmented(replace(PLAIN, scale=0.2)) / X[ROWS]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:, :1, :1], ratio.shape), rtol=1e-5)
    assert (np.abs(ratio - 1) <= 0.2 + 1e-5).all()
    assert len(np.unique(ratio[:, 0, 0].round(4))) == 3


def test_noise_has_the_stated_size():
    x = np.random.default_rng(0).standard_normal((2, 12, 5000)).astype(np.float32) * 3
    batch = augmented(replace(PLAIN, noise=0.1), x, np.arange(2))
    np.testing.assert_allclose((batch - x).std(axis=(1, 2)), 0.3, rtol=0.03)


def test_wander_is_slow_of_the_stated_size_and_another_one_in_each_lead():
    x = np.random.default_rng(0).standard_normal((4, 12, 6000)).astype(np.float32) * 2
    wander = augmented(replace(PLAIN, wander=0.5), x, np.arange(4)) - x
    assert np.abs(wander).max() <= 0.5 * 2 * 1.02
    frequencies, power = periodogram(wander, 100, window="hann")
    slow = (frequencies >= 0.02) & (frequencies <= 0.55)
    assert (power[..., slow].sum(axis=-1) / power.sum(axis=-1)).min() > 0.97
    assert len(np.unique(wander.std(axis=2).round(5))) > 40


@pytest.mark.parametrize(("rate", "mains"), [(100, ()), (110, (50,)), (500, (50, 60))])
def test_hum_is_of_50_or_60_hz_where_the_rate_can_hold_it(rate, mains):
    x = np.random.default_rng(0).standard_normal((30, 12, 10 * rate)).astype(np.float32)
    hum = augmented(replace(PLAIN, hum=0.2), x, np.arange(30), rate=rate) - x
    if not mains:
        assert not hum.any()
        return
    assert 0.1 < np.abs(hum).max() <= 0.2 * 1.02
    frequencies, power = periodogram(hum[:, 0], rate)
    assert set(frequencies[power.argmax(axis=1)]) == set(mains)


def test_one_lead_always_stays():
    kept = (augmented(replace(PLAIN, lead_dropout=0.9), rows=np.zeros(300, int)) != 0).any(axis=2).sum(axis=1)
    assert kept.min() == 1
    assert 1.5 < kept.mean() < 2.5


def test_a_masked_stretch_is_one_silence_of_all_leads_of_at_most_the_stated_length():
    batch = augmented(replace(PLAIN, time_mask=0.3), rows=np.zeros(2000, int))
    silent = batch == 0
    assert (silent == silent[:, :1]).all()
    lengths = silent[:, 0].sum(axis=1)
    edges = np.abs(np.diff(np.pad(silent[:, 0], ((0, 0), (1, 1))).astype(int), axis=1)).sum(axis=1)
    assert set(edges) <= {0, 2}
    assert lengths.max() in (29, 30)
    assert lengths.min() <= 1
    assert silent[:, 0, 0].any()
    assert silent[:, 0, -1].any()


def test_no_lead_is_turned_over_reversed_or_exchanged():
    """Each lead of a strongly augmented record still resembles itself, more than any other lead or its mirror."""
    time = np.arange(1000) / 100
    waves = [np.exp(-(((time - 0.3 * lead) % 1.3) ** 2) / 0.002) + 0.1 * (time % 1.3) for lead in range(12)]
    x = np.array(waves, np.float32)[None] * np.where(np.arange(12) % 2, 1, -1)[:, None].astype(np.float32)
    batch = augmented(STRONG, x, np.zeros(64, int), rate=100)
    for record in batch:
        kept = (record != 0).any(axis=1)
        own = np.corrcoef(np.concatenate([record[kept], x[0], x[0, :, ::-1]]))[: kept.sum(), kept.sum() :]
        assert (own.argmax(axis=1) == np.flatnonzero(kept)).all()
        assert own.max(axis=1).min() > 0.5


def test_the_same_random_numbers_give_the_same_batch_and_leave_the_records_alone():
    before = X.copy()
    first, again = (augmented(STRONG, n_crop=50) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(X, before)
    assert first.dtype == np.float32


def test_a_window_is_never_longer_than_the_record():
    assert crop_samples(Augmentation(crop_seconds=2.5), 100, 1000) == 250
    assert crop_samples(Augmentation(crop_seconds=20), 100, 1000) == 1000
    assert crop_samples(Augmentation(crop_seconds=None), 100, 1000) == 1000


def test_signals_labels_and_patients_are_mixed_alike_and_each_stays_the_larger_part():
    ones = np.eye(50, dtype=np.float32)
    x, y, patient = mix([ones[:, None, :] * np.ones((1, 12, 1), np.float32), ones, ones[:, :4]], 0.4, random())
    np.testing.assert_allclose(x, np.broadcast_to(y[:, None], x.shape), rtol=1e-6)
    np.testing.assert_allclose(patient, y[:, :4], rtol=1e-6)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
    assert (np.diag(y) >= 0.5).all()
    partners = (y > 0).sum(axis=1)
    assert set(partners) <= {1, 2}
    assert 0.5 < np.diag(y).min() < 0.75
    assert {array.dtype for array in (x, y, patient)} == {np.dtype(np.float32)}
    assert torch.from_numpy(y).sum() == pytest.approx(50)
