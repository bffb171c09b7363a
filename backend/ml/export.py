"""Export of a trained network as one ONNX file that describes itself and is proven to answer as torch does.

The file is for inference: BatchNorm and constants are folded, so that it loads and runs quickly anywhere. What is
fine-tuned later are the named weights (`architectures.named_weights`), which keep everything that folding loses.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import WithRoutes, answering
from backend.ml.errors import ExportError
from backend.ml.inference import parity
from backend.ml.inference.predictor import Predictor
from backend.ml.metadata import to_metadata
from backend.ml.new_head import with_new_head
from backend.ml.patient import FEATURES
from backend.ml.spec import INPUT_NAME, OUTPUT_NAME, PATIENT_NAME, ROUTES_NAME, ModelSpec
from backend.ml.tracing import forget, forget_origin, traced

PARITY_BATCHES = (1, 2, 7)


@dataclass(frozen=True)
class ExportReport:
    """What was written, and the largest difference between onnxruntime and torch (`parity.difference`)."""

    parity: float
    opset: int
    size: int  # bytes
    sha256: str


def export_onnx(network: Network, spec: ModelSpec, path: Path, *, body: bytes | None = None) -> ExportReport:
    """Write `network`, on the CPU, to `path` with input "arg0" (batch, 12, n_samples) and output "self_1_1" (batch, L).

    Where `spec.takes_patient`, there is a second input "patient" (batch, 4); where `spec.window_s` is set, the mean
    over windows is part of the graph. A sparse network has a second output "routes" (batch, experts), the share in
    which each expert counts. A network with a frozen trunk of foreign ONNX is written as that and its head.
    `body` is an ONNX file of a network with the same body, of which then only the head is exchanged where that can be
    proven to be right. The logits still need `predict.to_outputs`. The file appears only once it is proven.
    Raises ExportError where onnxruntime and torch differ at batch 1, 2 or 7 by more than `parity.EXPORT`, or
    `parity.CONVERSION` for a network with a graph of its own.
    """
    network.eval()
    whole = answering(network, spec).eval()
    graph = network.own_graph()
    proto = None if body is None else with_new_head(body, network.head, spec.n_samples, _inputs(spec), _outputs(whole))
    if proto is not None:
        try:
            content, worst = _finished(proto, whole, spec, parity.EXPORT)
        except ExportError:  # then the bodies differ
            proto = None
    if proto is None:
        proto, content, worst = _traced_or_own(whole, spec, graph)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    opset = next(entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))
    return ExportReport(worst, opset, len(content), hashlib.sha256(content).hexdigest())


def _traced_or_own(whole: nn.Module, spec: ModelSpec, graph: bytes | None) -> tuple[onnx.ModelProto, bytes, float]:
    """Return the graph of a network, its file and its largest difference; raises ExportError."""
    if graph is not None:
        proto = onnx.load_model_from_string(graph)
        return proto, *_finished(proto, whole, spec, parity.CONVERSION)
    try:
        proto = exported(whole, spec)
        return proto, *_finished(proto, whole, spec, parity.EXPORT)
    except ExportError:
        if not forget(whole, _example(spec), _inputs(spec), _outputs(whole)):
            raise
    proto = exported(whole, spec)  # the graph that was kept was of something else after all
    return proto, *_finished(proto, whole, spec, parity.EXPORT)


def exported(whole: nn.Module, spec: ModelSpec, *, optimize: bool = True) -> onnx.ModelProto:
    """Return the graph of a torch network; left as it is traced, it has every weight under the name it has in torch."""
    return traced(whole, _example(spec), _inputs(spec), _outputs(whole), optimize=optimize)


def _example(spec: ModelSpec) -> list[Tensor]:
    example = [torch.zeros(2, len(spec.leads), spec.n_samples)]  # 1 would be taken for a constant
    return [*example, torch.zeros(2, FEATURES)] if spec.takes_patient else example


def _inputs(spec: ModelSpec) -> list[str]:
    return [INPUT_NAME, PATIENT_NAME] if spec.takes_patient else [INPUT_NAME]


def _outputs(whole: nn.Module) -> list[str]:
    return [OUTPUT_NAME, ROUTES_NAME] if isinstance(whole, WithRoutes) else [OUTPUT_NAME]


def _finished(proto: onnx.ModelProto, whole: nn.Module, spec: ModelSpec, tolerance: float) -> tuple[bytes, float]:
    """Return the file of a graph, which gets the facts of `spec`, and its largest difference; raises ExportError."""
    forget_origin(proto.graph)
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, to_metadata(spec))
    content = proto.SerializeToString()
    return content, _proven(whole, spec, Predictor.from_bytes(content), tolerance)


def _proven(whole: nn.Module, spec: ModelSpec, predictor: Predictor, tolerance: float) -> float:
    """Return the largest difference between the two, on random records; raises ExportError above the tolerance."""
    amplitude = spec.preprocessing.units_per_mv if spec.preprocessing.standardise == "none" else 1.0
    worst = 0.0
    for size in PARITY_BATCHES:
        x, patient = parity.probe(size, spec.n_samples, amplitude=amplitude, takes_patient=spec.takes_patient)
        inputs: list[Tensor] = [torch.from_numpy(part) for part in (x, patient) if part is not None]
        with torch.inference_mode():
            wanted = whole(*inputs)
        logits, routes = predictor.routed(x, patient)
        if isinstance(whole, WithRoutes):
            wanted, told = wanted
            if routes is None or not parity.difference(routes, told.numpy()) <= tolerance:
                raise ExportError("The exported network tells other routes than the trained one. Report this.")
        difference = parity.difference(logits, wanted.numpy())
        if not difference <= tolerance:
            raise ExportError(
                f"The exported network differs from the trained one by {difference:.1g} at a batch of {size}; at most "
                f"{tolerance:g} is accepted. Report this with the architecture and its settings."
            )
        worst = max(worst, difference)
    return worst
