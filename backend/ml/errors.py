"""Errors of the learning package that a person can cause and mend; they hang under `backend.ecg.errors.UserError`."""

from backend.ecg.errors import UserError


class MlError(UserError):
    """A model, its training or its use is impossible as asked."""


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
