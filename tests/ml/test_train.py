from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml import lr_finder
from backend.ml.batch_size import activation_bytes, automatic_batch_size
from backend.ml.config import Augmentation, TrainingConfig
from backend.ml.data import TrainingData, check_trainable
from backend.ml.errors import CheckpointError, TrainingImpossibleError
from backend.ml.events import BatchProgress, BatchSizeChosen, EpochDone, LrFound, Resumed, Started, Stopped
from backend.ml.learner import Learner, build_network
from backend.ml.loss import label_weights, make_loss
from backend.ml.metrics import macro_f1
from backend.ml.predict import to_probabilities
from backend.ml.split import Split, split
from backend.ml.train import train, trained_network

from .conftest import waves


def epochs(events):
    return [replace(event, seconds=0) for event in events if isinstance(event, EpochDone)]


def test_training_tells_what_it_does_in_order(small_data, small_spec, small_config, tmp_path):
    events = list(train(small_data, small_spec, replace(small_config, max_epochs=2), tmp_path / "run.pt"))
    assert [event.n_train for event in events if isinstance(event, Started)] == [len(small_data.split.train)]
    assert events[1] == BatchSizeChosen(16, automatic=False)
    assert events[2] == LrFound(3e-3, ())
    progress = [event for event in events if isinstance(event, BatchProgress)]
    assert [event.fraction for event in progress if event.epoch == 1][-1] == 1
    done = epochs(events)
    assert [event.epoch for event in done] == [1, 2]
    assert done[0].best
    assert done[1].learning_rate == pytest.approx(3e-3 * 0.9)
    assert isinstance(events[-1], Stopped)
    assert events[-1].reason == "all_epochs"


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_run_broken_off_and_resumed_equals_one_that_was_not(
    small_data, small_spec, small_config, tmp_path, stop_after
):
    whole = list(train(small_data, small_spec, small_config, tmp_path / "whole.pt"))
    broken = train(small_data, small_spec, small_config, tmp_path / "broken.pt")
    first = []
    for event in broken:
        first.append(event)
        if len(epochs(first)) == stop_after and isinstance(event, BatchProgress) and event.fraction > 0.4:
            broken.close()  # in the middle of the next epoch, as a kill would
    second = list(train(small_data, small_spec, small_config, tmp_path / "broken.pt"))
    resumed = next(event for event in second if isinstance(event, Resumed))
    assert len(resumed.epochs) == stop_after
    assert epochs(first) + epochs(second) == epochs(whole)
    weights = [trained_network(small_spec, tmp_path / name).state_dict() for name in ("whole.pt", "broken.pt")]
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name


def test_resuming_a_finished_run_trains_no_more(small_data, small_spec, small_config, tmp_path):
    config = replace(small_config, max_epochs=1)
    list(train(small_data, small_spec, config, tmp_path / "run.pt"))
    events = list(train(small_data, small_spec, config, tmp_path / "run.pt"))
    assert [type(event) for event in events] == [Started, Resumed, Stopped]


def test_the_learning_rate_search_and_automatic_batch_size_also_resume(small_data, small_spec, small_config, tmp_path):
    config = replace(small_config, learning_rate=None, batch_size=None, max_epochs=1)
    generator = train(small_data, small_spec, config, tmp_path / "run.pt")
    found = next(event for event in generator if isinstance(event, LrFound))
    assert len(found.curve) > 5
    assert lr_finder.CHOSEN[0] <= found.learning_rate <= lr_finder.CHOSEN[1]
    next(generator)  # the first step: by now the checkpoint is there
    generator.close()
    second = list(train(small_data, small_spec, config, tmp_path / "run.pt"))
    assert not [event for event in second if isinstance(event, LrFound)]
    assert epochs(second)[0].learning_rate == found.learning_rate


def test_the_learning_rate_search_leaves_everything_as_it_was(small_data, small_spec, small_config):
    learner = Learner(small_data, small_spec, small_config)
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    random = np.random.default_rng(0)
    rows = small_data.split.train[:16]
    steps = list(lr_finder.sweep(learner.model, learner.optimizer, lambda: learner.step(rows, random)))
    assert len(steps) > 5
    assert torch.rand(1) == expected
    assert not learner.optimizer.state_dict()["state"]
    for name, value in learner.model.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_the_learning_rate_is_where_the_loss_has_fallen_half_way():
    rates = 10.0 ** np.linspace(-5, 0, 51)
    falling = 1 / (1 + np.exp(4 * (np.log10(rates) + 2.5))) + np.where(rates > 0.1, rates * 10, 0)
    noise = np.random.default_rng(0).normal(0, 0.02, 51)
    for losses in (falling, falling + noise):
        assert lr_finder.choose(tuple(zip(rates, losses, strict=True))) == pytest.approx(10**-2.5, rel=0.3)
    assert lr_finder.choose(()) == lr_finder.DEFAULT
    assert lr_finder.choose(tuple(zip(rates, rates, strict=True))) == lr_finder.DEFAULT


