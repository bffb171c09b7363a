"""What no augmentation does, at any strength: turn a lead over, reverse or stretch time, exchange or bend leads."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.training.augment import crop_samples, training_batch
from backend.ml.training.augmentation import Augmentation

RATE, N = 100.0, 300
# Every sample of every lead is unlike any other, positive and rising: order and sign can be read off.
RAMP = (np.arange(N, dtype=np.float32) + 1)[None] * (1 + np.arange(12, dtype=np.float32)[:, None] / 10)
# An asymmetric beat, up fast and down slowly, in half of the leads downwards, as in aVR.
_TIME = np.arange(N) / RATE % 0.75
BEATS = np.where(np.arange(12) % 2, -1, 1)[:, None] * np.where(
    _TIME < 0.05, _TIME / 0.05, np.exp(-(_TIME - 0.05) / 0.15)
)
share = st.floats(0, 0.9)
changes = st.builds(
    Augmentation,
    crop_seconds=st.none() | st.floats(0.5, 5),
    shift=st.floats(0, 10),
    scale=share,
    noise=st.just(0.0),
    lead_dropout=share,
    time_mask=share,
)
disturbances = st.builds(
    Augmentation,
    crop_seconds=st.none(),
    scale=st.just(0.0),
    noise=st.just(0.0) | st.floats(0.01, 2),
    wander=st.floats(0, 2),
    hum=st.floats(0, 2),
    lead_dropout=st.just(0.0),
)
everything = st.builds(
    Augmentation,
    crop_seconds=st.none(),
    scale=share,
    noise=st.floats(0, 0.3),
    wander=st.floats(0, 0.3),
    hum=st.floats(0, 0.3),
    lead_dropout=st.floats(0, 0.5),
    time_mask=st.floats(0, 0.5),
)
seeds = st.integers(0, 2**32 - 1)
often = settings(max_examples=60, deadline=None)


def augmented(record, wanted, seed, n_crop=N, rate=RATE):
    x = np.asarray(record, np.float32)[None]
    return training_batch(x, np.zeros(1, int), n_crop, wanted, np.random.default_rng(seed), rate)[0]


@often
@given(changes, seeds)
def test_what_is_left_of_a_record_is_its_own_samples_in_order_times_one_positive_factor(wanted, seed):
    n_crop = crop_samples(wanted, RATE, N)
    window = augmented(RAMP, wanted, seed, n_crop)
    kept = np.flatnonzero(window.any(axis=1))
    if not len(kept):
        assert min(wanted.shift, wanted.time_mask) > 0, "one lead always stays; a rest at the edge may be masked"
        return
    first = np.flatnonzero(window[kept[0]])
    assert (window[kept][:, first] > 0).all()
    assert not np.delete(window, first, axis=1).any(), "silence is of all leads at once"
    assert (np.diff(first) > 0).all()
    assert ((np.diff(first) > 1).sum()) <= 1, "at most one stretch is silent in between"
    # Two samples of a lead tell the factor and which samples they were; all others must agree.
    values = window[kept][:, first].astype(float)
    if len(first) > 1:
        step = (values[0, -1] - values[0, 0]) / (first[-1] - first[0])  # the factor, times the slope of the lead
        factor = step / (1 + kept[0] / 10)
        assert 1 - wanted.scale - 1e-3 <= factor <= 1 + wanted.scale + 1e-3
        moved = round(values[0, 0] / step) - 1 - first[0]
        expected = factor * RAMP[kept][:, first + moved]
        np.testing.assert_allclose(values, expected, rtol=1e-3)
        limit = round(wanted.shift * RATE) if n_crop == N else N - n_crop
        assert (abs(moved) if n_crop == N else moved) <= limit
        assert n_crop == N or moved >= 0


@often
@given(disturbances, seeds, st.sampled_from([100.0, 250.0, 500.0]))
def test_a_disturbance_is_added_and_no_larger_than_it_is_said_to_be(wanted, seed, rate):
    """In mV: a share of the standard deviation of the window, which here is known."""
    difference = augmented(BEATS, wanted, seed, rate=rate) - BEATS.astype(np.float32)
    level = BEATS.std()
    hum = wanted.hum if rate > 100 else 0  # 100 Hz cannot hold mains
    noise = 6 * wanted.noise  # of 3,600 normal numbers none is larger
    assert np.abs(difference).max() <= 1.001 * level * (wanted.wander + hum + noise) + 1e-5
    if wanted.noise:
        assert difference.std() >= 0.9 * level * wanted.noise
    if not (wanted.noise or wanted.wander or hum):
        assert not difference.any()


@often
@given(everything, seeds)
def test_a_beat_keeps_its_sign_its_order_and_its_lead(wanted, seed):
    window = augmented(BEATS, wanted, seed, rate=500.0)
    kept = np.flatnonzero(window.any(axis=1))
    seen = np.flatnonzero(window[kept[0]])
    if len(seen) < 75:  # less than a beat tells nothing
        return
    own, given_ = BEATS[kept][:, seen], window[kept][:, seen]
    backwards = BEATS[:, ::-1][kept][:, seen]
    for lead, mirrored, record in zip(own, backwards, given_, strict=True):
        forwards = np.corrcoef(lead, record)[0, 1]
        assert forwards > 0.5, "turned over, or drowned"
        assert forwards > np.corrcoef(mirrored, record)[0, 1], "reversed"


@often
@given(st.floats(0.01, 0.9), seeds)
def test_a_silenced_lead_is_silent_throughout_and_the_others_untouched(chance, seed):
    wanted = Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=chance)
    window = augmented(RAMP, wanted, seed)
    for lead, record in zip(window, RAMP, strict=True):
        assert np.array_equal(lead, record) or not lead.any()
    assert window.any()
