"""The part of a foreign classifier before its head: found, tried in onnxruntime, and joined with a new head."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from backend.ecg.leads import LEADS
from backend.ml.errors import MlError, ModelInvalidError, SettingError
from backend.ml.foreign.head import candidates, cut
from backend.ml.foreign.sanitise import graphs, sanitised, with_open_batch
from backend.ml.inference import parity
from backend.ml.inference.predictor import BATCH, ORT_ERRORS, refusal, session_of, time_first
from backend.ml.metadata import from_metadata

MAX_WIDTH = 1_000_000
_USUAL_SAMPLES = 1000  # for a graph that leaves the length open and says nothing else: 10 s at 100 Hz


@dataclass(frozen=True, eq=False)
class Trunk:
    """A graph from the ECG to the embedding that the head takes.

    The one output has `pieces` rows for each record, one after another, and any axes beside `channel_axis`, over all
    of which the mean is taken: that mean of `width` numbers is the embedding.
    """

    proto: ModelProto
    n_samples: int
    units_per_mv: float  # of what it eats, as far as it says so
    time_first: bool  # the graph takes (batch, n_samples, 12)
    fixed: int | None  # batch size, where it cannot be opened
    channel_axis: int
    width: int
    rank: int = 2
    pieces: int = 1

    @property
    def input_name(self) -> str:
        """The name of the graph's input."""
        return str(self.proto.graph.input[0].name)

    def session(self, threads: int = 1) -> ort.InferenceSession:
        """Return the graph, loaded; raises ModelInvalidError."""
        try:
            return session_of(self.proto.SerializeToString(), threads)
        except ORT_ERRORS as problem:
            raise refusal("loaded", problem) from problem

    def run(self, session: ort.InferenceSession, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the raw output (b·pieces, …) for records x (b, 12, n_samples); raises ModelInvalidError."""
        if self.time_first:
            x = np.ascontiguousarray(x.transpose(0, 2, 1))
        size, parts = self.fixed or BATCH, []
        for start in range(0, len(x), size):
            part = x[start : start + size]
            n, missing = len(part), (self.fixed or 0) - len(part)
            if missing > 0:
                part = np.pad(part, ((0, missing), (0, 0), (0, 0)))
            try:
                out = session.run(None, {self.input_name: part})[0]
            except ORT_ERRORS as problem:
                raise refusal("run", problem) from problem
            parts.append(out[: n * len(out) // len(part)] if missing > 0 else out)
        return np.concatenate(parts)

    def check_length(self, x: Tensor) -> None:
        """Raise SettingError for records (b, 12, n) that are not as long as the graph takes them."""
        if x.shape[-1] != self.n_samples:
            raise SettingError(
                f"This foreign network takes whole ECGs of {self.n_samples} samples a lead, not {x.shape[-1]}. Train "
                "it without crops and windows."
            )

    def pool(self, out: Tensor, n_records: int) -> Tensor:
        """Return the embeddings (b, width) of a raw output."""
        axis = self.channel_axis % out.dim()
        others = [i for i in range(1, out.dim()) if i != axis]
        if others:
            out = out.mean(dim=others)
        return out if self.pieces == 1 else out.reshape(n_records, self.pieces, self.width).mean(dim=1)

    def probe(self, n: int, amplitude: float = 1.0) -> NDArray[np.float32]:
        """Return n random records, always the same."""
        return parity.probe(n, self.n_samples, amplitude=amplitude)[0]


def find_trunk(content: bytes) -> Trunk:
    """Cut the head off a foreign ONNX classifier and try what is left.

    Raises ModelInvalidError where there is no head, or where the trunk gives no embedding for each record by itself.
    """
    proto = sanitised(content)
    shape = _input_shape(proto)
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    try:
        preprocessing = from_metadata(metadata, n_labels=1).preprocessing
        n_said, units = preprocessing.n_samples, preprocessing.units_per_mv
    except MlError:
        n_said, units = _USUAL_SAMPLES, 1.0
    first = time_first(shape, n_said)
    leads, samples = (shape[2], shape[1]) if first else (shape[1], shape[2])
    if leads not in (len(LEADS), None):
        raise ModelInvalidError(f"The model takes {leads} leads; the 12 of a standard ECG are needed.")
    fixed = shape[0]
    problem: ModelInvalidError | None = None
    for head in candidates(proto):
        trunk = Trunk(
            proto=cut(proto, head.embedding),
            n_samples=samples or n_said,
            units_per_mv=units,
            time_first=first,
            fixed=fixed,
            channel_axis=head.channel_axis,
            width=head.width,
        )
        try:
            return _opened(_tried(trunk))
        except ModelInvalidError as fault:
            problem = problem or fault
    raise problem or ModelInvalidError("The model has no output.")


def merge(
    trunk: Trunk, head: nn.Linear, weights: Mapping[str, NDArray[np.float32]], input_name: str, output_name: str
) -> ModelProto:
    """Return one graph of the trunk, with these values of its initialisers, and a linear head.

    It takes (batch, 12, n_samples), whatever the layout of the trunk.
    """
    proto = ModelProto()
    proto.CopyFrom(trunk.proto)
    graph = proto.graph
    for tensor in graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(weights[tensor.name]), tensor.name))
    taken = {input_name, output_name}
    names = [name for part in graphs(graph) for node in part.node for name in (*node.input, *node.output)]
    rename(graph, {name: f"trunk.{name}" for name in names if name in taken or name.startswith("head.")})
    batch = graph.input[0].type.tensor_type.shape.dim[0]
    old_input, current = graph.input[0].name, graph.output[0].name
    del graph.input[:], graph.output[:]
    size: int | str = batch.dim_value or "batch"
    graph.input.append(
        helper.make_tensor_value_info(input_name, TensorProto.FLOAT, (size, len(LEADS), trunk.n_samples))
    )
    if trunk.time_first:
        graph.node.insert(0, helper.make_node("Transpose", [input_name], [old_input], perm=[0, 2, 1]))
    else:
        rename(graph, {old_input: input_name})
        current = input_name if current == old_input else current

    def add(operation: str, inputs: list[str], output: str, **attributes: Any) -> str:
        graph.node.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    def store(name: str, values: NDArray[Any]) -> str:
        graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    opset = next(entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))

    def mean(tensor: str, axes: list[int], output: str) -> str:
        if opset >= 18:
            return add("ReduceMean", [tensor, store(f"{output}.axes", np.array(axes))], output, keepdims=0)
        return add("ReduceMean", [tensor], output, axes=axes, keepdims=0)

    others = [axis for axis in range(1, trunk.rank) if axis != trunk.channel_axis % trunk.rank]
    if others and others[0] == 2:  # channels first: as networks in torch do it, which converters know best
        current = add("Flatten", [add("GlobalAveragePool", [current], "head.pool")], "head.mean")
    elif others:
        current = mean(current, others, "head.mean")
    if trunk.pieces > 1:
        shape = store("head.shape", np.array([-1, trunk.pieces, trunk.width]))
        current = mean(add("Reshape", [current, shape], "head.pieces"), [1], "head.embedding")
    state = {name: value.detach().cpu().numpy() for name, value in head.state_dict().items()}
    parts = [store(f"head.{name}", np.ascontiguousarray(state[name])) for name in ("weight", "bias")]
    add("Gemm", [current, *parts], output_name, transB=1)
    graph.output.append(helper.make_tensor_value_info(output_name, TensorProto.FLOAT, (size, head.out_features)))
    return proto


def rename(graph: GraphProto, names: Mapping[str, str]) -> None:
    """Rename tensors of a graph and of those inside it."""
    for part in graphs(graph):
        for node in part.node:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
        for entry in (*part.initializer, *part.input, *part.output):
            entry.name = names.get(entry.name, entry.name)


def _input_shape(proto: ModelProto) -> list[int | None]:
    """Return the three sizes of the only input, None where open."""
    inputs = proto.graph.input
    if len(inputs) != 1 or not proto.graph.output:
        raise ModelInvalidError("The model should have a single input, the ECG, to be fine-tuned.")
    kind = inputs[0].type.tensor_type
    if kind.elem_type != TensorProto.FLOAT or len(kind.shape.dim) != 3:
        raise ModelInvalidError("The model should have a single input of float32, (batch, 12 leads, samples).")
    return [dim.dim_value if dim.dim_value > 0 else None for dim in kind.shape.dim]


def _tried(trunk: Trunk) -> Trunk:
    """Run the trunk on random records, and return it with the shape of what it gave."""
    if not 0 < trunk.width <= MAX_WIDTH:
        raise ModelInvalidError(f"The head of the model takes {trunk.width:,} numbers; at most {MAX_WIDTH:,} are used.")
    session = trunk.session()
    n = trunk.fixed or 2
    x = trunk.probe(n, trunk.units_per_mv)
    out = trunk.run(session, x)
    if out.ndim < 2 or len(out) % n or not len(out) or out.shape[trunk.channel_axis] != trunk.width:
        raise ModelInvalidError(f"The body of the model gives the shape {out.shape} for {n} records, not an embedding.")
    pieces = len(out) // n
    if pieces > 1 and out.ndim > 2:
        raise ModelInvalidError("The body of the model mixes records and time. It can still be used to predict.")
    alone = trunk.run(session, np.concatenate([x[1:2], *[x[:1]] * ((trunk.fixed or 1) - 1)])) if n > 1 else out
    among = out[pieces : 2 * pieces] if n > 1 else out[:pieces]
    if not parity.difference(alone[:pieces], among) <= parity.CONVERSION:
        raise ModelInvalidError(
            "The model answers differently for a record by itself and among others, so it cannot be fine-tuned."
        )
    return replace(trunk, rank=out.ndim, pieces=pieces)


def _opened(trunk: Trunk) -> Trunk:
    """Return a trunk of fixed batch size with an open one, where it then answers the same."""
    if trunk.fixed is None:
        return trunk
    opened = replace(trunk, proto=with_open_batch(trunk.proto, trunk.fixed), fixed=None)
    x = trunk.probe(5, trunk.units_per_mv)
    try:
        difference = parity.difference(opened.run(opened.session(), x), trunk.run(trunk.session(), x))
    except ModelInvalidError:
        return trunk
    return opened if difference <= parity.CONVERSION else trunk
