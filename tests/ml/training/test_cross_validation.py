"""A cross-validation trains each fold by the recipe of the run, and no record has a say in what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from backend.ml.data.folds import PARTS_OF_HEAD, divide_into_folds, inside
from backend.ml.data.split import Split
from backend.ml.data.training_data import TrainingData
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training.answers import logits_of
from backend.ml.training.config import TrainingConfig
from backend.ml.training.cross_validation import CrossValidation
from backend.ml.training.events import EpochDone, FoldDone, FoldStarted, Kept, Stopped
from backend.ml.training.head_fit import strengths
from backend.ml.training.start import Base, network_for
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves

N = 48


@pytest.fixture
def data() -> TrainingData:
    x, y = waves(N, 3, "single_label", seed=4)
    none = np.empty(0, np.intp)
    return TrainingData(x, y, Split(np.arange(N), none, none), tuple(f"p{row // 2}" for row in range(N)))


def folds_of(data: TrainingData, k: int = 3, repeats: int = 1):
    return divide_into_folds(data.y, data.patients, seed=1, folds=k, repeats=repeats)


def base_of(spec, config) -> Base:
    from backend.ml.architectures.named_weights import weights_bytes

    return Base("base", spec, b"", weights_bytes(network_for(spec, config)))


def head_config(config: TrainingConfig) -> TrainingConfig:
    return replace(config, method="head", max_epochs=4)


def run(data, spec, config, file, folds=None, done=(), **kw) -> list:
    return list(CrossValidation(data, spec, config, folds or folds_of(data), file, seed=1, **kw).run(done))


def done_in(events) -> list[FoldDone]:
    return [event for event in events if isinstance(event, FoldDone)]


def test_each_record_is_answered_once_a_repeat_and_no_file_stays(data, small_spec, small_config, tmp_path):
    config = replace(small_config, max_epochs=1)
    found = done_in(run(data, small_spec, config, tmp_path / "run.pt", folds_of(data, 3, 2)))
    assert [(one.repeat, one.fold) for one in found] == [(r, f) for r in range(2) for f in range(3)]
    for repeat in range(2):
        rows = np.concatenate([one.rows for one in found if one.repeat == repeat])
        assert sorted(rows) == list(range(N))
    assert all(one.logits.shape == (len(one.rows), 3) for one in found)
    assert all(one.n_train + one.n_validation + len(one.rows) == N for one in found)
    assert list(tmp_path.iterdir()) == []


def test_a_fold_of_a_whole_network_is_the_very_training_of_its_parts(data, small_spec, small_config, tmp_path):
    folds = folds_of(data)
    second = done_in(run(data, small_spec, small_config, tmp_path / "run.pt", folds))[1]
    (parts,) = inside(folds, data.y, 0, 1, seed=1, parts=8, only_first=True)
    alone = replace(data, split=parts)
    list(train(alone, small_spec, small_config, tmp_path / "alone.pt"))
    network = trained_network(small_spec, small_config, tmp_path / "alone.pt")
    expected = logits_of(network, alone, small_spec, parts.test)
    shift = second.logits - expected
    assert np.ptp(shift, axis=0).max() < 1e-5  # the prior of the labels, the same for every record
    assert second.best_epoch == checkpoints.load(tmp_path / "alone.pt").best_epoch


def test_a_fold_of_a_head_is_what_scikit_learn_makes_of_the_embeddings(data, small_spec, small_config, tmp_path):
    config = head_config(small_config)
    base, folds = base_of(small_spec, small_config), folds_of(data)
    found = CrossValidation(data, small_spec, config, folds, tmp_path / "run.pt", seed=1, base=base)
    first = done_in(found.run())[0]
    z, classes, path = found.embedding.values.astype(np.float64), data.y.argmax(axis=1), strengths(config)

    def fitted(rows, strength):
        scale = StandardScaler().fit(z[rows])
        fit = LogisticRegression(C=1 / (len(rows) * strength), max_iter=5000, tol=1e-9)
        return scale, fit.fit(scale.transform(z[rows]), classes[rows])

    losses = np.zeros(len(path))
    for parts in inside(folds, data.y, 0, 0, seed=1, parts=PARTS_OF_HEAD):
        for place, strength in enumerate(path):
            scale, fit = fitted(parts.train, strength)
            p = fit.predict_proba(scale.transform(z[parts.validation]))
            losses[place] += log_loss(classes[parts.validation], p, labels=[0, 1, 2], normalize=False)
    assert first.best_epoch == 1 + losses.argmin()
    learn = np.setdiff1d(np.arange(N), first.rows)
    scale, fit = fitted(learn, path[int(losses.argmin())])
    expected = fit.decision_function(scale.transform(z[first.rows]))
    ours = first.logits - np.log(data.y.mean(axis=0) / data.y[learn].mean(axis=0))
    centred = [each - each.mean(axis=1, keepdims=True) for each in (ours, expected)]
    np.testing.assert_allclose(centred[0], centred[1], atol=0.02)  # half a record is added to the prior


@pytest.mark.parametrize("only_head", [True, False])
def test_the_labels_of_those_who_are_tested_decide_nothing_of_what_is_said_of_them(
    data, small_spec, small_config, tmp_path, only_head
):
    config = head_config(small_config) if only_head else replace(small_config, max_epochs=2)
    base = base_of(small_spec, small_config) if only_head else None
    folds = folds_of(data)
    before = done_in(run(data, small_spec, config, tmp_path / "a.pt", folds, base=base))[2]
    y = data.y.copy()
    y[before.rows] = y[before.rows[::-1]][:, [1, 2, 0]]
    others = {(0, 0), (0, 1)}
    after = done_in(run(replace(data, y=y), small_spec, config, tmp_path / "b.pt", folds, others, base=base))[0]
    assert (before.rows == after.rows).all()
    assert np.ptp(before.logits - after.logits, axis=0).max() < 1e-5


def test_signals_that_are_tested_decide_nothing_of_what_is_said_of_others(data, small_spec, small_config, tmp_path):
    config = head_config(small_config)
    base, folds = base_of(small_spec, small_config), folds_of(data)
    one = done_in(run(data, small_spec, config, tmp_path / "a.pt", folds, base=base))[0]
    x = data.x.copy()
    x[one.rows[0]] *= 100
    again = done_in(run(replace(data, x=x), small_spec, config, tmp_path / "b.pt", folds, base=base))[0]
    np.testing.assert_allclose(one.logits[1:], again.logits[1:], atol=1e-5)
    assert np.abs(one.logits[0] - again.logits[0]).max() > 1e-3


@pytest.mark.parametrize("only_head", [True, False])
def test_folds_that_are_done_are_not_trained_again(data, small_spec, small_config, tmp_path, only_head):
    config = head_config(small_config) if only_head else replace(small_config, max_epochs=2)
    base = base_of(small_spec, small_config) if only_head else None
    whole = done_in(run(data, small_spec, config, tmp_path / "whole.pt", base=base))
    broken = CrossValidation(data, small_spec, config, folds_of(data), tmp_path / "broken.pt", seed=1, base=base)
    events, first = broken.run(), []
    for event in events:
        first.append(event)
        if len(done_in(first)) == 1 and isinstance(event, EpochDone):
            events.close()  # as a kill would, within the second fold
    done = {(one.repeat, one.fold) for one in done_in(first)}
    assert done == {(0, 0)}
    second = run(data, small_spec, config, tmp_path / "broken.pt", done=done, base=base)
    assert [event.fold for event in second if isinstance(event, FoldStarted)] == [1, 2]
    for one, other in zip(whole, [*done_in(first), *done_in(second)], strict=True):
        assert (one.logits == other.logits).all()


def test_a_cancelled_one_ends_at_once(data, small_spec, small_config, tmp_path):
    asked = iter(range(10**6))
    events = run(data, small_spec, small_config, tmp_path / "run.pt", should_stop=lambda: next(asked) > 3)
    assert isinstance(events[-1], Stopped)
    assert events[-1].reason == "cancelled"
    assert done_in(events) == []


def test_the_kept_model_learns_from_everybody_for_the_median_of_the_best_epochs(
    data, small_spec, small_config, tmp_path
):
    found = CrossValidation(data, small_spec, small_config, folds_of(data), tmp_path / "run.pt", seed=1)
    events = list(found.keep([4, 2, 3], [0, 0, 0]))
    done = [event for event in events if isinstance(event, EpochDone)]
    assert [event.epoch for event in done] == [1, 2, 3]
    assert all(event.macro_auroc is None and event.val_loss == event.train_loss for event in done)
    state = checkpoints.load(tmp_path / "run.pt")
    assert state.best_epoch == 3
    everyone, none = np.arange(N), np.empty(0, np.intp)
    alone = replace(data, split=Split(everyone, none, none))
    list(train(alone, small_spec, small_config, tmp_path / "alone.pt", kept=Kept(3)))
    for name, value in checkpoints.load(tmp_path / "alone.pt").best.items():
        assert (value == state.best[name]).all()


def test_the_kept_head_has_the_strength_that_folds_of_everybody_choose(data, small_spec, small_config, tmp_path):
    config, base = head_config(small_config), base_of(small_spec, small_config)
    found = CrossValidation(data, small_spec, config, folds_of(data), tmp_path / "run.pt", seed=1, base=base)
    stopped = list(found.keep([1], [0]))[-1]
    losses = np.zeros(4)
    for number, parts in enumerate(inside(found.folds, data.y, 0, -1, seed=1, parts=PARTS_OF_HEAD)):
        file = tmp_path / f"{number}.pt"
        events = train(replace(data, split=replace(parts, test=parts.validation)), small_spec, config, file, base=base)
        losses += [len(parts.validation) * one.val_loss for one in events if isinstance(one, EpochDone)]
    assert stopped.epochs == 1 + losses.argmin()


def test_the_head_with_which_all_layers_begin_has_a_strength_of_its_own(data, small_spec, small_config, tmp_path):
    config = replace(small_config, method="head_then_all", max_epochs=3)
    base = base_of(small_spec, small_config)
    found = CrossValidation(data, small_spec, config, folds_of(data), tmp_path / "run.pt", seed=1, base=base)
    done = done_in(found.run())
    assert all(1 <= one.strength <= 3 for one in done)
    list(found.keep([2, 2, 2], [2, 2, 2]))
    state = checkpoints.load(tmp_path / "run.pt")
    assert (state.best_epoch, state.strength) == (2, 2)
