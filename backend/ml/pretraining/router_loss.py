"""What keeps a router useful in training: every expert is used, and each ECG has experts of its own."""

from torch import Tensor

from backend.ml.architectures.mixture import Routing
from backend.ml.architectures.register import EXPERTS
from backend.ml.pretraining.config import PretrainingConfig


def router_loss(routing: Routing, always: int | None, config: PretrainingConfig) -> Tensor:
    """Return the loss of the choices of a batch, among the experts that can be chosen.

    The entropy of each ECG's probabilities costs, that of their mean pays (together: mutual information of ECG and
    expert); large logits cost (Zoph et al. 2022, arXiv:2202.08906), and so does uneven load (arXiv:2101.03961).
    """
    free = [i for i in range(len(EXPERTS)) if i != always]
    probabilities = routing.logits[:, free].softmax(dim=1)
    mean = probabilities.mean(dim=0)
    load = routing.chosen[:, free].to(mean.dtype).mean(dim=0)
    load = load / load.sum().clamp(min=1e-9)  # 0 where a fixed route leaves nothing to choose
    return (
        config.ecg_entropy * entropy(probabilities).mean()
        - config.batch_entropy * entropy(mean)
        + config.load_balance * len(free) * (load * mean).sum()
        + config.router_z * routing.logits.logsumexp(dim=1).square().mean()
    )


def entropy(probabilities: Tensor) -> Tensor:
    """Return the entropy over the last axis, in nats."""
    return -(probabilities * probabilities.clamp(min=1e-9).log()).sum(dim=-1)


def noise_at(config: PretrainingConfig, share: float) -> float:
    """Return the noise of the router after that share of the pre-training, 0 from `quiet` on."""
    return config.noise * max(0.0, 1 - share / config.quiet) if config.quiet else 0.0
