"""Maps of networks that look at a known place: found, with the right sign, and only where the control allows it."""

from dataclasses import replace

import numpy as np
import pytest

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ecg.synthesize import simulate
from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.control import DRAWS
from backend.ml.explanations.maps import Map, Question, by_cell, linear_weights, occlusion, weights
from backend.ml.explanations.score import score
from backend.ml.explanations.usual import usual
from backend.ml.explanations.waves import SEGMENTS, lay, without_wave
from backend.ml.explanations.words import sentence
from backend.ml.inference.predictor import Predictor
from backend.ml.spec import ModelSpec
from tests.ml.explanations.planted_models import PLAIN, RATE, SPEC, of_lead, of_samples

SIGNAL = simulate("NORM", 3, RATE).recording.signal
LAID = lay(SIGNAL, RATE, PLAIN)
T = SEGMENTS.index("T")


def _occlusion(onnx: bytes, spec: ModelSpec = SPEC, place: int = 0) -> list[Map]:
    return occlusion(Predictor.from_bytes(onnx), onnx, Question(LAID, place), draws=9)


def _at(lead: str, code: int, factor: float) -> np.ndarray:
    """Weights that lie on the T waves of one lead alone."""
    weight = np.zeros((12, 1000), np.float32)
    weight[LEADS.index(lead), LAID.codes == code] = factor
    return weight


@pytest.mark.parametrize(("factor", "sign"), [(1.0, 1), (-1.0, -1)])
def test_the_lead_and_the_wave_that_a_network_looks_at_are_found_with_the_right_sign(factor: float, sign: int) -> None:
    leads, waves = _occlusion(of_samples(_at("V3", T, factor)))
    assert leads.place == (LEADS.index("V3"), None)
    assert waves.place == (LEADS.index("V3"), LAID.present.index(T))
    assert waves.control.evidence
    assert waves.cells is not None
    assert np.sign(waves.cells[waves.place]) == sign  # V3's T wave is upright
    others = np.delete(waves.cells.ravel(), LEADS.index("V3") * len(LAID.present) + LAID.present.index(T))
    assert np.abs(others).max() < 1e-3


def test_what_is_lost_is_the_score_without_it() -> None:
    """For a linear network the effect of a place is what its samples add beyond what stands in their place."""
    onnx = of_samples(_at("V3", T, 0.02))
    _, waves = _occlusion(onnx)
    predictor = Predictor.from_bytes(onnx)
    x = LAID.x.copy()
    beyond = LAID.x - usual(LAID, PLAIN).waves if waves.instead == "usual" else LAID.x - without_wave(LAID, T, [8])
    lost = 0.02 * beyond[8, LAID.codes == T].sum()
    assert waves.cells is not None
    assert waves.cells[8, LAID.present.index(T)] == pytest.approx(float(lost), rel=1e-4)
    assert waves.cell_outputs is not None
    logit = np.log(waves.cell_outputs / (1 - waves.cell_outputs))[8, LAID.present.index(T)]
    assert logit == pytest.approx(float(predictor.logits(x[None])[0, 0] - lost), abs=1e-3)


def test_a_network_that_looks_at_one_lead_all_the_time_is_told_by_that_lead() -> None:
    leads, _ = _occlusion(of_lead("V3"))
    assert leads.place == (LEADS.index("V3"), None)
    assert np.abs(np.delete(leads.totals, LEADS.index("V3"))).max() < 1e-4


def test_random_weights_are_no_evidence() -> None:
    drawn = [np.random.default_rng(seed).normal(size=(12, 1000)) / 100 for seed in range(12)]
    files = [of_samples(weight) for weight in drawn]
    passed = [
        one.control.evidence
        for onnx in files
        for one in occlusion(Predictor.from_bytes(onnx), onnx, Question(LAID, 0), draws=DRAWS)
    ]
    assert sum(passed) <= 2


def test_the_effects_of_single_label_models_are_log_odds_against_all_others() -> None:
    logits = np.array([[1.0, 2.0, -1.0]], np.float32)
    p = np.exp(logits[0]) / np.exp(logits[0]).sum()
    assert score(logits, "single_label", 1)[0] == pytest.approx(np.log(p[1] / (1 - p[1])), rel=1e-6)
    assert score(logits, "multi_label", 1)[0] == 2.0
    assert score(logits, "regression", 2)[0] == -1.0


ALIGNED = replace(SPEC, architecture="rlign_logistic", preprocessing=Preprocessing(rate=RATE, align="median_beat"))


def test_the_weights_of_a_linear_model_are_read_from_its_answers() -> None:
    laid = lay(SIGNAL, RATE, ALIGNED.preprocessing)
    weight = np.random.default_rng(0).normal(0, 0.01, (12, 100)).astype(np.float32)
    weight[8, laid.codes == T] = 5.0
    onnx = of_samples(weight, 0.5, ALIGNED)
    predictor = Predictor.from_bytes(onnx)
    np.testing.assert_allclose(linear_weights(predictor, 0), weight, atol=1e-4)
    found = weights(predictor, onnx, Question(laid, 0), draws=9)
    assert found.place == (8, laid.present.index(T))
    assert found.control.evidence
    assert found.samples is not None
    assert found.samples.shape == (12, 100)
    np.testing.assert_allclose(found.cells, by_cell(weight * (laid.x - laid.flat), laid), rtol=1e-2, atol=1e-2)


def test_weights_of_labels_of_which_one_applies_are_those_beyond_the_mean() -> None:
    spec = replace(ALIGNED, labels=("A", "B"), label_names=("A", "B"), thresholds=(0.5, 0.5), task="single_label")
    both = np.stack([np.full((12, 100), 3.0), np.full((12, 100), 1.0)])
    found = linear_weights(Predictor.from_bytes(of_samples(both, 0.0, spec)), 0)
    np.testing.assert_allclose(found, 1.0, atol=1e-4)


def test_a_network_that_is_not_linear_has_no_weights_to_draw() -> None:
    onnx = of_lead("I")
    with pytest.raises(ModelInvalidError, match="not linear"):
        linear_weights(Predictor.from_bytes(onnx), 0)


def test_a_map_says_its_strongest_place_in_words() -> None:
    _, waves = _occlusion(of_samples(_at("V3", T, 0.05)))
    names = [SEGMENTS[code] for code in LAID.present]
    said = sentence(waves, names, "Infarction", 0.9, regression=False)
    assert said.startswith("Without the T wave in lead V3 the probability of Infarction goes from 90 % to ")
    assert " %." in said


def test_a_map_beside_usual_waves_says_so_and_never_that_a_wave_is_gone() -> None:
    _, waves = _occlusion(of_samples(_at("V3", T, 0.05)))
    names = [SEGMENTS[code] for code in LAID.present]
    said = sentence(replace(waves, instead="usual"), names, "Infarction", 0.9, regression=False)
    assert said.startswith(
        "With a usual form of the T wave in lead V3 the probability of Infarction goes from 90 % to "
    )


def test_of_a_lead_that_is_compared_with_usual_ones_no_answer_without_it_is_told() -> None:
    """Its effect is what it adds alone; the answer to an ECG without it would be another number."""
    leads, _ = _occlusion(of_lead("V3"))
    assert (leads.outputs is None) == (leads.instead == "usual")
