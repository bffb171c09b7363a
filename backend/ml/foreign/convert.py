"""Conversion of a foreign trunk to torch, by the first converter whose result can be proven and written back.

Each stored tensor is given marks instead of its values before the conversion, so that afterwards it is known which
torch tensor holds which stored one, and whether transposed. What training changes is written back into the graph by
that; a converted network is never exported anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from backend.ml.errors import MlError
from backend.ml.foreign.sanitise import graphs
from backend.ml.foreign.torchvision_shim import import_torchvision
from backend.ml.foreign.trunk import Trunk, rename
from backend.ml.inference import parity
from backend.ml.tracing import quiet

PROOF_BATCHES = (1, 2, 5)
# stored numbers that say how to compute, not with what: they keep their values, and are not trained
_SETTINGS = frozenset(["Resize", "Upsample", "Clip", "Pad", "Pow", "Range", "Where", "OneHot", "ConstantOfShape"])

_LAYERS = ("Conv", "Gemm", "MatMul", "BatchNormalization")


@dataclass(frozen=True)
class Source:
    """The stored tensor that a tensor of the torch module holds."""

    name: str
    transposed: bool


@dataclass(frozen=True, eq=False)
class Converted:
    """A trunk in torch: the module that maps what the graph takes to what it gives, and where its tensors come from."""

    body: nn.Module
    converter: str
    sources: Mapping[str, Source]  # name in the state of `body` -> stored tensor

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Return the present values of the stored tensors, by their names in the graph."""
        values = {}
        for name, tensor in self.body.state_dict().items():
            if name in self.sources:
                array: NDArray[np.float32] = tensor.detach().float().cpu().numpy()
                values[self.sources[name].name] = array.T if self.sources[name].transposed else array
        return values


class UnprovenError(MlError):
    """A converted trunk is not the same as the graph, or cannot be written back into it."""


def convert(trunk: Trunk) -> tuple[Converted | None, dict[str, str]]:
    """Return the trunk in torch, proven against onnxruntime, or None; and why each converter before it failed."""
    reasons: dict[str, str] = {}
    if trunk.fixed is not None:
        return None, {"all": f"The graph takes {trunk.fixed} records at a time and cannot be opened."}
    for name, converter in (("onnx2torch", _onnx2torch), ("onnx2pytorch", _onnx2pytorch)):
        try:
            with quiet("onnx2torch"):
                return _proven(trunk, name, converter), reasons
        except Exception as problem:  # noqa: BLE001  # a converter may fail in any way on a graph it does not know
            reasons[name] = f"{type(problem).__name__.strip('_')}: {' '.join(str(problem).split())[:300]}"
    return None, reasons


def _onnx2torch(proto: ModelProto) -> nn.Module:
    import_torchvision()
    from onnx2torch import convert as converted  # type: ignore[import-untyped]

    module: nn.Module = converted(proto)
    return module


def _onnx2pytorch(proto: ModelProto) -> nn.Module:
    import_torchvision()
    from onnx2pytorch import ConvertModel  # type: ignore[import-untyped]

    module = ConvertModel(proto, experimental=True)  # without it batches are refused
    del module.onnx_model.graph.initializer[:]  # a second copy of every weight
    body: nn.Module = module
    return body


def _proven(trunk: Trunk, name: str, converter: Callable[[ModelProto], nn.Module]) -> Converted:
    """Convert, fill with the stored values, make weights trainable, and compare with onnxruntime."""
    marked, stored = _marked(trunk.proto)
    body = converter(marked)
    sources = _sources(body, stored)
    with torch.no_grad():
        for target, source in sources.items():
            value, tensor = torch.from_numpy(stored[source.name].copy()), _tensor(body, target)
            tensor.copy_(value.T if source.transposed else value.reshape(tensor.shape))
    _same_momentum(body, trunk.proto, sources)
    sources = _used(body, trunk, sources)
    if len(set(sources.values())) < len(sources):
        raise UnprovenError("some weights are kept twice, and would be trained apart")
    _compare(body.eval(), trunk)
    return Converted(body, name, sources)


def _marked(proto: ModelProto) -> tuple[ModelProto, dict[str, NDArray[np.float32]]]:
    """Return a copy with plain names and marked weights, and the values of those weights by their old names.

    Names of nodes and tensors are a stranger's text, and become names of python code in a converter.
    """
    copy = ModelProto()
    copy.CopyFrom(proto)
    graph = copy.graph
    del copy.metadata_props[:]
    nodes = [node for part in graphs(graph) for node in part.node]
    settings = {name for node in nodes if node.op_type in _SETTINGS for name in node.input}
    layers = {
        name for node in nodes if node.op_type in _LAYERS for name in node.input
    }  # a single number is a bias here
    stored: dict[str, NDArray[np.float32]] = {}
    names: dict[str, str] = {"": ""}
    for tensor in graph.initializer:
        names[tensor.name] = f"w{len(names)}"
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) and tensor.name not in settings:
            values = numpy_helper.to_array(tensor)
            if np.isfinite(values).all() and (values.size > 1 or (values.size and tensor.name in layers)):
                stored[tensor.name] = values
                marks = np.zeros(values.shape, np.float32)
                marks.flat[:2] = np.array([len(stored), -len(stored)])[: values.size]
                tensor.CopyFrom(numpy_helper.from_array(marks, tensor.name))
    for value in graph.input:
        names.setdefault(value.name, f"t{len(names)}")
    for i, part in enumerate(graphs(graph)):
        for j, node in enumerate(part.node):
            node.name = f"n{i}_{j}"
            for name in node.output:
                names.setdefault(name, f"t{len(names)}")
        for entry in (*part.input, *part.initializer):
            names.setdefault(entry.name, f"t{len(names)}")
    rename(graph, names)
    _declare(copy)
    return copy, stored


