"""Filling a demo project with simulated ECGs and their labels."""

import csv
import io
from itertools import islice

from backend.db.tables import Json
from backend.ecg.readers import FileSet, ReadOptions, SourceFile
from backend.ecg.signal_file import encode_signal
from backend.ecg.synthesize import SimulatedEcg, simulate_set
from backend.services import datasets, ingest, projects
from workers.lifecycle import RunningJob

BATCH = 25


def demo(job: RunningJob) -> Json:
    """Create the recordings and the labels of a demo project."""
    n, seed = int(job.payload["n_recordings"]), int(job.payload["seed"])
    simulated = simulate_set(n, seed=seed)
    rows = [("file_name", "label", "patient_id")]
    while batch := list(islice(simulated, BATCH)):
        read = [_as_read(len(rows) + index, ecg) for index, ecg in enumerate(batch)]
        with job.session() as session:
            project = projects.get(session, job.project_id)
            ingest.store(session, job.storage, project, read, ReadOptions())
        rows += [(item.files.name, ecg.label, ecg.patient_id) for item, ecg in zip(read, batch, strict=True)]
        job.progress((len(rows) - 1) / n, f"Simulated {len(rows) - 1} of {n} ECGs")
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(rows)
    with job.session() as session:
        for old in datasets.list_datasets(session, job.project_id):
            datasets.delete(session, old)
        dataset = datasets.create(
            session, job.project_id, table.getvalue().encode(), "simulated_labels.csv", "Simulated diagnoses"
        )
    return {"dataset_id": dataset.id}


def _as_read(number: int, simulated: SimulatedEcg) -> ingest.ReadSet:
    # The stored signal is the original of a simulated ECG: there is no file to keep.
    name = f"simulated_{number:05d}.ecg"
    file = SourceFile(name, encode_signal(simulated.recording))
    return ingest.ReadSet(FileSet((file,)), (simulated.recording,))
