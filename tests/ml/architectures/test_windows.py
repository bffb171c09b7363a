import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from backend.ml.architectures.network import Network
from backend.ml.architectures.windows import WindowMean, window_starts, windowed


class Sums(Network):
    """Sums of squares of each lead, and the patient beside them: easy to say in numpy."""

    takes_patient = True

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.head = nn.Linear(16, 3)

    def features(self, x, patient=None):
        patient = x.new_zeros(len(x), 4) if patient is None else patient
        return torch.cat([x.square().sum(-1).sqrt(), patient], dim=1)


@given(st.integers(1, 3000), st.integers(1, 1200))
def test_windows_cover_the_record_overlap_by_half_and_end_with_it(n_samples, n_crop):
    starts = window_starts(n_samples, n_crop)
    assert len(set(starts)) == len(starts)
    assert starts == sorted(starts)
    assert starts[0] == 0
    if n_crop >= n_samples:
        assert starts == [0]
        return
    assert starts[-1] + n_crop == n_samples
    steps = np.diff(starts)
    assert (steps[:-1] == max(1, n_crop // 2)).all()
    assert (steps <= max(1, n_crop // 2)).all()


def test_ten_seconds_have_seven_windows_of_two_and_a_half():
    assert window_starts(1000, 250) == [0, 125, 250, 375, 500, 625, 750]


def test_a_window_without_samples_is_a_mistake():
    with pytest.raises(ValueError, match="at least one sample"):
        window_starts(100, 0)


@pytest.mark.parametrize("n_samples", [60, 100, 130, 137])
def test_the_answer_is_the_mean_over_the_windows_each_with_its_patient(n_samples):
    network = Sums()
    random = np.random.default_rng(n_samples)
    x, patient = random.standard_normal((5, 12, n_samples)).astype(np.float32), random.random((5, 4)).astype(np.float32)
    weight, bias = network.head.weight.detach().numpy(), network.head.bias.detach().numpy()
    windows = [x[:, :, start : start + 60] for start in window_starts(n_samples, 60)]
    embeddings = [np.concatenate([np.sqrt((part**2).sum(-1)), patient], 1) for part in windows]
    expected = np.mean([embedding @ weight.T + bias for embedding in embeddings], axis=0)
    found = WindowMean(network, 60)(torch.from_numpy(x), torch.from_numpy(patient))
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-5)


def test_the_description_says_whether_there_are_windows(small_spec):
    from dataclasses import replace

    network = Sums()
    assert windowed(network, small_spec) is network
    assert windowed(network, replace(small_spec, window_s=5.0)) is network  # longer than the record of 2 s
    whole = windowed(network, replace(small_spec, window_s=0.8))
    assert isinstance(whole, WindowMean)
    assert whole.n_crop == 80
