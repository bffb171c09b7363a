"""Weights that came as a PyTorch file, for an architecture of the register; loads torch.

Nothing in such a file is run: safetensors hold numbers only, and `torch.load(weights_only=True)` builds tensors and
plain containers and refuses everything else.
"""

import io
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save
from torch import Tensor

from backend.ml import ecg_fm_checkpoint
from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network
from backend.ml.base import load_strictly
from backend.ml.errors import ModelInvalidError
from backend.ml.export import export_onnx, weights_bytes
from backend.ml.patient import FEATURES
from backend.ml.predict import Predictor
from backend.ml.spec import ModelSpec
from backend.ml.weights_file import check_weights
from backend.ml.windows import windowed

TOLERANCE = 1e-3
"""Largest difference between the answers of a package's ONNX file and of its weights, as a share of the largest one."""

ECG_FM = "ecg_fm"
_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network")
_PREFIXES = ("module.", "model.", "net.", "network.")
_TORCH = (b"PK\x03\x04", b"\x80")  # a zip with a pickle inside, as torch saves since 1.6, or the pickle alone


@dataclass(frozen=True, eq=False)
class Converted:
    """A network as the platform keeps it; without a head of its own it can be fine-tuned only."""

    spec: ModelSpec
    has_head: bool
    onnx: bytes
    weights: bytes
    parity: float
    parameters: int
    notes: list[str]


def convert(data: bytes, spec: ModelSpec, folder: Path) -> Converted:
    """Load weights (safetensors, or a torch file) into the architecture of `spec` and export it; `folder` is scratch.

    Raises ModelInvalidError for a file that holds more than tensors or tensors of another network, SettingError for
    an unknown architecture or setting, ExportError.
    """
    if spec.architecture == ECG_FM:
        tensors, config, notes = _read_ecg_fm(data)
        spec = replace(spec, config=config or spec.config)
    else:
        found, notes = read_tensors(data)
        tensors = _unwrapped(found)
    network = build(spec)
    has_head = any(name.startswith("head.") for name in tensors)
    if not has_head and spec.architecture == ECG_FM:
        notes = [*notes, "The file has no head: fine-tune the model before it predicts anything."]
        tensors |= {f"head.{name}": value for name, value in network.head.state_dict().items()}
    load_strictly(network, save(_completed(tensors, network)))
    path = folder / "model.onnx"
    report = export_onnx(network, spec, path)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Converted(spec, has_head, path.read_bytes(), weights_bytes(network), report.parity, parameters, notes)


def check_native(onnx: bytes, weights: bytes) -> float:
    """Load the named weights of a package into its architecture and compare its answers with those of the ONNX file.

    Returns the largest difference. Raises ModelInvalidError where the weights do not fit or it exceeds TOLERANCE.
    """
    predictor = Predictor.from_bytes(onnx)
    spec = predictor.spec
    network = build(spec)
    load_strictly(network, weights)
    random = np.random.default_rng(0)
    x = random.standard_normal((2, len(spec.leads), spec.n_samples)).astype(np.float32)
    patient = random.random((2, FEATURES)).astype(np.float32) if spec.takes_patient else None
    inputs = [torch.from_numpy(part) for part in (x, patient) if part is not None]
    with torch.inference_mode():
        wanted = windowed(network.eval(), spec).eval()(*inputs).numpy()
    difference = float(np.abs(predictor.logits(x, patient) - wanted).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(wanted).max())):
        raise ModelInvalidError(
            f"The weights and the ONNX file of the package are different networks: their answers differ by "
            f"{difference:.2g}. Export the package again."
        )
    return difference


def build(spec: ModelSpec) -> Network:
    """Return the network of `spec` with fresh weights. Raises SettingError for what the register does not know."""
    return architecture(spec.architecture).build(len(spec.leads), spec.n_samples, len(spec.labels), spec.config, seed=0)


def read_tensors(data: bytes) -> tuple[dict[str, object], list[str]]:
    """Return what a safetensors or torch file holds, and notes. Raises ModelInvalidError for anything but tensors."""
    if data.startswith(_TORCH):
        return _load_torch(data), ["Read with weights_only: nothing but tensors was taken from the file."]
    check_weights(data)
    try:
        return dict(load_safetensors(data)), []
    except (SafetensorError, ValueError, KeyError) as problem:
        raise ModelInvalidError("The weights are no safetensors file, or damaged. Save them again.") from problem


def _read_ecg_fm(data: bytes) -> tuple[dict[str, Tensor], dict[str, int], list[str]]:
    """Return tensors under our names, and the settings where the file is a published checkpoint, which shows them."""
    if data.startswith(_TORCH):
        tensors = ecg_fm_checkpoint.load(data)
    else:
        found, _ = read_tensors(data)
        tensors = _unwrapped(found)
        if not ecg_fm_checkpoint.is_fairseq(tensors):
            return tensors, {}, []
        tensors = ecg_fm_checkpoint.rename(tensors)
    return tensors, ecg_fm_checkpoint.options(tensors), ["Read as a checkpoint of fairseq-signals."]


def _load_torch(data: bytes) -> dict[str, object]:
    try:
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        kind = re.search(r"(?:GLOBAL|class|type) [`'\"]?([\w.]+)", str(problem))
        named = f" (it asks for {kind.group(1)[:100]})" if kind else ""
        raise ModelInvalidError(
            f"The file is a pickle that holds more than tensors{named}, and such a file can run any program when it is "
            "loaded. Save the state dict alone: torch.save(model.state_dict(), …), or better as safetensors."
        ) from problem
    except (RuntimeError, ValueError, EOFError, KeyError, AttributeError, IndexError, TypeError) as problem:
        raise ModelInvalidError("The file is no PyTorch state dict, or damaged. Save it again.") from problem
    if not isinstance(found, Mapping):
        raise ModelInvalidError("The file holds no state dict (named tensors). Save model.state_dict().")
    return {str(name): value for name, value in found.items()}


def _unwrapped(found: Mapping[str, object]) -> dict[str, Tensor]:
    """Return the named tensors of a checkpoint, without the frames that training libraries put around them."""
    for name in _WRAPPERS:
        inner = found.get(name)
        if isinstance(inner, Mapping) and inner and all(isinstance(key, str) for key in inner):
            return _unwrapped(inner)
    tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    if not tensors or len(tensors) < len(found):
        raise ModelInvalidError(
            "The file should hold named tensors and nothing beside them. Save model.state_dict() alone."
        )
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            return _unwrapped({name.removeprefix(prefix): value for name, value in tensors.items()})
    return tensors


def _completed(tensors: Mapping[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return tensors as safetensors can hold them, with the counters of BatchNorm that old files lack."""
    given = {name: value.detach().to("cpu").contiguous().clone() for name, value in tensors.items()}
    counters = {name: value for name, value in network.state_dict().items() if name.endswith(".num_batches_tracked")}
    return {name: value.clone() for name, value in counters.items()} | given
