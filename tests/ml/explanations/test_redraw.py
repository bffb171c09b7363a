"""Weights drawn anew inside an ONNX file: same graph, other numbers, and a signal that still comes through."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.redraw import WAYS, _fan_in, _Use, redrawn
from backend.ml.inference.predictor import Predictor
from tests.ml.explanations.planted_models import SPEC, of_lead, of_samples
from tests.model_files import files


def _tables(content: bytes) -> dict[str, np.ndarray]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load_model_from_string(content).graph.initializer}


def test_the_graph_and_its_metadata_stay_and_every_table_of_weights_changes() -> None:
    content = files().onnx
    drawn = redrawn(content, 0)
    before, after = onnx.load_model_from_string(content), onnx.load_model_from_string(drawn)
    assert list(before.graph.node) == list(after.graph.node)
    assert list(before.metadata_props) == list(after.metadata_props)
    for name, old in _tables(content).items():
        new = _tables(drawn)[name]
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        if old.dtype == np.float32 and old.ndim > 1:
            assert not np.allclose(new, old), name
        elif old.dtype != np.float32:
            assert (new == old).all(), name


def test_the_same_seed_draws_the_same_and_others_draw_others() -> None:
    content = files().onnx
    assert redrawn(content, 4) == redrawn(content, 4)
    assert len({redrawn(content, seed) for seed in range(6)}) == 6


@pytest.mark.parametrize("seed", range(len(WAYS)))
def test_the_answer_of_a_redrawn_network_depends_on_the_ecg(seed: int) -> None:
    predictor = Predictor.from_bytes(redrawn(files().onnx, seed))
    x = np.random.default_rng(0).normal(size=(6, 12, predictor.spec.n_samples)).astype(np.float32)
    answers = predictor.logits(x)
    assert np.isfinite(answers).all()
    assert answers.std(axis=0).min() > 1e-5


def test_normal_weights_have_two_over_their_inputs_as_variance_and_uniform_ones_one_over_three_of_them() -> None:
    content = of_samples(np.ones((12, 1000)), 3.0)
    normal, uniform, shuffled = (_tables(redrawn(content, seed)) for seed in range(3))
    assert normal["w"].var() == pytest.approx(2 / 12000, rel=0.05)
    assert uniform["w"].var() == pytest.approx(1 / 3 / 12000, rel=0.05)
    assert (shuffled["w"] == 1).all()


def test_the_inputs_of_a_weight_are_those_that_make_one_output() -> None:
    assert _fan_in(_Use("Conv", 1), (16, 12, 9), {}) == 108
    assert _fan_in(_Use("Conv", 2, weight="w"), (16,), {"w": (16, 12, 9)}) == 108
    assert _fan_in(_Use("Gemm", 1), (64, 3), {}) == 64
    assert _fan_in(_Use("Gemm", 1, transposed=True), (3, 64), {}) == 64
    assert _fan_in(_Use("MatMul", 1), (64, 3), {}) == 64


def test_shuffled_weights_are_the_same_numbers_in_another_order() -> None:
    weight = np.random.default_rng(1).normal(size=(12, 1000)).astype(np.float32)
    drawn = _tables(redrawn(of_samples(weight), 2))["w"]
    assert not np.array_equal(drawn.ravel(), weight.ravel())
    np.testing.assert_array_equal(np.sort(drawn.ravel()), np.sort(weight.ravel()))


def test_half_precision_weights_that_are_cast_first_are_drawn_for_what_they_are_for() -> None:
    n = SPEC.n_samples
    weight = numpy_helper.from_array(np.ones((12 * n, 1), np.float16), "w")
    nodes = [
        helper.make_node("Cast", ["w"], ["w32"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w32"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("b", 12, n))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("b", 1))], [weight],
    )  # fmt: skip
    drawn = _tables(redrawn(helper.make_model(graph).SerializeToString(), 0))["w"]
    assert drawn.dtype == np.float16
    assert drawn.astype(float).var() == pytest.approx(2 / (12 * n), rel=0.05)


def test_a_quantised_network_cannot_be_redrawn_and_says_so() -> None:
    content = onnx.load_model_from_string(of_lead("I"))
    for table in content.graph.initializer:
        table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table).astype(np.int8), table.name))
    with pytest.raises(ModelInvalidError, match="cannot be drawn anew"):
        redrawn(content.SerializeToString(), 0)
