"""docs/models.md says everything there is to set."""

from dataclasses import fields
from pathlib import Path

from backend.ml.architectures import ARCHITECTURES
from backend.ml.config import Augmentation, TrainingConfig
from backend.ml.export import OPSET
from backend.ml.spec import ModelSpec, to_metadata

TEXT = (Path(__file__).parents[2] / "docs" / "models.md").read_text()


def test_every_architecture_and_each_of_its_settings_is_documented_with_its_default():
    for entry in ARCHITECTURES.values():
        assert f"| `{entry.name}` | {entry.title} |" in TEXT
        assert entry.reference in TEXT
        for name, option in entry.options.items():
            assert f"| `{name}` | {option.default} | {option.low}–{option.high} |" in TEXT


def test_every_training_setting_is_documented():
    for item in fields(TrainingConfig):
        assert f"| `{item.name}` |" in TEXT
    for item in fields(Augmentation):
        assert f"`{item.name}`" in TEXT


def test_the_file_is_documented(small_spec: ModelSpec):
    assert f"opset {OPSET}" in TEXT
    for key in to_metadata(small_spec):
        assert f"`{key}`" in TEXT
