"""Cleaning a foreign graph and finding its head, against onnxruntime and the networks that were exported."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from backend.ml.errors import ModelInvalidError
from backend.ml.foreign.head import cut, find_head
from backend.ml.foreign.sanitise import sanitised, with_open_batch
from backend.ml.foreign.trunk import find_trunk
from tests.ml.foreign_graphs import Attention, Plain, Recurrent, TimeFirst, answers, exported, loaded, noise


def ran(proto, x):
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def graph(nodes, tensors=(), output=("b", 3), shape=("b", 12, 200)):
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("ecg", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(value, name) for name, value in dict(tensors).items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def weights(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs.split(), [output], **attributes)


def test_a_file_written_in_training_mode_becomes_the_network_at_inference():
    network = Plain()
    content = exported(network, opset=17, dynamo=False, training=True)
    before = loaded(content)
    assert {"BatchNormalization", "Dropout"} <= {item.op_type for item in before.graph.node}
    assert any(item.name == "training_mode" and item.i for one in before.graph.node for item in one.attribute)
    clean = sanitised(content)
    onnx.checker.check_model(clean, full_check=True)
    assert "Dropout" not in {item.op_type for item in clean.graph.node}
    x = noise(5)
    with torch.inference_mode():
        wanted = network.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(ran(clean, x), wanted, atol=1e-5)


def test_metadata_stand_once_weights_are_no_inputs_and_constants_are_stored():
    constant = helper.make_node("Constant", [], ["two"], value_float=2.0)
    proto = graph(
        [constant, node("Identity", "ecg", "same"), node("Mul", "same two", "twice"), node("ReduceMean", "twice", "m"),
         node("Flatten", "m", "out")],
        {"unused": weights(2)}, output=("b", 1),
    )  # fmt: skip
    proto.graph.input.append(helper.make_tensor_value_info("unused", TensorProto.FLOAT, (2,)))
    proto.graph.value_info.append(helper.make_tensor_value_info("twice", TensorProto.INT64, (7, 7)))  # a lie
    for value in ("first", "last"):
        proto.metadata_props.add(key="scale", value=value)
    clean = sanitised(proto.SerializeToString())
    assert [(entry.key, entry.value) for entry in clean.metadata_props] == [("scale", "last")]
    assert [value.name for value in clean.graph.input] == ["ecg"]
    assert [item.op_type for item in clean.graph.node] == ["Mul", "ReduceMean", "Flatten"]
    assert not clean.graph.value_info
    x = noise(1)
    np.testing.assert_allclose(ran(clean, x).item(), 2 * x.mean(), rtol=1e-4, atol=1e-7)


def test_local_functions_are_written_out():
    function = helper.make_function(
        "mine", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 18)]
    )
    proto = graph([helper.make_node("Twice", ["ecg"], ["out"], domain="mine")], output=("b", 12, 200))
    proto.functions.append(function)
    proto.opset_import.append(helper.make_opsetid("mine", 1))
    clean = sanitised(proto.SerializeToString())
    assert not clean.functions
    np.testing.assert_allclose(ran(clean, noise(2)), 2 * noise(2))


def test_a_fixed_batch_is_opened_reshapes_included():
    fixed = graph(
        [node("Reshape", "ecg shape", "flat"), node("MatMul", "flat w", "out")],
        {"shape": np.array([1, 2400]), "w": weights(2400, 3)}, output=(1, 3), shape=(1, 12, 200),
    )  # fmt: skip
    x = noise(4)
    opened = with_open_batch(sanitised(fixed.SerializeToString()), 1)
    np.testing.assert_allclose(ran(opened, x), answers(fixed.SerializeToString(), x), atol=1e-4)


@pytest.mark.parametrize("content", [b"", b"no model at all", graph([]).SerializeToString()[:40]])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(ModelInvalidError):
        find_trunk(content)


@pytest.mark.parametrize(
    ("network", "options", "width"),
    [
        (Plain(), {"opset": 17, "dynamo": False}, 16),
        (Plain(), {"opset": 17, "dynamo": False, "training": True}, 16),
        (TimeFirst(), {"opset": 17, "dynamo": False, "time_first": True}, 16),
        (nn.Sequential(Plain(), nn.Softmax(-1)), {"opset": 17, "dynamo": False}, 16),
        (nn.Sequential(nn.Flatten(), nn.Linear(2400, 40), nn.ReLU(), nn.Linear(40, 2), nn.Sigmoid()),
         {"opset": 17, "dynamo": False}, 40),
        (nn.Sequential(nn.Conv1d(12, 9, 3), nn.ReLU(), nn.Conv1d(9, 4, 1), nn.BatchNorm1d(4), nn.ReLU(),
                       nn.AdaptiveAvgPool1d(1), nn.Flatten()), {"opset": 17, "dynamo": False}, 9),
        (Attention(), {"opset": 17, "dynamo": False}, 16),
        (Recurrent(), {"opset": 17, "dynamo": False}, 16),
    ],
)  # fmt: skip
def test_the_embedding_is_what_the_last_dense_layer_takes(network, options, width):
    trunk = find_trunk(exported(network, **options))
    assert trunk.width == width
    session = trunk.session()
    x = noise(5)
    embedding = trunk.pool(torch.from_numpy(trunk.run(session, x)), 5)
    assert embedding.shape == (5, width)
    taken = []
    last = [module for module in network.modules() if isinstance(module, nn.Linear | nn.Conv1d)][-1]
    last.register_forward_pre_hook(lambda _, inputs: taken.append(inputs[0]))
    with torch.inference_mode():
        network.eval()(torch.from_numpy(noise(5, time_first=options.get("time_first", False))))
    wanted = taken[0].mean(-1) if taken[0].dim() == 3 else taken[0]
    np.testing.assert_allclose(embedding.numpy(), wanted.numpy(), atol=1e-5)


def test_our_own_mean_over_windows_is_taken_by_record():
    class Windows(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.fc = nn.Conv1d(12, 6, 5), nn.Linear(6, 3)

        def forward(self, x):
            parts = torch.stack([x[..., start : start + 100] for start in (0, 50, 100)], 1).flatten(0, 1)
            return self.fc(self.conv(parts).relu().mean(-1)).reshape(-1, 3, 3).mean(1)

    network = Windows()
    trunk = find_trunk(exported(network, opset=17, dynamo=False))
    assert trunk.pieces == 3
    x = noise(4)
    embedding = trunk.pool(torch.from_numpy(trunk.run(trunk.session(), x)), 4)
    with torch.inference_mode():
        np.testing.assert_allclose(network.fc(embedding).numpy(), network(torch.from_numpy(x)).numpy(), atol=1e-5)


FLAT = node("Flatten", "ecg", "flat")
TWO = {"w": weights(2400, 3), "v": weights(2400, 3, seed=1), "t": weights(3, 2400)}


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            [FLAT, node("MatMul", "flat w", "a"), node("MatMul", "flat v", "b"), node("Add", "a b", "out")],
            "brings several",
        ),
        ([node("GlobalAveragePool", "ecg", "p"), node("Flatten", "p", "out")], "no dense layer before"),
        ([FLAT, node("Transpose", "flat", "turned"), node("MatMul", "flat turned", "out")], "no weights of its own"),
        ([FLAT, node("MatMul", "flat w", "a"), node("TopK", "a k", "out")], "TopK comes after"),
        ([FLAT, node("Exp", "w", "made"), node("MatMul", "flat made", "out")], "computed, not stored"),
    ],
)
def test_a_model_without_a_head_says_why_it_cannot_be_fine_tuned(nodes, message):
    with pytest.raises(ModelInvalidError, match=message):
        find_head(sanitised(graph(nodes, TWO | {"k": np.array([1])}).SerializeToString()))


def test_a_turned_weight_is_a_head_too():
    nodes = [
        FLAT,
        node("Transpose", "t", "turned"),
        node("MatMul", "flat turned", "sum"),
        node("Softmax", "sum", "out"),
    ]
    head = find_head(sanitised(graph(nodes, TWO).SerializeToString()))
    assert (head.embedding, head.width) == ("flat", 2400)


def test_records_that_are_mixed_cannot_be_fine_tuned():
    mixing = [node("ReduceMean", "ecg first", "m"), node("Sub", "ecg m", "centred"), node("Flatten", "centred", "flat")]
    content = graph([*mixing, node("MatMul", "flat w", "out")], TWO | {"first": np.array([0])}).SerializeToString()
    with pytest.raises(ModelInvalidError, match="by itself and among others"):
        find_trunk(content)


def test_other_inputs_and_leads_are_refused():
    with pytest.raises(ModelInvalidError, match="takes 8 leads"):
        find_trunk(graph([FLAT, node("MatMul", "flat w", "out")], TWO, shape=("b", 8, 300)).SerializeToString())
    with pytest.raises(ModelInvalidError, match="12 leads"):
        find_trunk(graph([node("MatMul", "ecg w", "out")], TWO, shape=("b", 2400)).SerializeToString())


def test_the_cut_graph_keeps_what_a_branch_inside_reads():
    inner = helper.make_graph(
        [node("Mul", "ecg factor", "b")], "then", [], [helper.make_tensor_value_info("b", 1, None)]
    )
    choice = helper.make_node("If", ["yes"], ["c"], then_branch=inner, else_branch=inner)
    proto = graph(
        [choice, node("Flatten", "c", "flat"), node("MatMul", "flat w", "out")],
        TWO | {"yes": np.array(True), "factor": np.array(3, np.float32)},
    )
    part = cut(sanitised(proto.SerializeToString()), "flat")
    assert {item.name for item in part.graph.initializer} == {"yes", "factor"}
    np.testing.assert_allclose(ran(part, noise(2)), 3 * noise(2).reshape(2, -1))
