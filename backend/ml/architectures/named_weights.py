"""The named weights of a network as safetensors: every parameter and buffer under its own name, written and read."""

from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from backend.ml.errors import ModelInvalidError


def weights_bytes(network: nn.Module) -> bytes:
    """Return the named parameters and buffers of a network as safetensors, for fine-tuning without a converter."""
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    return save(tensors, metadata={"format": "pt"})


def load_strictly(network: nn.Module, weights: bytes) -> None:
    """Fill every parameter and buffer of `network` from safetensors.

    Raises ModelInvalidError, naming the tensor, where one is missing, unknown, of another shape or kind, or not finite.
    """
    try:
        tensors: Mapping[str, Tensor] = load(weights)
    except (SafetensorError, ValueError, KeyError) as problem:
        raise ModelInvalidError(
            "The weights of the model are no readable safetensors file. Import the model again."
        ) from problem
    expected = network.state_dict()
    for name, own in expected.items():
        if name not in tensors:
            raise ModelInvalidError(f"The weights of the model lack the tensor “{name}”. Import the model again.")
        given = tensors[name]
        if given.shape != own.shape:
            raise ModelInvalidError(
                f"The tensor “{name}” of the model has the shape {tuple(given.shape)}, but its architecture has "
                f"{tuple(own.shape)}. The weights are of another network."
            )
        if given.is_floating_point() != own.is_floating_point() or given.is_complex() != own.is_complex():
            raise ModelInvalidError(
                f"The tensor “{name}” of the model is {given.dtype}; it should be {own.dtype}. Save it again."
            )
        if given.is_floating_point() and not torch.isfinite(given.float()).all():
            raise ModelInvalidError(
                f"The tensor “{name}” of the model holds values that are no numbers. Choose another model."
            )
    extra = sorted(set(tensors) - set(expected))
    if extra:
        raise ModelInvalidError(
            f"The weights of the model have a tensor “{extra[0]:.100}” that its architecture lacks. "
            "Say which architecture it is."
        )
    network.load_state_dict(dict(tensors))
