"""DICOM waveforms: the 12-lead rhythm among the multiplex groups of a file, calibrated to mV.

Source: DICOM PS3.3 C.10.9 (Waveform), PS3.16 CID 3001 (ECG leads).
"""

import io
import warnings
import zlib
from typing import TYPE_CHECKING

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.readers.dicom_facts import device, patient, start_time
from backend.ecg.readers.dicom_group import Group, read_group
from backend.ecg.readers.options import Reader, ReadOptions, settle_rate
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Recording

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
    TypeError, ValueError, zlib.error, MemoryError,
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
    dataset = _parse(files.main.data, name)
    try:
        items = list(dataset.get("WaveformSequence") or ())
        modality = str(dataset.get("Modality") or "unknown")
        groups, refused = _groups(items, dataset, options, limits)
        facts = (patient(dataset), start_time(dataset), device(dataset))
    except _damaged() as error:
        raise UnreadableFileError(f"{name} is a damaged DICOM file ({error}). Export or copy it again.") from error
    if not items:
        raise UnreadableFileError(
            f"{name} is a DICOM file without a waveform (modality {modality}). Export the ECG as a 12-lead waveform."
        )
    if not groups:
        raise refused[0]
    chosen = max(groups, key=lambda group: (group.original, group.duration_s))
    rate, notes = settle_rate(options, chosen.rate)
    return [
        Recording(
            signal=chosen.placed.signal,
            rate=rate,
            name=name,
            format="dicom",
            derived=chosen.placed.derived,
            step=chosen.step,
            start=facts[1],
            patient=facts[0],
            device=facts[2],
            notes=chosen.notes
            + tuple(f"Left out: {group.title}." for group in groups if group is not chosen)
            + tuple(f"Left out: {error}" for error in refused)
            + notes
            + chosen.placed.notes,
        )
    ]


def _groups(
    items: "list[Dataset]", dataset: "Dataset", options: ReadOptions, limits: Limits
) -> tuple[list[Group], list[EcgError]]:
    """Read every multiplex group; those without twelve leads or with damage come back as errors."""
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    little = bool(syntax is None or syntax.is_private or syntax.is_little_endian)
    groups: list[Group] = []
    refused: list[EcgError] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for number, item in enumerate(items, 1):
            try:
                groups.append(read_group(item, number, little, options, limits))
            except MissingLeadsError as error:
                refused.append(MissingLeadsError(f"waveform group {number}: {error}"))
            except EcgError as error:
                refused.append(error)
    return groups, refused


def _parse(data: bytes, name: str) -> "Dataset":
    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # doubtful values in elements that are not used
        try:
            return pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=_TAGS)
        except _damaged() as error:
            raise UnreadableFileError(f"{name} is a damaged DICOM file ({error}). Export or copy it again.") from error


def _damaged() -> tuple[type[BaseException], ...]:
    from pydicom.errors import BytesLengthException, InvalidDicomError

    return (*_DAMAGED, BytesLengthException, InvalidDicomError)


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
        raise UnreadableFileError(f"{name} is a damaged DICOM file ({error}). Export or copy it again.") from error
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
