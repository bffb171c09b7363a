"""The aligned beat with a weight a sample: the whole way from real ECGs to an answer, and its explanation."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from backend.ecg.preprocess import Preprocessing, preset
from backend.ml.architectures import architecture
from backend.ml.architectures.rlign_logistic import explain
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.ml.training.train import train, trained_network

PTBXL = Path(__file__).parents[4] / "shared" / "data" / "ptbxl"
CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
ENTRY = architecture("rlign_logistic")


def beats() -> Preprocessing:
    return preset("clinical", **ENTRY.demands)


def test_it_is_one_linear_layer_over_what_its_preprocessing_makes():
    p = beats()
    assert (p.align, p.n_samples) == ("median_beat", 100)
    network = ENTRY.build(12, p.n_samples, 5, {}, seed=1)
    assert sum(part.numel() for part in network.parameters()) == 5 * (12 * 100 + 1)
    assert ENTRY.convex


def test_the_explanation_of_a_beat_adds_up_to_its_logits():
    network = ENTRY.build(12, 100, 3, {}, seed=1)
    beat = np.random.default_rng(1).standard_normal((12, 100)).astype(np.float32)
    with torch.inference_mode():
        logits = network(torch.from_numpy(beat[np.newaxis]))[0].numpy()
    shares = explain(network, beat)
    assert shares.shape == explain(network).shape == (3, 12, 100)
    np.testing.assert_allclose(shares.sum(axis=(1, 2)) + network.head.bias.detach().numpy(), logits, atol=1e-5)
    np.testing.assert_allclose(explain(network) * beat, shares)


@pytest.mark.skipif(not PTBXL.exists(), reason="The recordings in the shared folder are not here.")
def test_on_ptbxl_it_tells_the_superclasses_apart_in_seconds(tmp_path):
    table = (PTBXL / "labels.csv").read_text().splitlines()
    rows = [row for row in csv.DictReader(table) if row["raw_row"]]
    with np.load(PTBXL / "ptbxl_raw_100hz.npz") as z:
        signals = z["x"][[int(row["raw_row"]) for row in rows]] * float(z["unit_mv"])
    fold = np.array([int(row["strat_fold"]) for row in rows])
    data = TrainingData(
        beats()(signals, 100),
        np.array([[float(row[name]) for name in CLASSES] for row in rows], np.float32),
        Split(np.flatnonzero(fold <= 7), np.flatnonzero(fold == 8), np.flatnonzero(fold == 9)),
    )
    spec = ModelSpec(architecture=ENTRY.name, labels=CLASSES, task="multi_label", preprocessing=beats())
    config = TrainingConfig(threads=1)
    events = list(train(data, spec, config, tmp_path / "run.pt"))
    network = trained_network(spec, config, tmp_path / "run.pt")
    with torch.inference_mode():
        scores = network(torch.from_numpy(data.x[data.split.test])).numpy()
    assert events[-1].reason == "all_epochs"
    assert roc_auc_score(data.y[data.split.test], scores) > 0.85
