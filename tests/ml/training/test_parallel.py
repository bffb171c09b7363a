from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ml.errors import TrainingImpossibleError
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.events import EpochDone, Stopped
from backend.ml.training.learner import Learner
from backend.ml.training.parallel import learner_for
from backend.ml.training.train import train


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


@pytest.mark.parametrize("at_once", [2, 64])
def test_two_processes_answer_what_is_validated_as_one_does(small_data, small_spec, small_config, at_once, monkeypatch):
    monkeypatch.setattr(Learner, "n_answered", at_once)
    spec, rows = replace(small_spec, window_s=0.5), small_data.split.train[:7]  # neither pair nor batch comes out even
    with learner_for(small_data, spec, replace(small_config, devices=2, ema=0.9)) as both:
        for _ in range(2):
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
        both.backward = lambda batch: torch.zeros(())  # only the other process meets the records with too few leads
        both.batch = lambda rows, random: (x[:, :5], y, patient)
        with pytest.raises(TrainingImpossibleError, match=r"Process 2 of the training failed: .*Error"):
            both.step(small_data.split.train, np.random.default_rng(0))
