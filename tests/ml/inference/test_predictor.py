import contextlib
import json
import threading
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import preset
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.predictor import Predictor, to_outputs, to_probabilities
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec

SPEC = ModelSpec(
    architecture="external", labels=("A", "B"), task="multi_label", preprocessing=preset("exchangeai", window_s=1)
)
WEIGHT = np.random.default_rng(0).standard_normal((1200, 2)).astype(np.float32) / 30


LINEAR = [helper.make_node("Flatten", ["signal"], ["flat"]), helper.make_node("MatMul", ["flat", "weight"], ["logits"])]
ANY_SHAPE = [helper.make_node("Reshape", ["signal", "shape"], ["flat"]), LINEAR[1]]


def model(
    *, shape=("batch", 12, 100), metadata=None, weight=None, kind=TensorProto.FLOAT, output=("batch", 2), nodes=None
):
    """A linear network as ONNX, or something that only looks like one."""
    nodes = nodes or LINEAR
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("signal", kind, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(WEIGHT, "weight") if weight is None else weight],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    for key, value in (to_metadata(SPEC) if metadata is None else metadata).items():
        proto.metadata_props.add(key=key, value=value)
    return proto


def with_any_shape(*shape, spec=SPEC):
    """A network that takes a single record, whatever its declared shape says."""
    proto = model(shape=("batch", *shape), nodes=ANY_SHAPE, metadata=to_metadata(spec))
    proto.graph.initializer.append(numpy_helper.from_array(np.array([1, 1200]), "shape"))
    return proto


def two_inputs(name, shape=("batch", 4), metadata=None):
    """The linear network with the mean of a second input added to its logits."""
    nodes = [
        LINEAR[0],
        helper.make_node("MatMul", ["flat", "weight"], ["sum"]),
        helper.make_node("ReduceMean", [name, "axes"], ["mean"], keepdims=1),
        helper.make_node("Add", ["sum", "mean"], ["logits"]),
    ]
    proto = model(
        nodes=nodes, metadata=to_metadata(replace(SPEC, takes_patient=True)) if metadata is None else metadata
    )
    proto.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    proto.graph.initializer.append(numpy_helper.from_array(np.array([1]), "axes"))
    return proto


def external(name="weight", location="../secret.bin"):
    tensor = numpy_helper.from_array(WEIGHT, name)
    onnx.external_data_helper.set_external_data(tensor, location)
    tensor.ClearField("raw_data")
    return tensor


def test_the_logits_are_those_of_onnxruntime_whatever_the_batch():
    content = model().SerializeToString()
    x = np.random.default_rng(1).standard_normal((150, 12, 100)).astype(np.float32)
    wanted = ort.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"signal": x})[0]
    predictor = Predictor.from_bytes(content)
    np.testing.assert_allclose(predictor.logits(x), wanted, atol=1e-6)
    np.testing.assert_allclose(predictor.logits(x[:1]), wanted[:1], atol=1e-6)
    assert predictor.logits(x[:0]).shape == (0, 2)


@pytest.mark.parametrize("size", [1, 4])
def test_a_graph_of_a_fixed_batch_size_answers_any_number_of_records(size):
    x = np.random.default_rng(1).standard_normal((11, 12, 100)).astype(np.float32)
    wanted = Predictor.from_bytes(model().SerializeToString()).logits(x)
    fixed = model(shape=(size, 12, 100), output=(size, 2)).SerializeToString()
    with pytest.raises(ort_errors.InvalidArgument):
        ort.InferenceSession(fixed, providers=["CPUExecutionProvider"]).run(None, {"signal": x})
    predictor = Predictor.from_bytes(fixed)
    for n in (0, 1, 3, 4, 11):
        np.testing.assert_allclose(predictor.logits(x[:n]), wanted[:n], atol=1e-6)


@pytest.mark.parametrize("shape", [("batch", 100, 12), ("batch", "time", 12), (1, 100, "leads")])
def test_a_graph_that_wants_time_before_leads_gets_it(shape):
    nodes = [helper.make_node("Transpose", ["signal"], ["turned"], perm=[0, 2, 1])]
    nodes += [helper.make_node("Flatten", ["turned"], ["flat"]), LINEAR[1]]
    content = model(shape=shape, nodes=nodes).SerializeToString()
    x = np.random.default_rng(1).standard_normal((3, 12, 100)).astype(np.float32)
    wanted = Predictor.from_bytes(model().SerializeToString()).logits(x)
    np.testing.assert_allclose(Predictor.from_bytes(content).logits(x), wanted, atol=1e-6)


