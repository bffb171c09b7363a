"""Writers: each turns a recording into the files of one format, for other programs to read."""

from backend.ecg.errors import EcgError, UnwritableError
from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.csv import WRITER as CSV
from backend.ecg.writers.dicom import WRITER as DICOM
from backend.ecg.writers.edf import WRITER as EDF
from backend.ecg.writers.fhir import WRITER as FHIR
from backend.ecg.writers.npy import WRITER as NPY
from backend.ecg.writers.wfdb import WRITER as WFDB
from backend.ecg.writers.writer import Writer, stem_of, whole_steps

__all__ = ["WRITERS", "Writer", "find", "rounded", "stem_of", "write"]

WRITERS: tuple[Writer, ...] = (WFDB, DICOM, EDF, FHIR, CSV, NPY)


def find(name: str) -> Writer:
    """Return the writer of a format. Raises UnwritableError for an unknown one."""
    for writer in WRITERS:
        if writer.name == name:
            return writer
    known = ", ".join(writer.name for writer in WRITERS)
    raise UnwritableError(f"There is no format '{name[:40]}' that can be written. Choose one of {known}.")


def rounded(recording: Recording, format: str) -> bool:  # noqa: A002
    """Whether a format cannot hold the samples of a recording as they are, so that `write` rounds them to 16 bits."""
    return find(format).rounds and whole_steps(recording) is None


def write(recording: Recording, format: str, stem: str) -> tuple[SourceFile, ...]:  # noqa: A002
    """Return the files of a recording in a format; `stem` is their name without the ending, folder and all.

    Whole-number recordings (`Recording.step`) are written exactly. The identifier of the patient is written as it is:
    replace it first where it is no pseudonym. The same recording always gives the same bytes.
    Raises UnwritableError for what the format cannot hold.
    """
    try:
        return find(format).write(recording, stem)
    except EcgError as error:
        if recording.name in str(error) or not recording.name:
            raise
        raise type(error)(f"{recording.name}: {error}") from error
