"""Export of a trained network as one ONNX file that describes itself and is proven to answer as torch does.

The file is for inference: BatchNorm and constants are folded, so that it loads and runs quickly anywhere. What is
fine-tuned later are the named weights (`weights_bytes`), which keep everything that folding loses.
"""

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.torch import save
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.errors import ExportError
from backend.ml.foreign import ForeignNetwork, FrozenTrunk
from backend.ml.foreign.trunk import TOLERANCE as FOREIGN_TOLERANCE
from backend.ml.patient import FEATURES
from backend.ml.predict import Predictor
from backend.ml.spec import INPUT_NAME, OUTPUT_NAME, PATIENT_NAME, ModelSpec, to_metadata
from backend.ml.windows import windowed

OPSET = 18  # the lowest the exporter writes, so that older runtimes can read the file
TOLERANCE = 1e-5  # largest difference of an output that is accepted, as a share of the largest one where that is over 1
PARITY_BATCHES = (1, 2, 7)


@dataclass(frozen=True)
class ExportReport:
    """What was written, and the largest difference between onnxruntime and torch (see `TOLERANCE`)."""

    parity: float
    opset: int
    size: int  # bytes
    sha256: str


def export_onnx(network: Network, spec: ModelSpec, path: Path) -> ExportReport:
    """Write `network`, on the CPU, to `path` with input "arg0" (batch, 12, n_samples) and output "self_1_1" (batch, L).

    Where `spec.takes_patient`, there is a second input "patient" (batch, 4); where `spec.window_s` is set, the mean
    over windows is part of the graph. A network with a frozen trunk of foreign ONNX is written as that and its head.
    The logits still need `predict.to_outputs`. The file appears only once it is proven.
    Raises ExportError where onnxruntime and torch differ by more than TOLERANCE at batch 1, 2 or 7 (a foreign network
    by more than its conversion may). A difference counts as it is for outputs up to 1, and as a share of the largest
    output above: float32 has seven digits.
    """
    network.eval()
    whole = windowed(network, spec).eval()
    if isinstance(network, ForeignNetwork | FrozenTrunk):
        proto, tolerance = network.merged(), FOREIGN_TOLERANCE
    else:
        proto, tolerance = _traced(whole, spec), TOLERANCE
    _forget_origin(proto.graph)
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, to_metadata(spec))
    content = proto.SerializeToString()
    parity = _parity(whole, spec, Predictor.from_bytes(content), tolerance)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    opset = next(entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))
    return ExportReport(parity, opset, len(content), hashlib.sha256(content).hexdigest())


def weights_bytes(network: nn.Module) -> bytes:
    """Return the named parameters and buffers of a network as safetensors, for fine-tuning without a converter."""
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    return save(tensors, metadata={"format": "pt"})


def _traced(whole: nn.Module, spec: ModelSpec) -> onnx.ModelProto:
    """Return the graph of a torch network, optimised."""
    names, example = [INPUT_NAME], [torch.zeros(2, len(spec.leads), spec.n_samples)]  # 1 would be taken for a constant
    if spec.takes_patient:
        names, example = [INPUT_NAME, PATIENT_NAME], [*example, torch.zeros(2, FEATURES)]
    batch = torch.export.Dim("batch")
    with _quiet():
        program = torch.onnx.export(
            whole,
            tuple(example),
            input_names=names,
            output_names=[OUTPUT_NAME],
            dynamic_shapes=tuple({0: batch} for _ in example),
            opset_version=OPSET,
            dynamo=True,
            optimize=True,
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


def _parity(whole: nn.Module, spec: ModelSpec, predictor: Predictor, tolerance: float) -> float:
    """Return the largest difference between the two, on random records; raises ExportError above the tolerance."""
    random = np.random.default_rng(0)
    worst = 0.0
    amplitude = spec.preprocessing.units_per_mv if spec.preprocessing.standardise == "none" else 1.0
    for size in PARITY_BATCHES:
        x = (amplitude * random.standard_normal((size, len(spec.leads), spec.n_samples))).astype(np.float32)
        patient = random.random((size, FEATURES)).astype(np.float32) if spec.takes_patient else None
        inputs: list[Tensor] = [torch.from_numpy(part) for part in (x, patient) if part is not None]
        with torch.inference_mode():
            wanted = whole(*inputs).numpy()
        scale = max(1.0, float(np.abs(wanted).max()))
        difference = float(np.abs(predictor.logits(x, patient) - wanted).max()) / scale
        if not difference <= tolerance:
            raise ExportError(
                f"The exported network differs from the trained one by {difference:.1g} at a batch of {size}; at most "
                f"{tolerance:g} is accepted. Report this with the architecture and its settings."
            )
        worst = max(worst, difference)
    return worst


def _forget_origin(graph: onnx.GraphProto) -> None:
    """Remove the source lines and file paths of this machine that the exporter notes at every node and value."""
    for entries in (graph.node, graph.value_info, graph.input, graph.output, graph.initializer, [graph]):
        for entry in entries:
            entry.ClearField("metadata_props")
            entry.ClearField("doc_string")
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                _forget_origin(inner)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporter says of its own inside; what goes wrong is still raised."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            warnings.filterwarnings("ignore", "# The axis name: ", UserWarning)  # two inputs share the batch
            yield
    finally:
        logger.setLevel(level)