def test_age_and_sex_go_in_beside_the_ecg_and_count_as_unknown_without():
    predictor = Predictor.from_bytes(two_inputs("patient").SerializeToString())
    random = np.random.default_rng(1)
    x, patient = random.standard_normal((130, 12, 100)).astype(np.float32), random.random((130, 4)).astype(np.float32)
    plain = Predictor.from_bytes(model().SerializeToString()).logits(x)
    np.testing.assert_allclose(predictor.logits(x), plain, atol=1e-6)
    wanted = plain + patient.mean(1, keepdims=True)
    np.testing.assert_allclose(predictor.logits(x, patient), wanted, atol=1e-6)
    signal = random.standard_normal((2, 12, 100))
    known = predictor.probabilities(signal, 100, patient[:2])
    assert (known > predictor.probabilities(signal, 100)).all()


def test_a_regression_answers_with_the_values_themselves():
    spec = replace(SPEC, task="regression", labels=("age", "rate"), label_names=(), thresholds=())
    predictor = Predictor.from_bytes(model(metadata=to_metadata(spec)).SerializeToString())
    signal = np.random.default_rng(2).standard_normal((3, 12, 100)) * 50
    x = spec.preprocessing(signal, 100)
    np.testing.assert_array_equal(predictor.probabilities(signal, 100), predictor.logits(x))
    logits = np.array([[-3, 200.0]], np.float32)
    np.testing.assert_array_equal(to_outputs(logits, "regression"), logits)
    np.testing.assert_allclose(to_outputs(logits, "single_label"), scipy.special.softmax(logits, 1))


def test_a_model_of_the_first_version_of_its_description_still_predicts():
    first = json.loads(SPEC.to_json()) | {"schema_version": 1}
    for later in ("codes", "window_s", "takes_patient"):
        first.pop(later, None)
    predictor = Predictor.from_bytes(model(metadata={"exchangeai": json.dumps(first)}).SerializeToString())
    assert predictor.spec.labels == ("A", "B")
    assert predictor.logits(np.zeros((2, 12, 100), np.float32)).shape == (2, 2)


def test_a_signal_is_preprocessed_as_in_training_and_given_probabilities():
    predictor = Predictor.from_bytes(model().SerializeToString())
    signal = np.random.default_rng(2).standard_normal((3, 12, 800))
    x = SPEC.preprocessing(signal, 500)
    np.testing.assert_allclose(
        predictor.probabilities(signal, 500), scipy.special.expit(predictor.logits(x)), rtol=1e-5
    )
    with pytest.raises(PreprocessingError):
        predictor.probabilities(signal, 0)


def test_probabilities_are_softmax_or_sigmoid_even_of_extreme_logits():
    logits = np.array([[1e4, -1e4, 0], [1, 2, 3]], np.float32)
    np.testing.assert_allclose(to_probabilities(logits, "single_label"), scipy.special.softmax(logits, 1), atol=1e-6)
    np.testing.assert_allclose(to_probabilities(logits, "multi_label"), scipy.special.expit(logits), atol=1e-6)


def test_a_file_is_loaded_as_its_bytes(tmp_path):
    (tmp_path / "ä model #1?.onnx").write_bytes(model().SerializeToString())
    assert Predictor.from_path(tmp_path / "ä model #1?.onnx").spec == SPEC


