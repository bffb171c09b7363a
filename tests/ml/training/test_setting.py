"""The table of training settings: what it says of a setting is what is checked."""

from dataclasses import dataclass
from types import NoneType
from typing import Annotated, get_args, get_type_hints

import pytest

from backend.ml.errors import SettingError
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import SETTINGS, TrainingConfig
from backend.ml.training.setting import Setting, settings_of

NUMBERS = [name for name, entry in SETTINGS.items() if entry.low is not None]


def settings_with(name: str, value: object) -> TrainingConfig:
    group, found, own = name.partition(".")
    return TrainingConfig.from_json({group: {own: value} if found else value})


def types_of(name: str) -> list[type]:
    """The types of a setting as its class declares them, by Python's own means; the words of a choice as they are."""
    group, found, own = name.partition(".")
    hint = get_type_hints(Augmentation if found else TrainingConfig)[own or group]
    return list(get_args(hint)) or [hint]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_taken_to_the_ends_of_its_range_and_refused_beyond_with_the_range(name):
    entry = SETTINGS[name]
    for value in (entry.low, entry.high):
        settings_with(name, value)
    for value in (entry.low - 1e-9, entry.high + 1e-6, entry.low - 1, entry.high + 1, "1", True, float("nan")):
        with pytest.raises(SettingError) as refused:
            settings_with(name, value)
        text = str(refused.value)
        assert f"“{name.rpartition('.')[2]}” should be" in text
        assert (f"{entry.low} to {entry.high}" if entry.whole else f"{entry.low:g} to {entry.high:g}") in text


@pytest.mark.parametrize("name", SETTINGS)
def test_what_the_table_says_a_setting_may_be_is_what_its_type_says(name):
    entry, types = SETTINGS[name], types_of(name)
    assert bool(entry.automatic) == (NoneType in types)
    if entry.choices:
        assert list(entry.choices) == types
    elif entry.low is None:
        assert types == [bool]
    else:
        assert types[0] == (int if entry.whole else float)
    if entry.automatic:
        settings_with(name, None)
    else:
        with pytest.raises(SettingError):
            settings_with(name, None)


@pytest.mark.parametrize("name", SETTINGS)
def test_everything_is_said_of_every_setting(name):
    entry = SETTINGS[name]
    assert entry.title
    assert entry.help.endswith(".")
    assert all(choice.title for choice in entry.choices.values())
    for other, values in (*entry.when.items(), *entry.unless.items()):
        for value in values:  # what another setting can never be is no condition
            settings_with(other, value)


def test_a_setting_of_which_nothing_is_said_is_an_error():
    @dataclass(frozen=True, kw_only=True)
    class Longer(TrainingConfig):
        momentum: float = 0.9

    with pytest.raises(TypeError, match="momentum needs a title, help and range"):
        settings_of(Longer)
    with pytest.raises(TypeError, match="momentum"):
        Longer()


def test_a_changed_range_changes_what_is_served_and_what_is_refused():
    @dataclass(frozen=True, kw_only=True)
    class Narrower(TrainingConfig):
        gamma: Annotated[float, Setting("Learning rate decay", "Less of it.", low=0.5, high=0.95)] = 0.9

    assert (settings_of(Narrower)["gamma"].low, settings_of(Narrower)["gamma"].high) == (0.5, 0.95)
    assert Narrower(gamma=0.95).gamma == 0.95
    for gamma in (0.4, 1.0):
        TrainingConfig(gamma=gamma)
        with pytest.raises(SettingError, match=r"“gamma” should be a number from 0.5 to 0.95"):
            Narrower(gamma=gamma)


def test_the_defaults_of_the_table_are_those_of_the_settings():
    given = TrainingConfig().to_dict()
    given |= {f"augmentation.{name}": value for name, value in given.pop("augmentation").items()}
    assert {name: entry.default for name, entry in SETTINGS.items()} == given


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gamma", "when schedule is exponential and more than the head is trained"),
        ("patience", "when monitor is not last_epoch and more than the head is trained"),
        ("loss", "when the task is single_label or multi_label"),
        ("seed", "always"),
    ],
)
def test_when_a_setting_has_an_effect_is_said_in_words(name, text):
    assert SETTINGS[name].effect_text == text


def test_ranges_are_said_in_words():
    assert SETTINGS["batch_size"].range_text == "2 to 4096, or null: automatic"
    assert SETTINGS["learning_rate"].range_text.startswith("1e-07 to 1, or null")
    assert SETTINGS["precision"].range_text == "auto, float32 or bfloat16"
    assert SETTINGS["windows"].range_text == "true or false"
    assert (SETTINGS["windows"].default_text, SETTINGS["threads"].default_text) == ("true", "null")
