import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import save

from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.split import split
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import EXTERNAL
from backend.ml.training.config import TrainingConfig, merged
from backend.ml.training.events import EpochDone
from backend.ml.training.recipe import fine_tuning
from backend.ml.training.start import Base
from backend.ml.training.train import train, trained_network
from tests.ml.conftest import waves


@pytest.mark.parametrize("name", [*ARCHITECTURES, EXTERNAL])
@pytest.mark.parametrize("window_s", [None, 2.5])
def test_every_base_has_settings_that_need_no_search_and_see_the_end_of_their_schedule(name, window_s):
    config = TrainingConfig.from_json(fine_tuning(name, window_s))
    assert config.method == "head_then_all"
    assert config.learning_rate is not None
    assert config.patience >= config.max_epochs
    assert config.monitor == "val_loss"
    assert config.augmentation.crop_seconds == window_s
    recipe = ARCHITECTURES[name].recipe if name in ARCHITECTURES else {}
    assert config.learning_rate == recipe.get("learning_rate", config.learning_rate)
    assert TrainingConfig.from_json(merged(fine_tuning(name, window_s), {"learning_rate": None})).learning_rate is None


def test_the_settings_are_known_without_torch():
    lines = ("import sys", "from backend.ml.training.recipe import fine_tuning", "fine_tuning('s4', 2.5)")
    subprocess.run([sys.executable, "-c", "\n".join([*lines, "assert 'torch' not in sys.modules"])], check=True)


def faint_waves(n, seed):
    x, y = waves(n, 3, "single_label", seed=seed)
    x += 4 * np.random.default_rng(seed + 50).standard_normal(x.shape).astype(np.float32)
    return TrainingData(x, y, split(y, [None] * n, seed=1))


def test_all_layers_become_better_than_the_fitted_head_which_a_high_rate_at_once_would_undo(small_spec, tmp_path):
    """With the general defaults (the rate searched for, exponential) no later epoch was as good as the head."""
    base_spec = replace(small_spec, window_s=1.0)
    learnt = TrainingConfig.from_json(
        merged(
            ARCHITECTURES[small_spec.architecture].recipe,
            {"max_epochs": 6, "batch_size": 16, "threads": 1, "augmentation": {"crop_seconds": 1.0}},
        )
    )
    list(train(faint_waves(150, 1), base_spec, learnt, tmp_path / "base.pt"))
    weights = save(trained_network(base_spec, learnt, tmp_path / "base.pt").state_dict())
    base = Base(name="base", spec=base_spec, onnx=b"", weights=weights)

    spec = replace(base_spec, labels=("D", "E", "F"), label_names=())
    suited = fine_tuning(spec.architecture, spec.window_s)
    config = TrainingConfig.from_json(merged(suited, {"threads": 1, "batch_size": 8, "max_epochs": 8}))
    events = train(faint_waves(90, 2), spec, config, tmp_path / "run.pt", base=base)
    losses = np.array([event.val_loss for event in events if isinstance(event, EpochDone)])
    assert losses[0] < 0.4  # of the head alone; knowing nothing has 1.1
    assert losses[1:].max() < 1
    assert losses.min() < losses[0] / 2
