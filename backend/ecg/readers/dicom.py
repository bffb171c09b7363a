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

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.readers.dicom_facts import device, patient, start_time
from backend.ecg.readers.dicom_group import Group, group_title, rank, read_group
from backend.ecg.readers.options import Reader, ReadOptions, settle_rate
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Recording

if TYPE_CHECKING:
    from pydicom import Dataset

_TAGS: list[str] = [
    "SpecificCharacterSet", "WaveformSequence", "Modality", "PatientID", "PatientAge", "PatientSex", "PatientBirthDate",
    "AcquisitionDateTime", "ContentDate", "ContentTime", "StudyDate", "StudyTime", "Manufacturer",
    "ManufacturerModelName",
]  # fmt: skip
# What pydicom raises on damaged files. Its tree of errors has no common root.
_DAMAGED = (
    AttributeError, EOFError, KeyError, IndexError, NotImplementedError, OSError, OverflowError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error, MemoryError,
)  # fmt: skip
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def _recognises(files: FileSet) -> bool:
    """The mark of Part 10, or the first element of a file saved without its preamble."""
    data = files.main.data
    if data[128:132] == b"DICM":
        return True
    return data[:2] in (b"\x02\x00", b"\x08\x00") and data[3:4] == b"\0" and data[4:6] in (b"UL", b"OB", b"CS", b"UI")


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    name = files.name
    _check_deflated(files.main.data, name, limits)
    with _reading(name):
        import pydicom

        dataset = pydicom.dcmread(io.BytesIO(files.main.data), force=True, specific_tags=_TAGS)
        items = list(dataset.get("WaveformSequence") or ())
        modality = str(dataset.get("Modality") or "unknown")
        chosen, others, refused = _rhythm(items, dataset, options, limits)
        who, when, what = patient(dataset), start_time(dataset), device(dataset)
    if not items:
        raise UnreadableFileError(
            f"{name} is a DICOM file without a waveform (modality {modality}). Export the ECG as a 12-lead waveform."
        )
    if chosen is None:
        raise refused[0]
    rate, notes = settle_rate(options, chosen.rate)
    return [
        Recording(
            signal=chosen.placed.signal,
            rate=rate,
            name=name,
            format="dicom",
            derived=chosen.placed.derived,
            missing=chosen.placed.missing,
            step=chosen.step,
            start=when,
            patient=who,
            device=DeviceFacts(model=what),
            notes=chosen.notes
            + tuple(f"Left out: {title}." for title in others)
            + tuple(f"Left out: {error}" for error in refused)
            + notes
            + chosen.placed.notes,
        )
    ]


def _rhythm(
    items: "list[Dataset]", dataset: "Dataset", options: ReadOptions, limits: Limits
) -> tuple[Group | None, list[str], list[EcgError]]:
    """Return the group with twelve leads that is the recording, the titles of the rest, and what is wrong with some.

    Original groups come before derived ones (average beats), then longer before shorter ones.
    """
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    little = bool(syntax is None or syntax.is_private or syntax.is_little_endian)
    numbered = sorted(enumerate(items, 1), key=lambda entry: rank(entry[1]), reverse=True)
    refused: list[EcgError] = []
    for place, (number, item) in enumerate(numbered):
        try:
            group = read_group(item, number, little, options, limits)
        except MissingLeadsError as error:
            refused.append(MissingLeadsError(f"waveform group {number}: {error}"))
        except EcgError as error:
            refused.append(error)
        else:
            return group, [group_title(item, number) for number, item in numbered[place + 1 :]], refused
    return None, [], refused


@contextmanager
def _reading(name: str) -> Iterator[None]:
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
            raise _damage(name, error) from error


def _damage(name: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(f"{name} is a damaged DICOM file ({str(error)[:200]}). Export or copy it again.")


def _check_deflated(data: bytes, name: str, limits: Limits) -> None:
    """Expand a deflated data set within the limits first: pydicom would expand it without."""
    if _DEFLATED not in data[132:2048]:
        return
    start = 144 + int.from_bytes(data[140:144], "little")  # the group length of the file meta information
    most = min(limits.file_bytes, max(1 << 20, int(limits.archive_ratio * len(data))))
    try:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        inflater.decompress(data[start:], most)
    except zlib.error as error:
        raise UnreadableFileError(
            f"{name} is a damaged DICOM file ({str(error)[:200]}). Export or copy it again."
        ) from error
    if inflater.unconsumed_tail:
        raise LimitError(f"{name} expands to more than {most:,} bytes. Export it without compression.")


READER = Reader(
    name="dicom",
    title="DICOM 12-lead ECG waveform (.dcm)",
    extensions=(".dcm", ".dicom"),
    declares_units=True,
    recognises=_recognises,
    read=_read,
)
