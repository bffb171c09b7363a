"""Pre-training on a tiny network: it learns, it stops, and killed it resumes to the same numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.ecg.preprocess import preset
from backend.ecg.synthesize import simulate_set
from backend.ml.architectures import architecture
from backend.ml.errors import CheckpointError, TrainingImpossibleError
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData, median_beats
from backend.ml.pretraining.events import Begun, Ended, Measured, Step
from backend.ml.pretraining.pretrain import pretrain
from backend.ml.pretraining.state import load

SMALL = {"width": 8, "always_on": 1}
QUICK = PretrainingConfig(
    objectives={"rlign": 1.0, "rr": 0.1}, passes=160, batch_size=16, components=8, held_out=0.1, threads=1
)


@pytest.fixture(scope="module")
def data() -> PretrainingData:
    clinical = preset("clinical")
    simulated = list(simulate_set(60, seed=3, rate=100.0))
    x = np.stack([clinical(one.recording.signal, 100.0) for one in simulated])
    beats, rr = (np.concatenate(part) for part in zip(*median_beats(x, 100.0), strict=True))
    y = np.array([[one.label == simulated[0].label, np.nan] for one in simulated], np.float32)
    y[::2, 1] = 1.0
    return PretrainingData(x, 100.0, ("first", "known of half"), y, ("rr",), rr[:, :1], None, beats, rr)


def fresh(seed=1, name="cardx", config=SMALL):
    return architecture(name).build(12, 1000, 2, config, seed=seed)


def test_it_learns_and_tells_how_it_goes(data, tmp_path):
    events = list(pretrain(fresh(), data, replace(QUICK, passes=960), tmp_path / "p.pt"))
    assert isinstance(events[0], Begun)
    assert events[-1] == Ended("done", 60, 960)
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.steps for step in steps] == list(range(1, 61))
    assert steps[-1].losses["rlign"] < steps[0].losses["rlign"]
    measured = events[-2]
    assert isinstance(measured, Measured)
    assert 0 < measured.held_out["rlign"] < 1  # 1 is the error of telling the mean beat
    assert measured.used[2] == 1  # the residual network sees every ECG
    assert sum(measured.used) == pytest.approx(2)
    assert load(tmp_path / "p.pt").steps == 60


@pytest.mark.parametrize("objective", ["rlign", "rr", "masked", "contrastive", "labels", "values"])
def test_every_objective_moves_every_part_of_the_body(objective, data, tmp_path):
    network = fresh()
    before = {name: value.clone() for name, value in network.named_parameters()}
    config = replace(QUICK, objectives={objective: 1.0}, passes=64)
    events = list(pretrain(network, data, config, tmp_path / "p.pt"))
    assert events[-2].losses[objective] > 0
    moved = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    body = {name for name in before if not name.startswith("head.")}
    assert body - moved == set()
    assert not any(name.startswith("head.") for name in moved)


def test_another_network_is_pre_trained_in_the_same_way(data, tmp_path):
    network = fresh(name="xresnet1d18", config={"width": 8, "dropout": 0.1})
    events = list(pretrain(network, data, replace(QUICK, passes=32), tmp_path / "p.pt"))
    assert events[-2].used == ()
    assert "router" not in events[-2].losses


def test_killed_in_the_middle_it_resumes_to_the_same_losses(data, tmp_path):
    whole, parts = fresh(), fresh()
    wanted = [event for event in pretrain(whole, data, QUICK, tmp_path / "whole.pt") if isinstance(event, Step)]
    asked = iter([False] * 4 + [True])
    first = list(pretrain(parts, data, QUICK, tmp_path / "parts.pt", should_stop=lambda: next(asked)))
    assert first[-1] == Ended("cancelled", 4, 64)
    resumed = fresh(seed=99)  # what it was drawn from must not matter any more
    second = list(pretrain(resumed, data, QUICK, tmp_path / "parts.pt"))
    assert second[0].passes == 64
    found = [event for event in first + second if isinstance(event, Step)]
    assert [step.losses for step in found] == [step.losses for step in wanted]
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0, msg=name)


def test_one_for_minutes_goes_on_with_the_minutes_that_are_left(data, tmp_path):
    config = replace(QUICK, passes=None, minutes=0.02)
    list(pretrain(fresh(), data, config, tmp_path / "p.pt"))
    again = list(pretrain(fresh(), data, config, tmp_path / "p.pt"))
    assert not any(isinstance(event, Step) for event in again)
    assert again[-1].reason == "done"


def test_a_checkpoint_of_other_settings_or_of_nothing_is_refused(data, tmp_path):
    list(pretrain(fresh(), data, replace(QUICK, passes=16), tmp_path / "p.pt"))
    with pytest.raises(CheckpointError, match="other data or settings"):
        list(pretrain(fresh(), data, replace(QUICK, passes=16, mmd=0.2), tmp_path / "p.pt"))
    (tmp_path / "p.pt").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="damaged"):
        list(pretrain(fresh(), data, replace(QUICK, passes=16), tmp_path / "p.pt"))


def test_an_objective_without_anything_to_learn_from_is_refused(data, tmp_path):
    without = replace(data, y=None, labels=())
    with pytest.raises(TrainingImpossibleError, match="No labels are known"):
        list(pretrain(fresh(), without, replace(QUICK, objectives={"labels": 1.0}), tmp_path / "p.pt"))
    flat = replace(data, x=np.zeros_like(data.x), beats=None, rr=None)
    with pytest.raises(TrainingImpossibleError, match="beats of 0 ECGs"):
        list(pretrain(fresh(), flat, QUICK, tmp_path / "p.pt"))


def test_an_ecg_without_a_beat_counts_nothing_and_does_no_harm(data, tmp_path):
    beats = data.beats.copy()
    beats[::3] = np.nan
    events = list(pretrain(fresh(), replace(data, beats=beats), replace(QUICK, passes=48), tmp_path / "p.pt"))
    assert all(np.isfinite(value) for value in events[-2].losses.values())
