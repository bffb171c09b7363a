"""The end of a pre-training: its checkpoint becomes a model that answers with its embedding."""

from dataclasses import dataclass
from pathlib import Path

from backend.ml.architectures.cost import count_parameters
from backend.ml.architectures.named_weights import weights_bytes
from backend.ml.errors import CheckpointError
from backend.ml.export import export_onnx
from backend.ml.pretraining.embedding import embedding_model
from backend.ml.pretraining.state import load
from backend.ml.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Pretrained:
    """A pre-trained network as files; `parameters` are those of its body."""

    spec: ModelSpec
    onnx: bytes
    weights: bytes
    parity: float
    parameters: int


def conclude(checkpoint: Path, architecture: str, config: dict[str, int | float], folder: Path) -> Pretrained:
    """Return the network of a checkpoint as a model; `folder` is for files on the way.

    Raises CheckpointError where there is no checkpoint, ExportError where torch and the exported file differ.
    """
    state = load(checkpoint)
    if state is None:
        raise CheckpointError("There is no checkpoint of this pre-training. Start it again.")
    network, spec = embedding_model(architecture, config, state.network)
    path = folder / "model.onnx"
    report = export_onnx(network, spec, path)
    parameters = count_parameters(network) - count_parameters(network.head)
    return Pretrained(spec, path.read_bytes(), weights_bytes(network), report.parity, parameters)
