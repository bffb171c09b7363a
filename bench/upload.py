"""Files a second from HTTP upload to stored, and CPU milliseconds of the server a file.

    python bench/upload.py [--files 1000] [--runs 3] [--connections 2]

1,000 CSV files (mV, three decimals) and 1,000 WFDB records (format 16) of 12 x 5000 simulated samples go to the
product's own web process in requests of 64, prepared beforehand, over kept connections. Client and server share the
cores; the processes that read files start before the clock does, and what that costs is said. Each run uploads to a
fresh installation; afterwards all recordings are counted and some are compared with their source, sample by sample.
The reference is the loop one would write first, on one core of the same machine in the same run: numpy.loadtxt or
wfdb.rdrecord, then one file written.
"""

import argparse
import json
import os
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import wfdb
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ecg.synthesize import simulate_set
from bench.server import Server, read, running

BOUNDARY = "bench-d41d8cd98f00b204e9800998"
SETS_A_REQUEST = 64
WARM_UP = 8
TARGETS = {"CSV": "to reach: 300 files/s, 6 CPU-ms", "WFDB": "to reach: 500 files/s"}
ORIGINAL = {"CSV": 106.9, "WFDB": 128.8}  # files a second of the released platform, same class of machine
Files = list[list[tuple[str, bytes]]]


class Measured(NamedTuple):
    """One run: seconds, CPU milliseconds a recording in the server, CPU milliseconds a recording here."""

    seconds: float
    server_ms: float
    client_ms: float


def simulated(n: int) -> list[NDArray[np.int16]]:
    """Return n recordings (12, 5000) in µV."""
    return [np.rint(ecg.recording.signal * 1000).astype(np.int16) for ecg in simulate_set(n)]


def as_csv(ecgs: Sequence[NDArray[np.int16]]) -> Files:
    """Return a table for each: a header of the leads, then mV with three decimals."""
    text = {value: f"{value / 1000:.3f}" for value in range(-32768, 32768)}
    head = ",".join(LEADS)
    return [
        [(f"ecg-{i:04}.csv", "\n".join([head, *(",".join(map(text.get, row)) for row in x.T.tolist()), ""]).encode())]
        for i, x in enumerate(ecgs)
    ]


def as_wfdb(ecgs: Sequence[NDArray[np.int16]]) -> Files:
    """Return header and data file for each, as `wfdb.wrsamp` writes them."""
    files: Files = []
    for i, x in enumerate(ecgs):
        name = f"ecg-{i:04}"
        lines = [
            f"{name}.dat 16 1000(0)/mV 16 0 {row[0]} {int(row.sum(dtype=np.int64)) % 65536} 0 {lead}"
            for row, lead in zip(x, LEADS, strict=True)
        ]
        header = "\n".join([f"{name} 12 500 {x.shape[1]}", *lines, ""])
        files.append([(f"{name}.hea", header.encode()), (f"{name}.dat", x.T.astype("<i2").tobytes())])
    return files


def bodies(files: Files) -> list[bytes]:
    """Return the multipart bodies, each with the files of 64 recordings."""
    made = []
    for start in range(0, len(files), SETS_A_REQUEST):
        declared = {"rate": 500, "units_per_mv": 1}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in declared.items()
        ]
        for name, data in (file for files_of_set in files[start : start + SETS_A_REQUEST] for file in files_of_set):
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            parts += [f"{head}Content-Type: application/octet-stream\r\n\r\n".encode(), data, b"\r\n"]
        made.append(b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()]))
    return made


def upload(server: Server, project_id: str, requests: list[bytes], connections: int) -> Measured:
    """Send all requests, each connection taking the next one; return what it cost."""
    path = f"/api/v1/projects/{project_id}/recordings"
    waiting, n = iter(requests), 0
    lock = threading.Lock()

    def send() -> None:
        nonlocal n
        connection = server.connect()
        while True:
            with lock:
                body = next(waiting, None)
            if body is None:
                return connection.close()
            connection.request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
            report = json.loads(read(connection))
            with lock:
                n += report["imported"]

    threads = [threading.Thread(target=send) for _ in range(connections)]
    server_s, client_s, start = server.cpu_s(), time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    server_s, client_s = server.cpu_s() - server_s, time.process_time() - client_s
    return Measured(seconds, 1000 * server_s / max(1, n), 1000 * client_s / max(1, n))


