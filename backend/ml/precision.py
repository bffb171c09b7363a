"""Which numbers a network is trained in. Weights, validation and the exported model are always float32."""

from functools import cache

import torch

from backend.ml.config import Precision

ENOUGH = 12_000  # samples a lead of a batch from which a CPU gains: 1.2 to 1.9 times as quick, less or nothing below


def uses_bfloat16(precision: Precision, device: torch.device, samples: int) -> bool:
    """Say whether to compute a training step on so many samples a lead, of all its records, in bfloat16.

    "auto" does where that is quicker: on GPUs, and for larger batches on a CPU that multiplies such numbers itself.
    """
    if precision != "auto":
        return precision == "bfloat16"
    return device.type == "cuda" or (samples >= ENOUGH and _cpu_multiplies())


@cache
def _cpu_multiplies() -> bool:
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
