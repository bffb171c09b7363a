"""The published weights of ECG-FM, as fairseq-signals saves them, under the names of `architectures.ecg_fm`.

Names and shapes: the `wav2vec2_cmsc` and `ecg_transformer_classifier` models of Jwoo5/fairseq-signals. Pretrained and
fine-tuned checkpoints are understood; how the file is read is told in `state_dict`.
"""

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from backend.ml.architectures import architecture
from backend.ml.errors import ModelInvalidError, SettingError

_MOST_NUMBERS = 1 << 29  # of one tensor; more than the whole of the largest ECG-FM
_HEAD_WIDTH = 64  # channels of an attention head, in every published ECG-FM; the file does not tell

_PRETRAINING = (
    "mask_emb",
    "quantizer.",
    "project_q.",
    "final_proj.",
    "input_quantizer.",
    "project_inp.",
    "target_glu.",
)
"""What only the pretraining needs: the quantiser of its targets, and projections for its loss."""

_NAMES: Mapping[str, str] = {
    "feature_extractor.conv_layers.0.2": "stem_norm",
    "layer_norm": "features_norm",
    "post_extract_proj": "widen",
    "conv_pos.pos_conv.0": "positions.convolution",
    "encoder.layer_norm": "norm",
    "proj": "head",
}
_IN_LAYER: Mapping[str, str] = {
    "self_attn.out_proj": "attention.out",
    "self_attn_layer_norm": "norm1",
    "fc1": "wide",
    "fc2": "narrow",
    "final_layer_norm": "norm2",
}
_WEIGHT_NORM: Mapping[str, str] = {  # torch's two ways of writing it
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}


def options(weights: Mapping[str, Tensor]) -> dict[str, int]:
    """Return the settings with which the register builds the network of these weights (as `rename` gives them)."""
    width, stem = (int(size) for size in weights["widen.weight"].shape)
    return {
        "width": width,
        "depth": 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks.")),
        "heads": max(1, width // _HEAD_WIDTH),
        "inner": int(weights["blocks.0.wide.weight"].shape[0]),
        "stem": stem,
        "reach": int(weights["positions.convolution.parametrizations.weight.original1"].shape[2]),
    }


def is_fairseq(names: Iterable[str]) -> bool:
    """Tell whether tensors of these names are those of a fairseq-signals checkpoint of ECG-FM."""
    return any(re.fullmatch(r"(encoder\.)?feature_extractor\.conv_layers\.0\.0\.weight", name) for name in names)


def rename(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a fairseq-signals state dict under our names, as float32 and complete but for the head.

    A pretrained checkpoint has no head: "head.weight" and "head.bias" are there for a fine-tuned one only.
    Raises ModelInvalidError for one that lacks a tensor, has one too many, or one of another shape.
    """
    if not is_fairseq(tensors):
        raise ModelInvalidError("The file is no ECG-FM checkpoint: it has no “feature_extractor” of 12 leads.")
    fine_tuned = not any(name.startswith("feature_extractor.") for name in tensors)
    renamed: dict[str, Tensor] = {}
    unknown = []
    for name, tensor in tensors.items():
        plain = name.removeprefix("encoder.") if fine_tuned else name
        if plain.startswith(_PRETRAINING):
            continue
        ours = _renamed(plain)
        if ours is None or not tensor.is_floating_point() or tensor.numel() > _MOST_NUMBERS:
            unknown.append(name)
        else:
            renamed[ours] = tensor.detach().to(torch.float32).contiguous()
    if unknown:
        raise ModelInvalidError(f"The checkpoint has tensors that are not of ECG-FM: {_few(unknown)}.")
    return _checked(_joined(renamed), fine_tuned)


def _renamed(name: str) -> str | None:
    """Return our name of a tensor (queries, keys and values still apart), None for an unknown one."""
    module, _, kind = name.rpartition(".")
    if module == "conv_pos.pos_conv.0.parametrizations.weight":
        return f"positions.convolution.parametrizations.weight.{kind}"
    if module == "conv_pos.pos_conv.0":
        kind = _WEIGHT_NORM.get(kind, kind)
    if module in _NAMES:
        return f"{_NAMES[module]}.{kind}"
    if convolution := re.fullmatch(r"feature_extractor\.conv_layers\.(\d)\.0", module):
        return f"stem.{convolution[1]}.{kind}"
    if layer := re.fullmatch(r"encoder\.layers\.(\d{1,3})\.(.+)", module):
        if part := re.fullmatch(r"self_attn\.([qkv])_proj", layer[2]):
            return f"blocks.{layer[1]}.attention.{part[1]}.{kind}"
        if layer[2] in _IN_LAYER:
            return f"blocks.{layer[1]}.{_IN_LAYER[layer[2]]}.{kind}"
    return None


def _joined(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors with queries, keys and values of each block in one, where all three are there."""
    joined = {name: tensor for name, tensor in tensors.items() if not re.search(r"attention\.[qkv]\.", name)}
    for name in tensors:
        if re.search(r"attention\.q\.", name):
            parts = [tensors.get(name.replace("attention.q.", f"attention.{part}.")) for part in "qkv"]
            if all(part is not None and part.shape == tensors[name].shape for part in parts):
                joined[name.replace("attention.q.", "attention.qkv.")] = torch.cat([p for p in parts if p is not None])
    return joined


def _checked(tensors: dict[str, Tensor], fine_tuned: bool) -> dict[str, Tensor]:
    """Return the tensors if they are exactly those of the network that they describe."""
    try:
        head = len(tensors["head.bias"]) if fine_tuned else 1
        with torch.device("meta"):  # names and shapes only
            network = architecture("ecg_fm").build(12, 2500, head, options(tensors), seed=0)
    except (KeyError, ValueError, IndexError, SettingError) as problem:
        raise ModelInvalidError(
            f"The checkpoint lacks tensors of ECG-FM, or has impossible ones ({problem})."
        ) from problem
    wanted = {name: value.shape for name, value in network.state_dict().items()}
    if not fine_tuned:
        wanted = {name: shape for name, shape in wanted.items() if not name.startswith("head.")}
    if missing := sorted(set(wanted) - set(tensors)):
        raise ModelInvalidError(f"The checkpoint lacks tensors of ECG-FM, which are here called {_few(missing)}.")
    if other := [name for name in sorted(tensors) if name not in wanted or tensors[name].shape != wanted[name]]:
        raise ModelInvalidError(
            f"The checkpoint has tensors of another shape than ECG-FM's, here called {_few(other)}."
        )
    return tensors


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(name[:100] for name in names[:5]) + more