def wait_for_readers(server: Server) -> None:
    """Return when the processes that read have started: one for each core, up to four, where there are several."""
    wanted = min(4, os.cpu_count() or 1)
    deadline = time.monotonic() + 60
    while wanted > 1 and len(server.process.children()) < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # until they are ready


def check(server: Server, project_id: str, ecgs: Sequence[NDArray[np.int16]]) -> None:
    """Stop unless every recording is there and some of them equal their source."""
    path = f"/projects/{project_id}/recordings"
    assert server.ask("GET", f"{path}?size=1")["total"] == len(ecgs)
    for i in range(0, len(ecgs), max(1, len(ecgs) // 10)):
        (row,) = server.ask("GET", f"{path}?search=ecg-{WARM_UP + i:04}")["items"]
        with closing(server.connect()) as connection:
            connection.request("GET", f"/api/v1{path}/{row['id']}/signal")
            data = read(connection)
        (size,) = struct.unpack_from("<I", data)
        header = json.loads(data[4 : 4 + size])
        samples = np.frombuffer(data, "<i2", offset=4 + size).reshape(12, -1)
        assert header["rate"] == 500
        assert np.abs(samples * np.array(header["step"])[:, None] - ecgs[i] / 1000).max() < 1e-6, row["file_name"]


def reference_s(kind: str, files: Files, folder: Path, n: int = 100) -> float:
    """Seconds a recording of a plain loop: read, and write the samples as one file."""
    folder.mkdir()
    for files_of_set in files[:n]:
        for name, data in files_of_set:
            (folder / name).write_bytes(data)
    tool: Callable[[str], NDArray[np.float64]] = {
        "CSV": lambda name: np.loadtxt(folder / name, delimiter=",", skiprows=1),
        "WFDB": lambda name: wfdb.rdrecord(str(folder / name.removesuffix(".hea"))).p_signal,
    }[kind]
    start = time.perf_counter()
    for files_of_set in files[:n]:
        name = files_of_set[0][0]
        np.save(folder / f"{name}.npy", tool(name).astype(np.float32))
    return (time.perf_counter() - start) / len(files[:n])


def measure(kind: str, files: Files, ecgs: Sequence[NDArray[np.int16]], runs: int, connections: int, at: Path) -> None:
    """Upload all but the first few files to a fresh installation in each run, and print what it cost."""
    warm, requests = bodies(files[:WARM_UP]), bodies(files[WARM_UP:])
    ecgs, files = ecgs[WARM_UP:], files[WARM_UP:]
    print(f"{kind}: {len(files)} recordings, {sum(map(len, requests)) / 1e6:.0f} MB   ({TARGETS[kind]})")
    rates = []
    for run in range(runs):
        with running(at / f"{kind}-{run}") as server:
            first, project = (server.ask("POST", "/projects", {"name": "Upload"})["id"] for _ in range(2))
            started = server.cpu_s()
            upload(server, first, warm, 1)  # loads what the format needs, and has the processes start that read
            wait_for_readers(server)
            started = server.cpu_s() - started
            result = upload(server, project, requests, connections)
            check(server, project, ecgs)
        rates.append(len(files) / result.seconds)
        print(
            f"  {rates[-1]:7.1f} files/s   {result.server_ms:5.2f} CPU-ms a file in the server"
            f"   ({result.client_ms:.2f} in the client; {started:.1f} CPU-s for the start, before)"
        )
    plain = 1 / reference_s(kind, files, at / f"{kind}-plain")
    tool = {"CSV": "numpy.loadtxt", "WFDB": "wfdb.rdrecord"}[kind]
    print(f"  best {max(rates):.1f} files/s: {max(rates) / plain:.1f} times a loop of {tool} ({plain:.1f} files/s),")
    print(f"  {max(rates) / ORIGINAL[kind]:.1f} times the released platform ({ORIGINAL[kind]} files/s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument(
        "--folder", type=Path, help="where to put the data; default: the temporary folder of the system"
    )
    chosen = parser.parse_args()
    ecgs = simulated(WARM_UP + chosen.files)
    # Everything is deleted at the end alone: some file systems are slow for minutes after many files were deleted.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=chosen.folder) as folder:
        measure("CSV", as_csv(ecgs), ecgs, chosen.runs, chosen.connections, Path(folder))
        measure("WFDB", as_wfdb(ecgs), ecgs, chosen.runs, chosen.connections, Path(folder))


if __name__ == "__main__":
    main()
