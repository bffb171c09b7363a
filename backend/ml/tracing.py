"""Tracing of a torch network to the ONNX graph of its architecture, which is kept for the next of its kind.

Tracing takes seconds of a processor core, of CardX half a minute, and says nothing that depends on the weights: a graph
is kept without them, and the next network of the same modules, settings and shapes only puts its own in their place.
That a kept graph answers as the network does is proven like that of a new one (`export.export_onnx`).
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

from backend.ml.errors import ExportError

OPSET = 18  # the lowest the exporter writes, so that older runtimes can read the file
KEPT = 32  # graphs in this process at once, each of some 100 kB
_kept: Final[dict[str, bytes]] = {}
"""Graphs without weights by what they are of (`_kind`), the oldest first."""


def traced(
    whole: nn.Module, example: Sequence[Tensor], inputs: list[str], outputs: list[str], *, optimize: bool
) -> onnx.ModelProto:
    """Return the graph of a torch network with these names of inputs and outputs, for batches of any size.

    `example` has an input (2, ...) each. Without `optimize`, every weight has the name it has in torch.
    Raises ExportError where the network cannot be traced, or only for one size of batch.
    """
    kind = _kind(whole, example, inputs, outputs)
    content = _kept.pop(kind, None)
    if content is None:
        content = _without_weights(_trace(whole, tuple(example), inputs, outputs), whole)
    _kept[kind] = content
    for oldest in list(_kept)[:-KEPT]:
        del _kept[oldest]
    proto = _with_weights(content, whole)
    if optimize:
        proto = _optimized(proto)
    return proto


def forget(whole: nn.Module, example: Sequence[Tensor], inputs: list[str], outputs: list[str]) -> bool:
    """Forget the graph that is kept for such a network, and tell whether there was one."""
    return _kept.pop(_kind(whole, example, inputs, outputs), None) is not None


def forget_origin(graph: onnx.GraphProto) -> None:
    """Remove the source lines and file paths of this machine that the exporter notes at every node and value."""
    for entries in (graph.node, graph.value_info, graph.input, graph.output, graph.initializer, [graph]):
        for entry in entries:
            entry.ClearField("metadata_props")
            entry.ClearField("doc_string")
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                forget_origin(inner)


@contextmanager
def quiet(logger_name: str) -> Iterator[None]:
    """Silence what a library that takes graphs apart or writes them says of itself; what goes wrong is still raised."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _trace(whole: nn.Module, example: tuple[Tensor, ...], inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    batch = torch.export.Dim("batch")
    with quiet("torch.onnx"):
        program = torch.onnx.export(
            whole,
            example,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=tuple({0: batch} for _ in example),
            opset_version=OPSET,
            dynamo=True,
            optimize=False,
            verbose=False,
        )
    if program is None:
        raise ExportError("The network could not be exported as ONNX.")
    proto: onnx.ModelProto = program.model_proto
    if any(value.type.tensor_type.shape.dim[0].HasField("dim_value") for value in proto.graph.input):
        raise ExportError(
            "The exported network takes one size of batch alone. Report this with the architecture and its settings."
        )
    return proto


def _optimized(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Return a graph with constants and BatchNorm folded, as the exporter of torch does it."""
    from onnxscript import ir, optimizer  # these take a second to load, which who only reads models need not wait for
    from onnxscript.rewriter import onnx_fusions

    with quiet("onnxscript"):
        model = ir.serde.deserialize_model(proto)
        optimizer.optimize_ir(model)
        onnx_fusions.fuse(model)
        folded: onnx.ModelProto = ir.serde.serialize_model(model)
    return folded


def _kind(whole: nn.Module, example: Sequence[Tensor], inputs: list[str], outputs: list[str]) -> str:
    """Return in words all of a network that its graph depends on: its modules, their settings, shapes of weights."""
    modules = [
        (name, type(module).__module__, type(module).__qualname__, repr(sorted(_settings(module).items())))
        for name, module in whole.named_modules()
    ]
    shapes = [(name, tuple(value.shape), str(value.dtype)) for name, value in _weights(whole).items()]
    return repr((modules, shapes, [tuple(one.shape) for one in example], inputs, outputs))


def _settings(module: nn.Module) -> dict[str, str]:
    """Return what a module holds beside weights and other modules; a tensor by its numbers."""
    return {
        name: repr(value.tolist() if isinstance(value, Tensor) else value)
        for name, value in vars(module).items()
        if not name.startswith("_")
    }


def _weights(whole: nn.Module) -> dict[str, Tensor]:
    return {**dict(whole.named_parameters()), **dict(whole.named_buffers())}


def _without_weights(proto: onnx.ModelProto, whole: nn.Module) -> bytes:
    forget_origin(proto.graph)
    names = _weights(whole).keys()
    for tensor in proto.graph.initializer:
        if tensor.name in names:
            tensor.CopyFrom(TensorProto(name=tensor.name, dims=tensor.dims, data_type=tensor.data_type))
    content: bytes = proto.SerializeToString()
    return content


def _with_weights(content: bytes, whole: nn.Module) -> onnx.ModelProto:
    proto = onnx.load_model_from_string(content)
    weights = _weights(whole)
    for tensor in proto.graph.initializer:
        if tensor.name in weights:
            values = np.ascontiguousarray(weights[tensor.name].detach().cpu().numpy())
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return proto
