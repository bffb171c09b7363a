import gc
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.ml.errors import TrainingImpossibleError
from backend.ml.training import learner, parallel
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.events import EpochDone, Stopped
from backend.ml.training.learner import Learner
from backend.ml.training.parallel import learner_for
from backend.ml.training.parallel_messages import Share
from backend.ml.training.train import train, trained_network

pytestmark = pytest.mark.usefixtures("quick_collections")


@pytest.fixture
def spec_without_batch_norm(small_spec):
    return replace(small_spec, architecture="transformer", config={"width": 16, "depth": 1, "heads": 2, "dropout": 0.0})


@pytest.fixture
def plain_config(small_config):
    """With neither class weights, which are means over a share, nor anything random in a step."""
    return replace(
        small_config, class_weights=False, ema=0.9,
        augmentation=Augmentation(crop_seconds=None, scale=0, noise=0, lead_dropout=0),
    )  # fmt: skip


@pytest.fixture(params=["shared memory", "sent"])
def way(request, monkeypatch):
    """Both ways of weights and gradients; that of GPUs, over a group of processes, works on a CPU too."""
    monkeypatch.setattr(parallel, "_shares_memory", lambda _: request.param == "shared memory")


@pytest.mark.usefixtures("way")
def test_two_processes_take_the_steps_of_one(small_data, spec_without_batch_norm, plain_config):
    spec = spec_without_batch_norm
    alone = Learner(small_data, spec, plain_config)
    rows = np.array_split(small_data.split.train, 3)  # of odd lengths too
    random = np.random.default_rng(0)
    expected = [alone.step(part, random) for part in (*rows, rows[0][:3], rows[0][:2])]
    with learner_for(small_data, spec, replace(plain_config, devices=2), None) as both:
        losses = [both.step(part, random) for part in (*rows, rows[0][:3], rows[0][:2])]
        np.testing.assert_allclose(losses, expected, rtol=1e-4)
        for (name, a), b in zip(both.network.named_parameters(), alone.network.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4, msg=name)
        processes = [member.process for member in both.members]
    assert [process.poll() for process in processes] == [0]


def test_three_processes_of_which_one_has_nothing_to_do_take_the_steps_of_one(
    small_data, spec_without_batch_norm, plain_config
):
    alone, random = Learner(small_data, spec_without_batch_norm, plain_config), np.random.default_rng(0)
    rows = small_data.split.train
    parts = (rows[5:12], rows[:5], rows[12:20])  # 5 records are shared by two
    expected = [alone.step(part, random) for part in parts]
    with learner_for(small_data, spec_without_batch_norm, replace(plain_config, devices=3)) as three:
        losses = [three.step(part, random) for part in parts]
        np.testing.assert_allclose(losses, expected, rtol=1e-4)
        for (name, a), b in zip(three.network.named_parameters(), alone.network.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4, msg=name)


def test_a_share_is_computed_in_the_precision_of_its_whole_batch(
    small_data, spec_without_batch_norm, plain_config, monkeypatch
):
    rows = small_data.split.train[:20]
    whole = len(rows) * small_data.x.shape[2]
    monkeypatch.setattr(learner, "uses_bfloat16", lambda precision, device, n: precision == "bfloat16" or n >= whole)
    alone = Learner(small_data, spec_without_batch_norm, replace(plain_config, precision="bfloat16"))
    for step in range(2):
        expected = alone.step(rows, np.random.default_rng(step))
    with learner_for(small_data, spec_without_batch_norm, replace(plain_config, devices=2)) as both:
        asked, tell = [], both.members[0].tell
        monkeypatch.setattr(both.members[0], "tell", lambda message: asked.append(message) or tell(message))
        for step in range(2):
            loss = both.step(rows, np.random.default_rng(step))
    assert {share.precision for share in asked} == {"bfloat16"}
    assert loss == pytest.approx(expected, rel=2e-2)


def _open_files():
    gc.collect()  # what others have left is closed
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="/proc and files in memory are of Linux")
@pytest.mark.parametrize("killed", [False, True])
def test_shared_memory_is_given_back_also_where_a_process_was_killed(small_data, small_spec, small_config, killed):
    def memory():
        gc.collect()
        return Path("/proc/self/maps").read_text().count("memfd:training")

    before, files = memory(), _open_files()
    with learner_for(small_data, small_spec, replace(small_config, devices=2)) as both:
        both.step(small_data.split.train, np.random.default_rng(0))
        assert memory() > before
        if killed:
            both.members[0].process.kill()
    del both
    assert memory() == before
    assert _open_files() == files


