"""CardX: a sparse mixture of four architectures behind one stem (Plagwitz et al., the foundation model of ExChanGeAI).

An ECG passes a stem that leaves an eighth of its steps, a router, and two of four experts; the sum of their embeddings,
each in its share, is classified by a linear head. By default the residual network is always one of the two and the
router chooses the other; or it chooses both. Each expert runs on its own ECGs alone, in torch and in the exported file.
Shapes: b records, c leads, t samples, w the width, e the 8w numbers of the embedding.
"""

from itertools import combinations

import torch
from torch import Tensor, nn

from backend.ml.architectures.mixture import CHOSEN, Router, Routing, choose, experts, fixed, norm
from backend.ml.architectures.network import Network
from backend.ml.architectures.register import EXPERTS
from backend.ml.architectures.xresnet1d import Residual
from backend.ml.errors import SettingError

_STRIDE = 4  # of the first convolution
_KERNEL = 15


def build(n_leads: int, n_samples: int, n_labels: int, *, width: int, always_on: int) -> Network:  # noqa: ARG001
    """Return CardX, which takes records of any length; raises SettingError for a width that is no multiple of 8."""
    if width % 8:
        raise SettingError(f"CardX: the width {width} should be a multiple of 8.")
    return CardX(n_leads, n_labels, width, always_on=bool(always_on))


class CardX(Network):
    """Stem, router, experts, head. `noise` is added to the router's logits in training; pre-training sets it."""

    def __init__(self, n_leads: int, n_labels: int, width: int, *, always_on: bool) -> None:
        super().__init__()
        first = 3 * width // 4
        self.stem = nn.Sequential(
            nn.Conv2d(n_leads, first, (1, _KERNEL), stride=(1, _STRIDE), padding=(0, _KERNEL // 2), bias=False),
            nn.GroupNorm(1, first), nn.ReLU(), Residual(first, width, 1, 2, kernel=3, norm=norm),
        )  # fmt: skip
        self.router = Router(width)
        self.experts = experts(width)
        self.always = EXPERTS.index("xresnet1d") if always_on else None
        self.noise = 0.0
        self.routes = tuple(
            pair for pair in combinations(range(len(EXPERTS)), CHOSEN) if self.always is None or self.always in pair
        )
        self.head = nn.Linear(8 * width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, c, t) to embeddings (b, e)."""
        return self.routed(x)[0]

    def routed(self, x: Tensor) -> tuple[Tensor, Routing]:
        """Return the embeddings (b, e) of records (b, c, t), and how they were routed."""
        shared = self.shared(x)
        routing = choose(self.router(shared), self.always, self.noise if self.training else 0.0)
        if self.route is not None:
            routing = fixed(routing.logits, self.route)
        return self.mix(shared, routing), routing

    def embedded(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the embeddings (b, e) of records (b, c, t), and the share (b, 4) of each expert."""
        embedding, routing = self.routed(x)
        return embedding, routing.weights

    def shared(self, x: Tensor) -> Tensor:
        """Map records (b, c, t) to what router and experts see of them, (b, w, 1, t / 8)."""
        shared: Tensor = self.stem(x.unsqueeze(2).contiguous(memory_format=torch.channels_last))
        return shared

    def mix(self, shared: Tensor, routing: Routing) -> Tensor:
        """Return the sum (b, e) of the embeddings of the experts that each record (b, w, 1, t) is routed to.

        In an exported graph no expert may be without records, so each there gets the first one once more, for nothing.
        In training one without records gets the one that wants it most, so that no expert is forgotten for long.
        """
        mixed = shared.new_zeros(shared.shape[0], self.head.in_features)
        for i, expert in enumerate(self.experts):
            if self.route is not None and i not in self.route:
                continue
            share = routing.weights[:, i].unsqueeze(1)  # (b, 1)
            if i == self.always:
                mixed = mixed + share * expert(shared)
                continue
            rows = routing.chosen[:, i].nonzero().squeeze(1)
            share = share.index_select(0, rows)
            if torch.compiler.is_exporting():
                rows = torch.cat([rows, rows.new_zeros(1)])
                share = torch.cat([share, share.new_zeros(1, 1)])
            elif not len(rows) and self.training:
                rows = routing.logits[:, i].argmax().unsqueeze(0)
                share = routing.logits.softmax(dim=1)[rows, i].unsqueeze(1)
            elif not len(rows):
                continue
            mixed = mixed.index_add(0, rows, share * expert(shared.index_select(0, rows)))
        return mixed