def test_cancelling_is_seen_before_the_next_batch_and_keeps_the_best_epoch(
    small_data, small_spec, small_config, tmp_path
):
    seen = []
    generator = train(
        small_data, small_spec, small_config, tmp_path / "run.pt", should_stop=lambda: len(epochs(seen)) == 1
    )
    for event in generator:
        seen.append(event)  # noqa: PERF402  # should_stop looks at it meanwhile
    assert seen[-1] == Stopped("cancelled", 1, 1)
    assert isinstance(seen[-2], EpochDone)
    trained_network(small_spec, tmp_path / "run.pt")


def test_cancelling_before_the_first_epoch_leaves_no_model_and_says_so(small_data, small_spec, small_config, tmp_path):
    config = replace(small_config, learning_rate=None)
    events = list(train(small_data, small_spec, config, tmp_path / "run.pt", should_stop=lambda: True))
    assert events[-1] == Stopped("cancelled", 0, 0)
    with pytest.raises(CheckpointError, match="no model"):
        trained_network(small_spec, tmp_path / "run.pt")


def test_training_stops_when_nothing_gets_better_and_keeps_the_best(small_data, small_spec, small_config, tmp_path):
    config = replace(small_config, learning_rate=1e-7, max_epochs=30, patience=2, monitor="macro_f1")
    events = list(train(small_data, small_spec, config, tmp_path / "run.pt"))
    done, end = epochs(events), events[-1]
    assert end.reason == "no_improvement"
    assert end.epochs == end.best_epoch + 2
    values = [event.macro_f1 for event in done]
    assert values.index(max(values)) + 1 == end.best_epoch


def test_a_network_can_learn_a_few_records_by_heart(small_spec, tmp_path):
    x, y = waves(12, 3, "single_label", seed=4)
    everything = np.arange(12)
    data = TrainingData(x, y, Split(everything, everything, everything))
    config = TrainingConfig(
        max_epochs=40,
        batch_size=6,
        learning_rate=1e-2,
        gamma=0.97,
        patience=40,
        augmentation=Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=0),
        threads=1,
    )
    events = list(train(data, small_spec, config, tmp_path / "run.pt"))
    assert min(event.train_loss for event in epochs(events)) < 0.05
    with torch.inference_mode():
        logits = trained_network(small_spec, tmp_path / "run.pt")(torch.from_numpy(x)).numpy()
    assert macro_f1(y, to_probabilities(logits, "single_label"), "single_label") == 1


