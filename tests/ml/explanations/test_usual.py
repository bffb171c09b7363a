"""What stands in the place of a wave when the question is what is special about it."""

from dataclasses import replace

import numpy as np
import pytest

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ecg.synthesize import simulate
from backend.ml.explanations.usual import LEAST_SIZE, MOST_SIZE, usual, usual_waves
from backend.ml.explanations.waves import OUTSIDE, SEGMENTS, Laid, lay, without_wave
from tests.ml.explanations.planted_models import PLAIN, RATE

V2, V3 = LEADS.index("V2"), LEADS.index("V3")
QRS, T = SEGMENTS.index("QRS"), SEGMENTS.index("T")
LAID = lay(simulate("NORM", 3, RATE).recording.signal, RATE, PLAIN)


def _flattened() -> Laid:
    """A normal ECG without the T waves of V3."""
    return replace(LAID, x=without_wave(LAID, T, [V3]))


def test_a_t_wave_that_was_taken_out_is_put_back_upright_and_in_that_lead_alone() -> None:
    laid = _flattened()
    back = without_wave(laid, T, [V3], usual(laid, PLAIN).waves)
    here = LAID.codes == T
    correlation = np.corrcoef(back[V3, here], LAID.x[V3, here])[0, 1]
    assert correlation > 0.8  # with the T waves that stood there
    assert np.ptp(back[V3, here]) > 2 * np.ptp(laid.x[V3, here])
    assert (np.delete(back, V3, axis=0) == np.delete(laid.x, V3, axis=0)).all()
    assert (back[:, ~here] == laid.x[:, ~here]).all()


def test_a_network_that_compares_two_leads_is_told_by_the_one_that_is_special() -> None:
    """It asks whether V3 has smaller T waves than V2. By lines V2 seems to matter, where nothing is special."""
    laid = _flattened()
    here = LAID.codes == T

    def asked(x: np.ndarray) -> float:
        return float(x[V2, here].sum() - x[V3, here].sum())

    by_lines = [abs(asked(laid.x) - asked(without_wave(laid, T, [lead]))) for lead in (V2, V3)]
    beside_usual = [
        abs(asked(laid.x) - asked(without_wave(laid, T, [lead], usual(laid, PLAIN).waves))) for lead in (V2, V3)
    ]
    assert by_lines[0] > 10 * by_lines[1]
    assert beside_usual[1] > 2 * beside_usual[0]


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_usual_waves_are_as_large_as_those_of_the_ecg(factor: float) -> None:
    small = replace(LAID, x=LAID.x * np.float32(0.7), flat=LAID.flat * np.float32(0.7))
    scaled = replace(small, x=small.x * np.float32(factor), flat=small.flat * np.float32(factor))
    before, after = usual(small, PLAIN).sizes, usual(scaled, PLAIN).sizes
    for code in (QRS, T):
        assert after[code] == pytest.approx(np.clip(factor * before[code], LEAST_SIZE, MOST_SIZE), rel=1e-4)


def test_usual_waves_leave_no_step_and_padding_as_it_is() -> None:
    laid = lay(simulate("NORM", 4, RATE).recording.signal[:, :700], RATE, PLAIN)
    found = usual(laid, PLAIN)
    steep = np.abs(np.diff(laid.x, axis=1)).max(axis=1)
    for values in (found.leads, found.waves):
        assert (values[:, laid.codes == OUTSIDE] == laid.x[:, laid.codes == OUTSIDE]).all()
        assert np.abs(np.diff(values, axis=1)).max() < 1.5 * steep.max()


def test_where_no_waves_are_known_leads_lie_at_their_isoelectric_lines() -> None:
    flat = lay(np.zeros((12, 1000), np.float32), RATE, PLAIN)
    assert (usual(flat, PLAIN).leads == flat.flat).all()


def test_usual_waves_of_aligned_beats_are_those_of_their_preprocessing() -> None:
    aligned = Preprocessing(rate=RATE, align="median_beat")
    assert set(usual_waves(aligned)) >= {QRS, T}
    laid = lay(simulate("NORM", 3, RATE).recording.signal, RATE, aligned)
    assert usual(laid, aligned).leads.shape == laid.x.shape
