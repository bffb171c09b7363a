"""Recordings as files of other formats, rebuilt from what is stored of them."""

import io
import zipfile
from pathlib import PurePosixPath

from backend.db import tables
from backend.ecg.recording import DeviceFacts, Patient, Recording, Statement
from backend.ecg.signal_file import decode_signal, stored_step
from backend.ecg.writers import WRITERS, find, stem_of, write
from backend.services.recordings import unit_of
from backend.storage import Storage

ZIP = "application/zip"
MEDIA_TYPES = (ZIP, *sorted({writer.media_type for writer in WRITERS}))
"""What a download may be."""


def recorded(storage: Storage, row: tables.Recording) -> Recording:
    """Return a stored recording as readers return it; the patient's identifier is the pseudonym in the project."""
    data = storage.get(row.signal_key)
    signal, rate = decode_signal(data)
    facts = row.device_facts
    return Recording(
        signal=signal,
        rate=rate,
        name=row.file_name,
        format=row.format,
        unit=unit_of(row),
        derived=tuple(row.derived_leads),
        missing=tuple(row.missing_leads),
        step=stored_step(data),
        start=row.recorded_at,
        patient=patient_of(row),
        device=DeviceFacts(
            model=row.device,
            high_pass=facts.get("high_pass"),
            low_pass=facts.get("low_pass"),
            notch=facts.get("notch"),
            measurements=facts.get("measurements", {}),
            statements=tuple(Statement(**statement) for statement in facts.get("statements", [])),
        ),
    )


def patient_of(row: tables.Recording) -> Patient:
    """Return what is known of the patient of a stored recording; the identifier is the pseudonym."""
    return Patient(row.patient_id, row.age, "F" if row.sex == "F" else "M" if row.sex == "M" else None)


def download(storage: Storage, row: tables.Recording, format_name: str) -> tuple[str, str, bytes]:
    """Return name, media type and bytes of a recording in a format; a zip where the format takes several files.

    Raises UnwritableError for an unknown format and for what the format cannot hold.
    """
    writer = find(format_name)
    stem = stem_of(PurePosixPath(row.file_name).name)
    files = write(recorded(storage, row), writer.name, stem)
    if len(files) == 1:
        return files[0].name, writer.media_type, files[0].data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(file.name, file.data)
    return f"{stem}.zip", ZIP, buffer.getvalue()
