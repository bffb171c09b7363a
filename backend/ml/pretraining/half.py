"""A network as one small ONNX file that holds its weights by name, for models that come with the platform.

The weights are kept in half precision; the graph casts each to float32 before it is used, so that the numbers are those
of float32 arithmetic on rounded weights. `backend.ml.inference.onnx_weights` reads them out of it again.
"""

import onnx
import torch
from onnx import helper, numpy_helper

from backend.ml.architectures.network import Network
from backend.ml.export import exported, forget_origin
from backend.ml.inference.onnx_weights import HALF
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec


def half_precision_file(network: Network, spec: ModelSpec) -> bytes:
    """Return the ONNX file of a network, whose parameters are rounded to half precision in place first."""
    with torch.no_grad():
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half().float())
    proto = exported(network, spec, optimize=False)
    graph, names = proto.graph, set(network.state_dict())
    kept, casts = [], []
    for tensor in graph.initializer:
        if tensor.name not in names:
            kept.append(tensor)
            continue
        array = numpy_helper.to_array(tensor)
        kept.append(numpy_helper.from_array(array.astype("float16"), tensor.name + HALF))
        casts.append(helper.make_node("Cast", [tensor.name + HALF], [tensor.name], to=onnx.TensorProto.FLOAT))
    if len(casts) != len(names):
        raise ValueError("The exported graph does not hold every weight under the name it has in torch.")
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:], graph.value_info[:], proto.metadata_props[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    forget_origin(graph)
    helper.set_model_props(proto, to_metadata(spec))
    content: bytes = proto.SerializeToString()
    return content
