"""The automatic batch size: from the number of training records, bounded by memory."""

import torch
from torch import Tensor, nn

SMALLEST, LARGEST = 8, 128
STEPS_AN_EPOCH = 16  # enough steps for the network to learn in 50 epochs
EVALUATION_BATCH = 64
CACHED = 8192  # samples a lead of a batch whose activations a CPU's cache holds; more took up to four times as long
CPU_BUDGET = 2 * 1024**3  # bytes of activations on a CPU; caches are long exceeded by then


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
