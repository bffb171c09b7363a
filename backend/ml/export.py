"""Export of a trained network as one ONNX file that describes itself and is proven to answer as torch does."""

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
from torch import nn

from backend.ml.errors import ExportError
from backend.ml.predict import Predictor
from backend.ml.spec import ModelSpec, to_metadata

OPSET = 18  # the lowest the exporter writes, so that older runtimes can read the file
TOLERANCE = 1e-5  # largest difference of a logit that is accepted
PARITY_BATCHES = (1, 2, 7)


@dataclass(frozen=True)
class ExportReport:
    """What was written, and the largest difference of a logit between onnxruntime and torch."""

    parity: float
    opset: int
    size: int  # bytes
    sha256: str


def export_onnx(model: nn.Module, spec: ModelSpec, path: Path) -> ExportReport:
    """Write `model`, on the CPU, to `path` with input "signal" (batch, 12, n_samples) and output "logits" (batch, L).

    BatchNorm and the names of the parameters are kept (no optimisation), so that the file can be fine-tuned. The logits
    still need the softmax or sigmoid of `predict.to_probabilities`. The file appears only once it is proven.
    Raises ExportError where onnxruntime and torch differ by more than TOLERANCE at batch 1, 2 or 7.
    """
    model.eval()
    example = torch.zeros(2, len(spec.leads), spec.n_samples)  # a batch of 1 would be taken for a constant
    with _quiet():
        program = torch.onnx.export(
            model,
            (example,),
            input_names=["signal"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            opset_version=OPSET,
            dynamo=True,
            optimize=False,
            verbose=False,
        )
    if program is None:
        raise ExportError("The network could not be exported as ONNX.")
    proto = program.model_proto
    _forget_origin(proto.graph)
    onnx.helper.set_model_props(proto, to_metadata(spec))
    content = proto.SerializeToString()
    parity = _parity(model, spec, Predictor.from_bytes(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    opset = next(entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))
    return ExportReport(parity, opset, len(content), hashlib.sha256(content).hexdigest())


def _parity(model: nn.Module, spec: ModelSpec, predictor: Predictor) -> float:
    """Return the largest difference between the two, on random records; raises ExportError above TOLERANCE."""
    random = np.random.default_rng(0)
    worst = 0.0
    for size in PARITY_BATCHES:
        x = random.standard_normal((size, len(spec.leads), spec.n_samples)).astype(np.float32)
        with torch.inference_mode():
            wanted = model(torch.from_numpy(x)).numpy()
        difference = float(np.abs(predictor.logits(x) - wanted).max())
        if not difference <= TOLERANCE:
            raise ExportError(
                f"The exported network differs from the trained one by {difference:.1g} at a batch of {size}; at most "
                f"{TOLERANCE:g} is accepted. Report this with the architecture and its settings."
            )
        worst = max(worst, difference)
    return worst


def _forget_origin(graph: onnx.GraphProto) -> None:
    """Remove the source lines and file paths of this machine that the exporter notes at every node and value."""
    for entries in (graph.node, graph.value_info, graph.input, graph.output, graph.initializer, [graph]):
        for entry in entries:
            entry.ClearField("metadata_props")
            entry.ClearField("doc_string")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporter says of its own inside; what goes wrong is still raised."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            yield
    finally:
        logger.setLevel(level)