def test_several_threads_may_predict_at_once():
    predictor = Predictor.from_bytes(model().SerializeToString())
    x = np.random.default_rng(3).standard_normal((8, 12, 100)).astype(np.float32)
    wanted = predictor.logits(x)
    results = []
    threads = [threading.Thread(target=lambda: results.append(predictor.logits(x))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(np.array_equal(result, wanted) for result in results)


def nested_external():
    """The reference to another file hides in a branch of an If inside a Constant."""
    node = helper.make_node("Constant", [], ["inner"], value=external("inner"))
    branch = helper.make_graph([node], "branch", [], [helper.make_tensor_value_info("inner", 1, (1200, 2))])
    condition = helper.make_node("Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True)))
    choice = helper.make_node("If", ["yes"], ["logits"], then_branch=branch, else_branch=branch)
    return model(nodes=[condition, choice])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no ONNX model"),
        (b"hello world, this is no model", "no ONNX model|damaged|cut short"),
        (model().SerializeToString()[:-50], "cut short"),
        (model(weight=external()).SerializeToString(), "another file"),
        (model(weight=external(location="/etc/hostname")).SerializeToString(), "another file"),
        (nested_external().SerializeToString(), "another file"),
        (model(metadata={}).SerializeToString(), "number of samples"),  # labels are made up, the rate is not
        (model(metadata={"target_keys": "['a', 'b', 'c']"}).SerializeToString(), "number of samples|number of labels"),
        (with_any_shape(8, 100).SerializeToString(), "number of leads of the network is 8.* all twelve leads"),
        (with_any_shape(12, 50).SerializeToString(), "number of samples of the network is 50"),
        (
            with_any_shape(
                12, "time", spec=replace(SPEC, preprocessing=preset("exchangeai", window_s=60_000))
            ).SerializeToString(),
            "6,000,000 samples",
        ),
        (model(shape=(65, 12, 100)).SerializeToString(), "batch size"),
        (two_inputs("age").SerializeToString(), "Only a second one named"),
        (two_inputs("patient", (2, 5)).SerializeToString(), "Only a second one named"),
        (two_inputs("patient", metadata=to_metadata(SPEC)).SerializeToString(), "disagree"),
        (model(metadata=to_metadata(replace(SPEC, takes_patient=True))).SerializeToString(), "disagree"),
        (model(shape=("batch", 1200)).SerializeToString(), "single input"),
        (model(kind=TensorProto.DOUBLE).SerializeToString(), "cannot be loaded"),
        (model(output=("batch", 2, 1)).SerializeToString(), "cannot be loaded|float32 logits"),
        (
            model(nodes=[helper.make_node("Steal", ["signal"], ["logits"], domain="evil")]).SerializeToString(),
            "not part of ONNX",
        ),
    ],
)
def test_broken_and_hostile_models_are_refused_saying_why(content, message):
    with pytest.raises(ModelInvalidError, match=message):
        Predictor.from_bytes(content)


def test_a_network_that_fails_when_run_is_an_error_of_the_model():
    predictor = Predictor.from_bytes(with_any_shape(12, "time").SerializeToString())
    with pytest.raises(ModelInvalidError, match="cannot be run"):
        predictor.logits(np.zeros((3, 12, 100), np.float32))


def after_linear(*nodes):
    """The linear network, and nodes that make "logits" of its output "raw"."""
    return [LINEAR[0], helper.make_node("MatMul", ["flat", "weight"], ["raw"]), *nodes]


def test_a_network_that_wants_too_much_memory_is_told_so_in_words():
    """It is refused with what to do, and not with the source lines of onnxruntime."""
    shape = numpy_helper.from_array(np.array([1 << 20, 1 << 20], np.int64), "shape")  # 4 TB
    nodes = after_linear(
        helper.make_node("Constant", [], ["shape"], value=shape),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["nothing"], keepdims=0),
        helper.make_node("Add", ["raw", "nothing"], ["logits"]),
    )
    predictor = Predictor.from_bytes(model(nodes=nodes).SerializeToString())
    with pytest.raises(ModelInvalidError, match="needs more memory") as refused:
        predictor.logits(np.zeros((1, 12, 100), np.float32))
    assert "onnxruntime" not in str(refused.value)


def test_answers_that_are_no_numbers_are_an_error_and_no_label():
    """The largest of NaNs is the first of them: a label would be told for nothing."""
    nodes = after_linear(
        helper.make_node("Mul", ["raw", "raw"], ["square"]),
        helper.make_node("Exp", ["square"], ["large"]),
        helper.make_node("Sub", ["large", "large"], ["logits"]),
    )
    predictor = Predictor.from_bytes(model(nodes=nodes).SerializeToString())
    noise = np.random.default_rng(1).standard_normal((1, 12, 100))
    assert np.isfinite(predictor.probabilities(noise / 10, 100)).all()
    with pytest.raises(ModelInvalidError, match="no numbers"):
        predictor.probabilities(noise * 1000, 100)


def test_a_model_that_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.ml.inference.predictor.MAX_BYTES", 10)
    (tmp_path / "m.onnx").write_bytes(model().SerializeToString())
    with pytest.raises(ModelInvalidError, match="larger"):
        Predictor.from_path(tmp_path / "m.onnx")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_500), st.integers(0, 255))
def test_a_model_with_a_changed_byte_is_loaded_or_refused(position, value):
    content = bytearray(model().SerializeToString())
    content[position % len(content)] = value
    with contextlib.suppress(ModelInvalidError):
        Predictor.from_bytes(bytes(content)).logits(np.zeros((1, 12, 100), np.float32))
