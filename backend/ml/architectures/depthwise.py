"""Depthwise convolution over time whose backward pass is quick on a CPU.

On CPUs torch computes depthwise convolutions in channels-last memory at full speed, forwards and for the gradient of
the input. The gradient of the weights is as quick for kernels of three taps only; for long ones it takes many times
longer (bench/layers.py measures it). So it is put together here from kernels of three taps, on shifted views.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the usual name

_TAPS = 3  # of the kernels that are quick
_ROW = 2000  # samples: rows about as long as this are quickest
_backward = torch.ops.aten.convolution_backward.default


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return F.conv2d(x, weight, padding=(0, weight.shape[-1] // 2), groups=len(weight))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        to_x = to_weight = None
        if ctx.needs_input_grad[0]:
            padding, cast = [0, weight.shape[-1] // 2], weight.to(gradient.dtype)
            to_x = _backward(
                gradient, x.to(gradient.dtype), cast, None, [1, 1], padding, [1, 1], False, [0, 0], len(weight),
                [True, False, False],
            )[0].to(x.dtype)  # fmt: skip
        if ctx.needs_input_grad[1]:
            to_weight = weight_gradient(x.to(gradient.dtype), gradient, weight.shape[-1]).to(weight.dtype)
        return to_x, to_weight


def depthwise(x: Tensor, weight: Tensor) -> Tensor:
    """Convolve each channel of x (b, c, 1, t) by its own filter of weight (c, 1, 1, odd k), "same" padding.

    Returns (b, c, 1, t) with a gradient of first order. It is computed in float32 at least, also under autocast: in
    bfloat16 few channels take a CPU minutes.
    """
    precise = torch.promote_types(weight.dtype, torch.float32)
    with torch.autocast("cpu", enabled=False):
        result: Tensor = _Depthwise.apply(x.to(precise), weight.to(precise))  # type: ignore[no-untyped-call]
    return result


def weight_gradient(x: Tensor, gradient: Tensor, kernel: int) -> Tensor:
    """Return the gradient (c, 1, 1, kernel) of a depthwise convolution of x, given that of its output (b, c, 1, t).

    Tap i is the sum over records and time of gradient[t] · x[t + i - kernel // 2]. All records are laid behind each
    other with zeros between them, so that a shift by i samples is a view: what it moves over the end of a record meets
    zeros of the gradient.
    """
    b, c, _, t = x.shape
    groups = -(-kernel // _TAPS)
    before = kernel // 2  # zeros ahead of each record
    row = t + 2 * before + 2
    flat = F.pad(x.permute(0, 2, 3, 1), (0, 0, before, before + 2)).reshape(-1, c)  # (b · row, c)
    flat = F.pad(flat, (0, 0, 0, _TAPS * groups))
    moved = F.pad(gradient.permute(0, 2, 3, 1), (0, 0, 1, row - t - 1))  # each kernel is centred on its middle tap
    merged = max(n for n in range(1, b + 1) if b % n == 0 and (n == 1 or n * row <= _ROW))  # records in a row
    shape = (b // merged, 1, merged * row, c)
    moved = moved.reshape(shape).permute(0, 3, 1, 2)
    like = moved.new_empty(c, 1, 1, _TAPS)
    taps = []
    for first in range(0, _TAPS * groups, _TAPS):
        shifted = flat[first : first + b * row].view(shape).permute(0, 3, 1, 2)
        part = _backward(
            moved, shifted, like, None, [1, 1], [0, 1], [1, 1], False, [0, 0], c, [False, True, False]
        )[1]  # fmt: skip
        taps.append(part)
    return torch.cat(taps, dim=3)[..., :kernel]
