"""DICOM ECG waveforms: one multiplex group with the leads that are there.

Source: DICOM PS3.3 A.34.3 to A.34.5 (the ECG IODs), C.10.8 to C.10.9 (Waveform), PS3.16 CID 3001 (ECG leads).
"""

import hashlib
import io
import uuid
from typing import TYPE_CHECKING

import numpy as np

from backend.ecg.errors import UnwritableError
from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.writer import Steps, Writer, in_steps, need_millivolts, plain_text

if TYPE_CHECKING:
    from pydicom import Dataset

TWELVE_LEAD, GENERAL, AMBULATORY, GENERAL_32_BIT = (f"1.2.840.10008.5.1.4.1.1.9.1.{n}" for n in (1, 2, 3, 4))
UNKNOWN_TIME = "19000101000000"  # the standard demands a time of acquisition
_LONGEST_TWELVE_LEAD = 16384
_LEAD_NUMBERS = {
    "I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64,
}  # fmt: skip


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    need_millivolts(recording, "DICOM")
    from pydicom import dcmwrite
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    steps = in_steps(recording)
    if recording.n_samples * steps.samples.itemsize * len(steps.leads) >= 1 << 32:
        raise UnwritableError("DICOM holds 4 GiB at most. Write it as wfdb, or cut it.")
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = storage_class(recording.rate, recording.n_samples, steps.samples.dtype.itemsize * 8)
    dataset.SOPInstanceUID = _uid("instance", recording)
    _describe(dataset, recording)
    dataset.WaveformSequence = [_group(recording, steps)]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(_uid("implementation"))
    meta.ImplementationVersionName = "EXCHANGEAI"
    dataset.file_meta = meta
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return (SourceFile(f"{stem}.dcm", buffer.getvalue()),)


def storage_class(rate: float, n_samples: int, bits: int) -> str:
    """Return the UID of the narrowest ECG storage class that allows a rate in Hz, a length and a sample size."""
    if bits > 16 or not 50 <= rate <= 1000:
        return GENERAL_32_BIT
    if rate < 200:
        return AMBULATORY
    return TWELVE_LEAD if n_samples <= _LONGEST_TWELVE_LEAD else GENERAL


def _describe(dataset: "Dataset", recording: Recording) -> None:
    """Fill the modules Patient, General Study, General Series, General Equipment and Waveform Identification."""
    patient, start = recording.patient, recording.start
    when = UNKNOWN_TIME if start is None else f"{start.year:04d}{start:%m%d%H%M%S}"
    fraction = f".{start.microsecond:06d}" if start is not None and start.microsecond else ""
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "", plain_text(patient.id), ""
    dataset.PatientSex = patient.sex or ""
    if patient.age is not None:
        dataset.PatientAge = age_string(patient.age)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = _uid("study", recording), _uid("series", recording)
    dataset.StudyDate = "" if start is None else when[:8]
    dataset.StudyTime = "" if start is None else when[8:] + fraction
    dataset.ReferringPhysicianName = dataset.StudyID = dataset.AccessionNumber = ""
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "ECG", 1, 1
    dataset.Manufacturer, dataset.ManufacturerModelName = "", plain_text(recording.device.model)
    dataset.ContentDate, dataset.ContentTime = when[:8], when[8:] + fraction
    dataset.AcquisitionDateTime = when + fraction
    dataset.AcquisitionContextSequence = []


def age_string(years: float) -> str:
    """Return an age as DICOM writes it, in days, months or years: three digits and D, M or Y."""
    if years < 2:
        return f"{round(years * 365.25):03d}D"
    if years != round(years) and years < 80:
        return f"{round(years * 12):03d}M"
    return f"{min(round(years), 999):03d}Y"


def _group(recording: Recording, steps: Steps) -> "Dataset":
    from pydicom.dataset import Dataset

    width = steps.samples.dtype.itemsize
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = steps.samples.shape
    group.SamplingFrequency = _decimal(recording.rate)
    group.MultiplexGroupLabel = "RHYTHM"
    group.ChannelDefinitionSequence = [
        _channel(lead, step, 8 * width, recording) for lead, step in zip(steps.leads, steps.step.tolist(), strict=True)
    ]
    group.WaveformBitsAllocated = 8 * width
    group.WaveformSampleInterpretation = "SS" if width == 2 else "SL"
    group.WaveformPaddingValue = steps.lowest.to_bytes(width, "little", signed=True)
    group.WaveformData = np.ascontiguousarray(steps.samples.T).astype(f"<i{width}", copy=False).tobytes()
    return group


def _channel(lead: str, step_mv: float, bits: int, recording: Recording) -> "Dataset":
    from pydicom.dataset import Dataset

    channel = Dataset()
    channel.ChannelLabel = lead
    channel.ChannelSourceSequence = [_code(f"2:{_LEAD_NUMBERS[lead]}", "MDC", f"Lead {lead}")]
    if lead in recording.derived:
        channel.ChannelDerivationDescription = "Derived from other limb leads"
    # A decimal string has 16 characters; what it cannot hold of the step is left to the correction factor.
    channel.ChannelSensitivity = _decimal(step_mv * 1000)
    channel.ChannelSensitivityUnitsSequence = [_code("uV", "UCUM", "microvolt")]
    channel.ChannelSensitivityCorrectionFactor = _decimal(step_mv * 1000 / float(_decimal(step_mv * 1000)))
    channel.ChannelBaseline = "0"
    channel.ChannelSampleSkew = "0"
    channel.WaveformBitsStored = bits
    device = recording.device
    for keyword, hertz in (
        ("FilterLowFrequency", device.high_pass),
        ("FilterHighFrequency", device.low_pass),
        ("NotchFilterFrequency", device.notch),
    ):
        if hertz is not None:
            setattr(channel, keyword, _decimal(hertz))
    return channel


def _code(value: str, scheme: str, meaning: str) -> "Dataset":
    from pydicom.dataset import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _decimal(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters, the shortest that says it where one does."""
    from pydicom.valuerep import format_number_as_ds

    rounded = float(f"{value:.15g}")  # 4.88, not 4.880000000000001: steps are held in mV and written in µV
    text = f"{rounded:.15g}"
    return text if len(text) <= 16 else str(format_number_as_ds(rounded))


def _uid(kind: str, recording: Recording | None = None) -> str:
    """Return a UID that follows from the content (2.25 and a UUID, PS3.5 B.2): the same recording has the same."""
    digest = hashlib.sha256(f"exchangeai {kind}".encode())
    if recording is not None:
        digest.update(np.ascontiguousarray(recording.signal).data)
        digest.update(repr((recording.rate, recording.patient, recording.start, recording.device.model)).encode())
    return f"2.25.{uuid.UUID(bytes=digest.digest()[:16], version=4).int}"


WRITER = Writer(
    name="dicom",
    title="DICOM ECG waveform (.dcm)",
    extension=".dcm",
    media_type="application/dicom",
    rounds=True,
    write=_write,
)
