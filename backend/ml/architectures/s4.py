"""S4 for ECGs as by Mehari & Strodthoff 2023, arXiv:2211.07579, with diagonal state-space models (arXiv:2206.11893).

Four layers, eight states, both directions, dropout 0.2 as there. Their width is 512 (2.2 million parameters); the
default is narrower, for the work grows with its square.
Shapes: b records, c leads, t samples, d width.
"""

from torch import Tensor, nn
from torch.nn import functional

from backend.ml.architectures.dropout import SharedDropout
from backend.ml.architectures.network import Network
from backend.ml.architectures.state_space import StateSpace


def build(
    n_leads: int, n_samples: int, n_labels: int, *, width: int, depth: int, states: int, dropout: float  # noqa: ARG001
) -> Network:  # fmt: skip
    """Return S4, which takes records of any length; 149,000 parameters at the defaults."""
    return S4(n_leads, n_labels, width, depth, states, dropout)


class Layer(nn.Module):
    """State-space models, a gated mixture of the channels, and the sum with the input, normalised."""

    def __init__(self, width: int, states: int, dropout: float) -> None:
        super().__init__()
        self.space = StateSpace(width, states)
        self.mix = nn.Linear(width, 2 * width)
        self.norm = nn.LayerNorm(width)
        self.dropout = SharedDropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, t, d) to (b, t, d)."""
        mixed = functional.glu(self.mix(self.dropout(functional.gelu(self.space(x)))), dim=2)
        y: Tensor = self.norm(x + self.dropout(mixed))
        return y


class S4(Network):
    """The leads are mixed to channels, layers of state-space models follow, and the mean over time is classified."""

    def __init__(self, n_leads: int, n_labels: int, width: int, depth: int, states: int, dropout: float) -> None:
        super().__init__()
        self.leads = nn.Linear(n_leads, width)
        self.layers = nn.ModuleList(Layer(width, states, dropout) for _ in range(depth))
        self.head = nn.Linear(width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, d)."""
        x = self.leads(x.transpose(1, 2))  # (b, t, d)
        for layer in self.layers:
            x = layer(x)
        return x.mean(dim=1)
