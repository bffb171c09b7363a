"""ECG-FM (McKeen et al. 2025, JAMIA Open, arXiv:2408.05178), the wav2vec 2.0 architecture (Baevski et al. 2020,
arXiv:2006.11477) on 12 leads at 500 Hz in segments of 5 s, as trained with fairseq-signals (`ecg_transformer`).

Shapes: b records, c leads, t samples, s steps (t / 16), f channels of the stem, d width.
"""

import math

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from backend.ml.architectures.dropout import SharedDropout
from backend.ml.architectures.network import Network
from backend.ml.architectures.transformer import Attention, check_heads
from backend.ml.errors import SettingError

_HALVINGS = 4  # convolutions of two samples, two samples apart


def build(
    n_leads: int,
    n_samples: int,
    n_labels: int,
    *,
    width: int,
    depth: int,
    heads: int,
    inner: int,
    stem: int,
    reach: int,
    dropout: float,
) -> Network:
    """Return ECG-FM; 90.4 million parameters at the defaults. It takes records of any length from 16 samples on.

    Raises SettingError where the heads do not divide the width or a record is too short.
    """
    check_heads("ECG-FM", width, heads)
    if n_samples < 2**_HALVINGS:
        raise SettingError(f"ECG-FM: a record needs at least {2**_HALVINGS} samples, not {n_samples}.")
    return EcgFm(n_leads, n_labels, width, depth, heads, inner, stem, reach, dropout)


class Positions(nn.Module):
    """A convolution that adds to each step what lies around it, which tells where it stands."""

    def __init__(self, width: int, reach: int) -> None:
        super().__init__()
        self.reach = reach
        groups = math.gcd(16, width)
        convolution = nn.Conv1d(width, width, reach, padding=reach // 2, groups=groups)
        nn.init.normal_(convolution.weight, std=math.sqrt(4 / (reach * width)))
        nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]  # it has one
        self.convolution = weight_norm(convolution, dim=2)

    def forward(self, x: Tensor) -> Tensor:
        """Map steps (b, s, d) to (b, s, d)."""
        around = self.convolution(x.transpose(1, 2))[:, :, : x.shape[1]]  # an even kernel gives one step too many
        return x + functional.gelu(around).transpose(1, 2)


class Block(nn.Module):
    """Attention and a two-layer perceptron, each added to its input and then normalised."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.wide = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width)
        self.dropout = SharedDropout(dropout)
        for layer in (self.attention.qkv, self.attention.out, self.wide, self.narrow):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map steps (b, s, d) to (b, s, d)."""
        x = self.norm1(x + self.dropout(self.attention(x)))
        y: Tensor = self.norm2(x + self.dropout(self.narrow(functional.gelu(self.wide(x)))))
        return y


class EcgFm(Network):
    """Convolutions that halve the rate four times, a convolution for the positions, attention, the mean over time."""

    def __init__(
        self,
        n_leads: int,
        n_labels: int,
        width: int,
        depth: int,
        heads: int,
        inner: int,
        stem: int,
        reach: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.stem = nn.ModuleList(
            nn.Conv1d(n_leads if i == 0 else stem, stem, 2, stride=2, bias=False) for i in range(_HALVINGS)
        )
        for weight in self.stem.parameters():
            nn.init.kaiming_normal_(weight)
        self.stem_norm = nn.GroupNorm(stem, stem)  # each channel over time, after the first convolution
        self.features_norm = nn.LayerNorm(stem)
        self.widen = nn.Linear(stem, width)
        self.positions = Positions(width, reach)
        self.norm = nn.LayerNorm(width)
        self.dropout = SharedDropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, inner, dropout) for _ in range(depth))
        self.head = nn.Linear(width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, d)."""
        for i, convolution in enumerate(self.stem):
            x = convolution(x)
            x = functional.gelu(self.stem_norm(x) if i == 0 else x)
        x = self.widen(self.features_norm(x.transpose(1, 2)))  # (b, s, d)
        x = self.dropout(self.norm(self.positions(x)))
        for block in self.blocks:
            x = block(x)
        return x.mean(dim=1)
