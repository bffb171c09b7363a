"""A large project for the benchmark of load, and files to send it."""

import numpy as np
from sqlalchemy import insert

from backend.db.session import write_session
from backend.db.tables import Dataset, DatasetEntry, Recording, new_id, utc_now
from backend.ecg.signal_file import encode_signal
from backend.ecg.synthesize import simulate, simulate_set
from backend.settings import get_settings
from backend.storage import storage_of

LABELS = ("NORM", "MI", "STTC", "CD", "HYP")
BOUNDARY = "------------bench"


def fill(project_id: str, n: int) -> list[str]:
    """Put n recordings, their labels and values into a project, by rows: what is measured is not their upload."""
    settings = get_settings()
    storage = storage_of(settings)
    keys = [storage.put(encode_signal(ecg)) for ecg in (item.recording for item in simulate_set(5))]
    finding = {"code": "noise", "message": "Much noise in lead V1."}
    facts = {"statements": [{"code": "164889003", "system": "SNOMED-CT", "text": "Atrial fibrillation"}]}
    rows = [
        {
            "id": new_id(), "project_id": project_id, "source_sha256": f"{i:064x}", "index": 0,
            "file_name": f"records/{i // 1000:03}/ecg-{i:05}.csv", "name": f"ecg-{i:05}", "format": "csv",
            "rate": 500.0, "n_samples": 5000, "unit": "mV", "patient_id": f"p-{i // 2:016x}",
            "age": 20.0 + i % 70, "sex": "FM"[i % 2],
            "device": "Bench", "device_facts": facts if i % 3 == 0 else {},
            "findings": [finding] if i % 7 == 0 else [], "signal_key": keys[i % len(keys)],
            "created_at": utc_now(),
        }
        for i in range(n)
    ]  # fmt: skip
    with write_session(settings.resolved_database_url) as session:
        session.execute(insert(Recording), rows)
        for task, labels in (("regression", ("LVEF (%)",)), ("multi_label", LABELS)):
            dataset = Dataset(project_id=project_id, name=task, file_name="l.csv", task=task, labels=list(labels))
            session.add(dataset)
            session.flush()
            is_values = task == "regression"
            entries = [
                {
                    "id": new_id(), "dataset_id": dataset.id, "recording_id": row["id"], "row": i + 1,
                    "file_name": row["file_name"], "patient_id": row["patient_id"], "part": str(1 + i % 10),
                    "labels": [] if is_values else sorted({LABELS[i % 5], LABELS[i % 3]}),
                    "values": [20.0 + i % 500 / 10] if is_values else [],
                }
                for i, row in enumerate(rows)
            ]  # fmt: skip
            session.execute(insert(DatasetEntry), entries)
    return [str(row["id"]) for row in rows]


def csv_bytes(seed: int) -> bytes:
    """Return a CSV file of 10 s of 12 leads."""
    x = np.rint(simulate("NORM", seed).recording.signal * 1000).astype(int)
    return ("I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\n" + "\n".join(",".join(map(str, row)) for row in x.T)).encode()


def form(files: dict[str, bytes], **fields: str) -> tuple[bytes, str]:
    """Return the body of an upload and its content type."""
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    for name, data in files.items():
        field = "file" if name.endswith("labels.csv") else "files"
        parts += [f'{begin}"{field}"; filename="{name}"\r\n\r\n'.encode(), data, b"\r\n"]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()]), f"multipart/form-data; boundary={BOUNDARY}"
