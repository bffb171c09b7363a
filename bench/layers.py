"""Forms of the separable convolution of XceptionTime, forwards and backwards, against torch's plain layer.

    OMP_NUM_THREADS=2 python bench/layers.py [--threads 2] [--seconds 0.5]

Three depthwise convolutions of 39, 19 and 9 taps beside each other, each followed by one of length 1, as in a module
of XceptionTime. The forms take turns and the quickest turn of each counts, so that other work on the machine harms all
alike. `plain` is nn.Conv1d(groups=channels); `image` the same as a picture of height 1 in channels-last memory; `taps`
that with the gradient of the weights of `backend.ml.architectures.depthwise`, which XceptionTime uses; `dense` the two
merged into one dense convolution; `fourier` by the Fourier transform. A factor above 1 is quicker than `plain`.

In bfloat16 `image` and `fourier` are left out: depthwise convolutions of few channels take torch minutes there, and
there is no such transform.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from backend.ml.architectures.depthwise import depthwise
from backend.ml.architectures.xception_time import KERNELS

SIZES = ((16, 250), (64, 250), (16, 1000), (64, 1000))
CHANNELS = (16, 32, 64, 128)
Weights = list[tuple[Tensor, Tensor]]


def plain(x: Tensor, weights: Weights) -> Tensor:
    y = x[:, :, 0]
    parts = [
        F.conv1d(F.conv1d(y, deep[:, :, 0], padding=deep.shape[-1] // 2, groups=len(deep)), point[..., 0])
        for deep, point in weights
    ]
    return torch.cat(parts, dim=1).unsqueeze(2)


def image(x: Tensor, weights: Weights) -> Tensor:
    parts = [
        F.conv2d(F.conv2d(x, deep, padding=(0, deep.shape[-1] // 2), groups=len(deep)), point)
        for deep, point in weights
    ]
    return torch.cat(parts, dim=1)


def taps(x: Tensor, weights: Weights) -> Tensor:
    return torch.cat([F.conv2d(depthwise(x, deep), point) for deep, point in weights], dim=1)


def dense(x: Tensor, weights: Weights) -> Tensor:
    merged = [(point * deep[:, 0], deep.shape[-1] // 2) for deep, point in weights]  # (o, c, 1, 1) · (c, 1, k)
    return torch.cat([F.conv2d(x, weight, padding=(0, half)) for weight, half in merged], dim=1)


def fourier(x: Tensor, weights: Weights) -> Tensor:
    t = x.shape[-1]
    n = -(-(t + max(KERNELS)) // 32) * 32
    spectrum = torch.fft.rfft(x, n=n)
    parts = []
    for deep, point in weights:
        turned = torch.fft.rfft(deep[:, 0].flip(-1), n=n)  # (c, 1, n)
        first = deep.shape[-1] // 2
        parts.append(F.conv2d(torch.fft.irfft(spectrum * turned, n=n)[..., first : first + t], point))
    return torch.cat(parts, dim=1)


FORMS: dict[str, Callable[[Tensor, Weights], Tensor]] = {
    "plain": plain, "image": image, "taps": taps, "dense": dense, "fourier": fourier
}  # fmt: skip


def steps(b: int, c: int, t: int, *, half: bool) -> dict[str, Callable[[], None]]:
    """Forward and backward of each form on the same values; raises AssertionError where two disagree."""
    weights = [
        (torch.randn(c, 1, 1, k, requires_grad=True), torch.randn(c, c, 1, 1, requires_grad=True)) for k in KERNELS
    ]
    x = torch.randn(b, c, 1, t).contiguous(memory_format=torch.channels_last).requires_grad_()
    gradient = torch.randn(b, 3 * c, 1, t).contiguous(memory_format=torch.channels_last)

    def step(form: Callable[[Tensor, Weights], Tensor]) -> Callable[[], None]:
        def run() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                y = form(x, weights)
            y.backward(gradient.to(y.dtype))

        return run

    forms = {name: form for name, form in FORMS.items() if not half or name not in ("image", "fourier")}
    if not half:
        with torch.no_grad():
            wanted = plain(x, weights)
            for form in forms.values():
                torch.testing.assert_close(form(x, weights), wanted, rtol=1e-3, atol=1e-2)
    return {name: step(form) for name, form in forms.items()}


def quickest(calls: dict[str, Callable[[], None]], seconds: float) -> dict[str, float]:
    """Least ms of each call, all in turn; at least three turns."""
    best = dict.fromkeys(calls, float("inf"))
    for call in calls.values():
        call()
    end, turns = time.perf_counter() + seconds * len(calls), 0
    while turns < 3 or time.perf_counter() < end:
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], (time.perf_counter() - start) * 1e3)
        turns += 1
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each form and size")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    print("| precision | records | samples | channels | " + " | ".join(FORMS) + " |")
    print("|---|---|---|---|" + "---|" * len(FORMS))
    for half in (False, True):
        for b, t in SIZES:
            for c in CHANNELS:
                found = quickest(steps(b, c, t, half=half), options.seconds)
                cells = [
                    f"{found[name]:.1f} ms ({found['plain'] / found[name]:.1f})" if name in found else "–"
                    for name in FORMS
                ]
                print(f"| {'bfloat16' if half else 'float32'} | {b} | {t} | {c} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
