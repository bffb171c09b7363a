"""What is told of a model's answer, and the modules that its objects of DICOM have in common.

Source: DICOM PS3.3 C.7.1.1 (Patient), C.7.2.1 (Study), C.7.3.1 and C.24.1 (Series), C.7.5.1 (Equipment), C.12.1 (SOP
Common); UIDs made of a UUID, PS3.5 B.2.
"""

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from backend.ecg.readers.dicom.identity import Origin
from backend.ecg.recording import Patient
from backend.ecg.writers.dicom import age_string
from backend.ecg.writers.writer import plain_text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

NOTICE: Final = "For research use only. The output of a model, reviewed by no person; not a diagnosis."
ISSUER: Final = "ExChanGeAI pseudonyms"
SCHEME: Final = "99EXCHANGEAI"
"""Designator of codes of our own: those of PS3.3, 8.2 that begin with 99 are private."""
LONGEST_MEANING: Final = 64
_VERSIONS: Final = {"SCPECG": "1.3"}  # whose codes do not say by themselves which version they are of (PS3.16, 8)


@dataclass(frozen=True, slots=True)
class Label:
    """What the model gives one label; `known_as` are codes of vocabularies: (scheme of DICOM, code, meaning)."""

    label: str
    name: str
    probability: float | None = None
    value: float | None = None  # of a regression
    threshold: float | None = None
    predicted: bool = False
    abstains: bool = False
    known_as: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The answer of a model about one recording; `key` is the same whenever the same answer is told."""

    key: str
    recording_id: str
    recorded_at: datetime | None
    told_at: datetime
    patient: Patient  # with the pseudonym
    origin: Origin | None
    model_name: str
    model_sha256: str
    version: str  # of the platform
    labels: tuple[Label, ...]
    notes: tuple[str, ...] = ()
    error: str = ""


def uid(*parts: str) -> str:
    """Return the UID that follows from some words."""
    digest = hashlib.sha256("\n".join(("exchangeai", *parts)).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def said(label: Label) -> str:
    """Return in words what the model decides of a label; it never says that somebody has something."""
    if label.value is not None:
        return "value"
    if label.abstains:
        return "left open by the model"
    return "told by the model" if label.predicted else "not told by the model"


def code(value: str, scheme: str, meaning: str) -> "Dataset":
    """Return a code; one that is longer than 16 characters goes where DICOM has room for it."""
    from pydicom.dataset import Dataset

    item = Dataset()
    if len(value) > 16:
        item.LongCodeValue = value
    else:
        item.CodeValue = value
    if scheme in _VERSIONS:
        item.CodingSchemeVersion = _VERSIONS[scheme]
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, plain_text(meaning)[:LONGEST_MEANING] or value
    return item


def begun(told: Told, kind: str, sop_class: str, modality: str) -> "Dataset":
    """Return an object with what all of them have: patient, study, series, equipment, its own UIDs and time."""
    from pydicom.dataset import Dataset

    one, at = Dataset(), told.told_at.astimezone(UTC)
    one.SpecificCharacterSet = "ISO_IR 192"
    one.SOPClassUID, one.SOPInstanceUID = sop_class, uid(kind, told.key)
    one.InstanceCreationDate, one.InstanceCreationTime = f"{at:%Y%m%d}", f"{at:%H%M%S}"
    one.TimezoneOffsetFromUTC = "+0000"
    patient = told.patient
    one.PatientName, one.PatientBirthDate, one.PatientID = "", "", plain_text(patient.id)
    if patient.id:
        one.IssuerOfPatientID = ISSUER
    one.PatientSex = patient.sex or ""
    if patient.age is not None:
        one.PatientAge = age_string(patient.age)
    one.PatientIdentityRemoved, one.DeidentificationMethod = "YES", "Keyed pseudonym instead of the identifier"
    taken = told.recorded_at
    one.StudyInstanceUID = told.origin.study if told.origin else uid("study", told.recording_id)
    one.StudyDate = "" if taken is None else f"{taken.year:04d}{taken:%m%d}"
    one.StudyTime = "" if taken is None else f"{taken:%H%M%S}"
    one.ReferringPhysicianName = one.StudyID = one.AccessionNumber = ""
    one.Modality, one.SeriesInstanceUID = modality, uid("series", kind, told.key)
    one.SeriesNumber, one.InstanceNumber = 1, 1
    one.SeriesDescription = "Answer of a model (research use)"
    one.Manufacturer, one.ManufacturerModelName = "ExChanGeAI", "ExChanGeAI"
    one.SoftwareVersions = told.version
    one.ContentDate, one.ContentTime = f"{at:%Y%m%d}", f"{at:%H%M%S}"
    schemes = Dataset()
    schemes.CodingSchemeDesignator, schemes.CodingSchemeName = SCHEME, "ExChanGeAI"
    schemes.CodingSchemeResponsibleOrganization = "ExChanGeAI"
    one.CodingSchemeIdentificationSequence = [schemes]
    return one


def reference(origin: Origin) -> "Dataset":
    """Return the item that names the object that an ECG came as."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = origin.sop_class, origin.sop_instance
    return item


def written(one: "Dataset") -> bytes:
    """Return a file of DICOM PS3.10."""
    from pydicom import dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = UID(uid("implementation")), "EXCHANGEAI"
    one.file_meta = meta
    buffer = io.BytesIO()
    dcmwrite(buffer, one, enforce_file_format=True)
    return buffer.getvalue()