def test_several_labels_at_once_are_learned(small_spec, tmp_path):
    x, y = waves(150, 3, "multi_label", seed=2)
    data = TrainingData(x, y, split(y, [None] * len(y), seed=1))
    spec = replace(small_spec, task="multi_label")
    config = TrainingConfig(max_epochs=12, batch_size=16, learning_rate=1e-2, threads=1)
    events = list(train(data, spec, config, tmp_path / "run.pt"))
    assert max(event.macro_auroc for event in epochs(events)) > 0.9


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(small_data, small_spec, small_config, tmp_path):
    path = tmp_path / "run.pt"
    config = replace(small_config, max_epochs=1)
    list(train(small_data, small_spec, config, path))
    with pytest.raises(CheckpointError, match="other data or settings"):
        list(train(small_data, small_spec, replace(config, seed=99), path))
    content = path.read_bytes()
    for damage in (b"", b"nonsense", content[: len(content) // 2]):
        path.write_bytes(damage)
        with pytest.raises(CheckpointError, match="damaged"):
            list(train(small_data, small_spec, config, path))


def test_a_checkpoint_that_would_run_code_is_refused(small_spec, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (tmp_path.joinpath("owned").touch, ())

    torch.save({"format": 1, "model": Hostile()}, tmp_path / "run.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        trained_network(small_spec, tmp_path / "run.pt")
    assert not (tmp_path / "owned").exists()


def test_a_loss_that_explodes_at_once_is_said(small_data, small_spec, small_config, tmp_path, monkeypatch):
    monkeypatch.setattr(Learner, "step", lambda *_: float("nan"))
    with pytest.raises(TrainingImpossibleError, match="diverged"):
        list(train(small_data, small_spec, small_config, tmp_path / "run.pt"))


def test_a_loss_that_explodes_later_leaves_the_best_epoch(small_data, small_spec, small_config, tmp_path, monkeypatch):
    generator = train(small_data, small_spec, small_config, tmp_path / "run.pt")
    while not isinstance(next(generator), EpochDone):
        pass
    monkeypatch.setattr(Learner, "step", lambda *_: float("nan"))
    assert list(generator)[-1] == Stopped("diverged", 1, 1)
    trained_network(small_spec, tmp_path / "run.pt")


def test_records_that_are_no_numbers_are_refused(small_data, small_spec, small_config, tmp_path):
    x = small_data.x.copy()
    x[3, 2, 1] = np.nan
    with pytest.raises(TrainingImpossibleError, match="no numbers"):
        next(train(replace(small_data, x=x), small_spec, small_config, tmp_path / "run.pt"))


@pytest.mark.parametrize(
    ("counts", "task", "message"),
    [
        ([20, 0], "single_label", "all 20 records are “A”"),
        ([0, 0], "single_label", "no record has a label"),
        ([20, 1], "single_label", "“B” has 1 record;"),
        ([20, 2], "single_label", "“B” has 2 records;"),
        ([20, 0], "multi_label", "“B” has 0 records"),
    ],
)
def test_data_that_cannot_train_are_refused_naming_the_label(counts, task, message):
    y = np.eye(2)[np.repeat([0, 1], counts)] if sum(counts) else np.zeros((5, 2))
    with pytest.raises(TrainingImpossibleError, match=message):
        check_trainable(y, ["A", "B"], task)


def test_a_label_on_every_record_is_refused_where_several_may_apply():
    with pytest.raises(TrainingImpossibleError, match="“A” is set on 10 of 10 records"):
        check_trainable(np.ones((10, 1)), ["A"], "multi_label")
    check_trainable(np.eye(2)[np.arange(10) % 2], ["A", "B"], "multi_label")


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_an_empty_part_is_refused_by_name(small_data, small_spec, small_config, tmp_path, part):
    data = replace(small_data, split=replace(small_data.split, **{part: np.array([], dtype=np.intp)}))
    with pytest.raises(TrainingImpossibleError, match=f"The {part} part has no records"):
        next(train(data, small_spec, small_config, tmp_path / "run.pt"))


def test_a_label_missing_from_the_train_part_is_refused(small_data, small_spec, small_config, tmp_path):
    rows = small_data.split.train
    rows = rows[small_data.y[rows, 1] == 0]
    data = replace(small_data, split=replace(small_data.split, train=rows))
    with pytest.raises(TrainingImpossibleError, match="label “B” on 0 of"):
        next(train(data, small_spec, small_config, tmp_path / "run.pt"))


def test_rare_labels_weigh_more_up_to_ten_times():
    y = np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], [100, 50, 1])]
    weights = label_weights(y, "single_label")
    np.testing.assert_allclose(weights[1:] / weights[0], [2, 10])
    assert (weights * y.sum(axis=0)).sum() / len(y) == pytest.approx(1)
    y = np.zeros((101, 2), np.float32)
    y[:, 0] = 1
    y[:1, 1] = y[:10, 0] = 0
    y[0, 1] = 1
    np.testing.assert_allclose(label_weights(y, "multi_label"), [1, 10])


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
def test_the_unweighted_loss_is_the_textbook_one(task):
    random = np.random.default_rng(0)
    logits = random.standard_normal((8, 3)).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[random.integers(0, 3, 8)]
    p = to_probabilities(logits, task).astype(float)
    cross = -(y * np.log(p)).sum(axis=1).mean()
    binary = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    loss = make_loss(y, task, False, torch.device("cpu"))(torch.from_numpy(logits), torch.from_numpy(y))
    assert loss.item() == pytest.approx(cross if task == "single_label" else binary, rel=1e-5)


@pytest.mark.parametrize(
    ("n_train", "bytes_a_record", "expected"),
    [(5, 1, 5), (100, 1, 8), (400, 1, 16), (1600, 1, 64), (100_000, 1, 128), (100_000, 2**26, 32), (1600, 2**40, 8)],
)
def test_the_automatic_batch_size_follows_records_and_memory(n_train, bytes_a_record, expected):
    assert automatic_batch_size(n_train, bytes_a_record, 2**31) == expected


def test_the_memory_of_a_record_is_measured_without_touching_the_network(small_spec):
    network = build_network(small_spec, seed=1).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    short, long = (activation_bytes(network, torch.zeros(1, 12, n)) for n in (100, 200))
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