def _declare(proto: ModelProto) -> None:
    """Give the output a shape of unknown sizes, which one converter asks for, where inference finds the rank."""
    from onnx.shape_inference import infer_shapes

    for value in infer_shapes(proto).graph.output:
        proto.graph.output[0].CopyFrom(value)
    if not proto.graph.output[0].type.tensor_type.HasField("shape"):
        name = proto.graph.output[0].name
        proto.graph.output[0].CopyFrom(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))


def _sources(body: nn.Module, stored: Mapping[str, NDArray[np.float32]]) -> dict[str, Source]:
    """Find the marks again and make every weight a parameter: return what each tensor is.

    Raises where a weight was changed by the conversion, so that it could not be written back.
    """
    names = list(stored)
    sources: dict[str, Source] = {}
    for target, tensor in [*body.named_parameters(), *body.named_buffers()]:
        if not tensor.is_floating_point() or not tensor.dim():
            continue
        owner, attribute = _owner(body, target)
        statistic = isinstance(owner, _BatchNorm) and attribute in ("running_mean", "running_var")
        source = _source(tensor.detach(), names, stored)
        if source is not None:
            sources[target] = source
            if not statistic and not isinstance(tensor, nn.Parameter):
                delattr(owner, attribute)
                owner.register_parameter(attribute, nn.Parameter(tensor.clone()))
        elif tensor.numel() == 1:
            tensor.requires_grad_(False)  # a single number beside a layer: a setting
        elif statistic or isinstance(tensor, nn.Parameter):
            raise UnprovenError(f"the weights {target} were rearranged")
    return sources


def _source(tensor: Tensor, names: list[str], stored: Mapping[str, NDArray[np.float32]]) -> Source | None:
    """Return what a marked tensor is."""
    flat = tensor.reshape(-1)
    number = int(flat[0]) if flat.numel() else 0
    if not 1 <= number <= len(names):
        return None
    values = stored[names[number - 1]]
    marks = np.zeros(values.shape, np.float32)
    marks.flat[:2] = np.array([number, -number])[: values.size]
    found = tensor.cpu().numpy()
    if found.size == values.size and np.array_equal(found.reshape(-1), marks.reshape(-1)):
        return Source(names[number - 1], transposed=False)
    if values.ndim == 2 and np.array_equal(found, marks.T):
        return Source(names[number - 1], transposed=True)
    return None


def _used(body: nn.Module, trunk: Trunk, sources: Mapping[str, Source]) -> dict[str, Source]:
    """Take one training pass, remove the parameters that no gradient reaches, and return the others' sources.

    A converter may keep weights twice, and only one of the two is the one it computes with.
    """
    before = {name: value.clone() for name, value in body.named_buffers()}
    body.train()
    out: Tensor = body(_input(trunk, 2))
    out.square().mean().backward()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        for name, value in body.named_buffers():
            value.copy_(before[name])
    for name, parameter in list(body.named_parameters()):
        if parameter.grad is None and parameter.requires_grad:
            owner, attribute = _owner(body, name)
            delattr(owner, attribute)
        parameter.grad = None
    present = {name for name, _ in [*body.named_parameters(), *body.named_buffers()]}
    return {name: source for name, source in sources.items() if name in present}


def _same_momentum(body: nn.Module, proto: ModelProto, sources: Mapping[str, Source]) -> None:
    """Let running statistics move as ONNX says: its momentum is the share that stays, torch's the share that goes."""
    by_mean = {node.input[3]: node for node in proto.graph.node if node.op_type == "BatchNormalization"}
    for name, module in body.named_modules():
        source = sources.get(f"{name}.running_mean")
        if isinstance(module, _BatchNorm) and source is not None and source.name in by_mean:
            stays = [item.f for item in by_mean[source.name].attribute if item.name == "momentum"]
            module.momentum = 1 - (stays[0] if stays else 0.9)


def _compare(body: nn.Module, trunk: Trunk) -> None:
    """Raise where torch and onnxruntime differ on random records of the size that the trunk eats."""
    session = trunk.session()
    for size in PROOF_BATCHES:
        for amplitude in sorted({1.0, trunk.units_per_mv}):
            wanted = trunk.run(session, trunk.probe(size, amplitude))
            with torch.inference_mode():
                found = body(_input(trunk, size, amplitude)).numpy()
            if not parity.difference(found, wanted) <= parity.CONVERSION:
                raise UnprovenError(f"it answers otherwise than onnxruntime at a batch of {size}")


def _input(trunk: Trunk, n: int, amplitude: float | None = None) -> Tensor:
    x = torch.from_numpy(trunk.probe(n, trunk.units_per_mv if amplitude is None else amplitude))
    return x.transpose(1, 2).contiguous() if trunk.time_first else x


def _owner(body: nn.Module, name: str) -> tuple[nn.Module, str]:
    """Return the module that has the tensor of this full name, and its short name there."""
    path, _, attribute = name.rpartition(".")
    return body.get_submodule(path), attribute


def _tensor(body: nn.Module, name: str) -> Tensor:
    owner, attribute = _owner(body, name)
    tensor: Tensor = getattr(owner, attribute)
    return tensor
