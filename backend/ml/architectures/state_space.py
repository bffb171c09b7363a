"""A diagonal state-space model for each channel: S4D (Gu et al. 2022, arXiv:2206.11893), in both directions.

Shapes: b records, t samples, d channels, n complex states a channel and direction (a conjugate pair counts once), q
samples of a block, m blocks. Complex numbers are pairs of reals throughout, for file formats, optimisers and ONNX know
no others.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_FASTEST, _SLOWEST = 0.1, 0.001  # time steps at the start, drawn evenly on a logarithmic scale
_CALM = 0.1  # poles and time steps learn at this share of the learning rate: larger steps make training unstable
_BLOCK, _BLOCKS = 32, 16  # least samples of a block, most blocks of a record

Pair = tuple[Tensor, Tensor]  # real and imaginary part


class StateSpace(nn.Module):
    """A state-space model run forwards, and one with the same poles run backwards, added.

    Forwards: x_k = exp(Δa) x_{k-1} + (exp(Δa) - 1) / a · u_k and y_k = 2 Re(Σ c x_k) + D u_k, with poles a and weights
    c of the n states, a time step Δ (zero-order hold) and a direct path D; the weights b of the input are part of c.
    Backwards: the same without D, from the last sample to the one after k.

    Poles and time steps are held as what was drawn plus _CALM times what is learned: so they learn slowly whatever the
    optimiser, and weight decay draws them back to where they began rather than to a model without memory.
    """

    step_drawn: Tensor
    decay_drawn: Tensor
    turn_drawn: Tensor

    def __init__(self, channels: int, states: int) -> None:
        super().__init__()
        n = states // 2
        drawn = torch.rand(channels, 1) * math.log(_FASTEST / _SLOWEST) + math.log(_SLOWEST)
        self.register_buffer("step_drawn", drawn)  # log Δ
        self.register_buffer("decay_drawn", torch.full((channels, n), math.log(0.5)))  # log(-Re a)
        self.register_buffer("turn_drawn", math.pi * torch.arange(n).repeat(channels, 1))  # Im a, "S4D-Lin"
        self.step = nn.Parameter(torch.zeros(channels, 1))
        self.decay = nn.Parameter(torch.zeros(channels, n))
        self.turn = nn.Parameter(torch.zeros(channels, n))
        self.weights = nn.Parameter(torch.randn(2, channels, 2, n) * 0.5**0.5)  # c: (part, d, direction, n)
        self.direct = nn.Parameter(torch.randn(channels))

    def poles(self) -> tuple[Pair, Tensor]:
        """Return the poles a, each (d, n), and the time steps Δ (d, 1)."""
        real = -torch.exp(self.decay_drawn + _CALM * self.decay)
        imaginary = self.turn_drawn + _CALM * self.turn
        return (real, imaginary), torch.exp(self.step_drawn + _CALM * self.step)

    def forward(self, u: Tensor) -> Tensor:
        """Map (b, t, d) to (b, t, d)."""
        with torch.autocast(u.device.type, enabled=False):
            (real, imaginary), step = self.poles()
            rate = (step * real, step * imaginary)
            gain = _times((self.weights[0], self.weights[1]), _gain((real, imaginary), rate))
            return _respond(u.float(), rate, gain, self.direct)


def _gain(pole: Pair, rate: Pair) -> Pair:
    """Return (exp(Δa) - 1) / a, each (d, 1, n), of the poles a and rates Δa (d, n)."""
    real, imaginary = pole
    grown = torch.exp(rate[0])
    less_one = torch.tanh(rate[0] / 2) * (grown + 1)  # exp - 1 would lose digits, and ONNX has no expm1
    top = (less_one * torch.cos(rate[1]) - 2 * torch.sin(rate[1] / 2).square(), grown * torch.sin(rate[1]))
    inverse = 1 / (real.square() + imaginary.square())
    both = _times(top, (real * inverse, -imaginary * inverse))
    return both[0].unsqueeze(1), both[1].unsqueeze(1)


def _times(a: Pair, b: Pair) -> Pair:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _powers(rate: Pair, exponents: Tensor) -> Pair:
    """Return exp(rate · k), each (d, n, ...), for the exponents k (...)."""
    real, imaginary = (part[(..., *[None] * exponents.ndim)] * exponents for part in rate)
    size = torch.exp(real)
    return size * torch.cos(imaginary), size * torch.sin(imaginary)


def _respond(u: Tensor, rate: Pair, gain: Pair, direct: Tensor) -> Tensor:
    """Return the response (b, t, d) to u (b, t, d), for rates (d, n), gains (d, 2, n) and direct paths (d).

    Block by block, as matrix products: within a block each sample answers to each (q · q); what a block leaves behind
    is 4n numbers, which the other blocks see. On a CPU that is quicker than a Fourier transform at any length, and it
    needs no operators that ONNX lacks.
    """
    b, t, d = u.shape
    n = rate[0].shape[1]
    q = max(_BLOCK, math.ceil(t / _BLOCKS))
    m = math.ceil(t / q)
    place = torch.arange(q, device=u.device)
    passed = _powers(rate, place.to(u.dtype))  # exp(kΔa), each (d, n, q)
    blocks = functional.pad(u, (0, 0, 0, m * q - t)).view(b * m, q, d).permute(2, 0, 1)  # (d, bm, q)

    leaving = torch.stack([torch.stack([part.flip(2), part], 1) for part in passed], 1)  # (d, part, direction, n, q)
    leaving = leaving.flatten(1, 3).transpose(1, 2)  # (d, q, 4n)
    products = torch.bmm(blocks, torch.cat([_within(passed, gain, direct, place), leaving], dim=2))
    response, left = products[:, :, :q], products[:, :, q:]

    left = left.reshape(d, b, m, 2, 2 * n).permute(0, 4, 1, 3, 2).reshape(d * 2 * n, b, 2 * m)
    entering = torch.bmm(left, _between(rate, m, q)).view(d, 2 * n, b, 2, m).permute(0, 2, 4, 3, 1)
    next_ = _powers(rate, place.to(u.dtype) + 1)
    arriving = [torch.stack([after, before.flip(2)], 1) for after, before in zip(next_, passed, strict=True)]
    real, imaginary = _times((gain[0][..., None], gain[1][..., None]), (arriving[0], arriving[1]))  # (d, 2, n, q)
    read = 2 * torch.stack([real, -imaginary], dim=1).view(d, 4 * n, q)
    response = torch.baddbmm(response, entering.reshape(d, b * m, 4 * n), read)
    return response.view(d, b, m * q)[:, :, :t].permute(1, 2, 0)


def _within(passed: Pair, gain: Pair, direct: Tensor, place: Tensor) -> Tensor:
    """Return how each sample of a block answers to each: (d, from, to)."""
    q = len(place)
    impulse = 2 * (torch.bmm(gain[0], passed[0]) - torch.bmm(gain[1], passed[1]))  # (d, direction, q)
    here = impulse[:, 0, :1] + direct[:, None]
    lags = torch.cat([impulse[:, 1, : q - 1].flip(1), here, impulse[:, 0, 1:]], dim=1)  # q - 1 ahead to q - 1 ago
    return lags[:, place[None, :] - place[:, None] + (q - 1)]


def _between(rate: Pair, m: int, q: int) -> Tensor:
    """Return how what each block leaves fades until each other one: (2dn, 2m, 2m), complex products as real ones."""
    block = torch.arange(m, device=rate[0].device)
    lag = block[None, :] - block[:, None] - 1  # blocks in between, (from, to)
    fades = []
    for part in _powers(rate, (lag.clamp(min=0) * q).to(rate[0].dtype)):
        forwards = part * (lag >= 0)
        fades.append(torch.stack([forwards, forwards.transpose(2, 3)], dim=1))  # (d, direction, n, m, m)
    real, imaginary = fades
    rows = [torch.cat([real, imaginary], dim=4), torch.cat([-imaginary, real], dim=4)]
    return torch.cat(rows, dim=3).view(-1, 2 * m, 2 * m)
