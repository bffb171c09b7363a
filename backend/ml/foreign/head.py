"""Where the head of a foreign classifier is: the last dense layer with weights of its own, and what it takes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

from backend.ml.errors import ModelInvalidError
from backend.ml.foreign.sanitise import graphs

# what may come after the head: shapes, element by element, normalisation, pooling
_SHAPES = "Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose Slice Gather Concat Expand Dropout"
_EACH = (
    "Softmax LogSoftmax Sigmoid HardSigmoid Relu LeakyRelu PRelu Elu Selu Celu Gelu Tanh Softplus Clip Exp Log Neg "
    "Add Sub Mul Div Pow BatchNormalization LayerNormalization InstanceNormalization"
)
_POOLS = "GlobalAveragePool GlobalMaxPool AveragePool MaxPool ReduceMean ReduceMax ReduceSum ReduceLogSumExp"
_AFTER = frozenset(f"{_SHAPES} {_EACH} {_POOLS}".split())
_HEADS = ("Gemm", "MatMul", "Conv")
_ONE_PIECE = ("Gather", "Slice", "Reshape", "Expand")  # their other inputs say where, not what


@dataclass(frozen=True)
class Head:
    """The dense layer that makes the logits.

    `embedding` is the name of the tensor it takes, `channel_axis` that tensor's axis of `width` numbers.
    """

    node: int  # index of the node in the graph
    embedding: str
    channel_axis: int  # 1 for a convolution, -1 for a matrix
    width: int


def find_head(proto: ModelProto) -> Head:
    """Walk back from the first output of a sanitised graph to the last Gemm, MatMul or convolution.

    On the way only shapes, activations, normalisation and pooling are passed.
    Raises ModelInvalidError where the way forks or ends before there is one.
    """
    graph = proto.graph
    makers = {name: i for i, node in enumerate(graph.node) for name in node.output}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    constant = set(weights)
    for node in graph.node:
        if node.input and all(name in constant or not name for name in node.input) and not _has_graph(node):
            constant.update(node.output)
    name = graph.output[0].name
    for _ in range(len(graph.node)):
        if name not in makers:
            break
        node = graph.node[makers[name]]
        if node.op_type in _HEADS:
            return _head(node, makers[name], weights, constant, graph)
        if node.op_type not in _AFTER:
            raise _no_head(f"the operation {node.op_type:.40} comes after the last dense layer")
        inputs = node.input[:1] if node.op_type in _ONE_PIECE else node.input
        ways = {item for item in inputs if item and item not in constant}
        if len(ways) != 1:
            raise _no_head(f"the operation {node.op_type:.40} brings several parts together after the last dense layer")
        (name,) = ways
    raise _no_head("there is no dense layer before its output")


def candidates(proto: ModelProto) -> list[Head]:
    """Return the head as it is, after what it is without the mean over time before it, as we take that mean ourselves.

    A graph that ends with the body's last feature map is cut before the shape arithmetic that many exporters add.
    """
    head = find_head(proto)
    makers = {name: node for node in proto.graph.node for name in node.output}
    node = makers.get(head.embedding)
    while node is not None and node.op_type in ("Reshape", "Flatten", "Squeeze"):
        node = makers.get(node.input[0])
    if node is None:
        return [head]
    axis = {"GlobalAveragePool": 1, "ReduceMean": _kept_axis(node, proto)}.get(node.op_type)
    return [head] if axis is None else [replace(head, embedding=node.input[0], channel_axis=axis), head]


def _kept_axis(node: NodeProto, proto: ModelProto) -> int | None:
    """Return the axis beside the records that a ReduceMean over time leaves, None where it is none."""
    axes = [value for item in node.attribute if item.name == "axes" for value in item.ints]
    for tensor in proto.graph.initializer:
        if len(node.input) > 1 and tensor.name == node.input[1]:
            axes = numpy_helper.to_array(tensor).reshape(-1).tolist()
    return {(-1,): 1, (2,): 1, (2, 3): 1, (-2, -1): 1, (1,): -1, (-2,): -1}.get(tuple(sorted(axes)))


def cut(proto: ModelProto, tensor: str) -> ModelProto:
    """Return the part of a graph that makes `tensor`, as a model with that one output of an unknown shape."""
    makers = {name: i for i, node in enumerate(proto.graph.node) for name in node.output}
    wanted, open_names, used = set(), [tensor], {tensor}
    while open_names:
        i = makers.get(open_names.pop())
        if i is None or i in wanted:
            continue
        wanted.add(i)
        fresh = set(_reads([proto.graph.node[i]])) - used
        used |= fresh
        open_names.extend(fresh)
    part = ModelProto()
    part.CopyFrom(proto)
    graph = part.graph
    del graph.node[:], graph.initializer[:], graph.output[:], graph.sparse_initializer[:]
    graph.node.extend(proto.graph.node[i] for i in sorted(wanted))
    graph.initializer.extend(item for item in proto.graph.initializer if item.name in used)
    graph.sparse_initializer.extend(item for item in proto.graph.sparse_initializer if item.values.name in used)
    graph.output.add(name=tensor).type.tensor_type.elem_type = TensorProto.FLOAT
    return part


def _head(node: NodeProto, index: int, weights: dict[str, TensorProto], constant: set[str], graph: GraphProto) -> Head:
    """Return the head that a dense node is."""
    if node.input[0] in constant or node.input[1] not in constant:
        raise _no_head("its last dense layer has no weights of its own")
    flags = {item.name: item.i for item in node.attribute}
    weight = weights.get(node.input[1])
    transposed = bool(flags.get("transB"))
    if weight is None:  # made of a stored one by a Transpose, as some exporters do
        maker = next(item for item in graph.node if node.input[1] in item.output)
        weight = weights.get(maker.input[0])
        if weight is None or maker.op_type != "Transpose" or len(weight.dims) != 2:
            raise _no_head("the weights of its last dense layer are computed, not stored")
        transposed = not transposed
    rank = len(weight.dims)
    if node.op_type == "Conv":
        if flags.get("group", 1) != 1:
            raise _no_head("its last convolution is not dense")
        return Head(index, node.input[0], 1, weight.dims[1])
    if rank != 2 or flags.get("transA"):
        raise _no_head("its last dense layer is no plain matrix")
    return Head(index, node.input[0], -1, weight.dims[1 if transposed else 0])


def _reads(nodes: Iterable[NodeProto]) -> list[str]:
    """Return the names that nodes read, those read by the graphs inside them included."""
    names = []
    for node in nodes:
        names += [name for name in node.input if name]
        for attribute in node.attribute:
            for inner in [attribute.g] if attribute.HasField("g") else [*attribute.graphs]:
                for part in graphs(inner):
                    names += [name for item in part.node for name in item.input if name]
                    names += [value.name for value in part.output]
    return names


def _has_graph(node: NodeProto) -> bool:
    return any(item.HasField("g") or item.graphs for item in node.attribute)


def _no_head(why: str) -> ModelInvalidError:
    return ModelInvalidError(
        f"The model cannot be fine-tuned, as its head was not found: {why}. It can still be used to predict."
    )
