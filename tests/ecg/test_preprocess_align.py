"""Alignment as the last step of a preprocessing: against the aligner by itself, its JSON, and what it refuses."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.align import align
from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import PRESETS, Preprocessing, preset
from backend.ecg.preprocess.description import describe
from backend.ecg.preprocess.many import preprocess_many
from backend.ecg.synthesize import simulate
from tests.samples import NO_SHARED, SHARED

BEAT = preset("clinical", align="median_beat")
SERIES = preset("clinical", align="series")


def ecg(label: str = "NORM", seed: int = 1) -> np.ndarray:
    """Ten seconds at 500 Hz."""
    return simulate(label, seed).recording.signal.astype(np.float32)


def test_the_beat_and_the_series_are_the_aligner_s_after_the_other_steps():
    plain = PRESETS["clinical"](ecg(), 500)
    beat = align(plain, 100, aggregate="median")
    np.testing.assert_allclose(BEAT(ecg(), 500), beat.signal, atol=1e-5)
    series = align(plain, 100)
    result = SERIES(ecg(), 500)
    np.testing.assert_allclose(result[:, series.defined], series.signal[:, series.defined], atol=1e-5)
    assert 0 < series.defined.sum() < 1000
    assert not result[:, ~series.defined].any()


@pytest.mark.parametrize(
    ("changes", "n"),
    [({"align": "median_beat"}, 100), ({"align": "median_beat", "rate": 250, "window_s": 5}, 250),
     ({"align": "median_beat", "rate": 62.5}, 62), ({"align": "series"}, 1000),
     ({"align": "series", "rate": 250, "window_s": 7.5}, 1875)],
)  # fmt: skip
def test_the_result_is_as_long_as_it_says(changes, n):
    p = preset("st_preserving", **changes)
    assert p.n_samples == n
    assert p(ecg(), 500).shape == (12, n)
    for _, window in p.windows(ecg(), 500, stride_s=2):
        assert window.shape == (12, n)


def test_the_r_peak_of_the_beat_is_after_a_third_and_does_not_depend_on_the_heart_rate():
    beats = [BEAT(ecg("NORM", seed), 500) for seed in range(1, 6)]
    highest = [int(np.abs(np.diff(beat, axis=1)).sum(axis=0).argmax()) for beat in beats]
    assert all(abs(at - 33) <= 4 for at in highest)


def test_a_recording_without_a_rhythm_is_refused_with_the_reason():
    flat = np.zeros((12, 5000), np.float32)
    with pytest.raises(PreprocessingError, match=r"cannot be aligned: Every lead is flat or missing\. Leave"):
        BEAT(flat, 500)
    with pytest.raises(PreprocessingError, match="cannot be aligned"):
        SERIES(np.random.default_rng(0).normal(0, 0.01, (12, 5000)), 500)
    with pytest.raises(PreprocessingError, match="cannot be aligned"):
        BEAT(ecg()[:, :600], 500)  # one beat
    with pytest.raises(PreprocessingError, match="cannot be aligned"):
        BEAT(np.stack([ecg(), flat]), 500)  # one of a batch
    with pytest.raises(PreprocessingError, match="Twelve leads"):
        BEAT(ecg()[:8], 500)


def test_a_missing_lead_is_zero_and_gaps_spoil_only_the_beats_they_touch():
    whole = BEAT(ecg(), 500)
    x = ecg()
    x[3] = np.nan
    result = BEAT(x, 500)
    assert not result[3].any()
    np.testing.assert_allclose(np.delete(result, 3, axis=0), np.delete(whole, 3, axis=0), atol=0.05)
    x = ecg()
    x[6, 2000:2400] = np.nan
    # Zeros in the beat with the gap would change nothing of a median; they must not be there at all.
    assert np.corrcoef(BEAT(x, 500)[6], whole[6])[0, 1] > 0.99


def test_a_lead_with_gaps_in_every_beat_is_refused_by_its_name():
    x = ecg()
    for start in range(0, 5000, 250):
        x[7, start : start + 150] = np.nan
    with pytest.raises(PreprocessingError, match="no beat is complete, with gaps in V2"):
        BEAT(x, 500)


def test_a_short_recording_is_aligned_without_its_padding():
    x = ecg()[:, :2500]
    expected = align(preset("clinical", window_s=5)(x, 500), 100, aggregate="median").signal
    np.testing.assert_allclose(BEAT(x, 500), expected, atol=1e-5)
    with pytest.raises(PreprocessingError, match="lasts 5 s"):
        preset("clinical", align="median_beat", short="refuse")(x, 500)


def test_a_stream_gives_the_same_as_calls_one_by_one():
    signals = [ecg("NORM", seed) for seed in (1, 2, 3)]
    for one, streamed in zip(signals, preprocess_many([(x, 500.0) for x in signals], BEAT), strict=True):
        np.testing.assert_array_equal(streamed, BEAT(one, 500))
    np.testing.assert_array_equal(BEAT(np.stack(signals), 500)[1], BEAT(signals[1], 500))


@settings(deadline=None, max_examples=40)
@given(
    name=st.sampled_from(sorted(PRESETS)),
    rate=st.floats(50, 1000),
    window_s=st.floats(1, 100),
    alignment=st.sampled_from(["median_beat", "series"]),
)
def test_json_of_version_3_comes_back_as_the_same_value(name, rate, window_s, alignment):
    p = preset(name, rate=rate, window_s=window_s, align=alignment)
    assert p.version == json.loads(p.to_json())["version"] == 3
    assert (Preprocessing.from_json(p.to_json()), p.preset) == (p, "custom")
    assert p.n_samples > 0


def test_without_alignment_the_version_and_the_digest_are_those_of_before():
    assert "align" not in PRESETS["clinical"].to_json()
    mirrored = preset("clinical", edges="mirror")
    assert (mirrored.version, "align" in mirrored.to_json()) == (2, False)
    of_version_2 = json.loads(mirrored.to_json())
    with pytest.raises(PreprocessingError, match="align"):
        Preprocessing.from_json(json.dumps(of_version_2 | {"align": "series"}))
    given_none = Preprocessing.from_json(json.dumps(of_version_2 | {"align": None, "version": 3}))
    assert given_none.digest() == mirrored.digest()


@pytest.mark.parametrize(
    "changes",
    [{"align": "mean_beat"}, {"align": True}, {"align": {}}, {"align": "series", "rate": 40},
     {"align": "median_beat", "window_s": 0.5}, {"align": "series", "window_s": 4000}],
)  # fmt: skip
def test_impossible_alignments_are_refused(changes):
    fields = json.loads(BEAT.to_json()) | changes
    with pytest.raises(PreprocessingError, match=r"\.$"):
        Preprocessing.from_json(json.dumps(fields))


def test_the_description_says_what_is_lost():
    for p, word in ((BEAT, "one median beat"), (SERIES, "one after the other")):
        assert word in describe(p)[-1]
        assert "heart rate" in describe(p)[-1]
    assert "aligned" not in " ".join(describe(PRESETS["clinical"]))


@pytest.mark.skipif(not SHARED.exists(), reason=NO_SHARED)
def test_real_recordings_with_waves_are_aligned():
    with np.load(SHARED / "ptbxl" / "ptbxl_raw_100hz.npz") as z:
        signals = z["x"][:447:9] * float(z["unit_mv"])
    beats = BEAT(signals, 100)
    assert beats.shape == (50, 12, 100)
    assert np.isfinite(beats).all()
    slopes = np.abs(np.diff(beats, axis=2)).sum(axis=1).argmax(axis=1)
    assert np.mean(np.abs(slopes - 33) <= 8) > 0.9
