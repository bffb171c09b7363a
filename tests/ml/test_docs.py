"""docs/models.md says everything there is to set."""

from pathlib import Path

import pytest

from backend.ml.architectures import ARCHITECTURES
from backend.ml.metadata import to_metadata
from backend.ml.spec import ModelSpec
from backend.ml.tracing import OPSET
from backend.ml.training.config import SETTINGS

TEXT = (Path(__file__).parents[2] / "docs" / "models.md").read_text()


def test_every_architecture_and_each_of_its_settings_is_documented_with_its_default():
    for entry in ARCHITECTURES.values():
        assert f"| `{entry.name}` | {entry.title} |" in TEXT
        assert entry.reference in TEXT
        for name, option in entry.options.items():
            assert f"| `{name}` | {option.default} | {option.low}–{option.high} |" in TEXT


@pytest.mark.parametrize("name", SETTINGS)
def test_every_training_setting_is_documented_as_it_is_checked(name: str):
    entry = SETTINGS[name]
    meaning = f"**{entry.title}.** {entry.help}"
    assert f"| `{name}` | {entry.default_text} | {entry.range_text} | {entry.effect_text} | {meaning} |" in TEXT


def test_no_training_setting_is_documented_that_does_not_exist():
    table = TEXT.partition("| setting | default | range | applies | meaning |\n|---|---|---|---|---|\n")[2].partition(
        "\n\n"
    )[0]
    assert [row.split("`")[1] for row in table.splitlines()] == list(SETTINGS)


def test_the_file_is_documented(small_spec: ModelSpec):
    assert f"opset {OPSET}" in TEXT
    for key in to_metadata(small_spec):
        assert f"`{key}`" in TEXT
