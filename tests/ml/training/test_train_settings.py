"""Each setting of a training: it learns, and a run broken off and resumed is bit for bit one that was not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.architectures import architecture
from backend.ml.architectures.windows import window_starts
from backend.ml.data.split import split
from backend.ml.data.target_scale import target_scale
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError, SettingError
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import BatchProgress, EpochDone, LrFound, Resumed, Started, Stopped
from backend.ml.training.learner import Learner
from backend.ml.training.optimizers import OPTIMIZERS
from backend.ml.training.start import Base
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves
from tests.ml.training.test_train import assert_same_weights, epochs

SETTINGS = [
    *({"optimizer": name} for name in OPTIMIZERS if name != "adamw"),
    {"ema": 0.9, "mixup": 0.4, "schedule": "one_cycle", "loss": "focal"},
    {"ema": 0.99, "schedule": "cosine", "precision": "bfloat16"},
    {"augmentation": Augmentation(wander=0.3, hum=0.1, time_mask=0.2, crop_seconds=None, shift=0.2)},
]


def base_of(spec, seed=5):
    """A model as a training would have made it: the weights are drawn, not learned."""
    from safetensors.torch import save

    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), spec.config, seed=seed)
    return Base(name="base", spec=spec, onnx=b"of the base", weights=save(network.state_dict()))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_run_broken_off_and_resumed_equals_one_that_was_not(small_data, small_spec, small_config, tmp_path, settings):
    config = replace(small_config, max_epochs=2, **settings)
    whole = list(train(small_data, small_spec, config, tmp_path / "whole.pt"))
    broken = train(small_data, small_spec, config, tmp_path / "broken.pt")
    while not isinstance(next(broken), EpochDone):
        pass
    next(broken)
    broken.close()
    second = list(train(small_data, small_spec, config, tmp_path / "broken.pt"))
    assert epochs(second) == epochs(whole)[1:]
    assert all(np.isfinite([done.train_loss, done.val_loss]).all() for done in epochs(whole))
    assert_same_weights(small_spec, config, tmp_path)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimiser_learns_at_the_rate_it_is_given_by_default(
    small_data, small_spec, small_config, tmp_path, optimizer
):
    config = replace(
        small_config, optimizer=optimizer, learning_rate=OPTIMIZERS[optimizer].default, max_epochs=5, batch_size=8
    )
    done = epochs(train(small_data, small_spec, config, tmp_path / "run.pt"))
    assert max(epoch.macro_auroc for epoch in done) > 0.8


@pytest.mark.parametrize("settings", [{}, {"ema": 0.9}])
def test_what_is_validated_is_what_is_kept_and_answers_over_windows(
    small_data, small_spec, small_config, tmp_path, settings
):
    spec = replace(small_spec, window_s=0.8)
    config = replace(small_config, max_epochs=1, class_weights=True, **settings)
    (done,) = epochs(train(small_data, spec, config, tmp_path / "run.pt"))
    network = trained_network(spec, config, tmp_path / "run.pt")
    rows = small_data.split.validation
    x = torch.from_numpy(small_data.x[rows])
    with torch.inference_mode():
        windows = [network(x[..., start : start + 80]) for start in window_starts(200, 80)]
    assert len(windows) == 4
    p = torch.stack(windows).mean(dim=0).log_softmax(dim=1).numpy()
    weights = np.array([1 / small_data.y[small_data.split.train][:, i].sum() for i in range(3)])
    weight = weights[small_data.y[rows].argmax(axis=1)]
    expected = -(weight * p[small_data.y[rows] == 1]).sum() / weight.sum()
    assert done.val_loss == pytest.approx(expected, rel=1e-4)


def test_a_regression_is_learned_with_targets_that_are_not_all_known(small_spec, tmp_path):
    x, _ = waves(120, 2, "single_label", seed=3)
    amplitude = np.random.default_rng(0).uniform(0.3, 3, (120, 1)).astype(np.float32)
    x *= amplitude[:, :, None]
    y = np.concatenate([100 + 20 * amplitude, amplitude], axis=1)
    y[::5, 1] = np.nan
    data = TrainingData(x, y, split(np.ones((120, 1)), [None] * 120, seed=1))
    spec = replace(small_spec, labels=("a", "b"), label_names=(), thresholds=(), task="regression")
    config = TrainingConfig(
        max_epochs=8, batch_size=8, learning_rate=1e-2, threads=1, monitor="macro_auroc",
        augmentation=Augmentation(crop_seconds=None, scale=0, lead_dropout=0),
    )  # fmt: skip
    events = list(train(data, spec, config, tmp_path / "run.pt"))
    done, rows = epochs(events), data.split.validation
    assert {(epoch.macro_auroc, epoch.macro_f1) for epoch in done} == {(None, None)}
    assert events[-1].best_epoch == 1 + int(np.argmin([epoch.val_loss for epoch in done]))
    with torch.inference_mode():
        z = trained_network(spec, config, tmp_path / "run.pt")(torch.from_numpy(x[rows])).numpy()
    means, deviations = target_scale(y[data.split.train])
    assert np.corrcoef(z[:, 0] * deviations[0] + means[0], y[rows, 0])[0, 1] > 0.7


def test_the_facts_of_the_patient_reach_the_network_only_where_the_model_takes_them(small_spec, small_config, tmp_path):
    x, y = waves(60, 3, "single_label")
    patient = np.random.default_rng(0).random((60, 4)).astype(np.float32)
    data = TrainingData(x, y, split(y, [None] * 60, seed=1), patient=patient)
    entry = next(entry for entry in [architecture("dsail_snu")] if entry.takes_patient)
    spec = replace(
        small_spec, architecture=entry.name, config={"filters": 16, "blocks": 1, "dropout": 0.0}, takes_patient=True
    )
    config = replace(small_config, max_epochs=1, mixup=0.2)
    seen = {}
    for takes in (True, False):
        path = tmp_path / f"{takes}.pt"
        (done,) = epochs(train(data, replace(spec, takes_patient=takes), config, path))
        seen[takes] = done.val_loss
        rows = data.split.train[:4]
        given = Learner(data, replace(spec, takes_patient=takes), config).batch(rows, np.random.default_rng(0))[2]
        assert (given is not None) == takes
    assert seen[True] != seen[False]


def test_fitting_the_head_leaves_the_body_alone_and_resumes(small_data, small_spec, small_config, tmp_path):
    base = base_of(small_spec)
    config = replace(small_config, method="head", max_epochs=4)
    whole = list(train(small_data, small_spec, config, tmp_path / "whole.pt", base=base))
    assert len(epochs(whole)) == 4
    assert whole[-1].reason == "all_epochs"
    assert {event.phase for event in whole if isinstance(event, BatchProgress)} == {"embed", "train"}
    broken = train(small_data, small_spec, config, tmp_path / "broken.pt", base=base)
    while not isinstance(next(broken), EpochDone):
        pass
    broken.close()
    second = list(train(small_data, small_spec, config, tmp_path / "broken.pt", base=base))
    assert len(next(event for event in second if isinstance(event, Resumed)).epochs) == 1
    assert epochs(second) == epochs(whole)[1:]
    assert_same_weights(small_spec, config, tmp_path, base)
    network = trained_network(small_spec, config, tmp_path / "whole.pt", base)
    start = architecture("inception_time").build(12, 200, 3, small_spec.config, seed=5)
    assert not torch.equal(network.head.weight, start.head.weight)
    for name, value in start.state_dict().items():
        assert name.startswith("head.") or torch.equal(value, network.state_dict()[name]), name


def test_the_head_is_fitted_first_and_then_early_layers_learn_least(small_data, small_spec, small_config, tmp_path):
    base = base_of(small_spec)
    config = replace(small_config, method="head_then_all", max_epochs=3, layer_decay=0.1, ema=0.5, gamma=0.5)
    whole = list(train(small_data, small_spec, config, tmp_path / "whole.pt", base=base))
    done = epochs(whole)
    assert [epoch.epoch for epoch in done] == [1, 2, 3]
    assert done[0].learning_rate == 0
    assert [epoch.learning_rate for epoch in done[1:]] == pytest.approx([3e-3, 1.5e-3])
    broken = train(small_data, small_spec, config, tmp_path / "broken.pt", base=base)
    while not (isinstance(event := next(broken), EpochDone) and event.epoch == 2):
        pass
    broken.close()
    resumed = list(train(small_data, small_spec, config, tmp_path / "broken.pt", base=base))
    assert epochs(resumed) == done[2:]
    assert_same_weights(small_spec, config, tmp_path, base)

    learner = Learner(small_data, small_spec, config, base)
    rates = [group["share"] for group in learner.optimizer.param_groups]
    assert min(rates) == pytest.approx(1e-4)
    assert max(rates) == 1


def test_fine_tuning_all_layers_starts_from_the_base(small_data, small_spec, small_config, tmp_path):
    base = base_of(small_spec)
    config = replace(small_config, method="all", max_epochs=1, learning_rate=1e-7)
    events = list(train(small_data, small_spec, config, tmp_path / "run.pt", base=base))
    assert isinstance(events[-1], Stopped)
    network = trained_network(small_spec, config, tmp_path / "run.pt", base)
    start = architecture("inception_time").build(12, 200, 3, small_spec.config, seed=5)
    for (name, a), b in zip(network.named_parameters(), start.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-5), name
    other = replace(base, onnx=b"of another base")
    with pytest.raises(CheckpointError, match="other data or settings"):
        list(train(small_data, small_spec, config, tmp_path / "run.pt", base=other))


@pytest.mark.parametrize("method", ["head", "head_then_all"])
def test_it_can_be_stopped_while_the_body_answers_for_the_head(
    small_data, small_spec, small_config, tmp_path, monkeypatch, method
):
    monkeypatch.setattr("backend.ml.training.embeddings.evaluation_batch", lambda *_: 8)
    config = replace(small_config, method=method)
    seen = []
    stop = lambda: any(isinstance(event, BatchProgress) for event in seen)  # noqa: E731
    for event in train(small_data, small_spec, config, tmp_path / "run.pt", base=base_of(small_spec), should_stop=stop):
        seen.append(event)  # noqa: PERF402  # should_stop looks at it meanwhile
    progress = [event for event in seen if isinstance(event, BatchProgress)]
    assert [event.phase for event in progress] == ["embed"]
    assert progress[0].fraction < 1
    assert (seen[-1].reason, seen[-1].epochs) == ("cancelled", 0)


def test_a_body_that_cannot_be_trained_allows_only_the_head(
    small_data, small_spec, small_config, tmp_path, monkeypatch
):
    base = base_of(small_spec)
    monkeypatch.setattr("backend.ml.architectures.inception_time.InceptionTime.frozen", True, raising=False)
    for method in ("all", "head_then_all"):
        with pytest.raises(SettingError, match="Only the head"):
            next(train(small_data, small_spec, replace(small_config, method=method), tmp_path / "run.pt", base=base))
    events = train(small_data, small_spec, replace(small_config, method="head"), tmp_path / "run.pt", base=base)
    assert isinstance(next(events), Started)


def test_the_search_of_the_learning_rate_goes_as_far_as_the_optimiser_wants(
    small_data, small_spec, small_config, tmp_path
):
    config = replace(small_config, learning_rate=None, optimizer="sgd", batch_size=8)
    found = next(e for e in train(small_data, small_spec, config, tmp_path / "run.pt") if isinstance(e, LrFound))
    assert OPTIMIZERS["sgd"].range[0] <= found.learning_rate <= OPTIMIZERS["sgd"].range[1]
    assert found.curve[-1][0] > 0.5


def test_records_mapped_from_a_file_train_as_those_in_memory(small_data, small_spec, small_config, tmp_path):
    np.save(tmp_path / "x.npy", small_data.x)
    mapped = replace(small_data, x=np.load(tmp_path / "x.npy", mmap_mode="r"))
    config = replace(small_config, max_epochs=1)
    results = [
        epochs(train(data, small_spec, config, tmp_path / f"{i}.pt")) for i, data in enumerate((small_data, mapped))
    ]
    assert results[0] == results[1]
