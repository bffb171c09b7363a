"""Errors of the learning package that a person can cause and mend; they hang under `backend.ecg.errors.UserError`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from backend.ecg.errors import UserError


class MlError(UserError):
    """A model, its training or its use is impossible as asked."""


class LabelTableError(MlError):
    """A table of labels cannot be read, or not as it was chosen."""


class LabelChoiceError(LabelTableError):
    """It is not clear which columns of a table are the labels: somebody has to choose.

    `question` says what is open, `columns` are those of the table, `suggestions` the likely choices, each in words and
    as JSON.
    """

    def __init__(
        self, question: str, columns: Sequence[str] = (), suggestions: Sequence[tuple[str, Mapping[str, Any]]] = ()
    ) -> None:
        self.question = question
        self.columns = tuple(columns)
        self.suggestions = tuple(suggestions)
        likely = "".join(
            f" ({number}) {title}: {json.dumps(choice, ensure_ascii=False)}"
            for number, (title, choice) in enumerate(suggestions, start=1)
        )
        there = f" Its columns are {', '.join(columns)}." if columns else ""
        ask = f" Send the choice with the table; likely ones are{likely}." if likely else ""
        super().__init__(f"{question}{there}{ask}")


class TrainingImpossibleError(MlError):
    """The data cannot train a model: one class only, a class with too few records, an empty part."""


class SplitError(MlError):
    """The records cannot be divided into training, validation and test parts as asked."""


class SettingError(MlError):
    """A training setting, or a setting of an architecture, is out of its range or unknown."""


class ModelInvalidError(MlError):
    """The bytes are no usable model: broken or hostile ONNX, or a description that does not fit it."""


class CheckpointError(MlError):
    """A training checkpoint cannot be read or belongs to another run."""


class ExportError(MlError):
    """The exported network does not answer as the trained one does."""


class ContributionError(MlError):
    """What a site contributes to federated training is not of this round, hostile, or not as was agreed."""
