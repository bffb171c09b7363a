"""Files that must never reach a runtime. The `onnx` package writes them; the guard does not use it."""

import contextlib
import random
import time

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_guard import MAX_METADATA, MAX_NODES, check_onnx
from tests.ml.conftest import SHARED_MODELS

IN, OUT = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ("b", 2)) for name in ("in", "out"))
RELU = helper.make_node("Relu", ["in"], ["out"])


def model(nodes=(RELU,), tensors=(), *, functions=(), sparse=()):
    graph = helper.make_graph(list(nodes), "g", [IN], [OUT], list(tensors))
    graph.sparse_initializer.extend(sparse)
    return helper.make_model(graph, functions=list(functions), opset_imports=[helper.make_opsetid("", 18)])


def refused(proto, message):
    content = proto if isinstance(proto, bytes) else proto.SerializeToString()
    with pytest.raises(ModelInvalidError, match=message):
        check_onnx(content)


def tensor(dims, *, data_type=TensorProto.FLOAT, raw=b"", name="w"):
    return TensorProto(dims=dims, data_type=data_type, raw_data=raw, name=name)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int64", "int32", "int8", "bool", "uint8"])
@pytest.mark.parametrize("raw", [True, False])
def test_honest_tensors_of_any_kind_pass(dtype, raw):
    values = np.ones((3, 5), dtype)
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    stored = numpy_helper.from_array(values, "w") if raw else helper.make_tensor("w", kind, (3, 5), values.flatten())
    check_onnx(model(tensors=[stored]).SerializeToString())
    constant = helper.make_node("Constant", [], ["c"], value=stored)
    check_onnx(model([constant, RELU]).SerializeToString())


def test_empty_scalar_text_and_half_byte_tensors_pass():
    four_bits = helper.make_tensor("q", TensorProto.INT4, (7,), [1] * 7)
    text = helper.make_tensor("s", TensorProto.STRING, (2,), [b"", b""])
    empty = numpy_helper.from_array(np.zeros((0, 9), np.float32), "e")
    scalar = numpy_helper.from_array(np.array(3.0), "x")
    check_onnx(model(tensors=[four_bits, text, empty, scalar]).SerializeToString())


@pytest.mark.parametrize(
    ("dims", "raw"),
    [((1 << 40,), b"1234"), ((1 << 20, 1 << 20), b""), ((-1,), b"1234"), ((1 << 62, 4, 4), b"12345678")],
)
def test_a_few_bytes_may_not_declare_a_tensor_that_fills_the_memory(dims, raw):
    refused(model(tensors=[tensor(dims, raw=raw)]), "larger than what the file holds")
    node = helper.make_node("ConstantOfShape", ["in"], ["out"], value=tensor(dims, raw=raw))
    refused(model([node]), "larger than what the file holds")


def test_a_tensor_of_very_many_dimensions_is_refused():
    refused(model(tensors=[tensor([1] * 40, raw=b"1234")]), "dimensions")


def test_a_sparse_tensor_may_not_declare_a_dense_one_that_fills_the_memory():
    def sparse(size):
        made = onnx.SparseTensorProto(dims=[size, size])
        made.values.CopyFrom(helper.make_tensor("v", TensorProto.FLOAT, (1,), [1.0]))
        made.indices.CopyFrom(helper.make_tensor("i", TensorProto.INT64, (1,), [0]))
        return made

    check_onnx(model(sparse=[sparse(10)]).SerializeToString())
    refused(model(sparse=[sparse(1 << 20)]), "sparse tensor")


def test_weights_in_another_file_are_refused_wherever_they_hide():
    outside = numpy_helper.from_array(np.ones((4, 4), np.float32), "w")
    onnx.external_data_helper.set_external_data(outside, "../secret.bin")
    outside.ClearField("raw_data")
    refused(model(tensors=[outside]), "another file")
    inner = helper.make_graph([helper.make_node("Constant", [], ["out"], value=outside)], "then", [], [OUT])
    refused(model([helper.make_node("If", ["in"], ["out"], then_branch=inner, else_branch=inner)]), "another file")
    function = helper.make_function(
        "mine", "F", ["in"], ["out"], [helper.make_node("Constant", [], ["out"], value=outside)],
        [helper.make_opsetid("", 18)],
    )  # fmt: skip
    refused(model(functions=[function]), "another file")
    trained = model()
    trained.training_info.add().algorithm.initializer.append(outside)
    refused(trained, "another file")


@pytest.mark.parametrize("kind", ["Loop", "Scan", "SequenceMap"])
def test_loops_are_refused_and_a_choice_is_not(kind):
    body = helper.make_graph([RELU], "body", [IN], [OUT])
    refused(model([helper.make_node(kind, ["", "in"], ["out"], body=body)]), f"holds a {kind}")
    inner = helper.make_graph([helper.make_node(kind, ["", "in"], ["out"], body=body)], "then", [], [OUT])
    refused(model([helper.make_node("If", ["in"], ["out"], then_branch=inner, else_branch=inner)]), f"holds a {kind}")
    branch = helper.make_graph([RELU], "then", [], [OUT])
    check_onnx(
        model([helper.make_node("If", ["in"], ["out"], then_branch=branch, else_branch=branch)]).SerializeToString()
    )


