"""Weights that came as a PyTorch file, for an architecture of the register; loads torch.

Nothing in such a file is run: safetensors hold numbers only, and `torch.load(weights_only=True)` builds tensors and
plain containers and refuses everything else.
"""

import io
import pickle
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save
from torch import Tensor

from backend.ml.architectures import architecture
from backend.ml.architectures.cost import count_parameters
from backend.ml.architectures.named_weights import load_strictly, weights_bytes
from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import windowed
from backend.ml.errors import ModelInvalidError
from backend.ml.export import export_onnx
from backend.ml.foreign import fairseq
from backend.ml.inference import parity
from backend.ml.inference.predictor import Predictor
from backend.ml.inference.trial import ImportedWeights
from backend.ml.packaging.weights_file import check_weights
from backend.ml.spec import ModelSpec

ECG_FM = "ecg_fm"
_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network")
_PREFIXES = ("module.", "model.", "net.", "network.")
_TORCH = (b"PK\x03\x04", b"\x80")  # a zip with a pickle inside, as torch saves since 1.6, or the pickle alone


def convert(data: bytes, spec: ModelSpec, folder: Path) -> ImportedWeights:
    """Load weights (safetensors, or a torch file) into the architecture of `spec` and export it; `folder` is scratch.

    Raises ModelInvalidError for a file that holds more than tensors or tensors of another network, SettingError for
    an unknown architecture or setting, ExportError.
    """
    tensors, notes = read_tensors(data)
    if spec.architecture == ECG_FM and fairseq.is_fairseq(tensors):
        tensors = fairseq.rename(tensors)
        spec = replace(spec, config=fairseq.options(tensors))  # the file itself shows them
        notes = [*notes, "Read as a checkpoint of fairseq-signals."]
    network = build(spec)
    has_head = any(name.startswith("head.") for name in tensors)
    if not has_head and spec.architecture == ECG_FM:
        notes = [*notes, "The file has no head: fine-tune the model before it predicts anything."]
        tensors |= {f"head.{name}": value for name, value in network.head.state_dict().items()}
    completed = _completed(tensors, network)
    _check_fit(completed, network, spec)
    load_strictly(network, save(completed))
    path = folder / "model.onnx"
    report = export_onnx(network, spec, path)
    parameters = count_parameters(network)
    return ImportedWeights(spec, has_head, path.read_bytes(), weights_bytes(network), report.parity, parameters, notes)


def check_native(onnx: bytes, weights: bytes) -> float:
    """Load the named weights of a package into its architecture and compare its answers with those of the ONNX file.

    Returns the largest difference. Raises ModelInvalidError where the weights do not fit, or above `parity.PACKAGE`.
    """
    predictor = Predictor.from_bytes(onnx)
    spec = predictor.spec
    network = build(spec)
    load_strictly(network, weights)
    x, patient = parity.probe(2, spec.n_samples, takes_patient=spec.takes_patient)
    inputs = [torch.from_numpy(part) for part in (x, patient) if part is not None]
    with torch.inference_mode():
        wanted = windowed(network.eval(), spec).eval()(*inputs).numpy()
    difference = parity.difference(predictor.logits(x, patient), wanted)
    if not difference <= parity.PACKAGE:
        raise ModelInvalidError(
            f"The weights and the ONNX file of the package are different networks: their answers differ by "
            f"{difference:.2g}. Export the package again."
        )
    return difference


def build(spec: ModelSpec) -> Network:
    """Return the network of `spec` with fresh weights. Raises SettingError for what the register does not know."""
    return architecture(spec.architecture).build(len(spec.leads), spec.n_samples, len(spec.labels), spec.config, seed=0)


