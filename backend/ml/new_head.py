"""The ONNX graph of a base with another head: for a training that has left the body as it was.

Tracing a network anew takes longer than fitting its head: half a minute of a processor core for CardX.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import nn

from backend.ml.inference.onnx_guard import check_onnx

_LINEAR: Mapping[str, object] = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 1}  # as torch exports a layer


def with_new_head(
    content: bytes, head: nn.Linear, n_samples: int, inputs: Sequence[str], outputs: Sequence[str]
) -> ModelProto | None:
    """Return the graph of an ONNX file with the weights of `head` in the place of its own.

    None where it is not a graph as `export.exported` writes them: these inputs, the first (batch, 12, n_samples) with
    an open batch, these outputs, and a linear layer with stored weights (or weights in half precision, cast) that makes
    the first of them from as many numbers as `head` takes. Whether the graph then answers as the network does remains
    to be proven. Raises ModelInvalidError for bytes that are no model.
    """
    check_onnx(content)
    proto = onnx.load_model_from_string(content)
    graph = proto.graph
    if [one.name for one in graph.input] != list(inputs) or [one.name for one in graph.output] != list(outputs):
        return None
    if not _is_flat(graph):
        return None
    batch, _, length = graph.input[0].type.tensor_type.shape.dim
    made = {name: node for node in graph.node for name in node.output}
    layer = made.get(outputs[0])
    if not batch.dim_param or length.dim_value != n_samples or layer is None or not _takes(layer, head, graph, made):
        return None
    del layer.input[1:]
    _drop_unused(graph)
    for name, value in head.state_dict().items():
        layer.input.append(f"new_head.{name}")
        values = np.ascontiguousarray(value.detach().cpu().numpy())
        graph.initializer.append(numpy_helper.from_array(values, layer.input[-1]))
    shape = (batch.dim_param, head.out_features)
    graph.output[0].CopyFrom(helper.make_tensor_value_info(outputs[0], TensorProto.FLOAT, shape))
    del graph.value_info[:]
    return proto


def _takes(layer: NodeProto, head: nn.Linear, graph: GraphProto, made: Mapping[str, NodeProto]) -> bool:
    """Tell whether a node is a linear layer with stored weights, of as many inputs as the head has."""
    said = {one.name: helper.get_attribute_value(one) for one in layer.attribute}
    if layer.op_type != "Gemm" or len(layer.input) < 2 or {**_LINEAR, "transB": 0, **said} != _LINEAR:
        return False
    maker = made.get(layer.input[1])
    name = layer.input[1] if maker is None else maker.input[0] if maker.op_type == "Cast" else ""
    return any(one.name == name and list(one.dims)[1:] == [head.in_features] for one in graph.initializer)


def _drop_unused(graph: GraphProto) -> None:
    """Remove nodes, then stored tensors, of which nothing is used any more."""
    used = _used(graph)
    for node in [one for one in graph.node if not used.intersection(one.output)]:
        graph.node.remove(node)
    used = _used(graph)
    for tensor in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(tensor)


def _used(graph: GraphProto) -> set[str]:
    return {name for node in graph.node for name in node.input} | {one.name for one in graph.output}


def _is_flat(graph: GraphProto) -> bool:
    """Tell whether no node has a graph inside it, which could use what the outer one stores."""
    return not any(one.HasField("g") or one.graphs for node in graph.node for one in node.attribute)
