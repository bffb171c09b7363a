"""The settings of several runs as the rows of a table, and in which of them the runs differ: the one rule for that."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from backend.db.tables import Run
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.split import PARTS
from backend.ml.spec import EXTERNAL
from backend.ml.training.config import SETTINGS
from backend.ml.training.setting import Choice

Shown: TypeAlias = bool | int | float | str | list[str | float] | None
Group = Literal["data", "test", "network", "preprocessing", "training"]


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One setting of several runs, in their order.

    `words` say what a value means; None where it speaks for itself: a number, or the name that somebody has given.
    """

    name: str
    title: str
    group: Group
    values: tuple[Shown, ...]
    words: tuple[str | None, ...]
    differs: bool


@dataclass(frozen=True, kw_only=True)
class _Value:
    """A value of one run: `key` is by what it is the same as another, `shown` and `words` how it is written."""

    key: Any
    shown: Shown = None
    words: str | None = None


_Read = Callable[[Run], _Value]


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """A setting as it is called, and how it is read from a run."""

    name: str
    group: Group
    title: str
    read: _Read


NOT_KEPT: Final = _Value(key="\0not kept", words="Not kept by the version that trained it")
METHODS: Final[Mapping[str, Choice]] = {
    "holdout": Choice(title="One test part"),
    "cross_validation": Choice(title="Cross-validation"),
}
KINDS: Final[Mapping[str, Choice]] = {
    "random": Choice(title="By chance, by patient"),
    "column": Choice(title="By a column of the table"),
}
SPELLINGS: Final[Mapping[str, Choice]] = {
    "same": Choice(title="The same patient"),
    "different": Choice(title="Different patients"),
}
SOURCES: Final[Mapping[str, Choice]] = {
    "patient": Choice(title="Patient, by lot"),
    "device": Choice(title="Device"),
    "folder": Choice(title="Folder"),
    "format": Choice(title="File format"),
    "import": Choice(title="Import"),
}


def rows_of(runs: Sequence[Run]) -> list[SettingRow]:
    """Return every setting that any of these runs has, in the order in which one reads them."""
    return [
        row for setting in _settings(runs) if (row := _row(setting, [setting.read(run) for run in runs])) is not None
    ]


def _row(setting: _Setting, values: Sequence[_Value]) -> SettingRow | None:
    keys = [json.dumps(value.key, sort_keys=True) for value in values]
    if all(value.key in (None, NOT_KEPT.key) and value.words in (None, NOT_KEPT.words) for value in values):
        return None
    shown, differs = [value.shown for value in values], len(set(keys)) > 1
    for place, one in enumerate(values):  # two tables of the same name are two
        if differs and any(
            shown[place] == values[other].shown and keys[other] != keys[place] for other in range(place)
        ):
            shown[place] = f"{one.shown} ({str(one.key)[:8]})" if isinstance(one.shown, str) else one.shown
    return SettingRow(
        name=setting.name, title=setting.title, group=setting.group, values=tuple(shown),
        words=tuple(one.words for one in values), differs=differs,
    )  # fmt: skip


def _settings(runs: Sequence[Run]) -> Iterator[_Setting]:
    """Yield all settings in the order in which one reads them; options of networks are those of these runs."""
    yield from _DATA
    yield from _TEST
    yield from _NETWORK
    for option in _keys(run.settings.get("architecture_config") or {} for run in runs):
        yield _Setting(
            name=f"network.{option}", group="network", title=f"Network option “{option}”",
            read=_part("architecture_config", option),
        )  # fmt: skip
    yield from PREPROCESSING
    for name, setting in SETTINGS.items():
        yield _Setting(name=f"training.{name}", group="training", title=setting.title, read=_training(name))


def n_tested(run: Run) -> int | None:
    """Return how many recordings a run tests, as it was asked for: of a cross-validation, all that it learns from."""
    return _counted(run, "train" if is_cross_validated(run) else "test")


def is_cross_validated(run: Run) -> bool:
    """Say whether every recording is tested; runs of earlier versions have one test part."""
    return (run.facts.get("how_tested") or {}).get("method") == "cross_validation"


def _plain(value: Any) -> _Value:
    return _Value(key=value, shown=json.dumps(value) if isinstance(value, dict) else value)


def _named(value: Any, choices: Mapping[str, Choice]) -> _Value:
    known = choices.get(str(value))
    return _Value(key=value, shown=value, words=known.title if known else None)


def _dataset(run: Run) -> _Value:
    name = run.facts.get("dataset")
    return _Value(key=run.dataset_id or name, shown=name)


def _recordings(run: Run) -> _Value:
    return _plain(sum(_counted(run, part) or 0 for part in PARTS) or None)


def _hash(run: Run) -> _Value:
    value = run.facts.get("data_hash")
    return _Value(key=value, shown=value and str(value)[:12])


def _base(run: Run) -> _Value:
    base = run.facts.get("base")
    return _Value(key=base["id"], shown=base["name"]) if base else _Value(key="", words="None: a fresh network")


def _architecture(run: Run) -> _Value:
    if run.architecture == EXTERNAL:
        return _Value(key=EXTERNAL, shown=EXTERNAL, words="Unknown (an imported ONNX graph)")
    known = ARCHITECTURES.get(run.architecture)
    return _Value(key=run.architecture, shown=run.architecture, words=known.title if known else None)


