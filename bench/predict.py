"""Milliseconds a prediction over HTTP, beside onnxruntime alone on the same, already prepared, samples.

    python bench/predict.py [--requests 400] [--records 1000] [--threads 0]

A stored recording of 12 x 5000 samples (10 s at 500 Hz) is asked for again and again over one kept connection:
InceptionTime of its default size, not trained, imported as an ONNX file from elsewhere, with two presets. onnxruntime
alone runs in this process with the same number of threads. Both take turns in blocks of 20, so that whatever else the
machine does meets both alike. Then a job predicts 1,000 stored recordings in a worker's way in this process, from
stored signals to rows, beside onnxruntime alone on the prepared samples of the same recordings, one by one.
"""

import argparse
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import Model
from backend.ecg.preprocess import preset
from backend.ecg.recording import Recording
from backend.ecg.synthesize import CLASSES, simulate
from backend.ml.architectures import architecture
from backend.ml.export import export_onnx
from backend.ml.spec import ModelSpec
from backend.services import models, predictions, projects
from backend.settings import get_settings
from backend.storage import storage_of
from bench import evaluate
from bench.server import Server, read, running, use_folder

BLOCK = 20
WARM_UP = 20
BUDGET_MS = 4.0  # over onnxruntime alone, at the median
FACTOR = 1.2  # of a job, over onnxruntime alone


def export(name: str, folder: Path) -> tuple[Path, ModelSpec]:
    """Export an untrained network with the preset of that name; return file and description."""
    spec = ModelSpec(
        architecture="inception_time", labels=tuple(CLASSES), task="single_label", preprocessing=preset(name)
    )
    network = architecture(spec.architecture).build(12, spec.n_samples, len(spec.labels), {}, seed=1)
    path = folder / f"{name}.onnx"
    export_onnx(network, spec, path)
    return path, spec


def add_model(server: Server, project_id: str, path: Path, spec: ModelSpec) -> str:
    """Send the graph as one from elsewhere, without a word of itself; return the id of the model."""
    graph = onnx.load(path)
    del graph.metadata_props[:]
    said = {
        "labels": ",".join(spec.labels), "task": spec.task, "preset": spec.preprocessing.preset,
        "rate": spec.preprocessing.rate, "units_per_mv": spec.preprocessing.units_per_mv, "name": path.stem,
    }  # fmt: skip
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in said.items()]
    head = "".join(parts) + f'--b\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    with closing(server.connect()) as connection:
        body = head.encode() + graph.SerializeToString() + b"\r\n--b--\r\n"
        url = f"/api/v1/projects/{project_id}/models"
        connection.request("POST", url, body, {"Content-Type": "multipart/form-data; boundary=b"})
        return str(json.loads(read(connection))["id"])


def add_recording(server: Server, project_id: str, recording: Recording) -> str:
    """Upload the recording as CSV; return its id."""
    rows = "\n".join(",".join(f"{value:.3f}" for value in row) for row in recording.signal.T)
    head = '--b\r\nContent-Disposition: form-data; name="units_per_mv"\r\n\r\n1\r\n'
    head += '--b\r\nContent-Disposition: form-data; name="rate"\r\n\r\n500\r\n--b\r\n'
    head += 'Content-Disposition: form-data; name="files"; filename="ecg.csv"\r\n\r\n'
    with closing(server.connect()) as connection:
        body = f"{head}{rows}\r\n--b--\r\n".encode()
        path = f"/api/v1/projects/{project_id}/recordings"
        connection.request("POST", path, body, {"Content-Type": "multipart/form-data; boundary=b"})
        (outcome,) = json.loads(read(connection))["outcomes"]
    return str(outcome["recording_ids"][0])


def exchange(kept: socket.socket, request: bytes) -> bytes:
    """Send a request over a kept connection and return the body of the answer, with as little work as can be."""
    kept.sendall(request)
    data = kept.recv(65536)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += kept.recv(65536)
    head = data[:end].lower()
    assert head.startswith(b"http/1.1 200"), data
    size = end + 4 + int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(data) < size:
        data += kept.recv(65536)
    return data[end + 4 :]


