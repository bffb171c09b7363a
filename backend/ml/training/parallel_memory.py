"""Memory that the processes of a training on one computer share, so that weights and gradients need not be sent.

It is a file without a name, which the system takes back with the last process that has it open, however that one ends.
"""

import os
import tempfile
from collections.abc import Sequence
from mmap import mmap

import torch
from torch import Tensor, nn

_ALIGNED = 64  # bytes: each tensor begins on a cache line of its own


class SharedMemory:
    """The weights of a network, which the first process changes, and the gradients of every other process.

    The parameters of `network` are moved into it; what they were is lost where it is another process's (`file`).
    """

    def __init__(self, network: nn.Module, members: int, file: int | None = None) -> None:
        self.parameters = list(network.parameters())
        size = max(1, sum(map(_room, self.parameters)))
        self.file = _file_without_name(size * (1 + members)) if file is None else file
        self._bytes = mmap(self.file, size * (1 + members))
        weights, *self._gradients = (_tensors(self._bytes, i * size, self.parameters) for i in range(1 + members))
        with torch.no_grad():
            for parameter, shared in zip(self.parameters, weights, strict=True):
                if file is None:
                    shared.copy_(parameter)
                parameter.data = shared

    def close_file(self) -> None:
        """Close the file; the memory stays as long as something is in it."""
        os.close(self.file)

    @torch.no_grad()
    def put_gradients(self, rank: int, share: float) -> None:
        """Leave the gradients times `share` for the first process; `rank` is that of this one, from 1."""
        mine = self._gradients[rank - 1]
        torch._foreach_copy_(mine, _gradients(self.parameters))
        torch._foreach_mul_(mine, share)

    @torch.no_grad()
    def add_gradients(self, share: float) -> None:
        """Take the gradients of this process times `share` and add what the others have put, in their order."""
        sums = _gradients(self.parameters)
        torch._foreach_mul_(sums, share)
        for theirs in self._gradients:
            torch._foreach_add_(sums, theirs)
        for parameter, gradient in zip(self.parameters, sums, strict=True):
            if parameter.requires_grad:
                parameter.grad = gradient


def _room(tensor: Tensor) -> int:
    return -(-tensor.nbytes // _ALIGNED) * _ALIGNED


def _tensors(memory: mmap, start: int, like: Sequence[Tensor]) -> list[Tensor]:
    """Return tensors as those of `like`, one behind the other in the memory."""
    found = []
    for tensor in like:
        flat = torch.frombuffer(memory, dtype=tensor.dtype, count=tensor.numel(), offset=start)
        found.append(flat.view(tensor.shape))
        start += _room(tensor)
    return found


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Return a gradient for each parameter, zeros where none was needed."""
    return [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]


def _file_without_name(size: int) -> int:
    """Return the descriptor of a new file of `size` bytes, in memory where the system (Linux) has such files."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("training")
    else:
        with tempfile.TemporaryFile() as temporary:
            file = os.dup(temporary.fileno())
    os.truncate(file, size)
    return file
