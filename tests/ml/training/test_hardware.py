import numpy as np
import pytest
import torch

from backend.ml.training.config import TrainingConfig
from backend.ml.training.hardware import activation_bytes, automatic_batch_size
from backend.ml.training.learner import Learner
from backend.ml.training.start import network_for


@pytest.mark.parametrize(
    ("n_train", "bytes_a_record", "expected"),
    [(5, 1, 5), (100, 1, 8), (400, 1, 16), (1600, 1, 64), (100_000, 1, 128), (100_000, 2**26, 32), (1600, 2**40, 8)],
)
def test_the_automatic_batch_size_follows_records_and_memory(n_train, bytes_a_record, expected):
    assert automatic_batch_size(n_train, bytes_a_record, 2**31) == expected


def test_the_memory_of_a_record_is_measured_without_touching_the_network(small_spec):
    network = network_for(small_spec, TrainingConfig()).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    short, long = (activation_bytes(network, torch.zeros(2, 12, n)) for n in (100, 200))
    assert long == pytest.approx(2 * short, rel=0.1)
    assert 3 * 16 * 200 * 4 < long < 40 * 16 * 200 * 4
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_no_batch_has_a_record_alone_and_all_are_seen_once(small_data, small_spec, small_config):
    learner = Learner(small_data, small_spec, small_config)
    n = len(small_data.split.train)
    for size in (2, 7, n - 1, n, 1000):
        batches = learner.batches(size, np.random.default_rng(0))
        assert min(map(len, batches)) > 1
        assert sorted(np.concatenate(batches)) == list(small_data.split.train)
