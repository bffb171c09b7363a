from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.data.split import Split, split
from backend.ml.data.training_data import TrainingData
from backend.ml.errors import CheckpointError, TrainingImpossibleError
from backend.ml.evaluation.classification import macro_f1
from backend.ml.inference.predictor import to_probabilities
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training import lr_finder
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig
from backend.ml.training.events import BatchProgress, BatchSizeChosen, EpochDone, LrFound, Resumed, Started, Stopped
from backend.ml.training.learner import Learner
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves


def epochs(events):
    return [replace(event, seconds=0) for event in events if isinstance(event, EpochDone)]


def assert_same_weights(spec, config, folder, base=None):
    first, second = (
        trained_network(spec, config, folder / name, base).state_dict() for name in ("whole.pt", "broken.pt")
    )
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


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
    weights = [
        trained_network(small_spec, small_config, tmp_path / name).state_dict() for name in ("whole.pt", "broken.pt")
    ]
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
    trained_network(small_spec, small_config, tmp_path / "run.pt")


def test_cancelling_before_the_first_epoch_leaves_no_model_and_says_so(small_data, small_spec, small_config, tmp_path):
    config = replace(small_config, learning_rate=None)
    events = list(train(small_data, small_spec, config, tmp_path / "run.pt", should_stop=lambda: True))
    assert events[-1] == Stopped("cancelled", 0, 0)
    with pytest.raises(CheckpointError, match="no model"):
        trained_network(small_spec, small_config, tmp_path / "run.pt")


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
        logits = trained_network(small_spec, config, tmp_path / "run.pt")(torch.from_numpy(x)).numpy()
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


def test_a_checkpoint_that_would_run_code_is_refused(small_spec, small_config, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (tmp_path.joinpath("owned").touch, ())

    torch.save({"format": checkpoints.FORMAT, "model": Hostile()}, tmp_path / "run.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        trained_network(small_spec, small_config, tmp_path / "run.pt")
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
    trained_network(small_spec, small_config, tmp_path / "run.pt")


def test_records_that_are_no_numbers_are_refused(small_data, small_spec, small_config, tmp_path):
    x = small_data.x.copy()
    x[3, 2, 1] = np.nan
    with pytest.raises(TrainingImpossibleError, match="no numbers"):
        next(train(replace(small_data, x=x), small_spec, small_config, tmp_path / "run.pt"))


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
