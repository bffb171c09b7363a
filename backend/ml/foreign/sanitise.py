"""A foreign ONNX graph in the form that runtimes and converters agree on: for inference, with an open batch."""

from collections.abc import Iterator

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, NodeProto, inliner, numpy_helper

from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_guard import check_onnx

BATCH = "batch"
_COPIES = 64 * 1024 * 1024  # bytes of weights that may be stored again
_SILENT = ("Identity", "Dropout")  # at inference they pass their first input on


def sanitised(content: bytes) -> ModelProto:
    """Return the graph of an ONNX file, made harmless.

    Metadata stand once (the last of a key counts), local functions are written out, weights are no inputs, constants
    are initialisers, BatchNorm uses its running statistics even where the file was written in training mode, Dropout
    is gone, what is said of the shapes inside is forgotten. Raises ModelInvalidError for bytes that are no model.
    """
    check_onnx(content)
    try:
        proto = onnx.load_from_string(content)
        if proto.functions:
            proto = inliner.inline_local_functions(proto)
    except (DecodeError, ValueError, RuntimeError, TypeError, UnicodeDecodeError) as problem:
        raise ModelInvalidError("The file is no ONNX model, or is damaged. Download or export it again.") from problem
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, metadata)
    graph = proto.graph
    weights = {tensor.name for tensor in graph.initializer}
    _keep(graph.input, [value for value in graph.input if value.name not in weights])
    for part in graphs(graph):
        del part.value_info[:]
        for node in part.node:
            _for_inference(node)
        _constants_to_initialisers(part)
    _bypass(graph)
    _own_weights(graph)
    return proto


def with_open_batch(proto: ModelProto, fixed: int) -> ModelProto:
    """Return a copy whose first dimension is open: of inputs, outputs, and of reshapes to the constant size `fixed`.

    Whether the graph still means the same has to be tried: a `fixed` may stand for something else.
    """
    opened = ModelProto()
    opened.CopyFrom(proto)
    for value in (*opened.graph.input, *opened.graph.output):
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_param = BATCH
    tensors = {tensor.name: tensor for tensor in opened.graph.initializer}
    for node in list(opened.graph.node):
        shape = tensors.get(node.input[1]) if node.op_type == "Reshape" and len(node.input) > 1 else None
        if shape is None:
            continue
        sizes = numpy_helper.to_array(shape).copy()
        if sizes.ndim == 1 and len(sizes) > 1 and sizes[0] == fixed:
            sizes[0] = 0 if -1 in sizes[1:] else -1  # 0: as it was; -1: whatever is left
            name = f"{shape.name}_open_{len(opened.graph.initializer)}"
            opened.graph.initializer.append(numpy_helper.from_array(sizes, name))
            node.input[1] = name
    return opened


def graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """Yield a graph and those inside the attributes of its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [attribute.g] if attribute.HasField("g") else [*attribute.graphs]:
                yield from graphs(inner)


def _for_inference(node: NodeProto) -> None:
    if node.op_type == "BatchNormalization":
        _keep(node.attribute, [item for item in node.attribute if item.name not in ("training_mode", "is_test")])
        del node.output[1:]  # running statistics, which only training has
    elif node.op_type in _SILENT:
        node.op_type = "Identity"
        del node.input[1:], node.output[1:], node.attribute[:]


def _constants_to_initialisers(graph: GraphProto) -> None:
    kept = []
    for node in graph.node:
        value = _constant(node)
        if value is None:
            kept.append(node)
        else:
            tensor = onnx.TensorProto()
            tensor.CopyFrom(value)
            tensor.name = node.output[0]
            graph.initializer.append(tensor)
    _keep(graph.node, kept)


def _constant(node: NodeProto) -> onnx.TensorProto | None:
    """Return what a Constant node holds, where it is a tensor or numbers."""
    if node.op_type != "Constant" or len(node.attribute) != 1:
        return None
    (attribute,) = node.attribute
    if attribute.name == "value":
        value: onnx.TensorProto = attribute.t
        return value
    kinds = {"value_int": np.int64, "value_ints": np.int64, "value_float": np.float32, "value_floats": np.float32}
    if attribute.name not in kinds:
        return None
    return numpy_helper.from_array(np.array(onnx.helper.get_attribute_value(attribute), kinds[attribute.name]))


def _bypass(graph: GraphProto) -> None:
    """Leave out the Identities of the main graph whose value is not an output of it."""
    outputs = {value.name for value in graph.output}
    instead: dict[str, str] = {}
    for node in graph.node:
        if node.op_type == "Identity" and node.output[0] not in outputs:
            instead[node.output[0]] = instead.get(node.input[0], node.input[0])
    for part in graphs(graph):
        for node in part.node:
            node.input[:] = [instead.get(name, name) for name in node.input]
        for value in part.output if part is not graph else ():
            value.name = instead.get(value.name, value.name)
    _keep(graph.node, [node for node in graph.node if not (node.op_type == "Identity" and node.output[0] in instead)])


def _own_weights(graph: GraphProto) -> None:
    """Give each layer weights of its own where several read one stored tensor.

    Exporters store equal tensors once: the scale and the variance of a fresh normalisation, say, are both all ones.
    They are not the same for that, and training moves them apart.
    """
    stored = {item.name: item for item in graph.initializer if item.data_type == onnx.TensorProto.FLOAT and item.dims}
    read: set[str] = {value.name for value in graph.output}
    for part in graphs(graph):
        if part is not graph:
            read.update(name for node in part.node for name in node.input)
    left = _COPIES
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name in read and name in stored and stored[name].ByteSize() <= left:
                left -= stored[name].ByteSize()
                copy = graph.initializer.add()
                copy.CopyFrom(stored[name])
                copy.name = node.input[i] = f"{name}.copy{len(graph.initializer)}"
            read.add(name)


def _keep(entries, kept) -> None:  # type: ignore[no-untyped-def]  # a repeated field of any message
    """Replace the entries of a repeated field by these copies of some of them."""
    copies = []
    for entry in kept:
        copy = type(entry)()
        copy.CopyFrom(entry)
        copies.append(copy)
    del entries[:]
    entries.extend(copies)
