"""A transformer (Vaswani et al. 2017, arXiv:1706.03762) over short patches of the ECG.

Patches as tokens: Dosovitskiy et al. 2021, arXiv:2010.11929; made by convolutions: Xiao et al. 2021, arXiv:2106.14881;
normalised before each block: Xiong et al. 2020, arXiv:2002.04745.

Shapes: b records, c leads, t samples, p patches, d width, h heads.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.ml.architectures.dropout import SharedDropout
from backend.ml.architectures.network import Network
from backend.ml.errors import SettingError

_STEM = 64  # channels between the two convolutions of the stem
_SLOWEST = 1000.0  # patches; the slowest wave of the positions takes 2π times as long


def build(
    n_leads: int,
    n_samples: int,
    n_labels: int,
    *,
    width: int,
    depth: int,
    heads: int,
    patch: int,
    dropout: float,
) -> Network:
    """Return the transformer, which takes records of any length from one patch on; 1.2 million parameters by default.

    Raises SettingError where the heads do not divide the width or a record is shorter than a patch.
    """
    check_heads("Transformer", width, heads)
    if n_samples < patch:
        raise SettingError(f"Transformer: a patch of {patch} samples is longer than the record of {n_samples}.")
    return Transformer(n_leads, n_labels, width, depth, heads, patch, dropout)


def check_heads(title: str, width: int, heads: int) -> None:
    """Raise SettingError where the width is no multiple of twice the heads (positions need an even width)."""
    if width % heads or width % 2:
        raise SettingError(f"{title}: the width {width} should be even and a multiple of the {heads} heads.")


class Attention(nn.Module):
    """Self-attention of several heads; every token sees every other one of its record."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)  # queries, keys and values in one product
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (b, p, d) to (b, p, d)."""
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=2))
        mixed = functional.scaled_dot_product_attention(q, k, v)  # (b, h, p, d / h)
        y: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return y


class Block(nn.Module):
    """Attention and a two-layer perceptron, each normalised before and added to its input."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.dropout = SharedDropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (b, p, d) to (b, p, d)."""
        x = x + self.dropout(self.attention(self.norm1(x)))
        y: Tensor = x + self.dropout(self.narrow(functional.gelu(self.wide(self.norm2(x)))))
        return y


def positions(n_patches: int, width: int) -> Tensor:
    """Return the sines and cosines (n_patches, width) that tell a token where it stands, for any number of patches."""
    place = torch.arange(n_patches, dtype=torch.float32)[:, None]
    waves = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * (-math.log(_SLOWEST) / width))
    return torch.cat([torch.sin(place * waves), torch.cos(place * waves)], dim=1)


class Transformer(Network):
    """Two convolutions make tokens of patches, blocks of attention mix them, and their mean is classified."""

    def __init__(
        self, n_leads: int, n_labels: int, width: int, depth: int, heads: int, patch: int, dropout: float
    ) -> None:
        super().__init__()
        self.stem = nn.Conv1d(n_leads, _STEM, 7, padding=3)
        self.patches = nn.Conv1d(_STEM, width, 2 * patch, stride=patch, padding=patch // 2)  # neighbours share half
        self.dropout = SharedDropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, d)."""
        tokens = self.patches(functional.gelu(self.stem(x))).transpose(1, 2)  # (b, p, d)
        tokens = self.dropout(tokens + positions(tokens.shape[1], tokens.shape[2]).to(tokens))
        for block in self.blocks:
            tokens = block(tokens)
        embedding: Tensor = self.norm(tokens).mean(dim=1)
        return embedding