@pytest.mark.parametrize(
    ("domain", "name", "allowed"),
    [
        ("", "Relu", True), ("ai.onnx", "Relu", True), ("ai.onnx.ml", "Scaler", True),
        ("com.microsoft", "FusedConv", True), ("com.microsoft", "Tokenizer", False),
        ("com.microsoft.nchwc", "Conv", False), ("ai.onnx.contrib", "PyOp", False),
        ("ai.onnx.preview.training", "Adam", False), ("mine", "F", False),
    ],
)  # fmt: skip
def test_operators_beyond_the_standard_are_refused(domain, name, allowed):
    proto = model([helper.make_node(name, ["in"], ["out"], domain=domain)])
    if allowed:
        check_onnx(proto.SerializeToString())
    else:
        refused(proto, "not part of ONNX")


def test_functions_of_the_file_may_be_used_but_not_in_the_place_of_operators():
    def function(domain, name):
        return helper.make_function(domain, name, ["in"], ["out"], [RELU], [helper.make_opsetid("", 18)])

    used = helper.make_node("F", ["in"], ["out"], domain="mine")
    check_onnx(model([used], functions=[function("mine", "F")]).SerializeToString())
    refused(model([used], functions=[function("mine", "G")]), "not part of ONNX")
    for domain in ("", "ai.onnx", "com.microsoft"):
        refused(model(functions=[function(domain, "Relu")]), "redefines")
    loop = helper.make_function(
        "mine", "F", ["in"], ["out"], [helper.make_node("Loop", ["", "in"], ["out"])], [helper.make_opsetid("", 18)]
    )
    refused(model([used], functions=[loop]), "holds a Loop")


def test_too_many_operations_and_too_much_metadata_are_refused():
    check_onnx(model([RELU] * 1000).SerializeToString())
    refused(model([RELU] * (MAX_NODES + 1)), "20,000 operations")
    inner = helper.make_graph([RELU] * (MAX_NODES // 2), "then", [], [OUT])
    refused(model([helper.make_node("If", ["in"], ["out"], then_branch=inner, else_branch=inner)]), "20,000 operations")
    long = model()
    long.metadata_props.add(key="exchangeai", value="x" * (MAX_METADATA + 1))
    refused(long, "metadata")
    many = model()
    for i in range(300_000):
        many.metadata_props.add(key=str(i))
    refused(many, "metadata")


def protobuf_field(number, content):
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content


def test_deep_nesting_is_refused():
    content = b""
    for _ in range(40):  # a graph in an attribute of a node of a graph …
        content = protobuf_field(1, protobuf_field(5, protobuf_field(6, content)))
    refused(protobuf_field(7, content), "nests graphs")


def test_what_would_be_joined_to_one_when_read_is_refused():
    content = model().SerializeToString()
    refused(content + content, "damaged")  # two graphs
    small = tensor((4,), raw=b"1" * 16).SerializeToString()
    attribute = protobuf_field(5, small) * 2  # as one tensor it is 4 × 4
    refused(protobuf_field(7, protobuf_field(1, protobuf_field(5, attribute))), "damaged")


def test_very_many_tiny_fields_cost_seconds_at_most():
    numbers = protobuf_field(7, protobuf_field(5, b"\x20\x00" * 4_000_000))  # float by float, a byte of tag each
    start = time.process_time()
    refused(numbers, "too many parts|damaged")
    assert time.process_time() - start < 10


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_checked_without_a_crash(content):
    with contextlib.suppress(ModelInvalidError):
        check_onnx(content)


def test_damaged_models_are_checked_without_a_crash():
    weights = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(3, 4), "w")
    branch = helper.make_graph([RELU], "then", [], [OUT], [weights])
    choice = helper.make_node("If", ["in"], ["out"], then_branch=branch, else_branch=branch)
    proto = model([RELU, choice], [weights, helper.make_tensor("v", TensorProto.INT64, (2,), [5, 6])])
    proto.metadata_props.add(key="k", value="v")
    content = proto.SerializeToString()
    check_onnx(content)
    chance = random.Random(0)
    outcomes = set()
    for _ in range(3000):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            position = chance.randrange(len(damaged))
            deed = chance.randrange(3)
            if deed == 0:
                damaged[position] = chance.randrange(256)
            elif deed == 1:
                del damaged[position : position + chance.randint(1, 8)]
            else:
                damaged[position:position] = damaged[chance.randrange(len(damaged)) :][: chance.randint(1, 20)]
        try:
            check_onnx(bytes(damaged))
            outcomes.add("passed")
        except ModelInvalidError:
            outcomes.add("refused")
    assert outcomes == {"passed", "refused"}


@pytest.mark.skipif(not SHARED_MODELS.exists(), reason="the models of the original platform are not on this machine")
def test_models_of_the_original_platform_pass_at_once():
    for path in SHARED_MODELS.glob("*.onnx"):
        content = path.read_bytes()
        start = time.process_time()
        check_onnx(content)
        assert time.process_time() - start < 2  # milliseconds on a free machine
