"""Which DICOM object some bytes are: its class and its instance, which senders call it by."""

import re
from dataclasses import dataclass
from io import BytesIO

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.dicom.reader import elements, reading
from backend.ecg.readers.sources import Limits

ECG_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.9.1.1": "12-lead ECG Waveform Storage",
    "1.2.840.10008.5.1.4.1.1.9.1.2": "General ECG Waveform Storage",
    "1.2.840.10008.5.1.4.1.1.9.1.3": "Ambulatory ECG Waveform Storage",
    "1.2.840.10008.5.1.4.1.1.9.1.4": "General 32-bit ECG Waveform Storage",
}
"""Classes of objects that hold ECGs, by UID (DICOM PS3.4, B.5)."""


_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True, slots=True)
class Origin:
    """The object that an ECG came as: UIDs of its study and series, its class and its own."""

    study: str
    series: str
    sop_class: str
    sop_instance: str


@dataclass(frozen=True, slots=True)
class Identity:
    """UIDs of an object."""

    sop_class: str
    sop_instance: str


def identity(data: bytes) -> Identity:
    """Return the UIDs of a file of DICOM PS3.10. Raises UnreadableFileError where it is none, or has none.

    They are those of the file meta information: the data set behind it may be deflated, and expand without end.
    """
    from pydicom.filereader import _read_file_meta_info, read_preamble

    file = BytesIO(data)
    with reading("The object"):
        read_preamble(file, force=False)
        found = _read_file_meta_info(file)
        both = str(found.get("MediaStorageSOPClassUID", "")), str(found.get("MediaStorageSOPInstanceUID", ""))
    if not all(both):
        raise UnreadableFileError("The DICOM object has no SOP Class UID or no SOP Instance UID.")
    return Identity(*both)


def origin(data: bytes, limits: Limits) -> Origin | None:
    """Return the UIDs of a file and of its series and study, None where one of them is not stated."""
    names = ["StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID"]
    with reading("The object"):
        found = elements(data, "The object", limits, names)
        stated = [str(found.get(name) or "").strip() for name in names]
    if not all(_UID.fullmatch(one) and len(one) <= 64 for one in stated):
        return None
    return Origin(*stated)
