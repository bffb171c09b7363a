"""What a fine-tuning begins with: weights loaded strictly, heads drawn anew, rows of known labels kept."""

import hashlib
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.errors import ModelInvalidError, SettingError
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.ml.training.start import Base, network_for

HEAD = TrainingConfig(method="head", seed=5)
SCRATCH = TrainingConfig(seed=5)


def network_of(spec: ModelSpec, seed: int = 9) -> torch.nn.Module:
    """A network with running statistics unlike those of a fresh one."""
    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), spec.config, seed=seed)
    with torch.no_grad():
        network.train()(torch.randn(8, 12, 100, generator=torch.Generator().manual_seed(1)) * 3)
    return network


@pytest.fixture
def trained(small_spec):
    return network_of(small_spec)


@pytest.fixture
def base(small_spec, trained):
    return Base("mine", small_spec, b"onnx", save(trained.state_dict()))


def with_weights(base: Base, **changes: torch.Tensor | None) -> Base:
    tensors = load(base.weights) | changes
    return replace(base, weights=save({name: value for name, value in tensors.items() if value is not None}))


def test_from_scratch_it_is_the_network_of_the_register(small_spec):
    expected = architecture("inception_time").build(12, 200, 3, small_spec.config, seed=5).state_dict()
    for name, value in network_for(small_spec, SCRATCH).state_dict().items():
        assert torch.equal(value, expected[name])


def test_the_body_is_that_of_the_base_and_the_head_is_drawn_from_the_seed(small_spec, base, trained):
    spec = replace(small_spec, labels=("P", "Q"), label_names=(), thresholds=())
    torch.manual_seed(0)
    expected_next = torch.rand(1)
    torch.manual_seed(0)
    network, again = network_for(spec, HEAD, base), network_for(spec, HEAD, base)
    assert torch.rand(1) == expected_next
    other = network_for(spec, replace(HEAD, seed=6), base)
    x = torch.randn(3, 12, 200)
    assert torch.equal(network.eval().features(x), trained.eval().features(x))
    assert network.head.weight.shape == (2, trained.head.in_features)
    assert torch.equal(network.head.weight, again.head.weight)
    assert not torch.equal(network.head.weight, other.head.weight)


def test_rows_of_labels_that_both_know_are_kept_where_the_task_is_the_same(small_spec, base, trained):
    labels = {"labels": ("C", "new", "A"), "label_names": (), "thresholds": ()}
    head = network_for(replace(small_spec, **labels), HEAD, base).head
    for row, old in ((0, 2), (2, 0)):
        assert torch.equal(head.weight[row], trained.head.weight[old])
        assert head.bias[row] == trained.head.bias[old]
    fresh = network_for(replace(small_spec, **labels, task="multi_label"), HEAD, base).head
    assert not torch.equal(fresh.weight[0], trained.head.weight[2])
    assert torch.equal(fresh.weight[1], head.weight[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda base: with_weights(base, **{"head.bias": None}), "lack the tensor “head.bias”"),
        (lambda base: with_weights(base, spy=torch.zeros(2)), "a tensor “spy” that its architecture lacks"),
        (lambda base: with_weights(base, **{"head.weight": torch.zeros(3, 4)}), r"“head.weight”.* shape \(3, 4\)"),
        (lambda base: with_weights(base, **{"head.bias": torch.zeros(3, dtype=torch.int64)}), "“head.bias” .*int64"),
        (lambda base: with_weights(base, **{"head.bias": torch.tensor([0, float("nan"), 0])}), "“head.bias”.*no num"),
        (lambda base: replace(base, weights=b"no safetensors"), "no readable safetensors"),
        (lambda base: replace(base, weights=base.weights[:-20]), "no readable safetensors"),
        (lambda base: replace(base, weights=b""), "no readable safetensors"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(small_spec, base, change, message):
    with pytest.raises(ModelInvalidError, match=message):
        network_for(small_spec, HEAD, change(base))


def test_method_and_base_must_go_together(small_spec, base):
    with pytest.raises(SettingError, match="takes no base"):
        network_for(small_spec, SCRATCH, base)
    for method in ("head", "all", "head_then_all"):
        with pytest.raises(SettingError, match="starts from a trained model"):
            network_for(small_spec, TrainingConfig(method=method))
    with pytest.raises(SettingError, match="Give it as the base"):
        network_for(replace(small_spec, architecture="external", config={}), SCRATCH)


def test_another_architecture_or_length_than_the_base_s_is_refused(small_spec, base):
    with pytest.raises(SettingError, match="fine-tuning keeps both"):
        network_for(replace(small_spec, config={"filters": 8, "depth": 3, "kernel": 19}), HEAD, base)
    longer = replace(small_spec, preprocessing=preset("exchangeai", window_s=4))
    assert network_for(longer, HEAD, base)(torch.zeros(2, 12, 400)).shape == (2, 3)  # any length will do
    spec = replace(small_spec, architecture="rlign_logistic", config={})
    linear = Base("beat", spec, b"", save(architecture("rlign_logistic").build(12, 200, 3, {}, seed=1).state_dict()))
    with pytest.raises(SettingError, match="takes 200 samples a lead, not 400"):
        network_for(replace(spec, preprocessing=longer.preprocessing), HEAD, linear)


def test_the_identity_of_a_base_is_the_digest_of_its_file(base):
    assert base.sha256 == hashlib.sha256(b"onnx").hexdigest()
