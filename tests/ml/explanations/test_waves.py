"""Where the waves of a network's input are, and an ECG without one of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing, preset
from backend.ecg.synthesize import simulate
from backend.ml.explanations.beat import N, average_beat, on_beat
from backend.ml.explanations.waves import OUTSIDE, SEGMENTS, lay, runs, spans, without_lead, without_wave
from tests.ml.explanations.planted_models import PLAIN, RATE

QRS, T, REST = (SEGMENTS.index(name) for name in ("QRS", "T", "rest"))
ECG = simulate("NORM", 3, RATE)


def test_the_waves_of_the_input_lie_at_those_of_the_heart() -> None:
    laid = lay(ECG.recording.signal, RATE, PLAIN)
    assert set(laid.codes[ECG.r_peaks]) == {QRS}
    after = [round(0.28 * RATE) + peak for peak in ECG.r_peaks[:-1]]
    assert np.mean(laid.codes[after] == T) > 0.8
    assert laid.present == list(range(len(SEGMENTS)))


@pytest.mark.parametrize("long", ["start", "centre", "end"])
def test_at_any_rate_and_window_the_spans_are_in_seconds_of_the_recording(long: str) -> None:
    ecg = simulate("NORM", 4, 500.0, 20.0)
    laid = lay(ecg.recording.signal, 500.0, preset("exchangeai", rate=128.0, window_s=6.0, long=long))
    first = {"start": 0.0, "centre": 7.0, "end": 14.0}[long]
    assert laid.start_s == pytest.approx(first, abs=0.01)
    of_qrs = [(begin, end) for begin, end, code in spans(laid, 500.0) if code == QRS]
    peaks = [peak / 500 for peak in ecg.r_peaks if first + 0.2 < peak / 500 < first + 5.8]
    assert all(any(begin <= peak <= end for begin, end in of_qrs) for peak in peaks)
    inputs = [round((peak - first) * 128) for peak in peaks]
    assert set(laid.codes[inputs]) == {QRS}


def test_a_wave_is_replaced_by_a_line_and_nothing_else_changes() -> None:
    laid = lay(ECG.recording.signal, RATE, PLAIN)
    changed = without_wave(laid, T, [8])
    others = [lead for lead in range(12) if lead != 8]
    assert (changed[others] == laid.x[others]).all()
    assert (changed[8, laid.codes != T] == laid.x[8, laid.codes != T]).all()
    for begin, end, code in runs(laid.codes):
        if code == T and begin > 0 and end < laid.x.shape[1]:
            line = np.linspace(laid.x[8, begin - 1], laid.x[8, end], end - begin + 2)
            np.testing.assert_allclose(changed[8, begin:end], line[1:-1], atol=1e-5)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 500), offset=st.floats(-3, 3), code=st.sampled_from(range(len(SEGMENTS))))
def test_nothing_that_is_taken_out_leaves_a_step(seed: int, offset: float, code: int) -> None:
    """The largest jump from one sample to the next is never larger than before, also far from zero."""
    signal = simulate("NORM", seed, RATE).recording.signal + np.float32(offset)
    laid = lay(signal, RATE, PLAIN)
    if laid.reason:
        return
    before = np.abs(np.diff(laid.x, axis=1)).max(axis=1)
    assert (np.abs(np.diff(without_wave(laid, code, list(range(12))), axis=1)).max(axis=1) <= before + 1e-5).all()
    assert (np.abs(np.diff(laid.flat, axis=1)).max(axis=1) <= 0.2 * before + 0.05).all()
    assert np.abs(laid.flat - offset).max() < 1.0


def test_a_lead_at_its_isoelectric_line_has_no_beats() -> None:
    laid = lay(ECG.recording.signal, RATE, PLAIN)
    changed = without_lead(laid, LEADS.index("V3"))
    assert np.ptp(changed[8]) < 0.15 * np.ptp(laid.x[8])  # what is left is the wander of the baseline
    assert (changed[[0, 11]] == laid.x[[0, 11]]).all()


def test_padding_belongs_to_no_wave_and_stays_as_it_is() -> None:
    laid = lay(ECG.recording.signal[:, :600], RATE, PLAIN)
    assert (laid.codes[600:] == OUTSIDE).all()
    assert (laid.flat[:, 600:] == laid.x[:, 600:]).all()
    assert (laid.codes[:600] != OUTSIDE).all()


def test_without_beats_there_are_no_waves_and_a_reason() -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, (12, 1000)).astype(np.float32)
    laid = lay(noise, RATE, PLAIN)
    assert laid.present == [] or not laid.reason
    flat = lay(np.zeros((12, 1000), np.float32), RATE, PLAIN)
    assert flat.reason
    assert flat.present == []


def test_the_beat_of_an_aligned_input_has_its_r_where_the_template_says() -> None:
    aligned = Preprocessing(rate=RATE, align="median_beat")
    laid = lay(ECG.recording.signal, RATE, aligned)
    assert laid.x.shape == (12, 100)
    assert laid.codes[33] == QRS  # a third of a second before R
    assert laid.codes[33 + 28] == T


def test_values_of_samples_come_to_their_place_on_the_average_beat() -> None:
    """A value at the R peak of every beat lies at the R peak of the average beat."""
    laid = lay(ECG.recording.signal, RATE, PLAIN)
    beat = average_beat(ECG.recording.signal, RATE, laid, PLAIN)
    assert beat is not None
    values = np.zeros((12, laid.x.shape[1]))
    values[4, ECG.r_peaks] = 1.0
    drawn = on_beat(values, laid, beat, PLAIN)
    assert drawn.shape == (12, N)
    assert abs(int(drawn[4].argmax()) - N // 3) <= 2
    assert drawn[4].max() > 0.4
    assert not drawn[[0, 11]].any()
    assert beat.codes[N // 3] == QRS
    assert abs(int(np.abs(beat.signal[1]).argmax()) - N // 3) <= 4
