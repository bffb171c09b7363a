import pytest

from backend.ml.architectures import ARCHITECTURES, architecture
from backend.ml.errors import SettingError
from backend.ml.training.augmentation import Augmentation
from backend.ml.training.config import TrainingConfig


def test_json_gives_the_same_settings_back():
    config = TrainingConfig(seed=9, batch_size=32, monitor="macro_f1", augmentation=Augmentation(crop_seconds=None))
    assert TrainingConfig.from_json(config.to_json()) == config
    assert TrainingConfig.from_json(config.to_dict()) == config


def test_missing_settings_get_the_recommended_value():
    assert TrainingConfig.from_json({}) == TrainingConfig()
    config = TrainingConfig.from_json('{"augmentation": {"noise": 0}}')
    assert config.augmentation == Augmentation(noise=0)


@pytest.mark.parametrize(
    "data",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"max_epochs": 0},
        {"max_epochs": True},
        {"batch_size": 1},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"gamma": 1.5},
        {"weight_decay": "0.1"},
        {"patience": 0},
        {"monitor": "luck"},
        {"class_weights": 1},
        {"threads": 0},
        {"augmentation": {"crop_seconds": 0}},
        {"augmentation": {"lead_dropout": 1}},
        {"augmentation": {"noise": -1}},
        {"augmentation": {"flip": 1}},
        {"augmentation": 3},
        {"epochs": 5},
    ],
    ids=str,
)
def test_an_impossible_setting_is_refused_by_name(data):
    name = next(iter(data["augmentation"] if isinstance(data.get("augmentation"), dict) else data))
    with pytest.raises(SettingError, match=name):
        TrainingConfig.from_json(data)


def test_an_unknown_architecture_is_refused_listing_the_known_ones():
    with pytest.raises(SettingError, match="inception_time"):
        architecture("perceptron")


@pytest.mark.parametrize("entry", ARCHITECTURES.values(), ids=lambda entry: entry.name)
def test_each_architecture_refuses_unknown_and_impossible_settings(entry):
    with pytest.raises(SettingError, match="no setting colour"):
        entry.complete({"colour": 1})
    for name, option in entry.options.items():
        for value in (option.low - 1, option.high + 1, True, "1", None, 1.0):
            with pytest.raises(SettingError, match=name):
                entry.complete({name: value})
    assert entry.complete({}) == entry.defaults
