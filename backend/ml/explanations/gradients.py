"""Integrated gradients of a network whose weights are known by name: what each sample adds to the score. Needs torch.

After Sundararajan et al. 2017, arXiv:1703.01365: the gradient is averaged along the straight way from the ECG at its
isoelectric lines, or with usual waves, to the ECG itself; the sum of all that samples add is the difference between
the two scores.
"""

import copy
import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from backend.ml.architectures import ARCHITECTURES, architecture
from backend.ml.architectures.named_weights import load_strictly
from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import windowed
from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.control import DRAWS, NO_SPREAD, control_of, no_control, references, spread_of
from backend.ml.explanations.maps import INSTEAD, NO_GRADIENTS, Float, Map, OnStep, Question, by_cell, places
from backend.ml.explanations.redraw import WAYS
from backend.ml.explanations.usual import usual
from backend.ml.explanations.waves import Signal
from backend.ml.spec import ModelSpec

STEPS: Final = 24
_BATCH = 8
_NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.modules.instancenorm._InstanceNorm)
_LINEAR = (nn.modules.conv._ConvNd, nn.Linear)


def gradients(
    network: Network, spec: ModelSpec, question: Question, *, draws: int = DRAWS, on_step: OnStep = lambda _: None
) -> Map:
    """Return the map "gradients" of a network on the CPU, which is left as it is."""
    network = copy.deepcopy(network).eval().requires_grad_(False)
    first = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    laid = question.laid
    starts = (laid.flat, usual(laid, spec.preprocessing).leads)
    own = [_attributed(network, spec, question, start) for start in starts]
    at, said = False, no_control(NO_SPREAD)
    asked = [[one] for one in own]
    for seed in range(draws):
        on_step((seed + 1) / (draws + 1))
        redraw(network, first, seed)
        found = [_attributed(network, spec, question, start) for start in starts]
        if all(spread is not None for _, spread, _ in found):
            for to, one in zip(asked, found, strict=True):
                to.append(one)
    if all(spread is not None for _, spread, _ in own):
        at, said = control_of(*([places(by_cell(one, laid), of or 1.0) for one, of, _ in each] for each in asked))
    samples, _, gap = own[int(at)]
    cells = by_cell(samples, laid)
    return Map("gradients", cells, cells.sum(axis=0), said, samples=samples, gap=gap, instead=INSTEAD[int(at)])


def of_weights(spec: ModelSpec, weights: bytes | None) -> Callable[[Question, OnStep], Map]:
    """Return what makes the map of a model from its named weights as safetensors.

    Raises ModelInvalidError where there are none, or not those of its architecture.
    """
    if weights is None or spec.architecture not in ARCHITECTURES:
        raise ModelInvalidError(NO_GRADIENTS)
    entry = architecture(spec.architecture)
    config = entry.complete(spec.config)
    network = entry.build(len(spec.leads), spec.n_samples, len(spec.labels), config, seed=0)
    load_strictly(network, weights)
    return lambda question, on_step: gradients(network, spec, question, on_step=on_step)


def redraw(network: nn.Module, first: Mapping[str, Tensor], seed: int) -> None:
    """Draw the weights of a network anew, in place, by the rules of `backend.ml.explanations.redraw`.

    `first` is the state that it had, whose numbers are shuffled.
    """
    random, way = torch.Generator().manual_seed(seed), WAYS[seed % len(WAYS)]
    network.load_state_dict(dict(first))
    with torch.no_grad():
        for module in network.modules():
            own = dict(module.named_parameters(recurse=False)) | dict(module.named_buffers(recurse=False))
            for name, tensor in own.items():
                if not tensor.is_floating_point() or tensor.numel() < 2:
                    continue
                if isinstance(module, _NORMS) and way != "shuffled":
                    tensor.fill_(1.0 if name in ("weight", "running_var") else 0.0)
                elif isinstance(module, _LINEAR) and way != "shuffled":
                    fan_in = math.prod(module.weight.shape[1:])
                    if way == "uniform":
                        tensor.uniform_(-1, 1, generator=random).div_(math.sqrt(fan_in))
                    elif name == "weight":
                        tensor.normal_(0, math.sqrt(2 / fan_in), generator=random)
                    else:
                        tensor.zero_()
                else:
                    tensor.copy_(tensor.flatten()[torch.randperm(tensor.numel(), generator=random)].view_as(tensor))


def _attributed(network: Network, spec: ModelSpec, asked: Question, start: Signal) -> tuple[Float, float | None, float]:
    """Return what each sample adds (12, n) to the score of `start` (12, n), the spread of the score, and their gap."""
    whole = windowed(network, spec)
    laid = asked.laid
    x, begin = torch.from_numpy(laid.x), torch.from_numpy(start)
    patient = None if asked.patient is None else torch.from_numpy(asked.patient)

    def scores(batch: Tensor) -> Tensor:
        facts = None if patient is None else patient.expand(len(batch), -1)
        return _score(whole(batch, facts) if spec.takes_patient else whole(batch), spec, asked.place)

    total = torch.zeros_like(x)
    shares = (torch.arange(STEPS) + 0.5) / STEPS
    for part in torch.split(shares, _BATCH):
        between = (begin + part[:, None, None] * (x - begin)).requires_grad_(True)
        (gradient,) = torch.autograd.grad(scores(between).sum(), between)
        total += gradient.sum(0)
    samples = ((x - begin) * total / STEPS).double().numpy()
    with torch.inference_mode():
        ends = scores(torch.stack([x, begin])).double()
        batch = torch.from_numpy(references(spec.preprocessing))
        spread = spread_of(torch.cat([scores(part) for part in torch.split(batch, _BATCH)]).double().numpy())
    difference = float(ends[0] - ends[1])
    gap = abs(float(samples.sum()) - difference) / max(abs(difference), 1e-9)
    return samples, spread if np.isfinite(samples).all() else None, gap


def _score(logits: Tensor, spec: ModelSpec, place: int) -> Tensor:
    """Return the score of `backend.ml.explanations.score`, for torch."""
    if spec.task != "single_label":
        return logits[:, place]
    others = torch.cat([logits[:, :place], logits[:, place + 1 :]], dim=1)
    return logits[:, place] - torch.logsumexp(others, dim=1)
