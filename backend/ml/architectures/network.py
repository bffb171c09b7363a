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

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, n_leads, t), and facts of the patients (b, 4), to embeddings (b, head.in_features)."""
        raise NotImplementedError

    def forward(self, x: Tensor, patient: Tensor | None = None) -> Tensor:
        """Map records (b, n_leads, t) to logits (b, n_labels)."""
        logits: Tensor = self.head(self.features(x, patient))
        return logits