def _window(run: Run) -> _Value:
    if "window_s" not in run.settings:
        return NOT_KEPT
    value = run.settings["window_s"]
    return _Value(key=value, shown=value, words="The whole recording" if value is None else None)


def _tested_by(run: Run) -> _Value:
    return _named("cross_validation" if is_cross_validated(run) else "holdout", METHODS)


def _fact(name: str) -> _Read:
    return lambda run: _plain(run.facts.get(name))


def _how(name: str, choices: Mapping[str, Choice] | None = None) -> _Read:
    """Read what is known of a cross-validation."""

    def read(run: Run) -> _Value:
        value = run.facts["how_tested"].get(name) if is_cross_validated(run) else None
        return _named(value, choices or {})

    return read


def _split(name: str, choices: Mapping[str, Choice] | None = None) -> _Read:
    return lambda run: _named((run.settings.get("split") or {}).get(name), choices or {})


def _count(part: str) -> _Read:
    return lambda run: _plain(_counted(run, part))


def _counted(run: Run, part: str) -> int | None:
    found = (run.facts.get("counts") or {}).get(part)
    return None if found is None else int(found["n"])


def _part(group: str, name: str) -> _Read:
    return lambda run: _plain((run.settings.get(group) or {}).get(name))


def _training(name: str) -> _Read:
    """Read a training setting, such as "augmentation.noise"."""
    setting, steps = SETTINGS[name], name.split(".")

    def read(run: Run) -> _Value:
        value: Any = run.settings.get("training") or {}
        for step in steps:
            if not isinstance(value, Mapping) or step not in value:
                return NOT_KEPT
            value = value[step]
        choice = setting.choices.get(str(value)) if isinstance(value, str) else None
        words = choice.title if choice else (setting.automatic or None) if value is None else None
        return _Value(key=value, shown=value, words=words)

    return read


def _keys(parts: Iterator[Mapping[str, Any]]) -> list[str]:
    """Return the names that any of these has, in the order in which they are met."""
    return list(dict.fromkeys(name for part in parts for name in part))


def _preprocessing(name: str, *, title: str) -> _Setting:
    return _Setting(name=f"preprocessing.{name}", group="preprocessing", title=title, read=_part("preprocessing", name))


def _tested(name: str, *, title: str, read: _Read) -> _Setting:
    return _Setting(name=name, group="test", title=title, read=read)


_DATA: Final = (
    _Setting(name="dataset", group="data", title="Label table", read=_dataset),
    _Setting(name="labels", group="data", title="Labels", read=_fact("labels")),
    _Setting(name="recordings", group="data", title="Recordings", read=_recordings),
    _Setting(name="patients", group="data", title="Patients", read=_fact("n_patients")),
    _Setting(name="data_hash", group="data", title="Fingerprint of signals, labels and division", read=_hash),
)
_TEST: Final = (
    _tested("tested.method", title="Tested by", read=_tested_by),
    _tested("tested.train", title="Recordings learned from", read=_count("train")),
    _tested("tested.validation", title="Recordings validated on", read=_count("validation")),
    _tested("tested.test", title="Recordings tested", read=lambda run: _plain(n_tested(run))),
    _tested("tested.folds_by", title="A fold is made by", read=_how("folds_by", SOURCES)),
    _tested("tested.folds", title="Folds", read=_how("folds")),
    _tested("tested.repeats", title="Repeats", read=_how("repeats")),
    _tested("split.kind", title="Divided", read=_split("kind", KINDS)),
    _tested("split.train", title="Share learned from", read=_split("train")),
    _tested("split.validation", title="Share validated on", read=_split("validation")),
    _tested("split.test", title="Share tested", read=_split("test")),
    _tested("split.test_fold", title="Fold of the table that tests", read=_split("test_fold")),
    _tested("split.validation_fold", title="Fold of the table that validates", read=_split("validation_fold")),
    _tested("split.split_seed", title="Seed of the division", read=_split("split_seed")),
    _tested(
        "split.spellings",
        title="Identifiers that differ only in how they are written",
        read=_split("spellings", SPELLINGS),
    ),
)
_NETWORK: Final = (
    _Setting(name="base", group="network", title="Base model", read=_base),
    _Setting(name="architecture", group="network", title="Architecture", read=_architecture),
    _Setting(name="window_s", group="network", title="Window that the network reads (s)", read=_window),
)
PREPROCESSING: Final = (
    _preprocessing("preset", title="Preprocessing"),
    _preprocessing("rate", title="Sampling rate (Hz)"),
    _preprocessing("window_s", title="Length of the recording (s)"),
    _preprocessing("long", title="Taken of longer recordings"),
    _preprocessing("short", title="Shorter recordings are padded with"),
    _preprocessing("bandpass", title="Band-pass (Hz)"),
    _preprocessing("high_pass", title="High-pass (Hz)"),
    _preprocessing("notch", title="Notch filter (Hz)"),
    _preprocessing("clip", title="Outliers are clipped at (quantile, margin)"),
    _preprocessing("baseline", title="How the baseline is removed"),
    _preprocessing("baseline_ms", title="Window of the baseline (ms)"),
    _preprocessing("standardise", title="Amplitudes are standardised by"),
    _preprocessing("units_per_mv", title="Units per mV"),
    _preprocessing("resampling", title="How it is resampled"),
    _preprocessing("edges", title="Edges when filtering"),
    _preprocessing("align", title="Alignment of beats"),
)
"""Each value of a preprocessing but its version."""
