"""Every error a person can cause, in one tree.

UserError                       backend.ecg.errors: the text says what to do
├── EcgError
│   ├── UnsupportedFormatError  no reader recognises the content
│   ├── UnreadableFileError     corrupt, truncated, empty, contradictory
│   ├── IncompleteSetError      the .dat of a .hea is missing
│   ├── MissingLeadsError       not twelve leads, and not derivable
│   ├── UndeclaredError         rate or unit stated by nobody
│   ├── LimitError              larger than the limits allow
│   ├── UnwritableError         the format asked for cannot hold the recording
│   └── PreprocessingError      an impossible setting, or a recording that cannot be put through it
├── MlError                     backend.ml.errors
│   ├── TrainingImpossibleError one class only, a class with one record …
│   ├── SplitError              the parts cannot be formed
│   ├── SettingError            a training or architecture setting that is unknown or out of range
│   ├── ModelInvalidError       a broken or hostile model file
│   ├── CheckpointError         a checkpoint that is damaged or of another run
│   ├── ExportError             the exported network answers differently
│   └── UnprovenError           a converted network answers differently
└── PlatformError
    ├── NotFoundError           no such project, recording, run …
    ├── ConflictError           the state does not allow it
    ├── InvalidInputError       a value that cannot be used
    │   └── LabelTableError     a label table that cannot be read
    ├── UnavailableError        a part of the platform does not answer
    └── JobFailedError          backend.cli.follow: the job that the shell waited for has failed
"""

from backend.ecg.errors import UserError

__all__ = [
    "ConflictError",
    "InvalidInputError",
    "LabelTableError",
    "NotFoundError",
    "PlatformError",
    "UnavailableError",
    "UserError",
]


class PlatformError(UserError):
    """An error of the platform around the ECGs and models."""


class NotFoundError(PlatformError):
    """The thing asked for does not exist in this project."""


class ConflictError(PlatformError):
    """The thing exists, but its state does not allow what was asked."""


class InvalidInputError(PlatformError):
    """A value was understood but cannot be used."""


class LabelTableError(InvalidInputError):
    """A table of labels cannot be read."""


class UnavailableError(PlatformError):
    """A part of the platform, such as the database or a worker, does not answer."""
