"""Readers: each recognises its format by content and turns a set of files into recordings in mV and Hz."""

from collections.abc import Callable

import numpy as np

from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.extras import is_here, lacking
from backend.ecg.readers.arrays.hdf5 import READER as HDF5
from backend.ecg.readers.arrays.matlab import READER as MATLAB
from backend.ecg.readers.arrays.npy import READER as NPY
from backend.ecg.readers.arrays.parquet import READER as PARQUET
from backend.ecg.readers.arrays.raw import READER as RAW
from backend.ecg.readers.arrays.raw import is_bare
from backend.ecg.readers.dicom.reader import READER as DICOM
from backend.ecg.readers.edf.reader import READER as EDF
from backend.ecg.readers.files import FileSet, Limits, Refusal, SourceFile, expand, group
from backend.ecg.readers.ishne import READER as ISHNE
from backend.ecg.readers.json.fhir import READER as FHIR
from backend.ecg.readers.json.kardia import READER as KARDIA
from backend.ecg.readers.kinds import has_mark, kind_of, label_table, of_labels
from backend.ecg.readers.mfer.reader import READER as MFER
from backend.ecg.readers.nobody import told
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.scp.reader import READER as SCP
from backend.ecg.readers.text.reader import READER as TEXT
from backend.ecg.readers.wfdb.annotated import annotated
from backend.ecg.readers.wfdb.annotations import looks_like_annotations
from backend.ecg.readers.wfdb.reader import READER as WFDB
from backend.ecg.readers.xml.cardiosoft import READER as CARDIOSOFT
from backend.ecg.readers.xml.hl7_aecg import READER as HL7_AECG
from backend.ecg.readers.xml.mortara import READER as MORTARA
from backend.ecg.readers.xml.muse import READER as MUSE
from backend.ecg.readers.xml.schiller import READER as SCHILLER
from backend.ecg.readers.xml.sierra import READER as SIERRA
from backend.ecg.recording import Recording

__all__ = [
    "READERS",
    "FileSet",
    "Limits",
    "ReadOptions",
    "Reader",
    "Refusal",
    "SourceFile",
    "expand",
    "group",
    "read",
    "recognise",
]

# In the order of trying: formats with a magic number first, text last. Bare samples are never recognised.
READERS: tuple[Reader, ...] = (
    DICOM,
    WFDB,
    NPY,
    HDF5,
    PARQUET,
    EDF,
    ISHNE,
    SCP,
    MFER,
    MATLAB,
    HL7_AECG,
    MUSE,
    CARDIOSOFT,
    SIERRA,
    SCHILLER,
    MORTARA,
    FHIR,
    KARDIA,
    TEXT,
    RAW,
)


def recognise(files: FileSet, options: ReadOptions | None = None) -> Reader:
    """Return the reader for the content of a set; with `options.raw`, that of bare samples where no other knows it.

    Raises UnreadableFileError for an empty file, IncompleteSetError for a data file without its header and
    UnsupportedFormatError for any other content, which says what it is and what to do instead.
    """
    if not files.main.data:
        raise UnreadableFileError(f"{files.name} is empty. Export or copy it again.")
    for reader in READERS:
        if reader.recognises(files):
            return reader
    if options is not None and options.raw and is_bare(files.main.data):
        return RAW
    if looks_like_annotations(files.main.data) and not has_mark(files.main.data):
        raise IncompleteSetError(
            f"{files.name} holds annotations of a WFDB record, and no signal: the .hea and .dat of that record are "
            "missing. Upload them together."
        )
    if files.name.lower().endswith((".dat", ".mat")) and is_bare(files.main.data):
        raise IncompleteSetError(
            f"{files.name} holds samples without a header: the .hea is missing. Upload it together with this file; "
            "or, if it holds bare 16-bit samples, declare it as raw, with its rate, unit and leads. If it is a file in "
            "a device's own format (Contec, Heal Force, Lepu …), export the recording with the device's program."
        ).offering({"raw": True})
    if files.name.lower().endswith(".hea"):
        raise UnreadableFileError(f"{files.name} is not a readable WFDB header. Export the record again.")
    columns = label_table(files.main.data)
    raise UnsupportedFormatError(of_labels(files.name, columns) if columns else kind_of(files.main.data, files.name))


def read(
    files: FileSet,
    options: ReadOptions | None = None,
    limits: Limits | None = None,
    run: Callable[[Reader, FileSet, ReadOptions, Limits], list[Recording]] | None = None,
) -> list[Recording]:
    """Read the recordings of a set, by content; usually one, many for a stack of recordings in one file.

    Signals are float32 mV (or without scale where declared so) in canonical lead order. `run` carries out a reader
    elsewhere, such as in another process. Raises an EcgError that names the file and what to do.
    """
    options, limits = options or ReadOptions(), limits or Limits()
    for file in files.files:
        if len(file.data) > limits.file_bytes:
            raise LimitError(f"{file.name} is larger than {limits.file_bytes:,} bytes. Split it.")
    reader = recognise(files, options)
    if reader.library and not is_here(reader.library):
        raise UnsupportedFormatError(lacking(f"{files.name} is not read: files of this kind are", reader.library))
    try:
        # A value too large for float32 becomes infinite, which Recording refuses.
        with np.errstate(over="ignore", invalid="ignore"):
            recordings = run(reader, files, options, limits) if run else reader.read(files, options, limits)
    except EcgError as error:
        if files.name in str(error):
            raise
        raise type(error)(f"{files.name}: {error}").offering(*error.offers) from error
    recordings = told(recordings)
    return [annotated(recording, files) for recording in recordings] if files.left_out else recordings
