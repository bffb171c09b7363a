"""Seconds that an evaluation takes, beside onnxruntime alone on the same, already prepared, samples.

    python bench/evaluate.py [--records 1000] [--preset clinical] [--threads 0] [--rounds 2]

InceptionTime of its default size, not trained, on simulated 12 x 5000 samples (10 s at 500 Hz) of two records
a patient. The evaluation is the job as a worker does it: signals read, prepared and predicted, rows kept, all scores
with intervals, groups. Both take turns in one process, with the same number of threads.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import Dataset, DatasetEntry, Model, Recording, new_id
from backend.ecg.preprocess import preset
from backend.ecg.recording import Recording as Ecg
from backend.ecg.signal_file import encode_signal
from backend.ecg.synthesize import CLASSES, simulate
from backend.ml.architectures import architecture
from backend.ml.export import export_onnx
from backend.ml.inference.predictor import Predictor
from backend.ml.spec import ModelSpec
from backend.services import evaluations, models, projects
from backend.settings import get_settings
from backend.storage import storage_of

FACTOR, MORE_S = 1.2, 2.0  # to reach: FACTOR x onnxruntime alone + MORE_S


def fill(project_id: str, n: int) -> tuple[str, list[Ecg]]:
    """Put n labelled recordings into the project; return the dataset and the different signals among them."""
    settings = get_settings()
    storage = storage_of(settings)
    ecgs = [simulate(label, seed).recording for seed in range(4) for label in CLASSES]
    rows, entries = [], []
    with write_session(settings.resolved_database_url) as session:
        dataset = Dataset(
            project_id=project_id, name="labels", file_name="l.csv", task="multi_label", labels=list(CLASSES)
        )
        session.add(dataset)
        session.flush()
        for number in range(n):
            ecg = ecgs[number % len(ecgs)]
            facts = {"age": 20 + number % 70, "sex": "FM"[number % 2], "device": f"device {number % 3}"}
            rows.append(
                {"id": new_id(), "project_id": project_id, "source_sha256": f"{number:064d}", "index": 0,
                 "file_name": f"{number:05d}.hea", "name": f"{number:05d}", "format": "wfdb", "rate": ecg.rate,
                 "n_samples": ecg.signal.shape[1], "signal_key": storage.put(encode_signal(ecg)), **facts}
            )  # fmt: skip
            entries.append(
                {"id": new_id(), "dataset_id": dataset.id, "recording_id": rows[-1]["id"], "row": number + 1,
                 "file_name": rows[-1]["file_name"], "labels": [list(CLASSES)[number % len(CLASSES)]],
                 "patient_id": f"p-{number // 2:016x}"}
            )  # fmt: skip
        session.execute(insert(Recording), rows)
        session.execute(insert(DatasetEntry), entries)
        return dataset.id, ecgs


def add_model(project_id: str, spec: ModelSpec, folder: Path) -> tuple[str, Path]:
    """Put an untrained network into the project; return its id and its file."""
    settings = get_settings()
    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), {}, seed=1)
    path = folder / "model.onnx"
    export_onnx(network, spec, path)
    with write_session(settings.resolved_database_url) as session:
        model = Model(project_id=project_id, name="Bench", architecture=spec.architecture, spec=spec.to_dict())
        models.set_files(session, storage_of(settings), model, path.read_bytes(), None)
        session.add(model)
        session.flush()
        return model.id, path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--preset", default="clinical")
    parser.add_argument("--threads", type=int, default=0, help="of the network; default: as the platform does")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ |= {"EXCHANGEAI_DATA_DIR": f"{name}/data", "EXCHANGEAI_PREDICT_THREADS": str(chosen.threads)}
        get_settings.cache_clear()
        from workers.evaluations import evaluate
        from workers.lifecycle import run

        settings = get_settings()
        url, threads = settings.resolved_database_url, settings.threads_for_prediction
        upgrade(url)
        with write_session(url) as session:
            project_id = projects.create(session, "Bench").id
        spec = ModelSpec(
            architecture="inception_time", labels=tuple(CLASSES), task="multi_label",
            preprocessing=preset(chosen.preset),
        )  # fmt: skip
        dataset_id, ecgs = fill(project_id, chosen.records)
        model_id, path = add_model(project_id, spec, Path(name))
        x = np.stack([spec.preprocessing(ecg.signal, ecg.rate) for ecg in ecgs])
        x = x[np.arange(chosen.records) % len(x)]
        predictor = Predictor.from_path(path, threads=threads)
        predictor.logits(x[:64])
        print(f"{chosen.records} recordings, preset {chosen.preset}, {threads} threads, {os.cpu_count()} cores")
        for _ in range(chosen.rounds):
            start = time.perf_counter()
            predictor.logits(x)
            alone = time.perf_counter() - start
            with write_session(url) as session:
                row = evaluations.create(session, project_id, model_id, dataset_id)
                row_id, job_id = row.id, row.job_id
            start = time.perf_counter()
            run(job_id, evaluate)
            took = time.perf_counter() - start
            with write_session(url) as session:
                assert evaluations.get(session, project_id, row_id).job.status == "done"
            most = FACTOR * alone + MORE_S
            print(
                f"onnxruntime alone {alone:.2f} s, evaluation {took:.2f} s, ratio {took / alone:.2f} "
                f"(to reach: {FACTOR:g} x + {MORE_S:g} s = {most:.2f} s: {'yes' if took <= most else 'no'})"
            )


if __name__ == "__main__":
    main()
