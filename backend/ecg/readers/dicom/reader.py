"""DICOM waveforms: the 12-lead rhythm among the multiplex groups of a file, calibrated to mV.

Source: DICOM PS3.3 C.10.9 (Waveform), PS3.16 CID 3001 (ECG leads).
"""

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.archives.entry import expandable
from backend.ecg.readers.dicom.annotations import read_annotations
from backend.ecg.readers.dicom.facts import device, patient, start_time
from backend.ecg.readers.dicom.rhythm import find_rhythm
from backend.ecg.readers.options import Reader, ReadOptions, settle_rate
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Recording

if TYPE_CHECKING:
    from pydicom import Dataset

_TAGS: list[str] = [
    "SpecificCharacterSet", "WaveformSequence", "WaveformAnnotationSequence", "Modality", "PatientID", "PatientAge",
    "PatientSex", "PatientBirthDate", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate",
    "ContentTime", "SeriesDate", "SeriesTime", "StudyDate", "StudyTime",
    "Manufacturer", "ManufacturerModelName", "MIMETypeOfEncapsulatedDocument",
]  # fmt: skip
# What pydicom raises on damaged files. Its tree of errors has no common root.
_DAMAGED = (
    AttributeError, EOFError, KeyError, IndexError, NotImplementedError, OSError, OverflowError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error, MemoryError,
)  # fmt: skip


def _recognises(files: FileSet) -> bool:
    """The mark of Part 10, or the first element of a file saved without its preamble."""
    data = files.main.data
    if data[128:132] == b"DICM":
        return True
    return data[:2] in (b"\x02\x00", b"\x08\x00") and data[3:4] == b"\0" and data[4:6] in (b"UL", b"OB", b"CS", b"UI")


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    name = files.name
    with reading(name):
        dataset = elements(files.main.data, name, limits, _TAGS)
        items = list(dataset.get("WaveformSequence") or ())
        encapsulated = "pdf" in str(dataset.get("MIMETypeOfEncapsulatedDocument") or "").lower()
        modality = str(dataset.get("Modality") or "unknown")[:16]
        rhythm = find_rhythm(items, _little_endian(dataset), options, limits) if items else None
        who, when, what = patient(dataset), start_time(dataset), device(dataset)
        measured, statements, text_notes = read_annotations(dataset)
    if rhythm is None:
        raise UnreadableFileError(
            f"{name} is a DICOM file {'of a PDF, a printout,' if encapsulated else ''} without a waveform "
            f"(modality {modality}). Export the ECG as a 12-lead waveform (General or 12-lead ECG Waveform Storage)."
        )
    rate, rate_notes = settle_rate(options, rhythm.group.rate)
    high_pass, low_pass, notch = rhythm.group.filters
    return [
        Recording(
            signal=rhythm.placed.signal,
            rate=rate,
            name=name,
            format="dicom",
            unit="arbitrary" if rhythm.group.arbitrary else "mV",
            derived=rhythm.placed.derived,
            missing=rhythm.placed.missing,
            step=rhythm.step,
            start=when,
            patient=who,
            device=DeviceFacts(what, high_pass, low_pass, notch, measured, statements),
            declared=("unit",) if rhythm.group.unit_declared else (),
            notes=rhythm.notes + text_notes + rate_notes + rhythm.placed.notes,
        )
    ]


def _little_endian(dataset: "Dataset") -> bool:
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    return bool(syntax is None or syntax.is_private or syntax.is_little_endian)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what pydicom raises on damaged files into an UnreadableFileError, and keep it quiet.

    Its warnings and log lines on doubtful values are left out: they quote values, which may be those of patients.
    """
    from pydicom import config
    from pydicom.errors import BytesLengthException, InvalidDicomError

    config.settings.reading_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            yield
        except (*_DAMAGED, BytesLengthException, InvalidDicomError) as error:
            # What is wrong in detail is left out: it may quote values of the file.
            raise UnreadableFileError(f"{name} is a damaged DICOM file. Export or copy it again.") from error


def elements(data: bytes, name: str, limits: Limits, wanted: list[str]) -> "Dataset":
    """Return the wanted elements of a file, by their keywords.

    A deflated data set is expanded here, once and within the limits: pydicom would expand it without any. Where it
    begins is what pydicom makes of the file meta information, not what a header claims.
    """
    import pydicom
    from pydicom.filereader import _read_file_meta_info, read_dataset, read_preamble
    from pydicom.tag import BaseTag, Tag

    file = io.BytesIO(data)
    read_preamble(file, force=True)
    if _read_file_meta_info(file).get("TransferSyntaxUID") != pydicom.uid.DeflatedExplicitVRLittleEndian:
        return pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=wanted)
    most = min(limits.file_bytes, expandable(len(data), limits))
    expanded = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(), most + 1)
    if len(expanded) > most:
        raise LimitError(f"{name} expands to more than {most:,} bytes. Export it without compression.")
    tags: list[BaseTag | int] = [Tag(tag) for tag in wanted]
    return read_dataset(io.BytesIO(expanded), is_implicit_VR=False, is_little_endian=True, specific_tags=tags)


READER = Reader(
    name="dicom",
    title="DICOM ECG waveform (.dcm)",
    extensions=(".dcm", ".dicom"),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="DICOM PS3.3 C.10.9 and C.10.10, PS3.16 CID 3001 and 3227 to 3229",
    third_party=True,
)