def read_tensors(data: bytes) -> tuple[dict[str, Tensor], list[str]]:
    """Return the named tensors of a safetensors or torch file, and notes for people.

    What training libraries put around and beside a state dict is left out. Raises ModelInvalidError for a file that
    holds more than tensors and plain values, is damaged, or has no named tensors.
    """
    if data.startswith(_TORCH):
        return _unwrapped(_load_torch(data)), ["Read with weights_only: nothing but tensors was taken from the file."]
    if len(data) < 8 or data[8:9] != b"{":  # where the header of every safetensors file begins
        raise ModelInvalidError(
            "The file is neither a PyTorch file nor safetensors: it holds no weights that can be read. Save them again."
        )
    check_weights(data)
    try:
        return _unwrapped(load_safetensors(data)), []
    except (SafetensorError, ValueError, KeyError) as problem:
        raise ModelInvalidError("The weights are no safetensors file, or damaged. Save them again.") from problem


def _load_torch(data: bytes) -> dict[str, object]:
    try:
        _check_stored(data)
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        kind = re.search(r"(?:GLOBAL|class|type) [`'\"]?([\w.]+)", str(problem))
        named = f" (it asks for {kind.group(1)[:100]})" if kind else ""
        raise ModelInvalidError(
            f"The file is a pickle that holds more than tensors{named}, and such a file can run any program when it is "
            "loaded: it is not opened. Keep its tensors alone, as docs/models.md says under “Weights out of a pickle”, "
            "on a machine of your own and if you trust where the file is from; then import the safetensors file."
        ) from problem
    except (RuntimeError, ValueError, EOFError, LookupError, AttributeError, TypeError, BadZipFile) as problem:
        raise ModelInvalidError("The file is no PyTorch state dict, or damaged. Save it again.") from problem
    if not isinstance(state, Mapping):
        raise ModelInvalidError("The file holds no state dict (named tensors). Save model.state_dict().")
    return {str(name): value for name, value in state.items()}


def _check_stored(data: bytes) -> None:
    """Raise ValueError for a zip with compressed parts: torch writes none, and they could expand to any size."""
    if data.startswith(b"PK"):
        with ZipFile(io.BytesIO(data)) as archive:
            if any(entry.compress_type != ZIP_STORED for entry in archive.infolist()):
                raise ValueError("compressed")


def _unwrapped(saved: Mapping[str, object]) -> dict[str, Tensor]:
    """Return the named tensors of a checkpoint, without the frames that training libraries put around them."""
    for name in _WRAPPERS:
        inner = saved.get(name)
        if isinstance(inner, Mapping) and inner and all(isinstance(key, str) for key in inner):
            return _unwrapped(inner)
    tensors = {name: value for name, value in saved.items() if isinstance(value, Tensor)}
    if not tensors or len(tensors) < len(saved):
        raise ModelInvalidError(
            "The file should hold named tensors and nothing beside them. Save model.state_dict() alone."
        )
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            return _unwrapped({name.removeprefix(prefix): value for name, value in tensors.items()})
    return tensors


def _check_fit(tensors: Mapping[str, Tensor], network: Network, spec: ModelSpec) -> None:
    """Raise ModelInvalidError, saying what to declare instead, for tensors of another network or of other labels.

    What is wrong with a single tensor of the right network is left to `load_strictly`, which names it.
    """
    head = tensors.get("head.bias")
    if head is not None and head.dim() == 1 and len(head) != len(spec.labels):
        raise ModelInvalidError(
            f"The head of the weights (head.bias) has {len(head)} outputs, but {len(spec.labels)} labels are named. "
            "Name one label for each output, in their order."
        )
    wanted = network.state_dict()
    known = [name for name in wanted if name in tensors]
    others = [name for name in known if tensors[name].shape != wanted[name].shape]
    if others or len(known) < len(wanted) / 2:
        odd = others[0] if others else next(name for name in wanted if name not in tensors)
        raise ModelInvalidError(
            f"The weights are not those of {architecture(spec.architecture).title} with these settings: the tensor "
            f"“{odd}” is {'of another shape' if others else 'missing'}. Name the architecture that they are of, and "
            "its settings where they are not the usual ones."
        )


def _completed(tensors: Mapping[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return tensors as safetensors can hold them, with the counters of BatchNorm that old files lack."""
    given = {name: value.detach().to("cpu").contiguous().clone() for name, value in tensors.items()}
    counters = {name: value for name, value in network.state_dict().items() if name.endswith(".num_batches_tracked")}
    return {name: value.clone() for name, value in counters.items()} | given
