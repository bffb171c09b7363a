"""Make what ships of CardX from a checkpoint: `backend/weights/NAME`, with the ONNX file, its manifest and a card.

python -m bench.cardx_ship CHECKPOINT NAME --title TITLE --card CARD.md --licence TEXT [--always-on 0|1]
"""

import argparse
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from backend.ml.architectures.cost import count_parameters
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import FileFacts, Manifest
from backend.ml.pretraining.embedding import embedding_model
from backend.ml.pretraining.half import half_precision_file
from backend.ml.pretraining.state import load
from backend.ml.versions import library_versions
from bench.cardx_data import others

FOLDER = Path(__file__).parents[1] / "backend" / "weights"
LARGEST = 35 << 20


def main() -> None:
    """Write the files, and say how far they are from the network in float32."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name")
    parser.add_argument("--title", required=True)
    parser.add_argument("--card", type=Path, required=True)
    parser.add_argument("--licence", required=True)
    parser.add_argument("--always-on", type=int, default=1)
    options = parser.parse_args()
    state = load(options.checkpoint)
    if state is None:
        raise SystemExit("There is no checkpoint.")
    network, spec = embedding_model("cardx", {"always_on": options.always_on}, state.network)
    ecgs = others("ludb")[0][:32]
    with torch.inference_mode():
        exact = network(torch.from_numpy(ecgs)).numpy()
    onnx = half_precision_file(network, spec)
    with torch.inference_mode():
        rounded = network(torch.from_numpy(ecgs)).numpy()
    answered = Predictor.from_bytes(onnx).logits(ecgs)
    parity = float(np.abs(answered - rounded).max()) / max(1.0, float(np.abs(rounded).max()))
    if parity > 1e-5 or len(onnx) > LARGEST:
        raise SystemExit(f"The file is no good: parity {parity:.1g}, {len(onnx)} bytes.")
    weights, card = named_weights(onnx), options.card.read_bytes()
    manifest = Manifest(
        name=options.title, created=datetime.now(UTC).isoformat(timespec="seconds"), spec=spec,
        parameters=count_parameters(network) - count_parameters(network.head), parity=parity,
        versions=library_versions(), licence=options.licence, has_head=False,
        intended_use="Fine-tuning, best of the head only, and embeddings; it has no labels of its own.",
        files={
            name: FileFacts(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
            for name, content in (("model.onnx", onnx), ("weights.safetensors", weights), ("README.md", card))
        },
    )  # fmt: skip
    folder = FOLDER / options.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx)
    (folder / "README.md").write_bytes(card)
    (folder / "manifest.json").write_text(manifest.to_json() + "\n")
    print(f"{len(onnx) / 2**20:.1f} MiB; torch and ONNX differ by {parity:.1g}; half precision changes it by "
          f"{np.abs(rounded - exact).max():.2g} of {np.abs(exact).max():.2g}")  # fmt: skip


if __name__ == "__main__":
    main()
