"""Readers: each recognises its format by content and turns a set of files into recordings in mV and Hz."""

import numpy as np

from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers.dicom import READER as DICOM
from backend.ecg.readers.files import FileSet, Limits, Refusal, SourceFile, expand_zip, group
from backend.ecg.readers.npy import READER as NPY
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.text import READER as TEXT
from backend.ecg.readers.wfdb import READER as WFDB
from backend.ecg.recording import Recording

__all__ = [
    "READERS",
    "FileSet",
    "Limits",
    "ReadOptions",
    "Reader",
    "Refusal",
    "SourceFile",
    "expand_zip",
    "group",
    "read",
    "recognise",
]

# In the order of trying: formats with a magic number first, text last.
READERS: tuple[Reader, ...] = (DICOM, WFDB, NPY, TEXT)


def recognise(files: FileSet) -> Reader:
    """Return the reader for the content of a set.

    Raises UnreadableFileError for an empty file, IncompleteSetError for a data file without its header and
    UnsupportedFormatError for any other content.
    """
    if not files.main.data:
        raise UnreadableFileError(f"{files.name} is empty. Export or copy it again.")
    for reader in READERS:
        if reader.recognises(files):
            return reader
    if files.name.lower().endswith((".dat", ".mat")) and not files.main.data.startswith((b"MATLAB", b"\x89HDF")):
        raise IncompleteSetError(
            f"{files.name} holds samples without a header: the .hea is missing. Upload it together with this file."
        )
    if files.name.lower().endswith(".hea"):
        raise UnreadableFileError(f"{files.name} is not a readable WFDB header. Export the record again.")
    raise UnsupportedFormatError(
        f"{files.name} is in no format that can be read. Readable are: {'; '.join(r.title for r in READERS)}."
    )


def read(files: FileSet, options: ReadOptions | None = None, limits: Limits | None = None) -> list[Recording]:
    """Read the recordings of a set, by content; usually one, many for a stack of recordings in one file.

    Signals are float32 mV (or without scale where declared so) in canonical lead order. Raises an EcgError that names
    the file and what to do.
    """
    options, limits = options or ReadOptions(), limits or Limits()
    for file in files.files:
        if len(file.data) > limits.file_bytes:
            raise LimitError(f"{file.name} is larger than {limits.file_bytes:,} bytes. Split it.")
    reader = recognise(files)
    try:
        # A value too large for float32 becomes infinite, which Recording refuses.
        with np.errstate(over="ignore", invalid="ignore"):
            return reader.read(files, options, limits)
    except EcgError as error:
        if files.name in str(error):
            raise
        raise type(error)(f"{files.name}: {error}") from error