def test_what_is_validated_leaves_the_weights_that_learn_alone(small_data, small_spec, small_config):
    with learner_for(small_data, small_spec, replace(small_config, devices=2, ema=0.9)) as both:
        both.step(small_data.split.train, np.random.default_rng(0))
        before = {name: value.clone() for name, value in both.network.state_dict().items()}
        list(both.answers(small_data.split.train[:7]))
        nothing = both.batch(small_data.split.train[:0], np.random.default_rng(0))
        both.members[0].tell(Share(nothing, 0.0, 1, "float32", 1))
        both.members[0].answer("loss")  # it is done with everything before
        for name, value in both.network.state_dict().items():
            torch.testing.assert_close(value, before[name], rtol=0, atol=0, msg=name)


def _epochs(data, spec, config, path):
    return [(e.train_loss, e.val_loss) for e in train(data, spec, config, path) if isinstance(e, EpochDone)]


def test_a_training_on_two_processes_that_is_resumed_is_the_same_to_the_last_bit(
    small_data, small_spec, small_config, tmp_path
):
    small_spec = replace(small_spec, architecture="xresnet1d18", config={"width": 8, "dropout": 0.5})
    config = replace(small_config, devices=2, threads=2, ema=0.9, max_epochs=3)
    whole = _epochs(small_data, small_spec, config, tmp_path / "whole.pt")
    events = train(small_data, small_spec, config, tmp_path / "run.pt")
    parts = []
    for event in events:
        if isinstance(event, EpochDone):
            parts.append((event.train_loss, event.val_loss))
            if event.epoch == 2:
                break
    events.close()  # as a job that is stopped does
    assert parts + _epochs(small_data, small_spec, config, tmp_path / "run.pt") == whole
    assert len(whole) == config.max_epochs
    a, b = (trained_network(small_spec, config, tmp_path / name).state_dict() for name in ("whole.pt", "run.pt"))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_two_processes_answer_what_is_validated_as_one_does(small_data, small_spec, small_config, monkeypatch):
    spec, rows = replace(small_spec, window_s=0.5), small_data.split.train[:7]  # neither pair nor batch comes out even
    with learner_for(small_data, spec, replace(small_config, devices=2, ema=0.9)) as both:
        for at_once in (2, 2, 64, 64):
            monkeypatch.setattr(Learner, "n_answered", at_once)
            both.step(small_data.split.train, np.random.default_rng(0))
            together = torch.cat(list(both.answers(rows)))
            torch.testing.assert_close(together, torch.cat(list(Learner.answers(both, rows))), rtol=1e-5, atol=1e-6)


def test_training_on_two_processes_is_cancelled_and_leaves_nobody(small_data, small_spec, small_config, tmp_path):
    config, seen = replace(small_config, devices=2), []
    stop = lambda: any(isinstance(event, EpochDone) for event in seen)  # noqa: E731
    for event in train(small_data, small_spec, config, tmp_path / "run.pt", should_stop=stop):
        seen.append(event)  # noqa: PERF402
    assert seen[-1] == Stopped("cancelled", 1, 1)
    assert not torch.distributed.is_initialized()


@pytest.mark.usefixtures("way")
def test_a_helping_process_that_dies_ends_the_training_with_a_message(small_data, small_spec, small_config):
    rows, random = small_data.split.train, np.random.default_rng(0)
    with learner_for(small_data, small_spec, replace(small_config, devices=2)) as both:
        both.step(rows, random)
        both.members[0].process.kill()
        both.members[0].process.wait()
        with pytest.raises(TrainingImpossibleError, match="Process 2 of the training ended"):
            both.step(rows, random)


def test_an_error_in_a_helping_process_is_told(small_data, small_spec, small_config):
    with learner_for(small_data, small_spec, replace(small_config, devices=2)) as both:
        x, y, patient = both.batch(small_data.split.train, np.random.default_rng(0))
        both.backward = lambda *_: torch.zeros(())  # only the other process meets the records with too few leads
        both.batch = lambda rows, random: (x[:, :5], y, patient)
        with pytest.raises(TrainingImpossibleError, match=r"Process 2 of the training failed: .*Error"):
            both.step(small_data.split.train, np.random.default_rng(0))
