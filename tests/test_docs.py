"""Each setting, format, architecture, preset and command is documented, or a test fails."""

from pathlib import Path

import pytest
from typer.main import get_command

from backend.cli import app
from backend.ecg.preprocess import PRESETS
from backend.ecg.readers import READERS
from backend.ecg.writers import WRITERS
from backend.ml.architectures import ARCHITECTURES
from backend.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def _page(name: str) -> str:
    path = DOCS / name
    assert path.is_file(), f"docs/{name} is missing"
    return path.read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"EXCHANGEAI_{name.upper()}" in _page("settings.md")


def test_the_example_settings_name_only_settings_that_exist() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").split("=")[0] for line in lines if "EXCHANGEAI_" in line.split("=")[0]}
    assert named == {f"EXCHANGEAI_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_format_is_documented(reader) -> None:
    assert f"| `{reader.name}` |" in _page("formats.md")


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_every_format_that_is_written_is_documented(writer) -> None:
    section = _page("formats.md").partition("\n## Writing\n")[2].partition("\n## ")[0]
    assert f"| `{writer.name}` |" in section
    assert f"`{writer.extension}`" in section


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_is_documented_with_its_options(name: str) -> None:
    page = _page("models.md")
    assert ARCHITECTURES[name].title in page
    assert all(f"`{option}`" in page for option in ARCHITECTURES[name].options)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_documented(name: str) -> None:
    assert f"`{name}`" in _page("preprocessing.md")


def test_every_command_and_each_of_its_options_is_documented() -> None:
    page = _page("shell.md")
    group = get_command(app)
    for name in group.list_commands(None):
        assert f"`exchangeai {name}" in page, name
        section = page.partition(f"## `exchangeai {name}")[2].partition("\n## ")[0] or page
        command = group.get_command(None, name)
        for verb, inner in getattr(command, "commands", {}).items():
            part = section.partition(f"### `exchangeai {name} {verb}")[2].partition("\n### ")[0]
            assert part, (name, verb)
            for option in _options(inner, no=True):
                assert f"`{option}`" in part, (name, verb, option)
        for option in _options(command):
            assert f"`{option}" in section, (name, option)


def _options(command, no: bool = False) -> list[str]:
    """The long options of a command, those that switch something off with `no`."""
    return [
        option
        for parameter in command.params
        for option in (*parameter.opts, *(parameter.secondary_opts if no else ()))
        if option.startswith("--")
    ]
