"""Networks that look at one place which is known, as ONNX files written by hand: oracles for maps of them."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec

RATE = 100.0
PLAIN = Preprocessing(rate=RATE, clip=None, baseline_ms=None)
SPEC = ModelSpec(architecture="external", labels=("planted",), task="multi_label", preprocessing=PLAIN)


def of_samples(weight: np.ndarray, bias: float = 0.0, spec: ModelSpec = SPEC) -> bytes:
    """A linear network (batch, 12, n) -> (batch, labels): the logit is the sum of weight (12, n) times the ECG."""
    flat = weight.reshape(len(spec.labels), -1).T.astype(np.float32)
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["y"]),
    ]
    return _file(nodes, {"w": flat, "b": np.full(len(spec.labels), bias, np.float32)}, spec)


def of_lead(lead: str, spec: ModelSpec = SPEC) -> bytes:
    """A network of one convolution: how large the ECG is in one lead, its size over all time."""
    kernel = np.zeros((1, len(LEADS), 1), np.float32)
    kernel[0, LEADS.index(lead)] = 4.0
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["one"]),
        helper.make_node("Abs", ["one"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["y"], axes=[2], keepdims=0),
    ]
    return _file(nodes, {"w": kernel, "b": np.zeros(1, np.float32)}, spec, opset=13)


def _file(nodes: list, tables: dict[str, np.ndarray], spec: ModelSpec, opset: int = 18) -> bytes:
    n = spec.n_samples
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("batch", 12, n))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("batch", len(spec.labels)))],
        [numpy_helper.from_array(value, name) for name, value in tables.items()],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    helper.set_model_props(made, to_metadata(spec))
    return bytes(made.SerializeToString())
