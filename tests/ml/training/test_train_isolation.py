"""A training depends on its seed, settings and training records: on no other record, nor on when it was stopped."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from safetensors.torch import save
from sklearn.metrics import f1_score, roc_auc_score

from backend.ml.architectures import architecture
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import BatchProgress, EpochDone, LrFound, Stopped
from backend.ml.training.start import Base
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves
from tests.ml.training.test_train import assert_same_weights, epochs

DROPOUT = {"width": 16, "depth": 1, "heads": 2, "dropout": 0.3}


def with_other_validation_and_test(data):
    """The same training records, and others in the parts that must not teach."""
    x, y, random = data.x.copy(), data.y.copy(), np.random.default_rng(9)
    for rows in (data.split.validation, data.split.test):
        x[rows] = 3 * random.standard_normal(x[rows].shape)
        y[rows] = 5 * random.random(y[rows].shape) if np.isnan(y).any() else np.eye(3)[0]
    return replace(data, x=x, y=y)


def regression_of(data):
    y = 100 + 20 * data.y[:, :2] + np.random.default_rng(0).random((len(data.y), 2), np.float32)
    y[::5, 1] = np.nan
    return replace(data, y=y)


def of(spec, task):
    """A quicker network for what is to be told."""
    quick = replace(spec, config={"filters": 4, "depth": 1, "kernel": 9})
    return (
        quick if task != "regression" else replace(quick, task=task, labels=("a", "b"), label_names=(), thresholds=())
    )


@pytest.mark.parametrize("task", ["single_label", "regression"])
def test_validation_and_test_records_teach_nothing(small_data, small_spec, small_config, tmp_path, task):
    data = small_data if task == "single_label" else regression_of(small_data)
    spec = of(small_spec, task)
    config = replace(
        small_config, learning_rate=None, batch_size=None, max_epochs=2, ema=0.9, mixup=0.2, monitor="last_epoch"
    )
    other = with_other_validation_and_test(data)
    first, second = (
        list(train(one, spec, config, tmp_path / f"{name}.pt")) for name, one in (("whole", data), ("broken", other))
    )
    assert_same_weights(spec, config, tmp_path)
    assert [e for e in first if isinstance(e, LrFound)] == [e for e in second if isinstance(e, LrFound)]
    assert [epoch.train_loss for epoch in epochs(first)] == [epoch.train_loss for epoch in epochs(second)]
    assert all(a.val_loss != b.val_loss for a, b in zip(epochs(first), epochs(second), strict=True))


def test_validation_records_choose_the_strength_of_the_head_and_teach_nothing(
    small_data, small_spec, small_config, tmp_path
):
    network = architecture("inception_time").build(12, 200, 3, small_spec.config, seed=5)
    base = Base(name="base", spec=small_spec, onnx=b"", weights=save(network.state_dict()))
    config = replace(small_config, method="head", max_epochs=6)
    fits = [
        epochs(train(data, small_spec, config, tmp_path / f"{name}.pt", base=base))
        for name, data in (("a", small_data), ("b", with_other_validation_and_test(small_data)))
    ]
    assert [epoch.train_loss for epoch in fits[0]] == [epoch.train_loss for epoch in fits[1]]
    assert [epoch.val_loss for epoch in fits[0]] != [epoch.val_loss for epoch in fits[1]]


def test_the_seed_decides_whatever_the_process_has_drawn_before(small_data, small_spec, small_config, tmp_path):
    """With dropout, and with the search of the learning rate, which has it too."""
    spec = replace(small_spec, architecture="transformer", config=DROPOUT)
    config = replace(small_config, learning_rate=None, max_epochs=1)
    runs = []
    for name, process in (("whole", 1), ("broken", 2)):
        torch.manual_seed(process)
        np.random.seed(process)  # what others in the process may have done
        runs.append(list(train(small_data, spec, config, tmp_path / f"{name}.pt")))
    curves = [event.curve for run in runs for event in run if isinstance(event, LrFound)]
    assert curves[0] == curves[1]
    assert epochs(runs[0]) == epochs(runs[1])
    assert_same_weights(spec, config, tmp_path)
    other = epochs(train(small_data, spec, replace(config, seed=4, learning_rate=1e-3), tmp_path / "other.pt"))
    assert other[0].train_loss != epochs(runs[0])[0].train_loss


@pytest.mark.parametrize("part", [0.1, 0.6, 0.75, 0.9])
def test_a_run_stopped_anywhere_and_taken_up_again_ends_as_if_nothing_had_been(
    small_data, small_spec, small_config, tmp_path, part
):
    """In the search of the learning rate, in an epoch, in its validation: the question is asked before every batch."""
    config, small_spec = replace(small_config, learning_rate=None, max_epochs=2), of(small_spec, "single_label")
    asked = count(1)
    whole = list(train(small_data, small_spec, config, tmp_path / "whole.pt", should_stop=lambda: not next(asked)))
    last = next(asked) - 1
    assert last > 50 + 2 * 4
    again = count(1)
    stop = lambda: next(again) > part * last  # noqa: E731
    first = list(train(small_data, small_spec, config, tmp_path / "broken.pt", should_stop=stop))
    assert first[-1].reason == "cancelled"
    assert next(again) - 2 <= part * last + 1  # it was heard at once
    second = list(train(small_data, small_spec, config, tmp_path / "broken.pt"))
    assert epochs(first) + epochs(second) == epochs(whole)
    assert second[-1] == whole[-1]
    assert_same_weights(small_spec, config, tmp_path)


@pytest.mark.parametrize("kind", ["dropout", "regression"])
def test_a_run_with_dropout_or_values_to_learn_resumes_too(small_data, small_spec, small_config, tmp_path, kind):
    if kind == "dropout":
        data, spec = small_data, replace(small_spec, architecture="transformer", config=DROPOUT)
    else:
        data, spec = regression_of(small_data), of(small_spec, "regression")
    config = replace(small_config, max_epochs=2, schedule="one_cycle", monitor="last_epoch")
    whole = list(train(data, spec, config, tmp_path / "whole.pt"))
    broken = train(data, spec, config, tmp_path / "broken.pt")
    while not isinstance(next(broken), EpochDone):
        pass
    broken.close()
    torch.manual_seed(99)
    assert epochs(train(data, spec, config, tmp_path / "broken.pt")) == epochs(whole)[1:]
    assert_same_weights(spec, config, tmp_path)


@pytest.mark.parametrize("schedule", ["exponential", "one_cycle"])
def test_the_rates_of_a_run_are_those_of_torch_also_when_it_is_resumed(
    small_data, small_spec, small_config, tmp_path, monkeypatch, schedule
):
    rates = []
    original = torch.optim.AdamW.step
    monkeypatch.setattr(
        torch.optim.AdamW, "step", lambda self: rates.append(self.param_groups[0]["lr"]) or original(self)
    )
    config = replace(small_config, max_epochs=3, schedule=schedule, gamma=0.5)
    broken = train(small_data, small_spec, config, tmp_path / "run.pt")
    while not isinstance(next(broken), EpochDone):
        pass
    broken.close()
    list(train(small_data, small_spec, config, tmp_path / "run.pt"))
    steps = -(-len(small_data.split.train) // 16)
    assert len(rates) == 3 * steps
    monkeypatch.undo()
    reference = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=3e-3)
    if schedule == "exponential":
        scheduler, every = torch.optim.lr_scheduler.ExponentialLR(reference, 0.5), steps
    else:
        scheduler = torch.optim.lr_scheduler.OneCycleLR(reference, 3e-3, 3 * steps, cycle_momentum=False)
        every = 1
    for step, rate in enumerate(rates):
        assert rate == pytest.approx(reference.param_groups[0]["lr"]), step
        reference.step()
        if (step + 1) % every == 0 and step + 1 < len(rates):
            scheduler.step()


@pytest.mark.parametrize("monitor", ["val_loss", "macro_auroc", "macro_f1", "last_epoch"])
def test_the_network_of_the_best_epoch_is_kept(small_data, small_spec, small_config, tmp_path, monitor):
    """Of labels drawn by lot, so that what is learned does not last; judged by scikit-learn and torch."""
    y = np.random.default_rng(7).permutation(small_data.y)
    data = replace(small_data, y=y)
    config = replace(small_config, monitor=monitor, max_epochs=6, patience=6, learning_rate=1e-2, class_weights=False)
    events = list(train(data, small_spec, config, tmp_path / "run.pt"))
    done, rows = epochs(events), data.split.validation
    values = [-epoch.val_loss if monitor == "val_loss" else getattr(epoch, monitor, epoch.epoch) for epoch in done]
    assert events[-1] == Stopped("all_epochs", 6, values.index(max(values)) + 1)
    if monitor == "val_loss":
        assert events[-1].best_epoch < 6  # otherwise this test would say nothing
    with torch.inference_mode():
        logits = trained_network(small_spec, config, tmp_path / "run.pt")(torch.from_numpy(data.x[rows]))
    best, truth = done[events[-1].best_epoch - 1], y[rows]
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(truth.argmax(axis=1)))
    assert best.val_loss == pytest.approx(loss.item(), rel=1e-5)
    assert best.macro_auroc == pytest.approx(roc_auc_score(truth, logits.softmax(dim=1), average="macro"))
    assert best.macro_f1 == pytest.approx(f1_score(truth.argmax(axis=1), logits.argmax(dim=1), average="macro"))


def test_where_the_validation_part_defines_no_auroc_the_loss_says_which_epoch_is_best(small_spec, tmp_path):
    x, y = waves(90, 3, "single_label")
    parts = split(y, [None] * 90, seed=1)
    parts = replace(parts, validation=parts.validation[y[parts.validation, 0] == 1])
    config = TrainingConfig(max_epochs=5, batch_size=8, learning_rate=3e-3, monitor="macro_auroc", threads=1)
    events = list(train(TrainingData(x, y, parts), small_spec, config, tmp_path / "run.pt"))
    done = epochs(events)
    assert {epoch.macro_auroc for epoch in done} == {None}
    assert events[-1].best_epoch == 1 + int(np.argmin([epoch.val_loss for epoch in done])) > 1


def test_the_progress_of_each_phase_rises_to_one(small_data, small_spec, small_config, tmp_path):
    config, spec = replace(small_config, learning_rate=None, max_epochs=1), of(small_spec, "single_label")
    progress = [e for e in train(small_data, spec, config, tmp_path / "run.pt") if isinstance(e, BatchProgress)]
    for phase in ("learning_rate", "train", "validate"):
        fractions = [event.fraction for event in progress if event.phase == phase]
        assert fractions == sorted(set(fractions)), phase
        assert fractions[0] > 0, phase
        assert phase == "learning_rate" or fractions[-1] == 1, phase