def in_turns(n: int, *functions: Callable[[], object]) -> list[np.ndarray]:
    """Call each function n times, in blocks by turns; return the milliseconds of each call."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(-(-n // BLOCK)):
        for function, its in zip(functions, times, strict=True):
            for _ in range(BLOCK):
                start = time.perf_counter()
                function()
                its.append(1000 * (time.perf_counter() - start))
    return [np.array(its) for its in times]


def measure(server: Server, project_id: str, recording: Recording, name: str, n: int, folder: Path) -> None:
    """Print a line for the preset of that name."""
    recording_id = add_recording(server, project_id, recording)
    path, spec = export(name, folder)
    url = f"/api/v1/projects/{project_id}/models/{add_model(server, project_id, path, spec)}/predict"
    body = json.dumps({"recording_id": recording_id})
    request = (
        f"POST {url} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    options = ort.SessionOptions()
    options.intra_op_num_threads = get_settings().threads_for_prediction
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x, name_of_input = spec.preprocessing(recording.signal, recording.rate)[None], session.get_inputs()[0].name
    with closing(server.connect()) as connection:

        def over_http() -> bytes:
            return exchange(connection.sock, request)

        def alone() -> np.ndarray:
            return np.asarray(session.run(None, {name_of_input: x})[0])

        start = time.perf_counter()
        answer = json.loads(over_http())
        first = 1000 * (time.perf_counter() - start)
        wanted = np.exp(alone()[0]) / np.exp(alone()[0]).sum()
        assert np.allclose([label["probability"] for label in answer["labels"]], wanted, atol=1e-4)
        in_turns(WARM_UP, over_http, alone)
        ours, theirs = in_turns(n, over_http, alone)
    p50, p95 = np.percentile(ours, (50, 95))
    base50, base95 = np.percentile(theirs, (50, 95))
    print(
        f"{name:11} p50 {p50:5.1f}  p95 {p95:5.1f}   onnxruntime alone p50 {base50:5.1f}  p95 {base95:5.1f}   "
        f"difference at p50 {p50 - base50:4.1f} ms (to reach: {BUDGET_MS:g}), ratio {p50 / base50:.2f}; "
        f"quickest {ours.min():.1f} and {theirs.min():.1f}; the first took {first:.0f}"
    )


def measure_job(n: int, name: str, folder: Path) -> None:
    """Print a line for the prediction of n stored recordings as a job."""
    use_folder(folder / "job")
    from workers.lifecycle import run
    from workers.predictions import predict

    settings = get_settings()
    url = settings.resolved_database_url
    upgrade(url)
    with write_session(url) as session:
        project_id = projects.create(session, "Many").id
    dataset_id, ecgs = evaluate.fill(project_id, n)
    path, spec = export(name, folder)
    with write_session(url) as session:
        model = Model(project_id=project_id, name=name, architecture=spec.architecture, spec=spec.to_dict())
        models.set_files(session, storage_of(settings), model, path.read_bytes(), None)
        session.add(model)
        session.flush()
        model_id = model.id
    options = ort.SessionOptions()
    options.intra_op_num_threads = settings.threads_for_prediction
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as ours: quicker on busy cores
    alone = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x, name_of_input = [spec.preprocessing(ecg.signal, ecg.rate)[None] for ecg in ecgs], alone.get_inputs()[0].name
    for _ in range(3):
        start, cpu = time.perf_counter(), time.process_time()
        for number in range(n):
            alone.run(None, {name_of_input: x[number % len(x)]})
        theirs, their_cpu = time.perf_counter() - start, time.process_time() - cpu
        with write_session(url) as session:
            job_id = predictions.create(session, project_id, model_id, dataset_id).job_id
        start, cpu = time.perf_counter(), time.process_time()
        run(job_id, predict)
        ours, our_cpu = time.perf_counter() - start, time.process_time() - cpu
        print(
            f"{name:11} {n} stored recordings as a job: {ours:.2f} s, {our_cpu:.2f} CPU-s; onnxruntime alone "
            f"{theirs:.2f} s, {their_cpu:.2f} CPU-s; ratio {ours / theirs:.2f} (to reach: {FACTOR:g})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--records", type=int, default=1000, help="of the job; 0: no job")
    parser.add_argument("--threads", type=int, default=0, help="of one prediction; default: as the platform does")
    chosen = parser.parse_args()
    recording = simulate("NORM", 1).recording
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with running(folder / "data", predict_threads=chosen.threads) as server:
            project_id = server.ask("POST", "/projects", {"name": "Predict"})["id"]
            print(f"ms a prediction, {get_settings().threads_for_prediction} threads, {os.cpu_count()} cores")
            for preset_name in ("clinical", "exchangeai"):
                measure(server, project_id, recording, preset_name, chosen.requests, folder)
        if chosen.records:
            measure_job(chosen.records, "clinical", folder)


if __name__ == "__main__":
    main()
