"""The choice of columns: which names the recording, and which hold labels, values, the patient and the parts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from backend.ml.data.label_tables.cells import Cells
from backend.ml.data.label_tables.templates import check_template, columns_of
from backend.ml.errors import LabelTableError

SEPARATORS = ";|"
_TEXTS = ("recording", "labels", "values")
_NAMES = ("patient", "split", "fold", "code", "sex", "age")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which column means what.

    `recording` are templates such as "HR{ecg_id:05d}"; the first whose columns are all filled names the recording.
    `labels` are columns whose cells hold labels, or whose names are labels where the cells say yes or no; `values`
    columns of numbers to be learned. Of a dictionary the codes count whose likelihood is at least `threshold`.
    `superclasses` replaces SCP codes by PTB-XL's five diagnostic superclasses. `separators` are the marks between
    several labels in one cell. None for `patient`, `split`, `fold` and `code` leaves them to the name of a column,
    "" means none; `sex` and `age` (in years) are
    never taken by their name, since tables write them in many ways, and None means none.
    """

    recording: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    patient: str | None = None
    split: str | None = None
    fold: str | None = None
    code: str | None = None
    sex: str | None = None
    age: str | None = None
    threshold: float = 0.0
    superclasses: bool = False
    separators: str = SEPARATORS

    @property
    def part(self) -> str | None:
        """The column that says in which part of a split a recording is, None where there is none."""
        return self.split or self.fold or None

    def to_json(self) -> dict[str, Any]:
        """Return the choice as JSON."""
        return asdict(self) | {name: list(getattr(self, name)) for name in _TEXTS}


def choice_from(data: Mapping[str, Any]) -> Choice:
    """Return a choice out of JSON, what is not said left open. Raises LabelTableError for what is none."""
    unknown = data.keys() - Choice.__dataclass_fields__.keys()
    if unknown:
        raise LabelTableError(
            f"A choice of columns has no {', '.join(map(repr, sorted(unknown)))}; it has "
            f"{', '.join(Choice.__dataclass_fields__)}."
        )
    try:
        values: dict[str, Any] = {}
        for name in data:
            given = data[name]
            if name in _TEXTS:
                values[name] = _texts([given] if isinstance(given, str) else given)
            elif name in _NAMES:
                values[name] = given if given is None else _text(given)
            elif name == "threshold":
                values[name] = _number(given)
            elif name == "superclasses":
                values[name] = _truth(given)
            else:
                values[name] = _text(given)
    except (TypeError, ValueError) as error:
        raise LabelTableError(f"The choice of columns cannot be used: {name} is {error}.") from None
    return Choice(**values)


def check(choice: Choice, cells: Cells) -> Choice:
    """Return a choice that fits a table, plain columns made templates. Raises LabelTableError, saying why not."""
    recording = tuple("{" + text + "}" if text in cells.header else text for text in choice.recording)
    for template in recording:
        check_template(template, cells.header)
    asked = [*choice.labels, *choice.values, *(getattr(choice, name) or "" for name in _NAMES)]
    unknown = [name for name in asked if name and name not in cells.header]
    if unknown:
        raise LabelTableError(
            f"The table has no column {', '.join(map(repr, unknown))}; its columns are {', '.join(cells.header)}."
        )
    if choice.labels and choice.values:
        raise LabelTableError(
            f"The table has both labels ({choice.labels[0]}) and values ({choice.values[0]}). Leave one of them out, "
            "or attach two tables."
        )
    twice = {name for name in choice.labels + choice.values if (choice.labels + choice.values).count(name) > 1}
    if twice:
        raise LabelTableError(f"The column {', '.join(sorted(twice))} is chosen more than once. Choose it once.")
    if choice.split and choice.fold:
        raise LabelTableError("Choose a column of parts (split) or of folds, not both.")
    return replace(choice, recording=recording)


def unused(choice: Choice, cells: Cells) -> list[str]:
    """Return the columns of a table that a choice makes no use of."""
    used = {name for template in choice.recording for name in columns_of(template, cells.header)}
    used |= {*choice.labels, *choice.values, *(getattr(choice, name) for name in _NAMES)}
    return [name for name in cells.header if name not in used]


def _texts(value: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("no list of columns")
    return tuple(_text(one) for one in value if one != "")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
        raise TypeError("no number from 0 on")
    return float(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value
