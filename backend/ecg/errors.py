"""Errors of the pure core that a person can cause and mend. The whole tree is drawn in `backend.errors`."""

from collections.abc import Mapping
from typing import Self


class UserError(Exception):
    """Something a person can mend; the text names the thing (file, lead, label) and says what to do."""


class EcgError(UserError):
    """An ECG, or a file that should hold one, cannot be used as it is.

    `offers` are the declarations with which the same file could be read, the likeliest first: values of `ReadOptions`
    by their names, such as {"rate": 500.0} or {"partial": True}.
    """

    offers: tuple[Mapping[str, float | str | bool], ...] = ()

    def offering(self, *offers: Mapping[str, float | str | bool]) -> Self:
        """Return the error with the declarations that would help."""
        self.offers = offers
        return self


class UnsupportedFormatError(EcgError):
    """No reader recognises the content of the file."""


class UnreadableFileError(EcgError):
    """The format is known, but the file is corrupt, truncated, empty or contradicts itself."""


class IncompleteSetError(EcgError):
    """A file of a set is missing, such as the `.dat` beside a `.hea`."""


class MissingLeadsError(EcgError):
    """The twelve leads are not there and cannot be derived."""


class UndeclaredError(EcgError):
    """The format states no sampling rate or unit and the uploader has not declared one."""


class LimitError(EcgError):
    """A file, an archive or a recording is larger than the limits allow."""


class UnwritableError(EcgError):
    """A recording cannot be put into the format asked for."""


class PreprocessingError(EcgError):
    """A preprocessing setting is impossible, or a recording cannot be put through it."""
