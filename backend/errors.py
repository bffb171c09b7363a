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
│   ├── LabelTableError         a table of labels that cannot be read
│   │   └── LabelChoiceError    which of its columns are the labels must be chosen
│   ├── TrainingImpossibleError one class only, a class with one record …
│   ├── SplitError              the parts cannot be formed
│   ├── SettingError            a training or architecture setting that is unknown or out of range
│   ├── ModelInvalidError       a broken or hostile model file
│   ├── CheckpointError         a checkpoint that is damaged or of another run
│   ├── ContributionError       what a site sends to federated training is not of this round, or hostile
│   ├── ExportError             the exported network answers differently
│   └── UnprovenError           a converted network answers differently
├── ExchangeError               backend.exchange.errors
│   ├── AddressError            an address, path or name that cannot be one of an exchange
│   ├── UnreachableError        the server does not answer, or breaks off
│   ├── AccessRefusedError      user, password or rights
│   ├── CertificateError        the server cannot show that it is the one asked for
│   ├── AbsentError             it is not on the exchange
│   ├── TakenError              somebody else was first
│   ├── LockedError             somebody else is writing there
│   ├── NoRoomError             the exchange is full
│   ├── ServerAnswerError       no WebDAV, a contradiction, or an answer larger than the limits
│   ├── ListingError            a listing, an index or a signature that cannot be read
│   ├── WithdrawnError          its publisher has withdrawn it
│   ├── NotPublishableError     it holds more than aggregates, or does not say what it must
│   └── QuarantinedError        what was fetched is not what it should be
└── PlatformError
    ├── NotFoundError           no such project, recording, run …
    │   └── DamagedError        the stored bytes no longer fit their hash
    ├── ConflictError           the state does not allow it
    ├── InvalidInputError       a value that cannot be used
    ├── NotSignedInError        nobody has signed in, or not with the right password
    │   └── SingleSignOnError   signing in at the OpenID provider has not come to its end
    ├── ForbiddenError          somebody has signed in who may not do it
    ├── TooOftenError           a password was tried too often
    ├── UnavailableError        a part of the platform does not answer
    │   ├── BusyError           more is asked than is answered in a reasonable time
    │   └── StoreUnavailableError  the store of files does not answer, or refuses us
    ├── DiskFullError           there is no room for what was sent
    └── JobFailedError          backend.cli.follow: the job that the shell waited for has failed
"""

from typing import Literal

from backend.ecg.errors import UserError

__all__ = [
    "BusyError",
    "ConflictError",
    "DamagedError",
    "DiskFullError",
    "ForbiddenError",
    "InvalidInputError",
    "NotFoundError",
    "NotSignedInError",
    "PlatformError",
    "SingleSignOnError",
    "StoreUnavailableError",
    "TooOftenError",
    "UnavailableError",
    "UserError",
]


class PlatformError(UserError):
    """An error of the platform around the ECGs and models."""


class NotFoundError(PlatformError):
    """The thing asked for does not exist in this project."""


class DamagedError(NotFoundError):
    """What was stored is no longer what is there."""


class ConflictError(PlatformError):
    """The thing exists, but its state does not allow what was asked."""


class InvalidInputError(PlatformError):
    """A value was understood but cannot be used."""


class NotSignedInError(PlatformError):
    """It takes somebody who has signed in, or a valid API key."""


SignInProblem = Literal["cancelled", "failed", "refused", "taken", "unavailable"]
"""What the page is told of a sign-in at the provider that did not succeed: no more than whoever tried may know."""


class SingleSignOnError(NotSignedInError):
    """Signing in at the OpenID provider has not come to its end: the text is for the log, `problem` for the page."""

    def __init__(self, text: str, problem: SignInProblem = "failed") -> None:
        super().__init__(text)
        self.problem = problem


class ForbiddenError(PlatformError):
    """Somebody is known who may not do this."""


class TooOftenError(PlatformError):
    """A password was tried so often that one has to wait, `retry_after_s` seconds from now."""

    def __init__(self, text: str, retry_after_s: int = 1) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class UnavailableError(PlatformError):
    """A part of the platform, such as the database or a worker, does not answer."""


class BusyError(UnavailableError):
    """So much is asked at once that this was not begun; the same succeeds a little later."""


class StoreUnavailableError(UnavailableError):
    """The store of files, on another machine, does not answer or refuses the platform's key."""


class DiskFullError(PlatformError):
    """The disk has no room for what was to be stored; nothing of it was kept."""
