"""What a training takes from the machine: batch size by memory, precision by processor, memory kept between steps.

Weights, validation and the exported model are always float32. Tensors above 32 MB come straight from the system, page
by page, in every step, unless freed memory is kept: a third of the processor time of a step of XceptionTime on whole
records.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch import Tensor, nn

from backend.ml.training.choices import Precision

SMALLEST, LARGEST = 8, 128
STEPS_AN_EPOCH = 16  # enough steps for the network to learn in 50 epochs
EVALUATION_BATCH = 64
CACHED = 8192  # samples a lead of a batch whose activations a CPU's cache holds; more took up to four times as long
CPU_BUDGET = 2 * 1024**3  # bytes of activations on a CPU; caches are long exceeded by then
ENOUGH = 12_000  # samples a lead of a batch from which a CPU gains: 1.2 to 1.9 times as quick, less or nothing below
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # parameters of glibc's mallopt, and their defaults:
_DEFAULTS = {_TRIM_THRESHOLD: 128 * 1024, _MMAP_MAX: 65536}


def automatic_batch_size(n_train: int, bytes_a_record: int, budget: int) -> int:
    """Return the largest power of two from 8 to 128 that leaves STEPS_AN_EPOCH steps and stays within `budget`."""
    size = SMALLEST
    while 2 * size <= LARGEST and 2 * size * STEPS_AN_EPOCH <= n_train and 2 * size * bytes_a_record <= budget:
        size *= 2
    return min(size, max(2, n_train))


def activation_bytes(model: nn.Module, records: Tensor, patient: Tensor | None = None) -> int:
    """Return the bytes that autograd keeps of one of the records (b, 12, T) from the forward to the backward pass.

    Batch statistics need more than one record. Weights, running statistics and random numbers are left as they were.
    """
    seen: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    buffers = [buffer.clone() for buffer in model.buffers()]
    with torch.random.fork_rng(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(records, patient)
    with torch.no_grad():
        for buffer, value in zip(model.buffers(), buffers, strict=True):
            buffer.copy_(value)
    parameters = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    return sum(size for address, size in seen.items() if address not in parameters) // len(records)


def memory_budget(device: torch.device) -> int:
    """Return the bytes that activations may take: half of a GPU's free memory, or CPU_BUDGET."""
    if device.type != "cuda":
        return CPU_BUDGET
    free, _ = torch.cuda.mem_get_info(device)
    return free // 2


def evaluation_batch(n_samples: int, device: torch.device) -> int:
    """Return how many records of `n_samples` to evaluate at once."""
    return EVALUATION_BATCH if device.type == "cuda" else max(1, min(EVALUATION_BATCH, CACHED // n_samples))


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


@contextmanager
def memory_kept() -> Iterator[None]:
    """Keep freed memory in this process for a while, and give it back afterwards; nothing happens without glibc."""
    try:
        library = ctypes.CDLL(None)
        mallopt, trim = library.mallopt, library.malloc_trim
    except (AttributeError, OSError, TypeError):
        yield
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        for parameter, value in _DEFAULTS.items():
            mallopt(parameter, value)
        trim(0)


@contextmanager
def threads(number: int | None) -> Iterator[None]:
    """Let torch use so many threads for a while; None: as many as it does."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
