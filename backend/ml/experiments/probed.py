"""An arm that is pre-trained on the learning part without its labels, and then probed by a linear head."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backend.ecg.preprocess import preset
from backend.ml.architectures.network import Network
from backend.ml.experiments.answers import judged
from backend.ml.experiments.material import Cohort, Material, Rows, Settings
from backend.ml.experiments.trained import prepared
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData, median_beats
from backend.ml.pretraining.pretrain import pretrain
from backend.ml.training import head_fit
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import embed
from backend.ml.training.loss import make_loss

CLINICAL = preset("clinical")


@lru_cache(maxsize=1)
def ecgs(material: Material) -> PretrainingData:
    """Return the learning part without its labels, its beats aligned."""
    x = prepared(material.learn, CLINICAL)[material.split.train]
    beats, rr = zip(*median_beats(x, CLINICAL.rate), strict=True)
    return PretrainingData(x, CLINICAL.rate, beats=np.concatenate(beats), rr=np.concatenate(rr))


def pretrained(
    network: Network,
    material: Material,
    objectives: dict[str, float],
    passes: int,
    seed: int,
    settings: Settings,
    checkpoint: Path,
) -> Network:
    """Pre-train a network in place for so many passes and return it; a killed pre-training goes on."""
    config = PretrainingConfig(
        objectives=objectives, passes=passes, seed=seed, threads=settings.threads, checkpoint_minutes=2.0
    )
    for _ in pretrain(network, ecgs(material), config, checkpoint):
        pass
    return network.eval()


def probe(network: Network, material: Material, rows: tuple[Rows, Rows], seed: int) -> dict[str, Any]:
    """Fit a linear head to the embeddings of the first rows, choose its strength on the second, and judge it."""
    y, x = material.learn.y, prepared(material.learn, CLINICAL)
    network.head = torch.nn.Linear(network.head.in_features, len(material.labels))
    config = TrainingConfig(method="head", seed=seed)
    learned, validated = (np.concatenate(list(embed(network, x, part))) for part in rows)
    loss = make_loss(y[rows[0]], material.task, config.class_weights, torch.device("cpu"), config.loss)
    truth, least = torch.from_numpy(y[rows[1]]), float("inf")
    for event in head_fit.fit(
        network.head, head_fit.Embedded(learned, validated), y[rows[0]], loss, material.task, config
    ):
        if isinstance(event, head_fit.Fitted) and (value := float(loss(event.logits, truth))) < least:
            least, kept = value, {name: part.clone() for name, part in network.head.state_dict().items()}
    network.head.load_state_dict(kept)

    def logits(cohort: Cohort, chosen: Rows) -> NDArray[np.float32]:
        found = np.concatenate(list(embed(network, prepared(cohort, CLINICAL), chosen)))
        with torch.inference_mode():
            answers: NDArray[np.float32] = network.head(torch.from_numpy(found)).numpy()
        return answers

    return judged(material, rows[1], logits)
