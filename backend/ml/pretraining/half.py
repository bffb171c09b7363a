"""A network as one small ONNX file that holds its weights by name, for models that come with the platform.

The weights are kept in half precision; the graph casts each to float32 before it is used, so that the numbers are those
of float32 arithmetic on rounded weights. The few that the exporter has folded into others are kept beside the graph, so
that a training can start from them. `backend.ml.inference.onnx_weights` reads them out of it again.
"""

import onnx
import torch
from onnx import helper, numpy_helper

from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import answering
from backend.ml.export import exported
from backend.ml.inference.onnx_weights import HALF
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec
from backend.ml.tracing import forget_origin

_INSIDE = "network."  # of what is around a network that tells its routes


def half_precision_file(network: Network, spec: ModelSpec) -> bytes:
    """Return the ONNX file of a network, whose parameters are rounded to half precision in place first."""
    with torch.no_grad():
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half().float())
    proto = exported(answering(network, spec), spec)
    graph, weights = proto.graph, network.state_dict()
    kept, casts = [], []
    for tensor in graph.initializer:
        name = tensor.name.removeprefix(_INSIDE)
        if name in weights:
            casts.append(helper.make_node("Cast", [name + HALF], [tensor.name], to=onnx.TensorProto.FLOAT))
        else:  # made of some: a vector that was given more axes, a matrix that was transposed
            kept.append(tensor)
    for name, value in weights.items():
        kept.append(numpy_helper.from_array(value.half().cpu().numpy(), name + HALF))
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:], graph.value_info[:], proto.metadata_props[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    forget_origin(graph)
    helper.set_model_props(proto, to_metadata(spec))
    content: bytes = proto.SerializeToString()
    return content
