"""What is known of a training setting: title, help, range or choices, and when it has an effect.

It annotates the field of the dataclass and is the only place for it: settings are checked by it, the API serves it,
the page draws its form from it, and the shell and docs/models.md list it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field, fields, is_dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias, cast, get_type_hints

from backend.ml.errors import SettingError
from backend.ml.spec import Task
from backend.ml.strict_json import Fields

Value: TypeAlias = bool | int | float | str | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the values that a setting may have."""

    title: str
    help: str = ""
    tasks: tuple[Task, ...] = ()  # for which it is meant; none for all
    needs_epochs: bool = False  # as of `Setting`


@dataclass(frozen=True)
class Setting:
    """One setting: a switch, one of `choices`, or a number from `low` to `high`, whole where both are.

    It has an effect where the task is one of `tasks` (none for all), every setting of `when` has one of the values
    given there, none of `unless` has, and, with `needs_epochs`, not the head alone is fitted.
    """

    title: str
    help: str
    _: KW_ONLY
    default: Value = None  # that of the field: `settings_of` fills it in
    choices: Mapping[str, Choice] = field(default_factory=dict)
    low: int | float | None = None
    high: int | float | None = None
    step: int | float = 1  # a change worth trying, for forms
    automatic: str = ""  # what None does; empty where a value has to be given
    tasks: tuple[Task, ...] = ()
    needs_epochs: bool = True
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Say whether it is a whole number."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def check(self, read: Fields, name: str) -> None:
        """Check the value `name` among those being read; raises the error of `read`, saying what it should be."""
        if self.automatic and read.value(name) is None:
            return
        if self.choices:
            read.choice(name, tuple(self.choices))
        elif self.low is None or self.high is None:
            read.boolean(name)
        elif isinstance(self.low, int) and isinstance(self.high, int):
            read.integer(name, self.low, self.high)
        else:
            read.number(name, self.low, self.high)

    @property
    def default_text(self) -> str:
        """Return the default as people write it, None as "null"."""
        return _text(self.default)

    @property
    def range_text(self) -> str:
        """Return what it may be: "0.1 to 1", "2 to 4096, or null: automatic", "auto or float32", "true or false"."""
        if self.choices:
            return _joined(self.choices, "or")
        if self.low is None or self.high is None:
            return "true or false"
        return f"{_text(self.low)} to {_text(self.high)}{f', or null: {self.automatic}' if self.automatic else ''}"

    @property
    def effect_text(self) -> str:
        """Return when it has an effect: "always", or "when schedule is exponential and …"."""
        conditions = [f"{name} is {_joined(map(_text, values), 'or')}" for name, values in self.when.items()]
        conditions += [f"{name} is not {_joined(map(_text, values), 'or')}" for name, values in self.unless.items()]
        if self.tasks:
            conditions.append(f"the task is {_joined(self.tasks, 'or')}")
        if self.needs_epochs:
            conditions.append("more than the head is trained")
        return f"when {_joined(conditions, 'and')}" if conditions else "always"


@cache
def settings_of(kind: Any) -> Mapping[str, Setting]:
    """Return every setting of a dataclass by its name, "group.name" where a field is a dataclass of settings itself.

    Raises TypeError for a field about which nothing is said.
    """
    hints = get_type_hints(kind, include_extras=True)
    result: dict[str, Setting] = {}
    for item in fields(kind):
        hint = hints[item.name]
        said = [entry for entry in getattr(hint, "__metadata__", ()) if isinstance(entry, Setting)]
        if is_dataclass(hint):
            result |= {f"{item.name}.{name}": entry for name, entry in settings_of(cast(Any, hint)).items()}
        elif said:
            result[item.name] = replace(said[0], default=cast(Value, item.default))
        else:
            raise TypeError(f"{kind.__name__}.{item.name} needs a title, help and range: Annotated[…, Setting(…)].")
    return MappingProxyType(result)


def check(config: Any, what: str) -> None:
    """Raise SettingError, naming the setting, where a value of a dataclass is not what its Setting allows.

    Groups have checked themselves.
    """
    read = Fields(asdict(config), what, SettingError)
    for name, entry in settings_of(cast(Any, type(config))).items():
        if "." not in name:
            entry.check(read, name)


def _text(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _joined(words: Iterable[str], last_by: str) -> str:
    *most, last = words
    return f"{', '.join(most)} {last_by} {last}" if most else last
