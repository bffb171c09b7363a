"""What every network of the register is: a body that makes an embedding, and a linear head that makes logits of it."""

from torch import Tensor, nn


class Network(nn.Module):
    """A body and a head, so that any of them can be fine-tuned in the same way.

    A subclass sets `head`, the last linear layer and nothing else of its name, and defines `features`. Its modules are
    registered in the order in which a record meets them, because fine-tuning gives earlier layers smaller steps.
    A network that `takes_patient` is also given (b, 4): see `backend.ml.patient`.
    """

    head: nn.Linear
    takes_patient = False
    routes: tuple[tuple[int, ...], ...] = ()
    """The ways a record may take through a sparse network, which differ in cost; empty where there is but one."""
    route: tuple[int, ...] | None = None
    """The one that every record takes, for as long as it is set."""

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, n_leads, t), and facts of the patients (b, 4), to embeddings (b, head.in_features)."""
        raise NotImplementedError

    def embedded(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map records (b, n_leads, t) to embeddings, and to the share (b, e) in which each expert counts.

        Only of a sparse network, one that has `routes`.
        """
        raise NotImplementedError

    def forward(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, n_leads, t) to logits (b, n_labels)."""
        logits: Tensor = self.head(self.features(x, patient))
        return logits

    def own_graph(self) -> bytes | None:
        """Return the network as ONNX where it keeps a graph of its own to be written as; None: it is to be traced."""
        return None
